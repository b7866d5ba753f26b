#include "services/knowledge/knowledge_service.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "libs/telemetry/log.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/article_reads.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/request_checks.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {

void KnowledgeService::Read(const rpc::Call& call, bool snapshot, engine::ReadPool::ReadFn read,
                            rpc::Finish finish) {
  in_.read_pool.Read(in_.shards.For(call.tenant).store(), snapshot, std::move(read),
                     std::move(finish));
}

Indexer& KnowledgeService::IndexerOf(std::string_view tenant) {
  return *in_.indexers[in_.shards.For(tenant).number()];
}

void KnowledgeService::NoteGiven(const rpc::Call& call, GivenAnswer given) {
  engine::Command command;
  command.method = "NoteAnswer";
  command.tenant = call.tenant;
  command.actor = rpc::ActorName(call);
  command.cause = fmt::format("answer/{}", given.answer_id);
  command.correlation = given.conversation;
  command.traceparent = call.traceparent;
  command.handle = [given = std::move(given)](const engine::Context& context, engine::Txn& txn,
                                              engine::Reply&) mutable {
    given.time = context.now;
    return NoteAnswer(given, context, txn);
  };
  command.done = [](absl::Status noted) {
    if (noted.ok()) return;
    telemetry::Log(telemetry::Level::kWarn, "knowledge.answer_not_noted", {{"error", noted}});
  };
  in_.shards.For(call.tenant).Submit(std::move(command));
}

absl::StatusOr<v1::IndexStatus> KnowledgeService::Status(const SearchIndex& index,
                                                         const rpc::Call& call) {
  v1::IndexStatus status;
  FD_ASSIGN_OR_RETURN(const IndexCounts counts, index.Count(call.tenant));
  FD_ASSIGN_OR_RETURN(const IndexPosition position, index.Position());
  status.set_indexed_articles(counts.articles);
  status.set_indexed_passages(counts.passages);
  if (position.rebuild_time_us() != 0) {
    *status.mutable_rebuild_time() = ToTimestamp(absl::FromUnixMicros(position.rebuild_time_us()));
  }
  FD_RETURN_IF_ERROR(
      in_.shards.For(call.tenant).store().Read([&](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(const int64_t published, PublishedArticles(reader, call.tenant));
        FD_ASSIGN_OR_RETURN(const auto state, kIndexState.Find(reader, kIndexState.Key()));
        status.set_published_articles(published);
        status.set_rebuilding(state.has_value() &&
                              state->rebuild_number() > position.rebuild_number());
        return absl::OkStatus();
      }));
  if (IndexerOf(call.tenant).building()) status.set_rebuilding(true);
  return status;
}

void KnowledgeService::RebuildIndex(const rpc::Call& call, const v1::RebuildIndexRequest& request,
                                    v1::RebuildIndexResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckParent(call, request.parent()); !status.ok()) {
    return finish(status);
  }
  // What the index holds is read before the command: handlers see the store alone.
  auto status = std::make_shared<v1::IndexStatus>();
  auto submit = [this, call, &request, response, status,
                 finish = std::move(finish)](absl::Status read) mutable {
    if (!read.ok() && !absl::IsUnavailable(read)) return finish(std::move(read));
    rpc::Submit(
        in_.shards.For(call.tenant).committer(), call, request, response,
        [response, status](const engine::Context&, engine::Txn& txn, engine::Reply&) {
          *response->mutable_index_status() = *status;
          response->mutable_index_status()->set_rebuilding(true);
          return RequestRebuild(txn);
        },
        [this, tenant = call.tenant, finish = std::move(finish)](absl::Status done) mutable {
          if (done.ok()) WakeIndexer(tenant);
          finish(std::move(done));
        });
  };
  Search(
      call,
      [this, call, status](const SearchIndex& index) -> absl::Status {
        FD_ASSIGN_OR_RETURN(*status, Status(index, call));
        return absl::OkStatus();
      },
      std::move(submit));
}

void KnowledgeService::GetIndexStatus(const rpc::Call& call,
                                      const v1::GetIndexStatusRequest& request,
                                      v1::GetIndexStatusResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckParent(call, request.parent()); !status.ok()) {
    return finish(status);
  }
  Search(
      call,
      [this, &call, response](const SearchIndex& index) -> absl::Status {
        FD_ASSIGN_OR_RETURN(*response->mutable_index_status(), Status(index, call));
        return absl::OkStatus();
      },
      std::move(finish));
}

rpc::Service MakeKnowledgeRpc(rpc::Host& host, KnowledgeService& knowledge) {
  using K = KnowledgeService;
  rpc::Service service(host, "frontdesk.knowledge.v1.KnowledgeService");
  BindArticles(service, knowledge);
  BindProposals(service, knowledge);
  BindInsight(service, knowledge);
  BindRecommendations(service, knowledge);
  service.Unary(knowledge, &K::SearchArticles, {.name = "SearchArticles", .roles = rpc::kReaders})
      .Unary(knowledge, &K::AnswerQuestion, {.name = "AnswerQuestion", .roles = rpc::kReaders})
      .Unary(knowledge, &K::RateAnswer,
             {.name = "RateAnswer", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ListKnowledgeGaps,
             {.name = "ListKnowledgeGaps", .roles = rpc::kReaders})
      .Unary(knowledge, &K::RebuildIndex,
             {.name = "RebuildIndex", .roles = rpc::kAdmins, .mutation = true})
      .Unary(knowledge, &K::GetIndexStatus, {.name = "GetIndexStatus", .roles = rpc::kReaders})
      .Unary(knowledge, &K::SuggestArticles, {.name = "SuggestArticles", .roles = rpc::kReaders})
      .Unary(knowledge, &K::GetSynonyms, {.name = "GetSynonyms", .roles = rpc::kReaders})
      .Unary(knowledge, &K::UpdateSynonyms,
             {.name = "UpdateSynonyms", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::CheckIndex, {.name = "CheckIndex", .roles = rpc::kAdmins})
      .Unary(knowledge, &K::ImportArticles,
             {.name = "ImportArticles", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ExportArticles, {.name = "ExportArticles", .roles = rpc::kAgents});
  return service;
}

}  // namespace frontdesk::knowledge
