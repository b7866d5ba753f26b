#include "services/health/domain/signals.h"

#include <algorithm>
#include <array>

#include "services/health/domain/dimension.h"
#include "services/health/domain/proto_time.h"

namespace frontdesk::health {
namespace {

namespace records = store::v1;

constexpr v1::HealthDimension kNone = v1::HEALTH_DIMENSION_UNSPECIFIED;
constexpr v1::HealthDimension kFeedback = v1::HEALTH_DIMENSION_FEEDBACK_RESPONSE;

// Events say how customers fared with the help desk, which is feedback. They say nothing about use
// of the product, its data or integrations: those dimensions are measured or unknown.
constexpr std::array<EventRule, 11> kEventRules = {{
    {"frontdesk.channel.v1.MessageReceived", records::OUTCOME_KIND_UNSPECIFIED, kNone, 0, 0,
     "Writing to the help desk is not using the product, and a question is neither good nor bad; "
     "the day is kept as a contact day."},
    {"frontdesk.dialog.v1.ConversationResolved: by the bot alone",
     records::OUTCOME_KIND_BOT_RESOLVED, kFeedback, 1, 0,
     "The customer was helped at once; needing the bot must never cost an account anything."},
    {"frontdesk.dialog.v1.ConversationResolved: by a person or the customer",
     records::OUTCOME_KIND_PERSON_RESOLVED, kFeedback, 1, 0,
     "The customer was helped; a handoff before it has counted by itself."},
    {"frontdesk.dialog.v1.ConversationResolved: by time-out", records::OUTCOME_KIND_UNSPECIFIED,
     kNone, 0, 0, "Nobody knows whether a customer who went silent was helped."},
    {"frontdesk.dialog.v1.HandoffRequested", records::OUTCOME_KIND_HANDED_OVER, kFeedback, 0, 1,
     "The first answer was not enough; not when an agent took over unasked."},
    {"frontdesk.ticket.v1.TicketCreated", records::OUTCOME_KIND_UNSPECIFIED, kNone, 0, 0,
     "A ticket is a task, not an outcome; how it ends counts."},
    {"frontdesk.ticket.v1.SlaBreached", records::OUTCOME_KIND_SLA_BREACHED, kFeedback, 0, 2,
     "A promise was broken, which weighs more than a detour; once for each clock of a ticket."},
    {"frontdesk.ticket.v1.TicketResolved: within its service level",
     records::OUTCOME_KIND_TICKET_IN_TIME, kFeedback, 1, 0, "A promise was kept."},
    {"frontdesk.ticket.v1.TicketResolved: late", records::OUTCOME_KIND_UNSPECIFIED, kNone, 0, 0,
     "Its breach has counted."},
    {"frontdesk.knowledge.v1.AnswerRated: helpful", records::OUTCOME_KIND_ANSWER_HELPFUL, kFeedback,
     1, 0, "The customer said so."},
    {"frontdesk.knowledge.v1.AnswerRated: not helpful", records::OUTCOME_KIND_ANSWER_UNHELPFUL,
     kFeedback, 0, 1, "The customer said so."},
}};

struct Tally {
  int64_t good = 0;
  int64_t bad = 0;
  int32_t count = 0;
};

// `first_day`: the oldest that counts.
Tally TallyOf(const records::AccountRecord& record, v1::HealthDimension dimension,
              int32_t first_day) {
  Tally tally;
  for (const records::DayOutcomes& day : record.days()) {
    if (day.day() < first_day) continue;
    for (const records::OutcomeCount& entry : day.counts()) {
      for (const EventRule& rule : kEventRules) {
        if (rule.outcome != entry.kind() || rule.dimension != dimension) continue;
        tally.good += int64_t{rule.good} * entry.count();
        tally.bad += int64_t{rule.bad} * entry.count();
        tally.count += entry.count();
      }
    }
  }
  return tally;
}

const v1::Signal* FreshSignal(const records::AccountRecord& record, v1::HealthDimension dimension,
                              absl::Time now) {
  for (const v1::Signal& signal : record.latest()) {
    if (signal.dimension() != dimension) continue;
    return now < FromProto(signal.observe_time()) + kSignalLife ? &signal : nullptr;
  }
  return nullptr;
}

// The share of good outcomes, a measured value among them as kMeasuredCountsAs outcomes; half a
// basis point rounded up. A bad outcome never raises it, a good one never lowers it.
DimensionValue ValueOf(const v1::Signal* measured, const Tally& tally, absl::Time last_outcome) {
  DimensionValue value;
  const int64_t prior = measured == nullptr ? 0 : kMeasuredCountsAs;
  const int64_t all = prior + tally.good + tally.bad;
  if (all == 0) return value;
  const int64_t sum =
      kAllBps * tally.good + (measured == nullptr ? 0 : prior * measured->value_bps());
  value.known = true;
  value.value_bps = static_cast<int32_t>((2 * sum + all) / (2 * all));
  value.outcome_count = tally.count;
  value.observe_time = measured == nullptr ? last_outcome : FromProto(measured->observe_time());
  if (tally.count > 0) value.observe_time = std::max(value.observe_time, last_outcome);
  return value;
}

int32_t FirstDay(absl::Time now) { return DayOf(now) - (kWindowDays - 1); }

// The entry of `day`, made where it belongs.
records::DayOutcomes& DayEntry(int32_t day, records::AccountRecord& record) {
  auto& days = *record.mutable_days();
  int at = 0;
  while (at < days.size() && days[at].day() < day) ++at;
  if (at < days.size() && days[at].day() == day) return days[at];
  days.Add()->set_day(day);
  std::rotate(days.begin() + at, days.end() - 1, days.end());
  return days[at];
}

void CountIn(records::OutcomeKind kind, records::DayOutcomes& day) {
  auto& counts = *day.mutable_counts();
  int at = 0;
  while (at < counts.size() && counts[at].kind() < kind) ++at;
  if (at == counts.size() || counts[at].kind() != kind) {
    counts.Add()->set_kind(kind);
    std::rotate(counts.begin() + at, counts.end() - 1, counts.end());
  }
  counts[at].set_count(counts[at].count() + 1);
}

Outcome MakeOutcome(records::OutcomeKind kind, std::string_view resource, std::string_view what) {
  std::string key(resource);
  key.append("#").append(what);
  return {kind, std::move(key)};
}

}  // namespace

std::span<const EventRule> EventRules() { return kEventRules; }

std::optional<Outcome> OutcomeOf(const dialog::v1::ConversationResolved& event) {
  const bool timed_out = event.resolved_by() != common::v1::AUTHOR_KIND_CUSTOMER &&
                         event.resolved_by() != common::v1::AUTHOR_KIND_BOT &&
                         event.resolved_by() != common::v1::AUTHOR_KIND_AGENT;
  if (event.bot_only()) {
    return MakeOutcome(records::OUTCOME_KIND_BOT_RESOLVED, event.conversation().name(), "resolved");
  }
  if (timed_out) return std::nullopt;
  return MakeOutcome(records::OUTCOME_KIND_PERSON_RESOLVED, event.conversation().name(),
                     "resolved");
}

std::optional<Outcome> OutcomeOf(const dialog::v1::HandoffRequested& event) {
  if (event.reason() == dialog::v1::HANDOFF_REASON_AGENT_TAKEOVER) return std::nullopt;
  return MakeOutcome(records::OUTCOME_KIND_HANDED_OVER, event.conversation().name(), "handoff");
}

std::optional<Outcome> OutcomeOf(const ticket::v1::TicketCreated&) { return std::nullopt; }

std::optional<Outcome> OutcomeOf(const ticket::v1::SlaBreached& event) {
  return MakeOutcome(records::OUTCOME_KIND_SLA_BREACHED, event.ticket().name(),
                     "breach/" + std::to_string(event.clock()));
}

std::optional<Outcome> OutcomeOf(const ticket::v1::TicketResolved& event) {
  if (!event.within_sla()) return std::nullopt;
  return MakeOutcome(records::OUTCOME_KIND_TICKET_IN_TIME, event.ticket().name(), "resolved");
}

std::optional<Outcome> OutcomeOf(const knowledge::v1::AnswerRated& event) {
  if (event.rating() == knowledge::v1::ANSWER_RATING_HELPFUL) {
    return MakeOutcome(records::OUTCOME_KIND_ANSWER_HELPFUL, event.answer_id(), "rated");
  }
  if (event.rating() == knowledge::v1::ANSWER_RATING_NOT_HELPFUL) {
    return MakeOutcome(records::OUTCOME_KIND_ANSWER_UNHELPFUL, event.answer_id(), "rated");
  }
  return std::nullopt;
}

bool AddOutcome(records::OutcomeKind kind, absl::Time time, absl::Time now,
                records::AccountRecord& record) {
  const int32_t day = std::min(DayOf(time), DayOf(now));
  if (day < FirstDay(now)) return false;
  CountIn(kind, DayEntry(day, record));
  const absl::Time seen = std::min(time, now);
  if (!record.has_last_outcome_time() || FromProto(record.last_outcome_time()) < seen) {
    ToProto(seen, record.mutable_last_outcome_time());
  }
  return true;
}

bool AddContact(absl::Time time, absl::Time now, records::AccountRecord& record) {
  const int32_t day = std::min(DayOf(time), DayOf(now));
  auto& days = *record.mutable_contact_days();
  if (day < FirstDay(now) || std::find(days.begin(), days.end(), day) != days.end()) return false;
  days.Add(day);
  std::sort(days.begin(), days.end());
  return true;
}

bool TakeSignal(const v1::Signal& signal, records::AccountRecord& record) {
  auto& latest = *record.mutable_latest();
  int at = 0;
  while (at < latest.size() && latest[at].dimension() < signal.dimension()) ++at;
  if (at < latest.size() && latest[at].dimension() == signal.dimension()) {
    if (FromProto(signal.observe_time()) < FromProto(latest[at].observe_time())) return false;
    latest[at] = signal;
    return true;
  }
  *latest.Add() = signal;
  std::rotate(latest.begin() + at, latest.end() - 1, latest.end());
  return true;
}

void DropOldDays(absl::Time now, records::AccountRecord& record) {
  const int32_t first = FirstDay(now);
  auto& days = *record.mutable_days();
  days.erase(std::remove_if(days.begin(), days.end(),
                            [first](const auto& day) { return day.day() < first; }),
             days.end());
  auto& contacts = *record.mutable_contact_days();
  contacts.erase(std::remove_if(contacts.begin(), contacts.end(),
                                [first](int32_t day) { return day < first; }),
                 contacts.end());
}

DimensionValues ValuesAt(const records::AccountRecord& record, absl::Time now) {
  DimensionValues values;
  const absl::Time last_outcome = FromProto(record.last_outcome_time());
  for (size_t i = 0; i < kDimensions; ++i) {
    const v1::HealthDimension dimension = kDimensionSpecs[i].dimension;
    values[i] = ValueOf(FreshSignal(record, dimension, now),
                        TallyOf(record, dimension, FirstDay(now)), last_outcome);
  }
  return values;
}

absl::Time NextDecay(const records::AccountRecord& record, absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  const auto consider = [&](absl::Time time) {
    if (time > now) next = std::min(next, time);
  };
  for (const v1::Signal& signal : record.latest()) {
    consider(FromProto(signal.observe_time()) + kSignalLife);
  }
  if (!record.days().empty()) consider(StartOfDay(record.days(0).day() + kWindowDays));
  if (!record.contact_days().empty()) {
    consider(StartOfDay(record.contact_days(0) + kWindowDays));
  }
  return next;
}

}  // namespace frontdesk::health
