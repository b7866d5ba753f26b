#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/reader.h"

// Pages of articles, versions, nodes and gaps, from their indexes, and what changed between versions.
namespace frontdesk::knowledge {

absl::Status ReadArticlePage(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                             const v1::ListArticlesRequest& request, const rpc::Page& page,
                             v1::ListArticlesResponse* response);
// The same of what everybody may read: filtered by, and shown with, the published content.
absl::Status ReadPublicPage(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                            const v1::ListArticlesRequest& request, const rpc::Page& page,
                            v1::ListArticlesResponse* response);
absl::Status ReadVersionPage(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                             const std::string& article, const rpc::Page& page,
                             v1::ListArticleVersionsResponse* response);
absl::Status ReadNodePage(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                          const v1::ListKnowledgeNodesRequest& request, const rpc::Page& page,
                          v1::ListKnowledgeNodesResponse* response);
absl::Status ReadDiff(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                      const std::string& article, const v1::DiffArticleVersionsRequest& request,
                      v1::DiffArticleVersionsResponse* response);

}  // namespace frontdesk::knowledge
