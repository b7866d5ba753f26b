#include "services/knowledge/label_handlers.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"
#include "libs/text/mask.h"
#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/calibration.h"
#include "services/knowledge/domain/gap.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// Who is believed rather than whom.
int Weight(v1::LabelSource source) {
  switch (source) {
    case v1::LABEL_SOURCE_PERSON:
      return 3;
    case v1::LABEL_SOURCE_GAP:
      return 2;
    default:
      return 1;
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

// Deletes a label that is there.
absl::Status Delete(const std::string& key, const engine::Context& context, engine::Txn& txn) {
  txn.Delete(key);
  FD_ASSIGN_OR_RETURN(auto stats, ReadLabelStats(txn, context.tenant));
  stats.set_questions(stats.questions() - 1);
  stats.set_changes(stats.changes() + 1);
  kLabelStats.Put(txn, kLabelStats.Key(context.tenant), stats);
  return absl::OkStatus();
}

}  // namespace

std::string MaskedQuestion(std::string_view text, int max) {
  auto masked = text::MaskPersonalData(text);
  if (!masked.ok()) return {};
  return FirstCharacters(masked->text, max);
}

absl::StatusOr<records::LabelStatsRecord> ReadLabelStats(const engine::Reader& reader,
                                                         std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto found, kLabelStats.Find(reader, kLabelStats.Key(tenant)));
  return found.value_or(records::LabelStatsRecord());
}

absl::Status PutLabel(v1::LabeledQuestion label, const engine::Context& context, engine::Txn& txn,
                      v1::LabeledQuestion* put) {
  const bool given = label.source() == v1::LABEL_SOURCE_PERSON;
  const std::string normalized = NormalizeQuestion(text::MatchKey(label.question()));
  if (normalized.empty()) {
    return given ? InvalidField("labeled_question.question", "holds nothing to compare")
                 : absl::OkStatus();
  }
  const std::string id = GapId(label.locale(), normalized, 0);
  const std::string key = kLabels.Key(context.tenant, id);
  FD_ASSIGN_OR_RETURN(const auto before, kLabels.Find(txn, key));
  if (before.has_value() && Weight(before->labeled_question().source()) > Weight(label.source())) {
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(auto stats, ReadLabelStats(txn, context.tenant));
  if (!before.has_value()) {
    if (stats.questions() >= (given ? kLabelsMax : kLabelsGatheredMax)) {
      return given ? Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                           "there are too many labelled questions; delete some")
                   : absl::OkStatus();
    }
    stats.set_questions(stats.questions() + 1);
  }
  stats.set_changes(stats.changes() + 1);
  kLabelStats.Put(txn, kLabelStats.Key(context.tenant), stats);
  label.set_name(LabelName(context.tenant, id));
  label.set_author(given ? std::string(context.actor) : std::string());
  *label.mutable_update_time() = ToTimestamp(context.now);
  if (put != nullptr) *put = label;
  records::LabeledQuestionRecord record;
  *record.mutable_labeled_question() = std::move(label);
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
  const std::string id = GapId(locale, NormalizeQuestion(text::MatchKey(question)), 0);
  const std::string key = kLabels.Key(context.tenant, id);
  FD_ASSIGN_OR_RETURN(const auto label, kLabels.Find(txn, key));
  if (!label.has_value() || label->labeled_question().source() != v1::LABEL_SOURCE_GAP) {
    return absl::OkStatus();
  }
  return Delete(key, context, txn);
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
