#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/article_reads.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/graph.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/node_handlers.h"
#include "services/knowledge/related_reads.h"
#include "services/knowledge/request_checks.h"
#include "services/knowledge/review_handlers.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// A person decides about a version, and nothing that acts for one.
constexpr rpc::Roles kPeople(rpc::Role::kAdmin, rpc::Role::kAgent);

absl::Status CheckNote(std::string_view note) {
  return CheckLines(note, kMaxNoteCharacters, "note");
}

absl::Status CheckCreate(const rpc::Call& call, const v1::CreateArticleRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  if (!request.article_id().empty()) {
    FD_RETURN_IF_ERROR(ValidateId(request.article_id(), "article_id"));
  }
  FD_RETURN_IF_ERROR(ValidateLocale(request.article().locale(), "article.locale"));
  FD_RETURN_IF_ERROR(CheckNote(request.note()));
  return ValidateContent(request.article().content(), "article.content");
}

absl::Status CheckList(const rpc::Call& call, const v1::ListArticlesRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  FD_RETURN_IF_ERROR(CheckFilter(request.locale(), request.tag()));
  if (!v1::ArticleState_IsValid(request.state())) {
    return InvalidField("state", "is not a state of articles");
  }
  if (!v1::VersionState_IsValid(request.staged_state())) {
    return InvalidField("staged_state", "is not a state of versions");
  }
  const std::pair<const char*, const std::string&> kNodes[] = {
      {"product", request.product()},
      {"product_module", request.product_module()},
      {"error_type", request.error_type()},
      {"solution_kind", request.solution_kind()}};
  for (const auto& [field, id] : kNodes) {
    if (!id.empty()) FD_RETURN_IF_ERROR(ValidateId(id, field));
  }
  if (!request.owner().empty()) {
    FD_RETURN_IF_ERROR(CheckPrincipal(request.owner(), call.tenant, "owner"));
  }
  if (request.translation_of().empty()) return absl::OkStatus();
  return ParseArticle(call, request.translation_of(), "translation_of").status();
}

absl::Status CheckRelated(const rpc::Call& call, const v1::ListRelatedArticlesRequest& request) {
  if (!request.locale().empty()) FD_RETURN_IF_ERROR(ValidateLocale(request.locale(), "locale"));
  if (request.page_size() < 0) return InvalidField("page_size", "must not be negative");
  return CheckAudience(call, request.audience(), "audience");
}

Reviewer ReviewerOf(const rpc::Call& call) {
  return {rpc::ActorName(call),
          call.caller.role == rpc::Role::kAdmin ? common::v1::ROLE_ADMIN : common::v1::ROLE_AGENT};
}

absl::StatusOr<std::string> ParseNode(const rpc::Call& call, std::string_view name,
                                      std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseName(call, name, {"tenants", "knowledgeNodes"}, field));
  return std::move(ids[1]);
}

// Replies that are made again from the store.
template <class Response>
absl::Status RebuildArticle(const engine::Reader& reader, std::string_view resource,
                            Response* response) {
  FD_ASSIGN_OR_RETURN(const auto ids, ParseResourceName(resource, {"tenants", "articles"}, "name"));
  FD_ASSIGN_OR_RETURN(*response->mutable_article(), LoadFullArticle(reader, ids[0], ids[1]));
  return absl::OkStatus();
}

template <class Response>
absl::Status RebuildVersion(const engine::Reader& reader, std::string_view resource,
                            Response* response) {
  FD_ASSIGN_OR_RETURN(const auto ids,
                      ParseResourceName(resource, {"tenants", "articles", "versions"}, "name"));
  FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(reader, ids[0], ids[1]));
  FD_ASSIGN_OR_RETURN(const int number, ParseVersionNumber(ids[2], "name"));
  FD_ASSIGN_OR_RETURN(auto version, LoadVersion(reader, ids[0], ids[1], number));
  *response->mutable_article_version() = std::move(*version.mutable_article_version());
  response->set_etag(record.article().etag());
  return absl::OkStatus();
}

