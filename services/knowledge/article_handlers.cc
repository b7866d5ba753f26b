#include "services/knowledge/article_handlers.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/events.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// Writes `content` as the newest version of `record`, not yet the record itself.
void WriteVersion(const engine::Context& context, engine::Txn& txn, const std::string& article,
                  const v1::ArticleContent& content, records::ArticleRecord& record) {
  PutVersion(txn, context.tenant, article, AddVersion(record, content, context.actor, context.now));
}

// Publishes a version of `record`: its row, the search index, the event; not yet the record itself.
absl::Status PublishVersion(const engine::Context& context, engine::Txn& txn,
                            const std::string& article, int wanted,
                            records::ArticleRecord& record) {
  const bool was_published = record.article().state() == v1::ARTICLE_STATE_PUBLISHED;
  const int previous = record.article().published_version();
  FD_ASSIGN_OR_RETURN(const bool changed, Publish(record, wanted, context.now));
  if (!changed) return absl::OkStatus();
  const int number = record.article().published_version();
  FD_ASSIGN_OR_RETURN(auto version, LoadVersion(txn, context.tenant, article, number));
  *version.mutable_article_version()->mutable_publish_time() = ToTimestamp(context.now);
  PutVersion(txn, context.tenant, article, version.article_version());
  FD_RETURN_IF_ERROR(QueueIndexChange(txn, context.tenant, article, record));
  if (!was_published) FD_RETURN_IF_ERROR(AddPublishedArticles(txn, context.tenant, 1));
  v1::ArticlePublished fact;
  fact.set_article(record.article().name());
  fact.set_article_version(version.article_version().name());
  fact.set_version(number);
  fact.set_previous_version(previous);
  fact.set_title(version.article_version().content().title());
  fact.set_locale(record.article().locale());
  *fact.mutable_tags() = version.article_version().content().tags();
  AppendArticlePublished(context, txn, article, std::move(fact));
  return absl::OkStatus();
}

}  // namespace

absl::Status CreateArticle(const v1::CreateArticleRequest& request, const engine::Context& context,
                           engine::Txn& txn, v1::CreateArticleResponse* response) {
  const std::string article = request.article_id().empty() ? context.NewId() : request.article_id();
  const std::string name = ArticleName(context.tenant, article);
  FD_ASSIGN_OR_RETURN(auto existing, kArticles.Find(txn, kArticles.Key(context.tenant, article)));
  if (existing.has_value()) {
    return WithResource(WithMetadata(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                           "an article of this id exists"),
                                     "name", name),
                        "article", name);
  }
  records::ArticleRecord record = NewArticle(name, request.article().locale(), context.now);
  WriteVersion(context, txn, article, request.article().content(), record);
  PutArticle(txn, context.tenant, article, nullptr, record);
  *response->mutable_article() = record.article();
  *response->mutable_article()->mutable_content() = request.article().content();
  return absl::OkStatus();
}

absl::Status UpdateArticle(const v1::UpdateArticleRequest& request, const ArticleKey& key,
                           const engine::Context& context, engine::Txn& txn,
                           v1::UpdateArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(const auto before, LoadArticle(txn, key.tenant, key.article));
  FD_RETURN_IF_ERROR(CheckEtag(before, request.article().etag()));
  FD_ASSIGN_OR_RETURN(const auto newest,
                      LoadVersion(txn, key.tenant, key.article, before.article().latest_version()));
  const v1::ArticleContent& old_content = newest.article_version().content();
  FD_ASSIGN_OR_RETURN(const v1::ArticleContent content,
                      MergeContent(old_content, request.article().content(),
                                   request.has_update_mask() ? &request.update_mask() : nullptr));
  FD_RETURN_IF_ERROR(ValidateContent(content, "article.content"));
  records::ArticleRecord after = before;
  if (!SameContent(content, old_content)) {
    WriteVersion(context, txn, key.article, content, after);
    PutArticle(txn, key.tenant, key.article, &before, after);
  }
  *response->mutable_article() = after.article();
  *response->mutable_article()->mutable_content() = content;
  return absl::OkStatus();
}

absl::Status PublishArticle(const v1::PublishArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::PublishArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(const auto before, LoadArticle(txn, key.tenant, key.article));
  FD_RETURN_IF_ERROR(CheckEtag(before, request.etag()));
  records::ArticleRecord after = before;
  FD_RETURN_IF_ERROR(PublishVersion(context, txn, key.article, request.version(), after));
  PutArticle(txn, key.tenant, key.article, &before, after);
  FD_ASSIGN_OR_RETURN(*response->mutable_article(), LoadFullArticle(txn, key.tenant, key.article));
  return absl::OkStatus();
}

absl::Status ArchiveArticle(const v1::ArchiveArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::ArchiveArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(const auto before, LoadArticle(txn, key.tenant, key.article));
  FD_RETURN_IF_ERROR(CheckEtag(before, request.etag()));
  records::ArticleRecord after = before;
  FD_RETURN_IF_ERROR(Archive(after, context.now));
  if (before.article().state() == v1::ARTICLE_STATE_PUBLISHED) {
    FD_RETURN_IF_ERROR(QueueIndexChange(txn, key.tenant, key.article, after));
    FD_RETURN_IF_ERROR(AddPublishedArticles(txn, key.tenant, -1));
  }
  PutArticle(txn, key.tenant, key.article, &before, after);
  FD_ASSIGN_OR_RETURN(*response->mutable_article(), LoadFullArticle(txn, key.tenant, key.article));
  return absl::OkStatus();
}

absl::Status ImportArticle(const ArticleFile& file, const engine::Context& context,
                           engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto before,
                      kArticles.Find(txn, kArticles.Key(context.tenant, file.id)));
  if (before.has_value() && before->imported_hash() == file.hash) return absl::OkStatus();
  if (before.has_value() && before->article().locale() != file.locale) {
    return InvalidField("locale", "of article file " + file.id + " must not change");
  }
  records::ArticleRecord after =
      before.has_value()
          ? *before
          : NewArticle(ArticleName(context.tenant, file.id), file.locale, context.now);
  bool same = false;
  if (before.has_value()) {
    FD_ASSIGN_OR_RETURN(const auto newest, LoadVersion(txn, context.tenant, file.id,
                                                       before->article().latest_version()));
    same = SameContent(newest.article_version().content(), file.content);
  }
  if (!same) WriteVersion(context, txn, file.id, file.content, after);
  FD_RETURN_IF_ERROR(PublishVersion(context, txn, file.id, 0, after));
  after.set_imported_hash(file.hash);
  PutArticle(txn, context.tenant, file.id, before.has_value() ? &*before : nullptr, after);
  return absl::OkStatus();
}

absl::Status RequestRebuild(engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto found, kIndexState.Find(txn, kIndexState.Key()));
  records::IndexStateRecord state = found.value_or(records::IndexStateRecord());
  state.set_rebuild_number(state.rebuild_number() + 1);
  kIndexState.Put(txn, kIndexState.Key(), state);
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
