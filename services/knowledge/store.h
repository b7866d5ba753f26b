#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/knowledge/keys.h"

// Loading and putting articles and nodes with all their rows.
namespace frontdesk::knowledge {

std::string ArticleName(std::string_view tenant, std::string_view article);
std::string VersionName(std::string_view tenant, std::string_view article, int version);
std::string NodeName(std::string_view tenant, std::string_view node);
std::string PolicyName(std::string_view tenant);
std::string GapName(std::string_view tenant, std::string_view gap);

absl::StatusOr<records::ArticleRecord> LoadArticle(const engine::Reader& reader,
                                                   std::string_view tenant,
                                                   std::string_view article);
absl::StatusOr<records::ArticleVersionRecord> LoadVersion(const engine::Reader& reader,
                                                          std::string_view tenant,
                                                          std::string_view article, int version);
// The article as the API shows it: with the newest body.
absl::StatusOr<v1::Article> LoadFullArticle(const engine::Reader& reader, std::string_view tenant,
                                            std::string_view article);

// Puts the record and moves the index rows from `before` (null: a new article) to `after`.
void PutArticle(engine::Txn& txn, std::string_view tenant, std::string_view article,
                const records::ArticleRecord* before, const records::ArticleRecord& after);
void PutVersion(engine::Txn& txn, std::string_view tenant, std::string_view article,
                const v1::ArticleVersion& version);

absl::StatusOr<records::KnowledgeNodeRecord> LoadNode(const engine::Reader& reader,
                                                      std::string_view tenant,
                                                      std::string_view node);
void PutNode(engine::Txn& txn, std::string_view tenant, std::string_view node,
             const records::KnowledgeNodeRecord* before, const records::KnowledgeNodeRecord& after);
void DeleteNode(engine::Txn& txn, std::string_view tenant, std::string_view node,
                const records::KnowledgeNodeRecord& record);
// Without steps when the tenant never had one.
absl::StatusOr<records::ApprovalPolicyRecord> LoadPolicy(const engine::Reader& reader,
                                                         std::string_view tenant);

// The ids that the rows of an index below `prefix` end with, at most `max`, in their order.
absl::StatusOr<std::vector<std::string>> ScanIds(const engine::Reader& reader,
                                                 const std::string& prefix, size_t max);
// The last of the string fields behind the first `prefix_size` bytes; false when they do not fit.
bool ReadLastField(std::string_view key, size_t prefix_size, std::string* field);

// Gives the article the next place in the order the search index follows.
absl::Status QueueIndexChange(engine::Txn& txn, std::string_view tenant, std::string_view article,
                              records::ArticleRecord& record);
absl::StatusOr<int64_t> PublishedArticles(const engine::Reader& reader, std::string_view tenant);
absl::Status AddPublishedArticles(engine::Txn& txn, std::string_view tenant, int64_t by);

}  // namespace frontdesk::knowledge
