#include "services/knowledge/knowledge_service.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/base/utf8.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/article_reads.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

absl::Status CheckText(std::string_view text, int min, int max, std::string_view field) {
  if (!IsValidUtf8(text)) return InvalidField(field, "must be valid UTF-8");
  const int count = Characters(text);
  if (count < min) return InvalidField(field, "is required");
  if (count > max) return InvalidField(field, fmt::format("must have at most {} characters", max));
  return absl::OkStatus();
}

// An empty filter, or one that a stored tag or locale could have.
absl::Status CheckFilter(std::string_view locale, std::string_view tag) {
  if (!locale.empty()) FD_RETURN_IF_ERROR(ValidateLocale(locale, "locale"));
  return CheckText(tag, 0, kMaxTagCharacters, "tag");
}

// The ids in `name`, and that the tenant is the call's: the simulation calls without rpc's check.
absl::StatusOr<std::vector<std::string>> ParseName(
    const rpc::Call& call, std::string_view name,
    std::initializer_list<std::string_view> collections, std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, collections, field));
  if (ids[0] != call.tenant) {
    return WithMetadata(Error(absl::StatusCode::kPermissionDenied, "WRONG_TENANT",
                              "the name lies in another tenant than the credential"),
                        "tenant", call.tenant);
  }
  return ids;
}

absl::StatusOr<ArticleKey> ParseArticle(const rpc::Call& call, std::string_view name,
                                        std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseName(call, name, {"tenants", "articles"}, field));
  return ArticleKey{std::move(ids[0]), std::move(ids[1])};
}

absl::Status CheckParent(const rpc::Call& call, std::string_view parent) {
  return ParseName(call, parent, {"tenants"}, "parent").status();
}

absl::StatusOr<int> ParseVersion(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    return InvalidField("name", "must end with the number of a version, from 1");
  }
  return number;
}

absl::Status CheckCreate(const rpc::Call& call, const v1::CreateArticleRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  if (!request.article_id().empty()) {
    FD_RETURN_IF_ERROR(ValidateId(request.article_id(), "article_id"));
  }
  FD_RETURN_IF_ERROR(ValidateLocale(request.article().locale(), "article.locale"));
  return ValidateContent(request.article().content(), "article.content");
}

absl::Status RebuildArticleReply(const engine::Reader& reader, std::string_view resource,
                                 v1::Article* article) {
  FD_ASSIGN_OR_RETURN(const auto ids, ParseResourceName(resource, {"tenants", "articles"}, "name"));
  FD_ASSIGN_OR_RETURN(*article, LoadFullArticle(reader, ids[0], ids[1]));
  return absl::OkStatus();
}

}  // namespace

template <class Request, class Response>
void KnowledgeService::SubmitArticle(const rpc::Call& call, const Request& request,
                                     Response* response, ArticleHandler handler,
                                     rpc::Finish finish) {
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [handler = std::move(handler), response](const engine::Context& context,
                                                            engine::Txn& txn,
                                                            engine::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(handler(context, txn));
    reply.resource = response->article().name();
    return absl::OkStatus();
  };
  command.rebuild = [](const engine::Reader& reader, std::string_view resource,
                       google::protobuf::Message* message) {
    return RebuildArticleReply(reader, resource,
                               static_cast<Response*>(message)->mutable_article());
  };
  command.done = [this, tenant = call.tenant,
                  finish = std::move(finish)](absl::Status status) mutable {
    if (status.ok()) WakeIndexer(tenant);
    finish(std::move(status));
  };
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void KnowledgeService::Read(const rpc::Call& call, bool snapshot, engine::ReadPool::ReadFn read,
                            rpc::Finish finish) {
  in_.read_pool.Read(in_.shards.For(call.tenant).store(), snapshot, std::move(read),
                     std::move(finish));
}

Indexer& KnowledgeService::IndexerOf(std::string_view tenant) {
  return *in_.indexers[in_.shards.For(tenant).number()];
}

void KnowledgeService::CreateArticle(const rpc::Call& call, const v1::CreateArticleRequest& request,
                                     v1::CreateArticleResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckCreate(call, request); !status.ok()) return finish(status);
  SubmitArticle(
      call, request, response,
      [&request, response](const engine::Context& context, engine::Txn& txn) {
        return knowledge::CreateArticle(request, context, txn, response);
      },
      std::move(finish));
}

