#include "services/knowledge/label_handlers.h"

#include <algorithm>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/rpc/page_scan.h"
#include "libs/text/mask.h"
#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/calibration.h"
#include "services/knowledge/domain/gap.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/proposal_text.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxMaskedBytes = 8 << 10;

// Who is believed rather than whom.
int Weight(v1::LabelSource source) {
  switch (source) {
    case v1::LABEL_SOURCE_PERSON:
      return 4;
    case v1::LABEL_SOURCE_GAP:
      return 3;
    case v1::LABEL_SOURCE_RATING:
      return 2;
    case v1::LABEL_SOURCE_OUTCOME:
      return 1;
    default:
      return 0;
  }
}

std::string LabelName(std::string_view tenant, std::string_view id) {
  return ResourceName({{"tenants", tenant}, {"labeledQuestions", id}});
}

// The article that the label speaks of must be one of the tenant's.
absl::Status CheckArticle(const std::string& name, std::string_view field,
                          const engine::Context& context, const engine::Txn& txn) {
  if (name.empty()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const auto ids, ParseResourceName(name, {"tenants", "articles"}, field));
  if (ids[0] != context.tenant) return NotFound("article", name);
  return LoadArticle(txn, context.tenant, ids[1]).status();
}

// A label has changed; `more` is by how many there are more of them.
absl::Status NoteChange(int more, const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto stats, ReadLabelStats(txn, context.tenant));
  stats.set_questions(stats.questions() + more);
  stats.set_changes(stats.changes() + 1);
  kLabelStats.Put(txn, kLabelStats.Key(context.tenant), stats);
  return absl::OkStatus();
}

// Deletes a label that is there.
absl::Status Delete(const std::string& key, const engine::Context& context, engine::Txn& txn) {
  txn.Delete(key);
  return NoteChange(-1, context, txn);
}

// "" when there is nothing to compare.
std::string LabelId(std::string_view locale, std::string_view question) {
  const std::string normalized = NormalizeQuestion(text::MatchKey(question));
  return normalized.empty() ? std::string() : GapId(locale, normalized, 0);
}

bool Remove(uint64_t conversation, google::protobuf::RepeatedField<uint64_t>& votes) {
  const auto end = std::remove(votes.begin(), votes.end(), conversation);
  const bool removed = end != votes.end();
  votes.erase(end, votes.end());
  return removed;
}

// False when nothing changed.
bool Cast(const OutcomeVote& vote, records::LabeledQuestionRecord& record) {
  using Verdict = OutcomeVote::Verdict;
  auto& all = *record.mutable_outcomes();
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const auto& one) { return one.article() == vote.article; });
  if (found == all.end()) {
    if (vote.verdict == Verdict::kNone || all.size() >= kJudgedArticlesMax) return false;
    all.Add()->set_article(vote.article);
    found = all.end() - 1;
  }
  bool changed = Remove(vote.conversation, *found->mutable_solved_in());
  changed |= Remove(vote.conversation, *found->mutable_not_solved_in());
  if (vote.verdict != Verdict::kNone) {
    auto& votes = vote.verdict == Verdict::kSolved ? *found->mutable_solved_in()
                                                   : *found->mutable_not_solved_in();
    if (votes.size() >= kVotesMax) votes.erase(votes.begin());
    votes.Add(vote.conversation);
    changed = true;
  }
  if (found->solved_in().empty() && found->not_solved_in().empty()) all.erase(found);
  return changed;
}

// Sets what the votes say; false when they leave the label as it is.
bool ExpectByOutcomes(const records::LabeledQuestionRecord& record, std::string_view tenant,
                      v1::LabeledQuestion& label) {
  int best = 0;
  int worst = 0;
  std::string right;
  std::string wrong;
  for (const auto& one : record.outcomes()) {
    const int lead = one.solved_in_size() - one.not_solved_in_size();
    if (lead > best) right = ArticleName(tenant, one.article());
    if (lead < worst) wrong = ArticleName(tenant, one.article());
    best = std::max(best, lead);
    worst = std::min(worst, lead);
  }
  if (!right.empty()) {
    if (label.expected_article() == right) return false;
    label.set_expected_article(std::move(right));
    return true;
  }
  if (wrong.empty() || label.wrong_article() == wrong) return false;
  label.set_wrong_article(std::move(wrong));
  return true;
}

}  // namespace

std::string MaskedQuestion(std::string_view text, int max) {
  // Nobody's name is looked for in a whole book.
  const auto masked = text::MaskPersonalData(TruncateUtf8(text, kMaxMaskedBytes));
  if (!masked.ok()) return {};
  return FirstCharacters(WithoutPersonalData(masked->text, NamesIn(masked->text)), max);
}

absl::StatusOr<records::LabelStatsRecord> ReadLabelStats(const engine::Reader& reader,
                                                         std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto found, kLabelStats.Find(reader, kLabelStats.Key(tenant)));
  return found.value_or(records::LabelStatsRecord());
}

