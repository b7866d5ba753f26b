#pragma once

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/article_edit.h"
#include "services/knowledge/domain/article_file.h"

// Commands on articles: load, rule, put, event. Requests come checked by the service.
namespace frontdesk::knowledge {

// An empty article_id becomes a ULID. ALREADY_EXISTS. `name` of the new article for the reply.
absl::Status CreateArticle(const v1::CreateArticleRequest& request, const engine::Context& context,
                           engine::Txn& txn, v1::CreateArticleResponse* response);
absl::Status UpdateArticle(const v1::UpdateArticleRequest& request, const ArticleKey& key,
                           const engine::Context& context, engine::Txn& txn,
                           v1::UpdateArticleResponse* response);
// At once, or schedules it.
absl::Status PublishArticle(const v1::PublishArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::PublishArticleResponse* response);
absl::Status CancelScheduledPublication(const v1::CancelScheduledPublicationRequest& request,
                                        const ArticleKey& key, const engine::Context& context,
                                        engine::Txn& txn,
                                        v1::CancelScheduledPublicationResponse* response);
absl::Status RollBackArticle(const v1::RollBackArticleRequest& request, const ArticleKey& key,
                             const engine::Context& context, engine::Txn& txn,
                             v1::RollBackArticleResponse* response);
absl::Status ArchiveArticle(const v1::ArchiveArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::ArchiveArticleResponse* response);
absl::Status RestoreArticle(const v1::RestoreArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::RestoreArticleResponse* response);
absl::Status VerifyArticle(const v1::VerifyArticleRequest& request, const ArticleKey& key,
                           const engine::Context& context, engine::Txn& txn,
                           v1::VerifyArticleResponse* response);

// Creates the article of a file, or gives it the file's content, and publishes it; where the policy
// has steps the new version waits in review instead, and one that was refused stays so. A file that
// was imported before changes nothing, whatever has become of the article since.
absl::Status ImportArticle(const ArticleFile& file, const engine::Context& context,
                           engine::Txn& txn);

// Timers. One of an older generation has no effect. What the policy of today does not let through
// waits in review instead of being published.
absl::Status PublishScheduled(const ArticleKey& key, const engine::Context& context,
                              engine::Txn& txn);
absl::Status FlagUnverified(const ArticleKey& key, const engine::Context& context,
                            engine::Txn& txn);

// Asks for a new search index of the shard.
absl::Status RequestRebuild(engine::Txn& txn);

}  // namespace frontdesk::knowledge