void KnowledgeService::GetArticle(const rpc::Call& call, const v1::GetArticleRequest& request,
                                  v1::GetArticleResponse* response, rpc::Finish finish) {
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  Read(
      call, true,
      [key = *std::move(key), response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(*response->mutable_article(),
                            LoadFullArticle(reader, key.tenant, key.article));
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::ListArticles(const rpc::Call& call, const v1::ListArticlesRequest& request,
                                    v1::ListArticlesResponse* response, rpc::Finish finish) {
  absl::Status status = CheckParent(call, request.parent());
  if (status.ok()) status = CheckFilter(request.locale(), request.tag());
  if (status.ok() && !v1::ArticleState_IsValid(request.state())) {
    status = InvalidField("state", "is not a state of articles");
  }
  if (!status.ok()) return finish(status);
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

void KnowledgeService::UpdateArticle(const rpc::Call& call, const v1::UpdateArticleRequest& request,
                                     v1::UpdateArticleResponse* response, rpc::Finish finish) {
  auto key = ParseArticle(call, request.article().name(), "article.name");
  if (!key.ok()) return finish(key.status());
  SubmitArticle(
      call, request, response,
      [&request, key = *std::move(key), response](const engine::Context& context,
                                                  engine::Txn& txn) {
        return knowledge::UpdateArticle(request, key, context, txn, response);
      },
      std::move(finish));
}

void KnowledgeService::PublishArticle(const rpc::Call& call,
                                      const v1::PublishArticleRequest& request,
                                      v1::PublishArticleResponse* response, rpc::Finish finish) {
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  SubmitArticle(
      call, request, response,
      [&request, key = *std::move(key), response](const engine::Context& context,
                                                  engine::Txn& txn) {
        return knowledge::PublishArticle(request, key, context, txn, response);
      },
      std::move(finish));
}

void KnowledgeService::ArchiveArticle(const rpc::Call& call,
                                      const v1::ArchiveArticleRequest& request,
                                      v1::ArchiveArticleResponse* response, rpc::Finish finish) {
  auto key = ParseArticle(call, request.name(), "name");
  if (!key.ok()) return finish(key.status());
  SubmitArticle(
      call, request, response,
      [&request, key = *std::move(key), response](const engine::Context& context,
                                                  engine::Txn& txn) {
        return knowledge::ArchiveArticle(request, key, context, txn, response);
      },
      std::move(finish));
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
  auto ids = ParseName(call, request.name(), {"tenants", "articles", "versions"}, "name");
  if (!ids.ok()) return finish(ids.status());
  auto number = ParseVersion((*ids)[2]);
  if (!number.ok()) return finish(number.status());
  Read(
      call, false,
      [ids = *std::move(ids), number = *number,
       response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadVersion(reader, ids[0], ids[1], number));
        *response->mutable_article_version() = std::move(*record.mutable_article_version());
        return absl::OkStatus();
      },
      std::move(finish));
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
  service
      .Unary(knowledge, &K::CreateArticle,
             {.name = "CreateArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::GetArticle, {.name = "GetArticle", .roles = rpc::kReaders})
      .Unary(knowledge, &K::ListArticles, {.name = "ListArticles", .roles = rpc::kReaders})
      .Unary(knowledge, &K::UpdateArticle,
             {.name = "UpdateArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::PublishArticle,
             {.name = "PublishArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ArchiveArticle,
             {.name = "ArchiveArticle", .roles = rpc::kAgents, .mutation = true})
      .Unary(knowledge, &K::ListArticleVersions,
             {.name = "ListArticleVersions", .roles = rpc::kReaders})
      .Unary(knowledge, &K::GetArticleVersion,
             {.name = "GetArticleVersion", .roles = rpc::kReaders})
      .Unary(knowledge, &K::SearchArticles, {.name = "SearchArticles", .roles = rpc::kReaders})
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
      .Unary(knowledge, &K::CheckIndex, {.name = "CheckIndex", .roles = rpc::kAdmins});
  BindInsight(service, knowledge);
  return service;
}

}  // namespace frontdesk::knowledge