absl::Status PutLabel(v1::LabeledQuestion label, const engine::Context& context, engine::Txn& txn,
                      v1::LabeledQuestion* put) {
  const bool given = label.source() == v1::LABEL_SOURCE_PERSON;
  const std::string id = LabelId(label.locale(), label.question());
  if (id.empty()) {
    return given ? InvalidField("labeled_question.question", "holds nothing to compare")
                 : absl::OkStatus();
  }
  const std::string key = kLabels.Key(context.tenant, id);
  FD_ASSIGN_OR_RETURN(const auto before, kLabels.Find(txn, key));
  if (before.has_value() && Weight(before->labeled_question().source()) > Weight(label.source())) {
    return absl::OkStatus();
  }
  if (!before.has_value()) {
    FD_ASSIGN_OR_RETURN(const auto stats, ReadLabelStats(txn, context.tenant));
    if (stats.questions() >= (given ? kLabelsMax : kLabelsGatheredMax)) {
      return given ? Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                           "there are too many labelled questions; delete some")
                   : absl::OkStatus();
    }
  }
  FD_RETURN_IF_ERROR(NoteChange(before.has_value() ? 0 : 1, context, txn));
  label.set_name(LabelName(context.tenant, id));
  label.set_author(given ? std::string(context.actor) : std::string());
  *label.mutable_update_time() = ToTimestamp(context.now);
  if (put != nullptr) *put = label;
  records::LabeledQuestionRecord record = before.value_or(records::LabeledQuestionRecord());
  *record.mutable_labeled_question() = std::move(label);
  kLabels.Put(txn, key, record);
  return absl::OkStatus();
}

absl::Status CastVote(const OutcomeVote& vote, const engine::Context& context, engine::Txn& txn) {
  const std::string id = LabelId(vote.locale, vote.question);
  if (id.empty()) return absl::OkStatus();
  const std::string key = kLabels.Key(context.tenant, id);
  FD_ASSIGN_OR_RETURN(const auto before, kLabels.Find(txn, key));
  records::LabeledQuestionRecord record = before.value_or(records::LabeledQuestionRecord());
  if (!Cast(vote, record)) return absl::OkStatus();
  v1::LabeledQuestion& label = *record.mutable_labeled_question();
  if (!before.has_value()) {
    FD_ASSIGN_OR_RETURN(const auto stats, ReadLabelStats(txn, context.tenant));
    if (stats.questions() >= kLabelsOfOutcomesMax) return absl::OkStatus();
    label.set_name(LabelName(context.tenant, id));
    label.set_question(vote.question);
    label.set_locale(vote.locale);
    label.set_source(v1::LABEL_SOURCE_OUTCOME);
  }
  if (label.source() == v1::LABEL_SOURCE_OUTCOME) {
    if (record.outcomes().empty()) return Delete(key, context, txn);
    if (ExpectByOutcomes(record, context.tenant, label)) {
      *label.mutable_update_time() = ToTimestamp(context.now);
      FD_RETURN_IF_ERROR(NoteChange(before.has_value() ? 0 : 1, context, txn));
    }
  }
  kLabels.Put(txn, key, record);
  return absl::OkStatus();
}

absl::Status CreateLabeledQuestion(const v1::CreateLabeledQuestionRequest& request,
                                   const std::string& masked, const engine::Context& context,
                                   engine::Txn& txn, v1::CreateLabeledQuestionResponse* response) {
  v1::LabeledQuestion label = request.labeled_question();
  FD_RETURN_IF_ERROR(
      CheckArticle(label.expected_article(), "labeled_question.expected_article", context, txn));
  FD_RETURN_IF_ERROR(
      CheckArticle(label.wrong_article(), "labeled_question.wrong_article", context, txn));
  label.set_question(masked);
  label.set_locale(SearchLocale(label.locale(), masked));
  label.set_source(v1::LABEL_SOURCE_PERSON);
  return PutLabel(std::move(label), context, txn, response->mutable_labeled_question());
}

absl::Status DeleteLabeledQuestion(const std::string& id, const engine::Context& context,
                                   engine::Txn& txn) {
  const std::string key = kLabels.Key(context.tenant, id);
  FD_RETURN_IF_ERROR(kLabels.Load(txn, key, LabelName(context.tenant, id)).status());
  return Delete(key, context, txn);
}

absl::Status DropGapLabel(const std::string& question, const std::string& locale,
                          const engine::Context& context, engine::Txn& txn) {
  const std::string key = kLabels.Key(context.tenant, LabelId(locale, question));
  FD_ASSIGN_OR_RETURN(auto record, kLabels.Find(txn, key));
  if (!record.has_value() || record->labeled_question().source() != v1::LABEL_SOURCE_GAP) {
    return absl::OkStatus();
  }
  v1::LabeledQuestion& label = *record->mutable_labeled_question();
  if (record->outcomes().empty()) return Delete(key, context, txn);
  // At a draw nothing is expected; the votes stay.
  label.clear_expectation();
  ExpectByOutcomes(*record, context.tenant, label);
  label.set_source(v1::LABEL_SOURCE_OUTCOME);
  *label.mutable_update_time() = ToTimestamp(context.now);
  kLabels.Put(txn, key, *record);
  return NoteChange(0, context, txn);
}

absl::Status ReadLabelPage(const engine::Reader& reader, const std::string& tenant,
                           const v1::ListLabeledQuestionsRequest& request, const rpc::Page& page,
                           v1::ListLabeledQuestionsResponse* response) {
  response->Clear();
  return rpc::ScanPage(
      reader, kLabels.Key(tenant), page,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(auto record, kLabels.Parse(value));
        v1::LabeledQuestion& label = *record.mutable_labeled_question();
        if (label.expectation_case() == v1::LabeledQuestion::EXPECTATION_NOT_SET) return false;
        if (!request.locale().empty() && label.locale() != request.locale()) return false;
        if (request.source() != v1::LABEL_SOURCE_UNSPECIFIED &&
            label.source() != request.source()) {
          return false;
        }
        *response->add_labeled_questions() = std::move(label);
        return true;
      },
      response->mutable_next_page_token());
}

}  // namespace frontdesk::knowledge
