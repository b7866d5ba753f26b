#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "libs/store/store.h"
#include "services/knowledge/keys.h"
#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// Compares what the index holds of a tenant with what the store says is published. `settled` and
// `consistent` are the caller's to set. Blocks: reads a row per published article.
absl::StatusOr<v1::IndexCheck> CompareIndex(const engine::Store& store, const SearchIndex& index,
                                            std::string_view tenant);

}  // namespace frontdesk::knowledge
