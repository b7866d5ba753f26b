#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/reader.h"
#include "services/knowledge/domain/recommendation.h"
#include "services/knowledge/search_index.h"
#include "services/knowledge/synonyms.h"

namespace frontdesk::knowledge {

// What is recommended for. What it points to lives while it is answered.
struct RecommendationQuery {
  std::string tenant;
  std::string locale;
  std::vector<ContextText> texts;
  std::vector<std::shared_ptr<QueryVector>> vectors;  // of the texts; null: words alone
  const SynonymTable* synonyms = nullptr;             // null: none
  SearchFilter filter;
  std::vector<std::string> tags;
  std::vector<std::string> cited;  // ids of articles, the newest last
  int limit = kRecommendDefault;
  absl::Time now;
};

// True when a text has words that an article could be found by.
bool SaysSomething(std::string_view text);

// The best articles with the reasons, from index and store. Blocks on both.
absl::StatusOr<v1::RecommendArticlesResponse> RecommendFrom(
    const SearchIndex& index, const ::frontdesk::store::Reader& reader,
    const RecommendationQuery& query);

}  // namespace frontdesk::knowledge
