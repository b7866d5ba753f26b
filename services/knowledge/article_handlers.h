#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/domain/article_file.h"

// Commands on articles: load, rule, put, event. Requests come checked by the service.
namespace frontdesk::knowledge {

struct ArticleKey {
  std::string tenant;
  std::string article;
};

// An empty article_id becomes a ULID. ALREADY_EXISTS. `name` of the new article for the reply.
absl::Status CreateArticle(const v1::CreateArticleRequest& request,
                           const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn,
                           v1::CreateArticleResponse* response);
absl::Status UpdateArticle(const v1::UpdateArticleRequest& request, const ArticleKey& key,
                           const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn,
                           v1::UpdateArticleResponse* response);
absl::Status PublishArticle(const v1::PublishArticleRequest& request, const ArticleKey& key,
                            const ::frontdesk::store::Context& context,
                            ::frontdesk::store::Txn& txn, v1::PublishArticleResponse* response);
absl::Status ArchiveArticle(const v1::ArchiveArticleRequest& request, const ArticleKey& key,
                            const ::frontdesk::store::Context& context,
                            ::frontdesk::store::Txn& txn, v1::ArchiveArticleResponse* response);

// Creates the article of a file, or gives it the file's content, and publishes it. A file that was
// imported before changes nothing, whatever has become of the article since.
absl::Status ImportArticle(const ArticleFile& file, const ::frontdesk::store::Context& context,
                           ::frontdesk::store::Txn& txn);

// Asks for a new search index of the shard.
absl::Status RequestRebuild(::frontdesk::store::Txn& txn);

}  // namespace frontdesk::knowledge