template <class Response>
absl::Status RebuildNode(const engine::Reader& reader, std::string_view resource,
                         Response* response) {
  FD_ASSIGN_OR_RETURN(const auto ids,
                      ParseResourceName(resource, {"tenants", "knowledgeNodes"}, "name"));
  FD_ASSIGN_OR_RETURN(auto record, LoadNode(reader, ids[0], ids[1]));
  *response->mutable_knowledge_node() = std::move(*record.mutable_knowledge_node());
  return absl::OkStatus();
}

template <class Response>
std::string NameOfNode(const Response& response) {
  return response.knowledge_node().name();
}

}  // namespace

template <class Request, class Response>
void KnowledgeService::Submit(const rpc::Call& call, const Request& request, Response* response,
                              Handler<Response> handler, std::string (*name_of)(const Response&),
                              Rebuild<Response> rebuild, rpc::Finish finish) {
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [handler = std::move(handler), name_of, response](
                       const engine::Context& context, engine::Txn& txn,
                       engine::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(handler(context, txn, response));
    reply.resource = name_of(*response);
    return absl::OkStatus();
  };
  command.rebuild = [rebuild = std::move(rebuild)](const engine::Reader& reader,
                                                   std::string_view resource,
                                                   google::protobuf::Message* message) {
    return rebuild(reader, resource, static_cast<Response*>(message));
  };
  command.done = [this, tenant = call.tenant,
                  finish = std::move(finish)](absl::Status status) mutable {
    if (status.ok()) WakeIndexer(tenant);
    finish(std::move(status));
  };
  in_.shards.For(call.tenant).Submit(std::move(command));
}

template <class Request, class Response>
void KnowledgeService::SubmitArticle(const rpc::Call& call, const Request& request,
                                     Response* response, Handler<Response> handler,
                                     rpc::Finish finish) {
  Submit<Request, Response>(
      call, request, response, std::move(handler),
      [](const Response& made) { return made.article().name(); }, RebuildArticle<Response>,
      std::move(finish));
}

template <class Request, class Response>
void KnowledgeService::SubmitVersion(const rpc::Call& call, const Request& request,
                                     Response* response, Handler<Response> handler,
                                     rpc::Finish finish) {
  Submit<Request, Response>(
      call, request, response, std::move(handler),
      [](const Response& made) { return made.article_version().name(); }, RebuildVersion<Response>,
      std::move(finish));
}

template <class Request, class Response, class Verb>
void KnowledgeService::SubmitVerb(const rpc::Call& call, const Request& request, Response* response,
                                  Verb verb, rpc::Finish finish) {
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  SubmitArticle<Request, Response>(
      call, request, response,
      [&request, key = *std::move(key), verb](const engine::Context& context, engine::Txn& txn,
                                              Response* made) {
        return verb(request, key, context, txn, made);
      },
      std::move(finish));
}

void KnowledgeService::CreateArticle(const rpc::Call& call, const v1::CreateArticleRequest& request,
                                     v1::CreateArticleResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckCreate(call, request); !status.ok()) return finish(status);
  SubmitArticle<v1::CreateArticleRequest, v1::CreateArticleResponse>(
      call, request, response,
      [&request](const engine::Context& context, engine::Txn& txn,
                 v1::CreateArticleResponse* made) {
        return knowledge::CreateArticle(request, context, txn, made);
      },
      std::move(finish));
}

