#include "services/knowledge/gap_handlers.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/calendar.h"
#include "services/knowledge/events.h"
#include "services/knowledge/label_handlers.h"
#include "services/knowledge/store.h"
#include "services/knowledge/topic_store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kGapIdAttempts = 4;
constexpr int kTrimPerMessage = 2;
constexpr size_t kMaxMessageNameBytes = 400;
// What was committed this long before a question was prepared may not have been known then.
constexpr absl::Duration kHintLag = absl::Minutes(1);
// A few, as the committer compares them.
constexpr int kNewGapsCompared = 16;
// A question is counted long before, or prepared anew.
constexpr absl::Duration kNewGapLife = absl::Minutes(10);
constexpr int kTrimPerGap = 2;

struct FoundGap {
  std::string id;
  std::optional<records::GapRecord> record;  // empty: nobody has asked yet
  bool known_wording = false;                // the question led to it by itself
};

// The gap of exactly this question, or of one that it is known as another wording of.
absl::StatusOr<FoundGap> FindGap(const engine::Txn& txn, std::string_view tenant,
                                 std::string_view locale, std::string_view normalized) {
  for (int attempt = 0; attempt < kGapIdAttempts; ++attempt) {
    FoundGap found{GapId(locale, normalized, attempt), std::nullopt, false};
    FD_ASSIGN_OR_RETURN(const auto alias, kGapAliases.Find(txn, kGapAliases.Key(tenant, found.id)));
    if (alias.has_value() && alias->normalized_question() == normalized) {
      found.id = alias->gap();
      found.known_wording = true;
    }
    FD_ASSIGN_OR_RETURN(found.record, kGaps.Find(txn, kGaps.Key(tenant, found.id)));
    if (found.known_wording && found.record.has_value()) return found;
    if (!found.record.has_value() || (found.record->normalized_question() == normalized &&
                                      found.record->gap().locale() == locale)) {
      found.known_wording = found.record.has_value();
      return found;
    }
  }
  return Error(absl::StatusCode::kInternal, "INTERNAL", "gap ids collide");
}

bool ReadNewGap(std::string_view key, absl::Time* time, std::string* id) {
  engine::KeyReader fields(key);
  std::string tenant, locale;
  return fields.Read(&tenant) && fields.Read(&locale) && fields.Read(time) && fields.Read(id);
}

// The gap that asks the same in other words: the one of the hint, when the store agrees, else one
// that came while the question was prepared.
absl::Status FollowHint(const engine::Context& context, const engine::Txn& txn,
                        std::string_view locale, const GapQuestion& question, const GapHint& hint,
                        FoundGap& found) {
  if (found.record.has_value()) return absl::OkStatus();
  const auto take = [&](const std::string& id) -> absl::StatusOr<bool> {
    FD_ASSIGN_OR_RETURN(auto record, kGaps.Find(txn, kGaps.Key(context.tenant, id)));
    const bool named = id == hint.gap;
    if (!record.has_value() || record->gap().locale() != locale ||
        (!named && !AsksTheSame(*record, question, hint))) {
      return false;
    }
    found.id = id;
    found.record = std::move(record);
    return true;
  };
  if (!hint.gap.empty()) {
    FD_ASSIGN_OR_RETURN(const bool taken, take(hint.gap));
    if (taken) return absl::OkStatus();
  }
  const absl::Time since = std::min(hint.looked_at, context.now) - kHintLag;
  std::vector<std::string> ids;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(txn.ScanBackward(kNewGaps.Key(context.tenant, locale), {},
                                      [&](std::string_view key, std::string_view) {
                                        absl::Time time;
                                        std::string id;
                                        corrupt = !ReadNewGap(key, &time, &id);
                                        if (corrupt || time < since) return false;
                                        ids.push_back(std::move(id));
                                        return static_cast<int>(ids.size()) < kNewGapsCompared;
                                      }));
  if (corrupt) return engine::CorruptRow(kNewGaps.name);
  // The first one was there first.
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    FD_ASSIGN_OR_RETURN(const bool taken, take(*id));
    if (taken) break;
  }
  return absl::OkStatus();
}

// Notes a new gap for questions that were prepared before it was there, and forgets some that none
// can need any more.
absl::Status NoteNew(const engine::Context& context, engine::Txn& txn, const std::string& locale,
                     const std::string& id) {
  std::vector<std::string> old;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(txn.Scan(kNewGaps.Key(context.tenant, locale), {},
                              [&](std::string_view key, std::string_view) {
                                absl::Time time;
                                std::string other;
                                corrupt = !ReadNewGap(key, &time, &other);
                                if (corrupt || time + kNewGapLife > context.now) return false;
                                old.emplace_back(key);
                                return static_cast<int>(old.size()) < kTrimPerGap;
                              }));
  if (corrupt) return engine::CorruptRow(kNewGaps.name);
  for (std::string& key : old) txn.Delete(std::move(key));
  kNewGaps.Put(txn, kNewGaps.Key(context.tenant, locale, context.now, id));
  return absl::OkStatus();
}

