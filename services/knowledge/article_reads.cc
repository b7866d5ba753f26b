#include "services/knowledge/article_reads.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// Rows looked at for one page of a list with several filters.
constexpr int kMaxLooked = 1000;

// The ids a scan below `prefix` finds after the key `after`: the last field of each key.
struct FoundKey {
  std::string key;
  std::string id;
};

absl::StatusOr<std::vector<FoundKey>> ScanIds(const engine::Reader& reader,
                                              const std::string& prefix, const std::string& after,
                                              size_t max) {
  if (!after.empty() && after.compare(0, prefix.size(), prefix) != 0) {
    return WithField(Error(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                           "the page token is of another list"),
                     "page_token", "is of another list");
  }
  std::vector<FoundKey> found;
  bool corrupt = false;
  const std::string start = after.empty() ? std::string() : after + '\0';
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, [&](std::string_view key, std::string_view) {
    // The prefix byte, then only the last field is left to read.
    engine::KeyReader last(key.substr(prefix.size() - 1));
    FoundKey row{std::string(key), {}};
    corrupt = !last.Read(&row.id);
    found.push_back(std::move(row));
    return !corrupt && found.size() < max;
  }));
  if (corrupt) return engine::CorruptRow("index");
  return found;
}

bool Matches(const v1::Article& article, const v1::ListArticlesRequest& request) {
  if (request.state() != v1::ARTICLE_STATE_UNSPECIFIED && article.state() != request.state()) {
    return false;
  }
  if (!request.locale().empty() && article.locale() != request.locale()) return false;
  const auto& tags = article.content().tags();
  return request.tag().empty() || std::find(tags.begin(), tags.end(), request.tag()) != tags.end();
}

// The narrowest index for the filters; `exact`: nothing is left to filter.
std::string ArticlePrefix(const std::string& tenant, const v1::ListArticlesRequest& request,
                          bool& exact) {
  const bool by_state = request.state() != v1::ARTICLE_STATE_UNSPECIFIED;
  const bool by_locale = !request.locale().empty();
  const bool by_tag = !request.tag().empty();
  exact = by_state + by_locale + by_tag <= 1;
  if (by_tag) return kArticlesByTag.Key(tenant, request.tag());
  if (by_state) return kArticlesByState.Key(tenant, request.state());
  if (by_locale) return kArticlesByLocale.Key(tenant, request.locale());
  return kArticles.Key(tenant);
}

}  // namespace

absl::Status ReadArticlePage(const engine::Reader& reader, const std::string& tenant,
                             const v1::ListArticlesRequest& request, const rpc::Page& page,
                             v1::ListArticlesResponse* response) {
  response->Clear();
  bool exact = true;
  const std::string prefix = ArticlePrefix(tenant, request, exact);
  const size_t want = exact ? page.size + 1 : kMaxLooked + 1;
  FD_ASSIGN_OR_RETURN(const auto found, ScanIds(reader, prefix, page.after, want));
  size_t bytes = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    // One row more than was asked for shows that there is a next page.
    if (response->articles_size() >= page.size || i + 1 == want || bytes > rpc::kMaxPageBytes) {
      response->set_next_page_token(rpc::MakePageToken(found[i - 1].key, page.filter_hash));
      return absl::OkStatus();
    }
    FD_ASSIGN_OR_RETURN(auto record, LoadArticle(reader, tenant, found[i].id));
    if (!Matches(record.article(), request)) continue;
    bytes += record.article().ByteSizeLong();
    *response->add_articles() = std::move(*record.mutable_article());
  }
  return absl::OkStatus();
}

absl::Status ReadVersionPage(const engine::Reader& reader, const std::string& tenant,
                             const std::string& article, const rpc::Page& page,
                             v1::ListArticleVersionsResponse* response) {
  response->Clear();
  FD_RETURN_IF_ERROR(LoadArticle(reader, tenant, article).status());
  return rpc::ScanPage(
      reader, kArticleVersions.Key(tenant, article), page,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(auto record, kArticleVersions.Parse(value));
        *response->add_article_versions() = std::move(*record.mutable_article_version());
        return true;
      },
      response->mutable_next_page_token());
}

}  // namespace frontdesk::knowledge
