#include "services/knowledge/gap_handlers.h"

#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/gap.h"
#include "services/knowledge/events.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kGapIdAttempts = 4;
constexpr int kTrimPerMessage = 2;
constexpr size_t kMaxMessageNameBytes = 400;

struct FoundGap {
  std::string id;
  std::optional<records::GapRecord> record;  // empty: nobody has asked yet
};

absl::StatusOr<FoundGap> FindGap(const engine::Txn& txn, std::string_view tenant,
                                 std::string_view locale, std::string_view normalized) {
  for (int attempt = 0; attempt < kGapIdAttempts; ++attempt) {
    FoundGap found{GapId(locale, normalized, attempt), std::nullopt};
    FD_ASSIGN_OR_RETURN(found.record, kGaps.Find(txn, kGaps.Key(tenant, found.id)));
    if (!found.record.has_value() || (found.record->normalized_question() == normalized &&
                                      found.record->gap().locale() == locale)) {
      return found;
    }
  }
  return Error(absl::StatusCode::kInternal, "INTERNAL", "gap ids collide");
}

// Notes that the message was counted, and forgets some that can't come again.
absl::Status NoteCounted(const engine::Context& context, engine::Txn& txn,
                         const std::string& message, const std::string& gap) {
  records::CountedMessageRecord counted;
  counted.set_gap(gap);
  counted.set_count_time_us(absl::ToUnixMicros(context.now));
  kCountedMessages.Put(txn, kCountedMessages.Key(context.tenant, message), counted);
  kCountedByTime.Put(txn, kCountedByTime.Key(context.now, context.tenant, message));

  std::vector<std::pair<std::string, std::string>> expired;  // key by time, key of the message
  bool corrupt = false;
  FD_RETURN_IF_ERROR(
      txn.Scan(kCountedByTime.Key(), {}, [&](std::string_view key, std::string_view) {
        engine::KeyReader fields(key);
        absl::Time time;
        std::string tenant, old_message;
        corrupt = !fields.Read(&time) || !fields.Read(&tenant) || !fields.Read(&old_message);
        if (corrupt || time + kCountedMessageLife > context.now) return false;
        expired.emplace_back(std::string(key), kCountedMessages.Key(tenant, old_message));
        return static_cast<int>(expired.size()) < kTrimPerMessage;
      }));
  if (corrupt) return engine::CorruptRow(kCountedByTime.name);
  for (auto& [by_time, by_message] : expired) {
    txn.Delete(std::move(by_time));
    txn.Delete(std::move(by_message));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CountUnanswered(const dialog::v1::DialogEvent& event, const engine::Context& context,
                             engine::Txn& txn) {
  const dialog::v1::QuestionUnanswered& fact = event.question_unanswered();
  const std::string normalized =
      NormalizeQuestion(text::MatchKey(fact.question().masked().substr(0, 8 << 10)));
  if (normalized.empty()) return absl::OkStatus();
  const std::string message =
      (fact.message().empty() ? event.metadata().event_id() : fact.message())
          .substr(0, kMaxMessageNameBytes);
  FD_ASSIGN_OR_RETURN(const auto counted,
                      kCountedMessages.Find(txn, kCountedMessages.Key(context.tenant, message)));
  if (counted.has_value()) return absl::OkStatus();

  const std::string locale = SearchLocale(fact.language(), fact.question().masked());
  FD_ASSIGN_OR_RETURN(FoundGap gap, FindGap(txn, context.tenant, locale, normalized));
  const bool is_new = !gap.record.has_value();
  if (is_new) {
    gap.record = NewGap(GapName(context.tenant, gap.id), locale, fact.question().masked(),
                        normalized, context.now);
    kGapsByLocale.Put(txn, kGapsByLocale.Key(context.tenant, locale, gap.id));
  }
  CountQuestion(*gap.record, fact.conversation(), context.now);
  kGaps.Put(txn, kGaps.Key(context.tenant, gap.id), *gap.record);
  FD_RETURN_IF_ERROR(NoteCounted(context, txn, message, gap.id));
  if (!is_new) return absl::OkStatus();
  v1::KnowledgeGapFound found;
  *found.mutable_gap() = gap.record->gap();
  found.set_conversation(fact.conversation());
  found.set_customer(fact.customer());
  found.set_account(fact.account());
  AppendKnowledgeGapFound(context, txn, gap.id, std::move(found));
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