// Puts the record and moves its index rows from `before` (null: a new gap).
void PutGap(engine::Txn& txn, std::string_view tenant, const std::string& id,
            const records::GapRecord* before, const records::GapRecord& after) {
  const auto by_state = [&](const records::GapRecord& record) {
    const auto rank =
        std::numeric_limits<uint64_t>::max() - static_cast<uint64_t>(record.gap().count());
    return kGapsByState.Key(tenant, static_cast<uint8_t>(record.gap().state()), rank, id);
  };
  if (before == nullptr) {
    kGapsByLocale.Put(txn, kGapsByLocale.Key(tenant, after.gap().locale(), id));
  } else {
    txn.Delete(by_state(*before));
  }
  kGapsByState.Put(txn, by_state(after));
  kGaps.Put(txn, kGaps.Key(tenant, id), after);
}

void TellChanged(const engine::Context& context, engine::Txn& txn, const std::string& id,
                 v1::KnowledgeGapState previous, const v1::KnowledgeGap& gap) {
  v1::KnowledgeGapChanged fact;
  *fact.mutable_gap() = gap;
  fact.set_previous_state(previous);
  AppendKnowledgeGapChanged(context, txn, id, std::move(fact));
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

// Loads a gap, changes it by `verb` and puts it.
absl::Status ChangeGap(const GapKey& key, const std::string& etag, const engine::Context& context,
                       engine::Txn& txn, v1::KnowledgeGap* gap,
                       absl::FunctionRef<absl::Status(records::GapRecord&)> verb) {
  FD_ASSIGN_OR_RETURN(const auto before, kGaps.Load(txn, kGaps.Key(key.tenant, key.gap),
                                                    GapName(key.tenant, key.gap)));
  FD_RETURN_IF_ERROR(CheckGapEtag(before, etag));
  records::GapRecord after = before;
  FD_RETURN_IF_ERROR(verb(after));
  if (after.version() != before.version()) {
    PutGap(txn, key.tenant, key.gap, &before, after);
    TellChanged(context, txn, key.gap, before.gap().state(), after.gap());
  }
  *gap = after.gap();
  return absl::OkStatus();
}

// What a closed gap teaches: which article answers its question; empty = none shall.
absl::Status Label(const v1::KnowledgeGap& gap, const std::string& article,
                   const engine::Context& context, engine::Txn& txn) {
  v1::LabeledQuestion label;
  label.set_question(gap.question());
  label.set_locale(gap.locale());
  label.set_source(v1::LABEL_SOURCE_GAP);
  if (article.empty()) {
    label.set_no_answer(true);
  } else {
    label.set_expected_article(article);
  }
  return PutLabel(std::move(label), context, txn);
}

}  // namespace

absl::StatusOr<std::string> CountIntoGap(const AskedQuestion& asked, const GapHint& hint,
                                         GapClusters* clusters, const engine::Context& context,
                                         engine::Txn& txn) {
  // Without a hint the committer reads it: rare, and of bounded length.
  const GapQuestion question =
      hint.question.has_value() ? *hint.question : ReadGapQuestion(asked.question);
  const std::string& normalized = question.normalized;
  if (normalized.empty()) return std::string();
  const std::string locale = SearchLocale(asked.language, asked.question);
  FD_ASSIGN_OR_RETURN(FoundGap gap, FindGap(txn, context.tenant, locale, normalized));
  const std::string own_id = gap.id;
  FD_RETURN_IF_ERROR(FollowHint(context, txn, locale, question, hint, gap));
  const std::optional<records::GapRecord> before = gap.record;
  if (!before.has_value()) {
    gap.record =
        NewGap(GapName(context.tenant, gap.id), locale, question.text, normalized, context.now);
    gap.record->set_encoder(hint.encoder);
    gap.record->set_vector(hint.vector);
    FD_RETURN_IF_ERROR(NoteNew(context, txn, locale, gap.id));
  } else if (!gap.known_wording && gap.record->aliases() < kMaxGapAliases) {
    gap.record->set_aliases(gap.record->aliases() + 1);
    records::GapAliasRecord alias;
    alias.set_gap(gap.id);
    alias.set_normalized_question(normalized);
    kGapAliases.Put(txn, kGapAliases.Key(context.tenant, own_id), alias);
  }
  if (before.has_value() && gap.record->normalized_question() != normalized) {
    AddVariant(*gap.record, question.text);
  }
  const bool reopened = CountQuestion(*gap.record, asked.sign, asked.conversation, context.now);
  PutGap(txn, context.tenant, gap.id, before.has_value() ? &*before : nullptr, *gap.record);
  FD_RETURN_IF_ERROR(
      CountTopic(context, txn, DayOf(context.now), v1::TOPIC_KIND_GAP, gap.id, 1, 1));
  if (reopened) TellChanged(context, txn, gap.id, before->gap().state(), gap.record->gap());
  if (clusters != nullptr && !gap.known_wording) {
    txn.AfterCommit([clusters, tenant = std::string(context.tenant), locale, id = gap.id,
                     normalized, encoder = hint.encoder, vector = hint.vector] {
      clusters->Add(tenant, locale, id, normalized, encoder, vector);
    });
  }
  if (before.has_value()) return gap.id;
  v1::KnowledgeGapFound found;
  *found.mutable_gap() = gap.record->gap();
  found.set_conversation(asked.conversation);
  found.set_customer(asked.customer);
  found.set_account(asked.account);
  AppendKnowledgeGapFound(context, txn, gap.id, std::move(found));
  return gap.id;
}

