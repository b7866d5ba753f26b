#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/reader.h"

// Pages of articles, versions and gaps, from their indexes.
namespace frontdesk::knowledge {

absl::Status ReadArticlePage(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                             const v1::ListArticlesRequest& request, const rpc::Page& page,
                             v1::ListArticlesResponse* response);
absl::Status ReadVersionPage(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                             const std::string& article, const rpc::Page& page,
                             v1::ListArticleVersionsResponse* response);

}  // namespace frontdesk::knowledge
