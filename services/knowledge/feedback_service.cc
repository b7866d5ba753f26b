// The RPCs of KnowledgeService about how good answers are: labels, threshold, ratings, usefulness.
#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/finish_macros.h"
#include "libs/rpc/mutation.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/calibrator.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/feedback_store.h"
#include "services/knowledge/gap_clusters.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/label_handlers.h"
#include "services/knowledge/query_text.h"
#include "services/knowledge/rating_handlers.h"
#include "services/knowledge/request_checks.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxAnswerIdCharacters = 64;
constexpr int kMaxCitedVersions = 10;
constexpr int kMaxCommentCharacters = 1000;
constexpr int kDefaultWeeks = 12;
constexpr int kMaxWeeks = 104;
constexpr int kMaxWeakWeeks = 52;
constexpr int kMaxBps = 10'000;
constexpr absl::Duration kClusterDeadline = absl::Milliseconds(200);
constexpr char kThreshold[] = "answerThreshold";

absl::Status CheckRating(const rpc::Call& call, const v1::RateAnswerRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  FD_RETURN_IF_ERROR(CheckText(request.answer_id(), 1, kMaxAnswerIdCharacters, "answer_id"));
  if (request.rating() != v1::ANSWER_RATING_HELPFUL &&
      request.rating() != v1::ANSWER_RATING_NOT_HELPFUL) {
    return InvalidField("rating", "must be HELPFUL or NOT_HELPFUL");
  }
  if (request.article_versions_size() > kMaxCitedVersions) {
    return InvalidField("article_versions", fmt::format("must be at most {}", kMaxCitedVersions));
  }
  for (int i = 0; i < request.article_versions_size(); ++i) {
    FD_RETURN_IF_ERROR(
        ParseVersion(call, request.article_versions(i), fmt::format("article_versions[{}]", i))
            .status());
  }
  FD_RETURN_IF_ERROR(CheckReference(request.conversation(), "conversation"));
  FD_RETURN_IF_ERROR(CheckReference(request.customer(), "customer"));
  FD_RETURN_IF_ERROR(CheckReference(request.account(), "account"));
  if (!v1::RatingReason_IsValid(request.reason())) {
    return InvalidField("reason", "is no reason of ratings");
  }
  if (request.reason() != v1::RATING_REASON_UNSPECIFIED &&
      request.rating() != v1::ANSWER_RATING_NOT_HELPFUL) {
    return InvalidField("reason", "is only for NOT_HELPFUL");
  }
  FD_RETURN_IF_ERROR(CheckText(request.comment(), 0, kMaxCommentCharacters, "comment"));
  FD_RETURN_IF_ERROR(
      CheckQueryText(request.question(), 0, kMaxLabelQuestionCharacters, "question"));
  return request.locale().empty() ? absl::OkStatus() : ValidateLocale(request.locale(), "locale");
}

absl::Status CheckLabel(const rpc::Call& call, const v1::LabeledQuestion& label) {
  FD_RETURN_IF_ERROR(CheckQueryText(label.question(), 1, kMaxLabelQuestionCharacters,
                                    "labeled_question.question"));
  if (!label.locale().empty()) {
    FD_RETURN_IF_ERROR(ValidateLocale(label.locale(), "labeled_question.locale"));
  }
  switch (label.expectation_case()) {
    case v1::LabeledQuestion::kExpectedArticle:
      return ParseName(call, label.expected_article(), {"tenants", "articles"},
                       "labeled_question.expected_article")
          .status();
    case v1::LabeledQuestion::kWrongArticle:
      return ParseName(call, label.wrong_article(), {"tenants", "articles"},
                       "labeled_question.wrong_article")
          .status();
    case v1::LabeledQuestion::kNoAnswer:
      if (label.no_answer()) return absl::OkStatus();
      break;
    case v1::LabeledQuestion::EXPECTATION_NOT_SET:
      break;
  }
  return InvalidField("labeled_question.expected_article",
                      "or wrong_article or no_answer = true is required");
}

absl::Status CheckRange(int value, int min, int max, std::string_view field) {
  if (value >= min && value <= max) return absl::OkStatus();
  return InvalidField(field, fmt::format("must be {} to {}", min, max));
}

}  // namespace

