#include "services/knowledge/store.h"

#include <fmt/core.h>

#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"

namespace frontdesk::knowledge {

std::string ArticleName(std::string_view tenant, std::string_view article) {
  return ResourceName({{"tenants", tenant}, {"articles", article}});
}
std::string VersionName(std::string_view tenant, std::string_view article, int version) {
  return fmt::format("{}/versions/{}", ArticleName(tenant, article), version);
}
std::string GapName(std::string_view tenant, std::string_view gap) {
  return ResourceName({{"tenants", tenant}, {"knowledgeGaps", gap}});
}

absl::StatusOr<records::ArticleRecord> LoadArticle(const engine::Reader& reader,
                                                   std::string_view tenant,
                                                   std::string_view article) {
  return kArticles.Load(reader, kArticles.Key(tenant, article), ArticleName(tenant, article));
}

absl::StatusOr<records::ArticleVersionRecord> LoadVersion(const engine::Reader& reader,
                                                          std::string_view tenant,
                                                          std::string_view article, int version) {
  return kArticleVersions.Load(
      reader, kArticleVersions.Key(tenant, article, static_cast<uint32_t>(version)),
      VersionName(tenant, article, version));
}

absl::StatusOr<v1::Article> LoadFullArticle(const engine::Reader& reader, std::string_view tenant,
                                            std::string_view article) {
  FD_ASSIGN_OR_RETURN(records::ArticleRecord record, LoadArticle(reader, tenant, article));
  FD_ASSIGN_OR_RETURN(records::ArticleVersionRecord version,
                      LoadVersion(reader, tenant, article, record.article().latest_version()));
  v1::Article result = std::move(*record.mutable_article());
  *result.mutable_content() = std::move(*version.mutable_article_version()->mutable_content());
  return result;
}

void PutArticle(engine::Txn& txn, std::string_view tenant, std::string_view article,
                const records::ArticleRecord* before, const records::ArticleRecord& after) {
  if (before != nullptr && before->article().state() != after.article().state()) {
    txn.Delete(kArticlesByState.Key(tenant, before->article().state(), article));
  }
  if (before == nullptr || before->article().state() != after.article().state()) {
    kArticlesByState.Put(txn, kArticlesByState.Key(tenant, after.article().state(), article));
  }
  if (before == nullptr) {
    kArticlesByLocale.Put(txn, kArticlesByLocale.Key(tenant, after.article().locale(), article));
  } else {
    for (const std::string& tag : before->article().content().tags()) {
      txn.Delete(kArticlesByTag.Key(tenant, tag, article));
    }
  }
  for (const std::string& tag : after.article().content().tags()) {
    kArticlesByTag.Put(txn, kArticlesByTag.Key(tenant, tag, article));
  }
  kArticles.Put(txn, kArticles.Key(tenant, article), after);
}

void PutVersion(engine::Txn& txn, std::string_view tenant, std::string_view article,
                const v1::ArticleVersion& version) {
  records::ArticleVersionRecord record;
  *record.mutable_article_version() = version;
  kArticleVersions.Put(
      txn, kArticleVersions.Key(tenant, article, static_cast<uint32_t>(version.version())), record);
}

absl::Status QueueIndexChange(engine::Txn& txn, std::string_view tenant, std::string_view article,
                              records::ArticleRecord& record) {
  FD_ASSIGN_OR_RETURN(auto found, kIndexState.Find(txn, kIndexState.Key()));
  records::IndexStateRecord state = found.value_or(records::IndexStateRecord());
  state.set_last_sequence(state.last_sequence() + 1);
  kIndexState.Put(txn, kIndexState.Key(), state);
  if (record.index_sequence() != 0) {
    txn.Delete(kIndexChanges.Key(record.index_sequence(), tenant, article));
  }
  record.set_index_sequence(state.last_sequence());
  kIndexChanges.Put(txn, kIndexChanges.Key(state.last_sequence(), tenant, article));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> PublishedArticles(const engine::Reader& reader, std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto stats, kTenantStats.Find(reader, kTenantStats.Key(tenant)));
  return stats.has_value() ? stats->published_articles() : 0;
}

absl::Status AddPublishedArticles(engine::Txn& txn, std::string_view tenant, int64_t by) {
  FD_ASSIGN_OR_RETURN(auto found, kTenantStats.Find(txn, kTenantStats.Key(tenant)));
  records::TenantStatsRecord stats = found.value_or(records::TenantStatsRecord());
  stats.set_published_articles(stats.published_articles() + by);
  kTenantStats.Put(txn, kTenantStats.Key(tenant), stats);
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