absl::Status CountUnanswered(const dialog::v1::DialogEvent& event, const GapHint& hint,
                             GapClusters* clusters, const engine::Context& context,
                             engine::Txn& txn) {
  const dialog::v1::QuestionUnanswered& fact = event.question_unanswered();
  const std::string message =
      (fact.message().empty() ? event.metadata().event_id() : fact.message())
          .substr(0, kMaxMessageNameBytes);
  FD_ASSIGN_OR_RETURN(const auto counted,
                      kCountedMessages.Find(txn, kCountedMessages.Key(context.tenant, message)));
  if (counted.has_value()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const std::string gap,
                      CountIntoGap({fact.question().masked(), fact.language(), GapSign::kUnanswered,
                                    fact.conversation(), fact.customer(), fact.account()},
                                   hint, clusters, context, txn));
  return gap.empty() ? absl::OkStatus() : NoteCounted(context, txn, message, gap);
}

absl::Status AssignKnowledgeGap(const v1::AssignKnowledgeGapRequest& request, const GapKey& key,
                                const engine::Context& context, engine::Txn& txn,
                                v1::KnowledgeGap* gap) {
  return ChangeGap(key, request.etag(), context, txn, gap, [&](records::GapRecord& record) {
    return AssignGap(record, request.owner(), context.now);
  });
}

absl::Status ResolveKnowledgeGap(const v1::ResolveKnowledgeGapRequest& request, const GapKey& key,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::KnowledgeGap* gap) {
  FD_ASSIGN_OR_RETURN(const auto ids,
                      ParseResourceName(request.article(), {"tenants", "articles"}, "article"));
  if (ids[0] != context.tenant) return NotFound("article", request.article());
  FD_ASSIGN_OR_RETURN(const auto article, LoadArticle(txn, context.tenant, ids[1]));
  if (article.article().state() != v1::ARTICLE_STATE_PUBLISHED) {
    return WithResource(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                              "the article is not published: nobody would find it"),
                        "article", request.article());
  }
  FD_RETURN_IF_ERROR(
      ChangeGap(key, request.etag(), context, txn, gap, [&](records::GapRecord& record) {
        return ResolveGap(record, request.article(), request.note(), context.now);
      }));
  return Label(*gap, request.article(), context, txn);
}

absl::Status DismissKnowledgeGap(const v1::DismissKnowledgeGapRequest& request, const GapKey& key,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::KnowledgeGap* gap) {
  FD_RETURN_IF_ERROR(ChangeGap(
      key, request.etag(), context, txn, gap,
      [&](records::GapRecord& record) { return DismissGap(record, request.note(), context.now); }));
  return Label(*gap, "", context, txn);
}

absl::Status ReopenKnowledgeGap(const v1::ReopenKnowledgeGapRequest& request, const GapKey& key,
                                const engine::Context& context, engine::Txn& txn,
                                v1::KnowledgeGap* gap) {
  FD_RETURN_IF_ERROR(ChangeGap(
      key, request.etag(), context, txn, gap,
      [&](records::GapRecord& record) { return ReopenGap(record, request.note(), context.now); }));
  // What was learnt from closing it does not hold.
  return DropGapLabel(gap->question(), gap->locale(), context, txn);
}

absl::Status ReadGapPage(const engine::Reader& reader, const std::string& tenant,
                         const v1::ListKnowledgeGapsRequest& request, const rpc::Page& page,
                         v1::ListKnowledgeGapsResponse* response) {
  response->Clear();
  const bool by_state = request.state() != v1::KNOWLEDGE_GAP_STATE_UNSPECIFIED;
  const std::string prefix =
      by_state                   ? kGapsByState.Key(tenant, static_cast<uint8_t>(request.state()))
      : request.locale().empty() ? kGaps.Key(tenant)
                                 : kGapsByLocale.Key(tenant, request.locale());
  return rpc::ScanPage(
      reader, prefix, page,
      [&](std::string_view key, std::string_view) -> absl::StatusOr<bool> {
        // The prefix byte, then only what comes behind the prefix is left to read.
        engine::KeyReader fields(key.substr(prefix.size() - 1));
        std::string id;
        uint64_t rank = 0;
        if ((by_state && !fields.Read(&rank)) || !fields.Read(&id)) {
          return engine::CorruptRow("gap index");
        }
        FD_ASSIGN_OR_RETURN(auto record,
                            kGaps.Load(reader, kGaps.Key(tenant, id), GapName(tenant, id)));
        v1::KnowledgeGap& gap = *record.mutable_gap();
        if (!request.locale().empty() && gap.locale() != request.locale()) return false;
        if (!request.owner().empty() && gap.owner() != request.owner()) return false;
        *response->add_knowledge_gaps() = std::move(gap);
        return true;
      },
      response->mutable_next_page_token());
}

}  // namespace frontdesk::knowledge