void KnowledgeService::RateAnswer(const rpc::Call& call, const v1::RateAnswerRequest& request,
                                  v1::RateAnswerResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckRating(call, request));
  auto told = std::make_shared<ToldRating>();
  told->comment = MaskedQuestion(request.comment(), kMaxCommentCharacters);
  told->question = MaskedQuestion(request.question(), kMaxLabelQuestionCharacters);
  told->locale = SearchLocale(request.locale(), told->question);
  auto submit = [this, &call, &request, response, told,
                 finish = std::make_shared<rpc::Finish>(std::move(finish))]() {
    rpc::Submit(
        in_.shards.For(call.tenant).committer(), call, request, response,
        [this, &request, response, told](const engine::Context& context, engine::Txn& txn,
                                         engine::Reply&) {
          return knowledge::RateAnswer(request, *told, &in_.clusters, context, txn, response);
        },
        std::move(*finish));
  };
  if (told->question.empty() || request.rating() != v1::ANSWER_RATING_NOT_HELPFUL) return submit();
  // Looking for the gap may read the store. A rating without it is better than none.
  in_.search_pool.Submit(GiveUpAt(call), [this, &call, told, submit](absl::Status admitted) {
    if (!admitted.ok()) return submit();
    in_.clusters.Find(call.tenant, told->locale, told->question, kClusterDeadline,
                      [told, submit](GapHint hint) {
                        told->hint = std::move(hint);
                        submit();
                      });
  });
}

void KnowledgeService::CreateLabeledQuestion(const rpc::Call& call,
                                             const v1::CreateLabeledQuestionRequest& request,
                                             v1::CreateLabeledQuestionResponse* response,
                                             rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_FINISH_IF_ERROR(CheckLabel(call, request.labeled_question()));
  std::string masked =
      MaskedQuestion(request.labeled_question().question(), kMaxLabelQuestionCharacters);
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [&request, masked = std::move(masked), response](const engine::Context& context,
                                                       engine::Txn& txn, engine::Reply&) {
        return knowledge::CreateLabeledQuestion(request, masked, context, txn, response);
      },
      std::move(finish));
}

void KnowledgeService::ListLabeledQuestions(const rpc::Call& call,
                                            const v1::ListLabeledQuestionsRequest& request,
                                            v1::ListLabeledQuestionsResponse* response,
                                            rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_FINISH_IF_ERROR(CheckFilter(request.locale(), ""));
  if (!v1::LabelSource_IsValid(request.source())) {
    return finish(InvalidField("source", "is no source of labels"));
  }
  FD_ASSIGN_OR_FINISH(const rpc::Page page, rpc::ParsePage(request));
  Read(
      call, true,
      [tenant = call.tenant, &request, page, response](const engine::Reader& reader) {
        return ReadLabelPage(reader, tenant, request, page, response);
      },
      std::move(finish));
}

void KnowledgeService::DeleteLabeledQuestion(const rpc::Call& call,
                                             const v1::DeleteLabeledQuestionRequest& request,
                                             v1::DeleteLabeledQuestionResponse* response,
                                             rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const auto ids,
                      ParseName(call, request.name(), {"tenants", "labeledQuestions"}, "name"));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [id = ids[1]](const engine::Context& context, engine::Txn& txn, engine::Reply&) {
        return knowledge::DeleteLabeledQuestion(id, context, txn);
      },
      std::move(finish));
}

