#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/knowledge/keys.h"

// Loading and putting articles with all their rows.
namespace frontdesk::knowledge {

std::string ArticleName(std::string_view tenant, std::string_view article);
std::string VersionName(std::string_view tenant, std::string_view article, int version);
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

// Gives the article the next place in the order the search index follows.
absl::Status QueueIndexChange(engine::Txn& txn, std::string_view tenant, std::string_view article,
                              records::ArticleRecord& record);
absl::StatusOr<int64_t> PublishedArticles(const engine::Reader& reader, std::string_view tenant);
absl::Status AddPublishedArticles(engine::Txn& txn, std::string_view tenant, int64_t by);

}  // namespace frontdesk::knowledge