void KnowledgeService::GetArticle(const rpc::Call& call, const v1::GetArticleRequest& request,
                                  v1::GetArticleResponse* response, rpc::Finish finish) {
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  if (!request.locale().empty()) {
    absl::Status status = ValidateLocale(request.locale(), "locale");
    if (!status.ok()) return finish(std::move(status));
  }
  Read(
      call, true,
      [key = *std::move(key), &request, response](const engine::Reader& reader) -> absl::Status {
        bool fallback = false;
        FD_ASSIGN_OR_RETURN(const std::string id,
                            ResolveLocale(reader, key.tenant, key.article, request.locale(),
                                          v1::AUDIENCE_AGENTS, &fallback));
        FD_ASSIGN_OR_RETURN(*response->mutable_article(), LoadFullArticle(reader, key.tenant, id));
        response->set_locale_fallback(fallback);
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::ListArticles(const rpc::Call& call, const v1::ListArticlesRequest& request,
                                    v1::ListArticlesResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckList(call, request); !status.ok()) return finish(status);
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  Read(
      call, true,
      [tenant = call.tenant, &request, page = *std::move(page),
       response](const engine::Reader& reader) {
        return ReadArticlePage(reader, tenant, request, page, response);
      },
      std::move(finish));
}

void KnowledgeService::GetPublicArticle(const rpc::Call& call, const v1::GetArticleRequest& request,
                                        v1::GetArticleResponse* response, rpc::Finish finish) {
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  Read(
      call, true,
      [key = *std::move(key), &request, response](const engine::Reader& reader) {
        return ReadPublicArticle(reader, key.tenant, key.article, request.locale(), response);
      },
      std::move(finish));
}

void KnowledgeService::ListPublicArticles(const rpc::Call& call,
                                          const v1::ListArticlesRequest& request,
                                          v1::ListArticlesResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckList(call, request); !status.ok()) return finish(status);
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  Read(
      call, true,
      [tenant = call.tenant, &request, page = *std::move(page),
       response](const engine::Reader& reader) {
        return ReadPublicPage(reader, tenant, request, page, response);
      },
      std::move(finish));
}

void KnowledgeService::UpdateArticle(const rpc::Call& call, const v1::UpdateArticleRequest& request,
                                     v1::UpdateArticleResponse* response, rpc::Finish finish) {
  auto key = ParseArticle(call, request.article().name(), "article.name");
  if (!key.ok()) return finish(key.status());
  if (absl::Status status = CheckNote(request.note()); !status.ok()) return finish(status);
  SubmitArticle<v1::UpdateArticleRequest, v1::UpdateArticleResponse>(
      call, request, response,
      [&request, key = *std::move(key)](const engine::Context& context, engine::Txn& txn,
                                        v1::UpdateArticleResponse* made) {
        return knowledge::UpdateArticle(request, key, context, txn, made);
      },
      std::move(finish));
}

void KnowledgeService::PublishArticle(const rpc::Call& call,
                                      const v1::PublishArticleRequest& request,
                                      v1::PublishArticleResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, response, knowledge::PublishArticle, std::move(finish));
}

void KnowledgeService::CancelScheduledPublication(
    const rpc::Call& call, const v1::CancelScheduledPublicationRequest& request,
    v1::CancelScheduledPublicationResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, response, knowledge::CancelScheduledPublication, std::move(finish));
}

void KnowledgeService::RollBackArticle(const rpc::Call& call,
                                       const v1::RollBackArticleRequest& request,
                                       v1::RollBackArticleResponse* response, rpc::Finish finish) {
  if (request.version() < 1) {
    return finish(InvalidField("version", "must be the number of an earlier version, from 1"));
  }
  SubmitVerb(call, request, response, knowledge::RollBackArticle, std::move(finish));
}

void KnowledgeService::ArchiveArticle(const rpc::Call& call,
                                      const v1::ArchiveArticleRequest& request,
                                      v1::ArchiveArticleResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, response, knowledge::ArchiveArticle, std::move(finish));
}

void KnowledgeService::RestoreArticle(const rpc::Call& call,
                                      const v1::RestoreArticleRequest& request,
                                      v1::RestoreArticleResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, response, knowledge::RestoreArticle, std::move(finish));
}

void KnowledgeService::VerifyArticle(const rpc::Call& call, const v1::VerifyArticleRequest& request,
                                     v1::VerifyArticleResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, response, knowledge::VerifyArticle, std::move(finish));
}

void KnowledgeService::ListArticleVersions(const rpc::Call& call,
                                           const v1::ListArticleVersionsRequest& request,
                                           v1::ListArticleVersionsResponse* response,
                                           rpc::Finish finish) {
  auto key = ParseArticle(call, request.parent(), "parent");
  if (!key.ok()) return finish(key.status());
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  Read(
      call, true,
      [key = *std::move(key), page = *std::move(page), response](const engine::Reader& reader) {
        return ReadVersionPage(reader, key.tenant, key.article, page, response);
      },
      std::move(finish));
}

