#include "services/knowledge/topic_store.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/calendar.h"
#include "services/knowledge/domain/topics.h"
#include "services/knowledge/events.h"
#include "services/knowledge/insight_timers.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// So that what happened just before midnight has arrived.
constexpr absl::Duration kAfterMidnight = absl::Minutes(10);
// Of a day and a kind: however many articles were cited, gaps are seen, too.
constexpr int kRowsOfKindMax = 10'000;
constexpr size_t kRowsTrimmed = 200;  // a day, besides those that new rows pay for
constexpr size_t kRowsTrimmedByOne = 2;

using TopicKey = std::pair<uint8_t, std::string>;

// Adds the counts of a kind on a day to the figures.
absl::Status AddKind(const engine::Reader& reader, std::string_view tenant, uint32_t day,
                     v1::TopicKind kind, bool previous, std::map<TopicKey, TopicFigures>& topics) {
  absl::Status status;
  int rows = 0;
  const auto number = static_cast<uint8_t>(kind);
  FD_RETURN_IF_ERROR(reader.Scan(
      kTopicCounts.Key(tenant, day, number), {}, [&](std::string_view key, std::string_view value) {
        engine::KeyReader fields(key);
        std::string owner, id;
        uint32_t at = 0;
        uint8_t of = 0;
        if (!fields.Read(&owner) || !fields.Read(&at) || !fields.Read(&of) || !fields.Read(&id)) {
          status = engine::CorruptRow(kTopicCounts.name);
          return false;
        }
        const auto record = kTopicCounts.Parse(value);
        status = record.status();
        if (!status.ok()) return false;
        TopicFigures& figures = topics[{number, id}];
        figures.kind = kind;
        figures.id = std::move(id);
        (previous ? figures.previous_count : figures.count) += record->count();
        (previous ? figures.previous_pain : figures.pain) += record->pain_count();
        return ++rows < kRowsOfKindMax;
      }));
  return status;
}

// Adds the counts of the days [first, first + days).
absl::Status AddDays(const engine::Reader& reader, std::string_view tenant, uint32_t first,
                     uint32_t days, bool previous, std::map<TopicKey, TopicFigures>& topics) {
  for (uint32_t day = first; day < first + days; ++day) {
    for (const v1::TopicKind kind : {v1::TOPIC_KIND_ARTICLE, v1::TOPIC_KIND_GAP}) {
      FD_RETURN_IF_ERROR(AddKind(reader, tenant, day, kind, previous, topics));
    }
  }
  return absl::OkStatus();
}

// What a topic is called. False when it is not there (any more).
absl::StatusOr<bool> Describe(const engine::Reader& reader, std::string_view tenant,
                              const TopicFigures& figures, v1::Topic& topic) {
  if (figures.kind == v1::TOPIC_KIND_ARTICLE) {
    FD_ASSIGN_OR_RETURN(const auto record,
                        kArticles.Find(reader, kArticles.Key(tenant, figures.id)));
    if (!record.has_value()) return false;
    topic.set_resource(record->article().name());
    topic.set_title(record->article().content().title());
    topic.set_locale(record->article().locale());
    return true;
  }
  FD_ASSIGN_OR_RETURN(const auto record, kGaps.Find(reader, kGaps.Key(tenant, figures.id)));
  if (!record.has_value()) return false;
  topic.set_resource(record->gap().name());
  topic.set_title(record->gap().question());
  topic.set_locale(record->gap().locale());
  return true;
}

absl::Status Show(const engine::Reader& reader, std::string_view tenant, std::string_view locale,
                  int max, bool pain, const std::vector<TopicFigures>& ranked,
                  google::protobuf::RepeatedPtrField<v1::Topic>& shown) {
  for (const TopicFigures& figures : ranked) {
    if (shown.size() >= max) break;
    v1::Topic topic;
    FD_ASSIGN_OR_RETURN(const bool there, Describe(reader, tenant, figures, topic));
    if (!there || (!locale.empty() && topic.locale() != locale)) continue;
    topic.set_kind(figures.kind);
    topic.set_count(figures.count);
    topic.set_pain_count(figures.pain);
    topic.set_previous_count(figures.previous_count);
    topic.set_previous_pain_count(figures.previous_pain);
    topic.set_trend_bps(pain ? TrendBps(figures.pain, figures.previous_pain)
                             : TrendBps(figures.count, figures.previous_count));
    topic.set_is_new(figures.previous_count == 0);
    *shown.Add() = std::move(topic);
  }
  return absl::OkStatus();
}

// Forgets up to `max` rows that are too old on `day`.
absl::Status Trim(const engine::Context& context, engine::Txn& txn, uint32_t day, size_t max) {
  const uint32_t oldest = day - std::min(day, kTopicDaysKept);
  std::vector<std::string> gone;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(
      txn.Scan(kTopicCounts.Key(context.tenant), {}, [&](std::string_view key, std::string_view) {
        engine::KeyReader fields(key);
        std::string owner;
        uint32_t at = 0;
        corrupt = !fields.Read(&owner) || !fields.Read(&at);
        if (corrupt || at >= oldest) return false;
        gone.emplace_back(key);
        return gone.size() < max;
      }));
  if (corrupt) return engine::CorruptRow(kTopicCounts.name);
  for (std::string& key : gone) txn.Delete(std::move(key));
  return absl::OkStatus();
}

