// The RPCs of KnowledgeService about what customers ask: gaps and topics.
#include <algorithm>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/finish_macros.h"
#include "libs/rpc/mutation.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/calendar.h"
#include "services/knowledge/gap_handlers.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/request_checks.h"
#include "services/knowledge/store.h"
#include "services/knowledge/topic_store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kDefaultTopics = 20;
constexpr int kMaxTopics = 100;

absl::StatusOr<GapKey> ParseGap(const rpc::Call& call, std::string_view name) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseName(call, name, {"tenants", "knowledgeGaps"}, "name"));
  return GapKey{std::move(ids[0]), std::move(ids[1])};
}

// The days that have a report: they are counted from 1970, and the end of the last one is a moment
// that a Timestamp can say.
absl::Status CheckReported(const google::protobuf::Timestamp& time) {
  constexpr int64_t kDecember31Of9999 = 253'402'214'400;
  if (time.seconds() >= 0 && time.seconds() < kDecember31Of9999 && time.nanos() >= 0 &&
      time.nanos() < 1'000'000'000) {
    return absl::OkStatus();
  }
  return InvalidField("time", "must be from 1970-01-01 to 9999-12-30");
}

absl::Status CheckOwner(const rpc::Call& call, const std::string& owner) {
  if (owner.empty()) return absl::OkStatus();
  return ParseName(call, owner, {"tenants", "agents"}, "owner").status();
}

}  // namespace

template <class Request, class Response, class Verb>
void KnowledgeService::SubmitGapVerb(const rpc::Call& call, const Request& request,
                                     Response* response, Verb verb, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const GapKey key, ParseGap(call, request.name()));
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [verb, key, &request, response](const engine::Context& context, engine::Txn& txn,
                                                   engine::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(verb(request, key, context, txn, response->mutable_knowledge_gap()));
    reply.resource = response->knowledge_gap().name();
    return absl::OkStatus();
  };
  command.rebuild = [key](const engine::Reader& reader, std::string_view,
                          google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(auto record, kGaps.Load(reader, kGaps.Key(key.tenant, key.gap),
                                                GapName(key.tenant, key.gap)));
    *static_cast<Response*>(message)->mutable_knowledge_gap() = std::move(*record.mutable_gap());
    return absl::OkStatus();
  };
  command.done = std::move(finish);
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void KnowledgeService::ListKnowledgeGaps(const rpc::Call& call,
                                         const v1::ListKnowledgeGapsRequest& request,
                                         v1::ListKnowledgeGapsResponse* response,
                                         rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_FINISH_IF_ERROR(CheckFilter(request.locale(), ""));
  FD_FINISH_IF_ERROR(CheckOwner(call, request.owner()));
  if (!v1::KnowledgeGapState_IsValid(request.state())) {
    return finish(InvalidField("state", "is not a state of gaps"));
  }
  FD_ASSIGN_OR_FINISH(const rpc::Page page, rpc::ParsePage(request));
  Read(
      call, true,
      [tenant = call.tenant, &request, page, response](const engine::Reader& reader) {
        return ReadGapPage(reader, tenant, request, page, response);
      },
      std::move(finish));
}

void KnowledgeService::GetKnowledgeGap(const rpc::Call& call,
                                       const v1::GetKnowledgeGapRequest& request,
                                       v1::GetKnowledgeGapResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const GapKey key, ParseGap(call, request.name()));
  Read(
      call, false,
      [key, response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, kGaps.Load(reader, kGaps.Key(key.tenant, key.gap),
                                                    GapName(key.tenant, key.gap)));
        *response->mutable_knowledge_gap() = std::move(*record.mutable_gap());
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::AssignKnowledgeGap(const rpc::Call& call,
                                          const v1::AssignKnowledgeGapRequest& request,
                                          v1::AssignKnowledgeGapResponse* response,
                                          rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckOwner(call, request.owner()));
  SubmitGapVerb(call, request, response, knowledge::AssignKnowledgeGap, std::move(finish));
}

