#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/reader.h"

namespace frontdesk::knowledge {

// The published articles that have to do with one, best first: links, then over the graph. Each
// article once, in the wanted language where there is a translation. NOT_FOUND.
absl::Status ReadRelated(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                         const std::string& article, const v1::ListRelatedArticlesRequest& request,
                         v1::ListRelatedArticlesResponse* response);

// The article that stands for `article` in `locale`: itself, its source, or a translation, when that
// is published; else the source. `fallback`: it is in another language.
absl::StatusOr<std::string> ResolveLocale(const ::frontdesk::store::Reader& reader,
                                          const std::string& tenant, const std::string& article,
                                          const std::string& locale, bool* fallback);

}  // namespace frontdesk::knowledge