// Wakes up once `state.next_day` has ended.
void SetTimer(const engine::Context& context, engine::Txn& txn, records::TopicStateRecord& state) {
  state.set_timer_generation(state.timer_generation() + 1);
  const absl::Time due = std::max(context.now, StartOfDay(state.next_day() + 1) + kAfterMidnight);
  state.set_timer_us(absl::ToUnixMicros(due));
  txn.SetTimer(TopicsTimer(context.tenant, due, state.timer_generation()));
  kTopicStates.Put(txn, kTopicStates.Key(context.tenant), state);
}

}  // namespace

absl::Status CountTopic(const engine::Context& context, engine::Txn& txn, uint32_t day,
                        v1::TopicKind kind, std::string_view id, int count, int pain) {
  const std::string key =
      kTopicCounts.Key(context.tenant, day, static_cast<uint8_t>(kind), std::string(id));
  FD_ASSIGN_OR_RETURN(auto found, kTopicCounts.Find(txn, key));
  records::TopicCountRecord record = found.value_or(records::TopicCountRecord());
  record.set_count(std::max(0, record.count() + count));
  record.set_pain_count(std::max(0, record.pain_count() + pain));
  kTopicCounts.Put(txn, key, record);
  if (!found.has_value()) FD_RETURN_IF_ERROR(Trim(context, txn, day, kRowsTrimmedByOne));
  FD_ASSIGN_OR_RETURN(const auto state, kTopicStates.Find(txn, kTopicStates.Key(context.tenant)));
  if (state.has_value()) return absl::OkStatus();
  records::TopicStateRecord first;
  first.set_next_day(DayOf(context.now));
  SetTimer(context, txn, first);
  return absl::OkStatus();
}

absl::StatusOr<v1::TopicReport> MakeTopicReport(const engine::Reader& reader,
                                                std::string_view tenant, v1::TopicPeriod period,
                                                uint32_t last_day, int max,
                                                std::string_view locale) {
  const uint32_t days = period == v1::TOPIC_PERIOD_WEEK ? 7 : 1;
  const uint32_t first = last_day + 1 - std::min(days, last_day + 1);
  const uint32_t before = first - std::min(days, first);
  std::map<TopicKey, TopicFigures> topics;
  FD_RETURN_IF_ERROR(AddDays(reader, tenant, first, last_day + 1 - first, false, topics));
  FD_RETURN_IF_ERROR(AddDays(reader, tenant, before, first - before, true, topics));
  std::vector<TopicFigures> all;
  for (auto& [key, figures] : topics) all.push_back(std::move(figures));
  v1::TopicReport report;
  report.set_period(period);
  *report.mutable_start_time() = ToTimestamp(StartOfDay(first));
  *report.mutable_end_time() = ToTimestamp(StartOfDay(last_day + 1));
  // Some of them may be of another language.
  const size_t wide = locale.empty() ? static_cast<size_t>(max) : all.size();
  FD_RETURN_IF_ERROR(
      Show(reader, tenant, locale, max, false, HotTopics(all, wide), *report.mutable_hot_topics()));
  FD_RETURN_IF_ERROR(Show(reader, tenant, locale, max, true, PainPoints(std::move(all), wide),
                          *report.mutable_pain_points()));
  return report;
}

absl::Status WantTopicReports(const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto state, kTopicStates.Find(txn, kTopicStates.Key(context.tenant)));
  if (!state.has_value() || state->timer_generation() != context.generation) {
    return absl::OkStatus();
  }
  kTopicReportsWanted.Put(txn, kTopicReportsWanted.Key(context.tenant));
  return absl::OkStatus();
}

absl::StatusOr<TopicReports> MakeDueReports(const engine::Reader& reader, std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(const auto state, kTopicStates.Find(reader, kTopicStates.Key(tenant)));
  if (!state.has_value()) return engine::CorruptRow(kTopicStates.name);
  TopicReports due{state->next_day(), {}};
  const auto add = [&](v1::TopicPeriod period) -> absl::Status {
    FD_ASSIGN_OR_RETURN(due.reports.emplace_back(),
                        MakeTopicReport(reader, tenant, period, due.day, kTopicsReported, ""));
    return absl::OkStatus();
  };
  FD_RETURN_IF_ERROR(add(v1::TOPIC_PERIOD_DAY));
  if (IsSunday(due.day)) FD_RETURN_IF_ERROR(add(v1::TOPIC_PERIOD_WEEK));
  return due;
}

absl::Status PublishTopicReports(const TopicReports& reports, const engine::Context& context,
                                 engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto state, kTopicStates.Find(txn, kTopicStates.Key(context.tenant)));
  // Published already.
  if (!state.has_value() || state->next_day() != reports.day) return absl::OkStatus();
  txn.Delete(kTopicReportsWanted.Key(context.tenant));
  for (const v1::TopicReport& report : reports.reports) {
    v1::TopicsReported fact;
    *fact.mutable_report() = report;
    AppendTopicsReported(context, txn, std::move(fact));
  }
  FD_RETURN_IF_ERROR(Trim(context, txn, reports.day, kRowsTrimmed));
  state->set_next_day(reports.day + 1);
  SetTimer(context, txn, *state);
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