void KnowledgeService::ResolveKnowledgeGap(const rpc::Call& call,
                                           const v1::ResolveKnowledgeGapRequest& request,
                                           v1::ResolveKnowledgeGapResponse* response,
                                           rpc::Finish finish) {
  FD_FINISH_IF_ERROR(ParseArticle(call, request.article(), "article").status());
  FD_FINISH_IF_ERROR(CheckText(request.note(), 0, kMaxGapNoteCharacters, "note"));
  SubmitGapVerb(call, request, response, knowledge::ResolveKnowledgeGap, std::move(finish));
}

void KnowledgeService::DismissKnowledgeGap(const rpc::Call& call,
                                           const v1::DismissKnowledgeGapRequest& request,
                                           v1::DismissKnowledgeGapResponse* response,
                                           rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckText(request.note(), 1, kMaxGapNoteCharacters, "note"));
  SubmitGapVerb(call, request, response, knowledge::DismissKnowledgeGap, std::move(finish));
}

void KnowledgeService::ReopenKnowledgeGap(const rpc::Call& call,
                                          const v1::ReopenKnowledgeGapRequest& request,
                                          v1::ReopenKnowledgeGapResponse* response,
                                          rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckText(request.note(), 0, kMaxGapNoteCharacters, "note"));
  SubmitGapVerb(call, request, response, knowledge::ReopenKnowledgeGap, std::move(finish));
}

void KnowledgeService::ListTopics(const rpc::Call& call, const v1::ListTopicsRequest& request,
                                  v1::ListTopicsResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_FINISH_IF_ERROR(CheckFilter(request.locale(), ""));
  if (request.period() != v1::TOPIC_PERIOD_DAY && request.period() != v1::TOPIC_PERIOD_WEEK) {
    return finish(InvalidField("period", "must be DAY or WEEK"));
  }
  if (request.page_size() < 0) return finish(InvalidField("page_size", "must not be negative"));
  if (request.has_time()) FD_FINISH_IF_ERROR(CheckReported(request.time()));
  const absl::Time time = request.has_time() ? FromTimestamp(request.time()) : in_.clock.Now();
  const int max =
      request.page_size() == 0 ? kDefaultTopics : std::min(request.page_size(), kMaxTopics);
  Read(
      call, true,
      [tenant = call.tenant, day = DayOf(time), max, &request,
       response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            *response->mutable_topic_report(),
            MakeTopicReport(reader, tenant, request.period(), day, max, request.locale()));
        return absl::OkStatus();
      },
      std::move(finish));
}

void BindInsight(rpc::Service& service, KnowledgeService& knowledge) {
  using K = KnowledgeService;
  service
      .Unary(knowledge, &K::CreateLabeledQuestion,
             {.name = "CreateLabeledQuestion", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ListLabeledQuestions,
             {.name = "ListLabeledQuestions", .roles = rpc::kReaders})
      .Unary(knowledge, &K::DeleteLabeledQuestion,
             {.name = "DeleteLabeledQuestion", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::CalibrateAnswers,
             {.name = "CalibrateAnswers", .roles = rpc::kAdmins, .mutation = true})
      .Unary(knowledge, &K::GetAnswerThreshold,
             {.name = "GetAnswerThreshold", .roles = rpc::kReaders})
      .Unary(knowledge, &K::PinAnswerThreshold,
             {.name = "PinAnswerThreshold", .roles = rpc::kAdmins, .mutation = true})
      .Unary(knowledge, &K::UnpinAnswerThreshold,
             {.name = "UnpinAnswerThreshold", .roles = rpc::kAdmins, .mutation = true})
      .Unary(knowledge, &K::GetArticleUsefulness,
             {.name = "GetArticleUsefulness", .roles = rpc::kReaders})
      .Unary(knowledge, &K::ListWeakArticles, {.name = "ListWeakArticles", .roles = rpc::kReaders})
      .Unary(knowledge, &K::GetKnowledgeGap, {.name = "GetKnowledgeGap", .roles = rpc::kReaders})
      .Unary(knowledge, &K::AssignKnowledgeGap,
             {.name = "AssignKnowledgeGap", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ResolveKnowledgeGap,
             {.name = "ResolveKnowledgeGap", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::DismissKnowledgeGap,
             {.name = "DismissKnowledgeGap", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ReopenKnowledgeGap,
             {.name = "ReopenKnowledgeGap", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ListTopics, {.name = "ListTopics", .roles = rpc::kReaders});
}

}  // namespace frontdesk::knowledge
