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
// is published for `audience`; else the source, or `article` itself when only that is published for
// them. `fallback`: it is in another language.
absl::StatusOr<std::string> ResolveLocale(const ::frontdesk::store::Reader& reader,
                                          const std::string& tenant, const std::string& article,
                                          const std::string& locale, v1::Audience audience,
                                          bool* fallback);

// What everybody may read in place of `article` in `locale` (empty = itself), with what is published of
// it but the body. NOT_FOUND also when `article` itself is not for everybody.
absl::Status ReadPublicArticle(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                               const std::string& article, const std::string& locale,
                               v1::GetArticleResponse* response);

}  // namespace frontdesk::knowledge
