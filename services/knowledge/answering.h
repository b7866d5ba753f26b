#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "services/knowledge/ranking.h"
#include "services/knowledge/search_index.h"
#include "services/knowledge/synonyms.h"

namespace frontdesk::knowledge {

// What a question is asked with, besides the request. What it points to lives while it is answered.
struct QueryContext {
  std::string tenant;
  const QueryVector* vector = nullptr;     // of the question; null: words alone
  const SynonymTable* synonyms = nullptr;  // null: none
  int threshold_bps = 0;                   // of the tenant; 0: the configured one
};

// The locale that is searched for a request's locale and text.
std::string LocaleOf(const v1::AnswerQuestionRequest& request);
std::string LocaleOf(const v1::SearchArticlesRequest& request);

// Answers a question from the published passages of a tenant, or says that it does not know. Blocks
// on the index. Requests come checked by the service.
absl::StatusOr<v1::Answer> AnswerFrom(const SearchIndex& index, const QueryContext& context,
                                      const v1::AnswerQuestionRequest& request, int threshold_bps);

// The best articles for some words, one passage each.
absl::StatusOr<v1::SearchArticlesResponse> SearchIn(const SearchIndex& index,
                                                    const QueryContext& context,
                                                    const v1::SearchArticlesRequest& request);

// What completes a text that is being typed.
absl::StatusOr<v1::SuggestArticlesResponse> SuggestIn(const SearchIndex& index,
                                                      const std::string& tenant,
                                                      const v1::SuggestArticlesRequest& request);

}  // namespace frontdesk::knowledge
