#pragma once

#include <memory>
#include <string>

#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// A search index in a Xapian database at `directory`, made when it is not there. One writer, a
// reader for each search that runs at the same time. Terms carry tenant and locale, so counts and
// weights (BM25) are those of one tenant's language. The only place that knows Xapian, whose
// exceptions become statuses here.
absl::StatusOr<std::unique_ptr<SearchIndex>> OpenXapianIndex(const std::string& directory);

// Xapian databases in numbered folders of `directory`; the file CURRENT there names the promoted one.
std::unique_ptr<IndexHome> MakeXapianHome(std::string directory);

}  // namespace frontdesk::knowledge