void KnowledgeService::GetArticleVersion(const rpc::Call& call,
                                         const v1::GetArticleVersionRequest& request,
                                         v1::GetArticleVersionResponse* response,
                                         rpc::Finish finish) {
  auto key = ParseVersion(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  Read(
      call, false,
      [key = *std::move(key), response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            auto record, LoadVersion(reader, key.article.tenant, key.article.article, key.number));
        *response->mutable_article_version() = std::move(*record.mutable_article_version());
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::SubmitArticleVersion(const rpc::Call& call,
                                            const v1::SubmitArticleVersionRequest& request,
                                            v1::SubmitArticleVersionResponse* response,
                                            rpc::Finish finish) {
  auto key = ParseVersion(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  SubmitVersion<v1::SubmitArticleVersionRequest, v1::SubmitArticleVersionResponse>(
      call, request, response,
      [&request, key = *std::move(key)](const engine::Context& context, engine::Txn& txn,
                                        v1::SubmitArticleVersionResponse* made) {
        return knowledge::SubmitArticleVersion(request, key.article, key.number, context, txn,
                                               made);
      },
      std::move(finish));
}

void KnowledgeService::ApproveArticleVersion(const rpc::Call& call,
                                             const v1::ApproveArticleVersionRequest& request,
                                             v1::ApproveArticleVersionResponse* response,
                                             rpc::Finish finish) {
  auto key = ParseVersion(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  if (absl::Status status = CheckNote(request.note()); !status.ok()) return finish(status);
  SubmitVersion<v1::ApproveArticleVersionRequest, v1::ApproveArticleVersionResponse>(
      call, request, response,
      [&request, key = *std::move(key), reviewer = ReviewerOf(call)](
          const engine::Context& context, engine::Txn& txn,
          v1::ApproveArticleVersionResponse* made) {
        return knowledge::ApproveArticleVersion(request, key.article, key.number, reviewer, context,
                                                txn, made);
      },
      std::move(finish));
}

void KnowledgeService::RejectArticleVersion(const rpc::Call& call,
                                            const v1::RejectArticleVersionRequest& request,
                                            v1::RejectArticleVersionResponse* response,
                                            rpc::Finish finish) {
  auto key = ParseVersion(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  absl::Status status = CheckNote(request.note());
  if (status.ok() && IsBlank(request.note())) status = InvalidField("note", "is required");
  if (!status.ok()) return finish(status);
  SubmitVersion<v1::RejectArticleVersionRequest, v1::RejectArticleVersionResponse>(
      call, request, response,
      [&request, key = *std::move(key), reviewer = ReviewerOf(call)](
          const engine::Context& context, engine::Txn& txn,
          v1::RejectArticleVersionResponse* made) {
        return knowledge::RejectArticleVersion(request, key.article, key.number, reviewer, context,
                                               txn, made);
      },
      std::move(finish));
}

void KnowledgeService::DiffArticleVersions(const rpc::Call& call,
                                           const v1::DiffArticleVersionsRequest& request,
                                           v1::DiffArticleVersionsResponse* response,
                                           rpc::Finish finish) {
  constexpr int kMaxContextLines = 20;
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  if (request.context_lines() < 0 || request.context_lines() > kMaxContextLines) {
    return finish(InvalidField("context_lines", "must be 0 to 20"));
  }
  Read(
      call, true,
      [key = *std::move(key), &request, response](const engine::Reader& reader) {
        return ReadDiff(reader, key.tenant, key.article, request, response);
      },
      std::move(finish));
}

void KnowledgeService::ListRelatedArticles(const rpc::Call& call,
                                           const v1::ListRelatedArticlesRequest& request,
                                           v1::ListRelatedArticlesResponse* response,
                                           rpc::Finish finish) {
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  if (absl::Status status = CheckRelated(call, request); !status.ok()) return finish(status);
  Read(
      call, true,
      [key = *std::move(key), &request, response](const engine::Reader& reader) {
        return ReadRelated(reader, key.tenant, key.article, request, response);
      },
      std::move(finish));
}

void KnowledgeService::ListAnswersByArticleVersion(
    const rpc::Call& call, const v1::ListAnswersByArticleVersionRequest& request,
    v1::ListAnswersByArticleVersionResponse* response, rpc::Finish finish) {
  auto key = ParseVersion(call, request.parent(), "parent");
  if (!key.ok()) return finish(key.status());
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  Read(
      call, true,
      [key = *std::move(key), page = *std::move(page), response](const engine::Reader& reader) {
        return ReadAnswerPage(reader, key.article.tenant, key.article.article, key.number, page,
                              response);
      },
      std::move(finish));
}

void KnowledgeService::GetApprovalPolicy(const rpc::Call& call,
                                         const v1::GetApprovalPolicyRequest& request,
                                         v1::GetApprovalPolicyResponse* response,
                                         rpc::Finish finish) {
  absl::Status status = CheckSingleton(call, request.name(), "approvalPolicy", "name");
  if (!status.ok()) return finish(std::move(status));
  Read(
      call, false,
      [tenant = call.tenant, response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadPolicy(reader, tenant));
        *response->mutable_approval_policy() = std::move(*record.mutable_approval_policy());
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::UpdateApprovalPolicy(const rpc::Call& call,
                                            const v1::UpdateApprovalPolicyRequest& request,
                                            v1::UpdateApprovalPolicyResponse* response,
                                            rpc::Finish finish) {
  using Response = v1::UpdateApprovalPolicyResponse;
  absl::Status status = CheckSingleton(call, request.approval_policy().name(), "approvalPolicy",
                                       "approval_policy.name");
  if (!status.ok()) return finish(std::move(status));
  Submit<v1::UpdateApprovalPolicyRequest, Response>(
      call, request, response,
      [&request](const engine::Context& context, engine::Txn& txn, Response* made) {
        return knowledge::UpdateApprovalPolicy(request, context, txn, made);
      },
      [](const Response& made) { return made.approval_policy().name(); },
      [tenant = call.tenant](const engine::Reader& reader, std::string_view,
                             Response* made) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadPolicy(reader, tenant));
        *made->mutable_approval_policy() = std::move(*record.mutable_approval_policy());
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::CreateKnowledgeNode(const rpc::Call& call,
                                           const v1::CreateKnowledgeNodeRequest& request,
                                           v1::CreateKnowledgeNodeResponse* response,
                                           rpc::Finish finish) {
  using Response = v1::CreateKnowledgeNodeResponse;
  absl::Status status = CheckParent(call, request.parent());
  if (status.ok() && !request.knowledge_node_id().empty()) {
    status = ValidateId(request.knowledge_node_id(), "knowledge_node_id");
  }
  if (!status.ok()) return finish(std::move(status));
  Submit<v1::CreateKnowledgeNodeRequest, Response>(
      call, request, response,
      [&request](const engine::Context& context, engine::Txn& txn, Response* made) {
        return knowledge::CreateKnowledgeNode(request, context, txn, made);
      },
      NameOfNode<Response>, RebuildNode<Response>, std::move(finish));
}

void KnowledgeService::GetKnowledgeNode(const rpc::Call& call,
                                        const v1::GetKnowledgeNodeRequest& request,
                                        v1::GetKnowledgeNodeResponse* response,
                                        rpc::Finish finish) {
  auto node = ParseNode(call, request.name(), "name");
  if (!node.ok()) return finish(node.status());
  Read(
      call, false,
      [tenant = call.tenant, node = *std::move(node),
       response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadNode(reader, tenant, node));
        *response->mutable_knowledge_node() = std::move(*record.mutable_knowledge_node());
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::ListKnowledgeNodes(const rpc::Call& call,
                                          const v1::ListKnowledgeNodesRequest& request,
                                          v1::ListKnowledgeNodesResponse* response,
                                          rpc::Finish finish) {
  absl::Status status = CheckParent(call, request.parent());
  if (status.ok() && !v1::KnowledgeNodeKind_IsValid(request.kind())) {
    status = InvalidField("kind", "is not a kind of nodes");
  }
  if (status.ok() && !request.parent_node().empty()) {
    status = ValidateId(request.parent_node(), "parent_node");
  }
  if (!status.ok()) return finish(std::move(status));
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  Read(
      call, true,
      [tenant = call.tenant, &request, page = *std::move(page),
       response](const engine::Reader& reader) {
        return ReadNodePage(reader, tenant, request, page, response);
      },
      std::move(finish));
}

void KnowledgeService::UpdateKnowledgeNode(const rpc::Call& call,
                                           const v1::UpdateKnowledgeNodeRequest& request,
                                           v1::UpdateKnowledgeNodeResponse* response,
                                           rpc::Finish finish) {
  using Response = v1::UpdateKnowledgeNodeResponse;
  auto node = ParseNode(call, request.knowledge_node().name(), "knowledge_node.name");
  if (!node.ok()) return finish(node.status());
  Submit<v1::UpdateKnowledgeNodeRequest, Response>(
      call, request, response,
      [&request, node = *std::move(node)](const engine::Context& context, engine::Txn& txn,
                                          Response* made) {
        return knowledge::UpdateKnowledgeNode(request, node, context, txn, made);
      },
      NameOfNode<Response>, RebuildNode<Response>, std::move(finish));
}

void KnowledgeService::DeleteKnowledgeNode(const rpc::Call& call,
                                           const v1::DeleteKnowledgeNodeRequest& request,
                                           v1::DeleteKnowledgeNodeResponse* response,
                                           rpc::Finish finish) {
  auto node = ParseNode(call, request.name(), "name");
  if (!node.ok()) return finish(node.status());
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [&request, node = *std::move(node)](const engine::Context& context, engine::Txn& txn,
                                          engine::Reply&) {
        return knowledge::DeleteKnowledgeNode(request, node, context, txn);
      },
      std::move(finish));
}

namespace {

using K = KnowledgeService;

void BindVersions(rpc::Service& service, K& knowledge) {
  service
      .Unary(knowledge, &K::ListArticleVersions,
             {.name = "ListArticleVersions", .roles = rpc::kReaders})
      .Unary(knowledge, &K::GetArticleVersion,
             {.name = "GetArticleVersion", .roles = rpc::kReaders})
      .Unary(knowledge, &K::SubmitArticleVersion,
             {.name = "SubmitArticleVersion", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ApproveArticleVersion,
             {.name = "ApproveArticleVersion", .roles = kPeople, .mutation = true})
      .Unary(knowledge, &K::RejectArticleVersion,
             {.name = "RejectArticleVersion", .roles = kPeople, .mutation = true})
      .Unary(knowledge, &K::DiffArticleVersions,
             {.name = "DiffArticleVersions", .roles = rpc::kReaders})
      .Unary(knowledge, &K::ListAnswersByArticleVersion,
             {.name = "ListAnswersByArticleVersion", .roles = rpc::kReaders})
      .Unary(knowledge, &K::GetApprovalPolicy,
             {.name = "GetApprovalPolicy", .roles = rpc::kReaders})
      .Unary(knowledge, &K::UpdateApprovalPolicy,
             {.name = "UpdateApprovalPolicy", .roles = rpc::kAdmins, .mutation = true});
}

void BindNodes(rpc::Service& service, K& knowledge) {
  service
      .Unary(knowledge, &K::CreateKnowledgeNode,
             {.name = "CreateKnowledgeNode", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::GetKnowledgeNode, {.name = "GetKnowledgeNode", .roles = rpc::kReaders})
      .Unary(knowledge, &K::ListKnowledgeNodes,
             {.name = "ListKnowledgeNodes", .roles = rpc::kReaders})
      .Unary(knowledge, &K::UpdateKnowledgeNode,
             {.name = "UpdateKnowledgeNode", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::DeleteKnowledgeNode,
             {.name = "DeleteKnowledgeNode",
              .roles = rpc::kAgents,
              .mutation = true,
              .frees_space = true});
}

}  // namespace

void BindArticles(rpc::Service& service, KnowledgeService& knowledge) {
  service
      .Unary(knowledge, &K::CreateArticle,
             {.name = "CreateArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::GetArticle, {.name = "GetArticle", .roles = rpc::kReaders})
      .Unary(knowledge, &K::ListArticles, {.name = "ListArticles", .roles = rpc::kReaders})
      .Unary(knowledge, &K::UpdateArticle,
             {.name = "UpdateArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::PublishArticle,
             {.name = "PublishArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::CancelScheduledPublication,
             {.name = "CancelScheduledPublication", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::RollBackArticle,
             {.name = "RollBackArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ArchiveArticle,
             {.name = "ArchiveArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::RestoreArticle,
             {.name = "RestoreArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::VerifyArticle,
             {.name = "VerifyArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ListRelatedArticles,
             {.name = "ListRelatedArticles", .roles = rpc::kReaders});
  BindVersions(service, knowledge);
  BindNodes(service, knowledge);
}

}  // namespace frontdesk::knowledge
