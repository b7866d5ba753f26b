#include "services/knowledge/store.h"

#include <set>
#include <utility>

#include <fmt/core.h>

#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"

namespace frontdesk::knowledge {
namespace {

// The last part of a name that was checked when it was stored.
std::string IdOf(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

void AddContentKeys(std::string_view tenant, std::string_view article,
                    const v1::ArticleContent& content, std::set<std::string>& keys) {
  for (const std::string* node : {&content.product(), &content.product_module(),
                                  &content.error_type(), &content.solution_kind()}) {
    if (!node->empty()) keys.insert(kArticlesByNode.Key(tenant, *node, article));
  }
  for (const v1::ArticleLink& link : content.links()) {
    keys.insert(kArticlesByLink.Key(tenant, IdOf(link.article()), article));
  }
  for (const std::string& tag : content.tags()) {
    keys.insert(kArticlesByTag.Key(tenant, tag, article));
  }
}

// The index rows that a record stands for.
std::set<std::string> IndexKeys(std::string_view tenant, std::string_view id,
                                const records::ArticleRecord& record) {
  const v1::Article& article = record.article();
  std::set<std::string> keys = {kArticlesByState.Key(tenant, article.state(), id),
                                kArticlesByLocale.Key(tenant, article.locale(), id)};
  AddContentKeys(tenant, id, article.content(), keys);
  AddContentKeys(tenant, id, record.live(), keys);
  if (!article.owner().empty()) keys.insert(kArticlesByOwner.Key(tenant, article.owner(), id));
  if (article.verification_overdue()) keys.insert(kArticlesOverdue.Key(tenant, id));
  if (article.translation_stale()) keys.insert(kArticlesStale.Key(tenant, id));
  if (!article.translation_of().empty()) {
    keys.insert(kTranslations.Key(tenant, IdOf(article.translation_of()), article.locale(), id));
  }
  if (article.staged_version() != 0) {
    keys.insert(kArticlesByStagedState.Key(tenant, article.staged_state(), id));
  }
  return keys;
}

std::set<std::string> IndexKeys(std::string_view tenant, std::string_view id,
                                const records::KnowledgeNodeRecord& record) {
  const v1::KnowledgeNode& node = record.knowledge_node();
  std::set<std::string> keys = {kNodesByKind.Key(tenant, node.kind(), id)};
  if (!node.parent_node().empty()) keys.insert(kNodesByParent.Key(tenant, node.parent_node(), id));
  for (const std::string& related : node.related_nodes()) {
    keys.insert(kNodesByRelated.Key(tenant, related, id));
  }
  return keys;
}

void MoveIndexRows(engine::Txn& txn, const std::set<std::string>& before,
                   const std::set<std::string>& after) {
  for (const std::string& key : before) {
    if (!after.contains(key)) txn.Delete(key);
  }
  for (const std::string& key : after) {
    if (!before.contains(key)) txn.Put(key, std::string());
  }
}

}  // namespace

std::string ArticleName(std::string_view tenant, std::string_view article) {
  return ResourceName({{"tenants", tenant}, {"articles", article}});
}
std::string VersionName(std::string_view tenant, std::string_view article, int version) {
  return fmt::format("{}/versions/{}", ArticleName(tenant, article), version);
}
std::string NodeName(std::string_view tenant, std::string_view node) {
  return ResourceName({{"tenants", tenant}, {"knowledgeNodes", node}});
}
std::string PolicyName(std::string_view tenant) {
  return fmt::format("tenants/{}/approvalPolicy", tenant);
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
  std::set<std::string> old_keys;
  if (before != nullptr) old_keys = IndexKeys(tenant, article, *before);
  MoveIndexRows(txn, old_keys, IndexKeys(tenant, article, after));
  kArticles.Put(txn, kArticles.Key(tenant, article), after);
}

void PutVersion(engine::Txn& txn, std::string_view tenant, std::string_view article,
                const v1::ArticleVersion& version) {
  records::ArticleVersionRecord record;
  *record.mutable_article_version() = version;
  kArticleVersions.Put(
      txn, kArticleVersions.Key(tenant, article, static_cast<uint32_t>(version.version())), record);
}

absl::StatusOr<records::KnowledgeNodeRecord> LoadNode(const engine::Reader& reader,
                                                      std::string_view tenant,
                                                      std::string_view node) {
  return kNodes.Load(reader, kNodes.Key(tenant, node), NodeName(tenant, node));
}

void PutNode(engine::Txn& txn, std::string_view tenant, std::string_view node,
             const records::KnowledgeNodeRecord* before,
             const records::KnowledgeNodeRecord& after) {
  std::set<std::string> old_keys;
  if (before != nullptr) old_keys = IndexKeys(tenant, node, *before);
  MoveIndexRows(txn, old_keys, IndexKeys(tenant, node, after));
  kNodes.Put(txn, kNodes.Key(tenant, node), after);
}

void DeleteNode(engine::Txn& txn, std::string_view tenant, std::string_view node,
                const records::KnowledgeNodeRecord& record) {
  MoveIndexRows(txn, IndexKeys(tenant, node, record), {});
  txn.Delete(kNodes.Key(tenant, node));
}

absl::StatusOr<records::ApprovalPolicyRecord> LoadPolicy(const engine::Reader& reader,
                                                         std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto found, kApprovalPolicies.Find(reader, kApprovalPolicies.Key(tenant)));
  records::ApprovalPolicyRecord record = found.value_or(records::ApprovalPolicyRecord());
  record.mutable_approval_policy()->set_name(PolicyName(tenant));
  return record;
}

absl::StatusOr<std::vector<std::string>> ScanIds(const engine::Reader& reader,
                                                 const std::string& prefix, size_t max) {
  std::vector<std::string> ids;
  if (max == 0) return ids;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(reader.Scan(prefix, {}, [&](std::string_view key, std::string_view) {
    std::string id;
    corrupt = !ReadLastField(key, prefix.size(), &id);
    ids.push_back(std::move(id));
    return !corrupt && ids.size() < max;
  }));
  if (corrupt) return engine::CorruptRow("index");
  return ids;
}

bool ReadLastField(std::string_view key, size_t prefix_size, std::string* field) {
  // The prefix byte, then what is left.
  engine::KeyReader rest(key.substr(prefix_size - 1));
  do {
    if (!rest.Read(field)) return false;
  } while (!rest.AtEnd());
  return true;
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
