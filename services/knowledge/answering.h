#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// Answers a question from the published passages of a tenant, or says that it does not know. Blocks
// on the index. Requests come checked by the service.
absl::StatusOr<v1::Answer> AnswerFrom(const SearchIndex& index, const std::string& tenant,
                                      const v1::AnswerQuestionRequest& request, int threshold_bps);

// The best articles for some words, one passage each.
absl::StatusOr<v1::SearchArticlesResponse> SearchIn(const SearchIndex& index,
                                                    const std::string& tenant,
                                                    const v1::SearchArticlesRequest& request);

}  // namespace frontdesk::knowledge