template <class Request, class Response, class Handle>
void KnowledgeService::SubmitThreshold(const rpc::Call& call, const Request& request,
                                       Response* response, Handle handle, rpc::Finish finish) {
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [this, handle, &request, response](const engine::Context& context,
                                                      engine::Txn& txn,
                                                      engine::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(handle(request, context, txn, response));
    ResolveThreshold(config_.answer_threshold_bps, *response->mutable_answer_threshold());
    reply.resource = response->answer_threshold().name();
    return absl::OkStatus();
  };
  command.rebuild = [this, tenant = call.tenant](
                        const engine::Reader& reader, std::string_view,
                        google::protobuf::Message* message) -> absl::Status {
    auto& threshold = *static_cast<Response*>(message)->mutable_answer_threshold();
    FD_ASSIGN_OR_RETURN(threshold, ReadThreshold(reader, tenant));
    ResolveThreshold(config_.answer_threshold_bps, threshold);
    return absl::OkStatus();
  };
  command.done = [this, tenant = call.tenant,
                  finish = std::move(finish)](absl::Status done) mutable {
    ForgetThreshold(tenant);
    in_.calibrator.work().Notify();
    finish(std::move(done));
  };
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void KnowledgeService::CalibrateAnswers(const rpc::Call& call,
                                        const v1::CalibrateAnswersRequest& request,
                                        v1::CalibrateAnswersResponse* response,
                                        rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  if (request.target_precision_bps() != 0) {
    FD_FINISH_IF_ERROR(
        CheckRange(request.target_precision_bps(), kTargetMinBps, kMaxBps, "target_precision_bps"));
  }
  SubmitThreshold(call, request, response, knowledge::CalibrateAnswers, std::move(finish));
}

void KnowledgeService::GetAnswerThreshold(const rpc::Call& call,
                                          const v1::GetAnswerThresholdRequest& request,
                                          v1::GetAnswerThresholdResponse* response,
                                          rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckSingleton(call, request.name(), kThreshold, "name"));
  Read(
      call, true,
      [this, tenant = call.tenant, response](const engine::Reader& reader) -> absl::Status {
        v1::AnswerThreshold& threshold = *response->mutable_answer_threshold();
        FD_ASSIGN_OR_RETURN(threshold, ReadThreshold(reader, tenant));
        ResolveThreshold(config_.answer_threshold_bps, threshold);
        if (threshold.calibrating()) {
          threshold.set_progress_bps(in_.calibrator.ProgressBps(tenant));
        }
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::PinAnswerThreshold(const rpc::Call& call,
                                          const v1::PinAnswerThresholdRequest& request,
                                          v1::PinAnswerThresholdResponse* response,
                                          rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckSingleton(call, request.name(), kThreshold, "name"));
  FD_FINISH_IF_ERROR(CheckRange(request.threshold_bps(), 1, kMaxBps, "threshold_bps"));
  SubmitThreshold(call, request, response, knowledge::PinAnswerThreshold, std::move(finish));
}

void KnowledgeService::UnpinAnswerThreshold(const rpc::Call& call,
                                            const v1::UnpinAnswerThresholdRequest& request,
                                            v1::UnpinAnswerThresholdResponse* response,
                                            rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckSingleton(call, request.name(), kThreshold, "name"));
  SubmitThreshold(call, request, response, knowledge::UnpinAnswerThreshold, std::move(finish));
}

void KnowledgeService::GetArticleUsefulness(const rpc::Call& call,
                                            const v1::GetArticleUsefulnessRequest& request,
                                            v1::GetArticleUsefulnessResponse* response,
                                            rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ArticleKey key, ParseArticle(call, request.name(), "name"));
  const int weeks = request.weeks() == 0 ? kDefaultWeeks : request.weeks();
  FD_FINISH_IF_ERROR(CheckRange(weeks, 1, kMaxWeeks, "weeks"));
  Read(
      call, true,
      [key, weeks, now = in_.clock.Now(), response](const engine::Reader& reader) {
        return ReadUsefulness(reader, key.tenant, key.article, now, weeks,
                              response->mutable_article_usefulness());
      },
      std::move(finish));
}

void KnowledgeService::ListWeakArticles(const rpc::Call& call,
                                        const v1::ListWeakArticlesRequest& request,
                                        v1::ListWeakArticlesResponse* response,
                                        rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_FINISH_IF_ERROR(CheckFilter(request.locale(), ""));
  FD_FINISH_IF_ERROR(CheckRange(request.weeks(), 0, kMaxWeakWeeks, "weeks"));
  FD_FINISH_IF_ERROR(CheckRange(request.votes_min(), 0, 1'000'000, "votes_min"));
  FD_FINISH_IF_ERROR(CheckRange(request.page_size(), 0, 1'000'000, "page_size"));
  Read(
      call, true,
      [tenant = call.tenant, now = in_.clock.Now(), &request,
       response](const engine::Reader& reader) {
        return ReadWeakArticles(reader, tenant, now, request, response);
      },
      std::move(finish));
}

}  // namespace frontdesk::knowledge
