#include "services/knowledge/article_reads.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/diff.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// Rows looked at for one page of a list with several filters.
constexpr int kMaxLooked = 1000;
constexpr int kDiffContext = 3;
constexpr size_t kMaxDiffBytes = 256 << 10;

// The ids a scan below `prefix` finds after the key `after`: the last field of each key.
struct FoundKey {
  std::string key;
  std::string id;
};

absl::StatusOr<std::vector<FoundKey>> ScanPageIds(const engine::Reader& reader,
                                                  const std::string& prefix,
                                                  const std::string& after, size_t max) {
  if (!after.empty() && after.compare(0, prefix.size(), prefix) != 0) {
    return WithField(Error(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                           "the page token is of another list"),
                     "page_token", "is of another list");
  }
  std::vector<FoundKey> found;
  bool corrupt = false;
  const std::string start = after.empty() ? std::string() : after + '\0';
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, [&](std::string_view key, std::string_view) {
    FoundKey row{std::string(key), {}};
    corrupt = !ReadLastField(key, prefix.size(), &row.id);
    found.push_back(std::move(row));
    return !corrupt && found.size() < max;
  }));
  if (corrupt) return engine::CorruptRow("index");
  return found;
}

std::string IdOf(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

// A filter of a list: where its rows are, and what an article must be like.
struct Filter {
  std::string prefix;
  bool matches = true;  // the article at hand
};

// The filters that are set, the narrowest first.
std::vector<Filter> FiltersOf(const std::string& tenant, const v1::ListArticlesRequest& request,
                              const v1::Article& article) {
  std::vector<Filter> filters;
  const auto add = [&](bool set, std::string prefix, bool matches) {
    if (set) filters.push_back({std::move(prefix), matches});
  };
  const v1::ArticleContent& content = article.content();
  const auto& tags = content.tags();
  add(!request.translation_of().empty(), kTranslations.Key(tenant, IdOf(request.translation_of())),
      article.translation_of() == request.translation_of());
  add(request.overdue(), kArticlesOverdue.Key(tenant), article.verification_overdue());
  add(request.stale(), kArticlesStale.Key(tenant), article.translation_stale());
  add(request.staged_state() != v1::VERSION_STATE_UNSPECIFIED,
      kArticlesByStagedState.Key(tenant, request.staged_state()),
      article.staged_version() != 0 && article.staged_state() == request.staged_state());
  const std::pair<const std::string&, const std::string&> kNodes[] = {
      {request.error_type(), content.error_type()},
      {request.product_module(), content.product_module()},
      {request.solution_kind(), content.solution_kind()},
      {request.product(), content.product()}};
  for (const auto& [wanted, is] : kNodes) {
    add(!wanted.empty(), kArticlesByNode.Key(tenant, wanted), wanted == is);
  }
  add(!request.tag().empty(), kArticlesByTag.Key(tenant, request.tag()),
      std::find(tags.begin(), tags.end(), request.tag()) != tags.end());
  add(!request.owner().empty(), kArticlesByOwner.Key(tenant, request.owner()),
      article.owner() == request.owner());
  add(request.state() != v1::ARTICLE_STATE_UNSPECIFIED,
      kArticlesByState.Key(tenant, request.state()), article.state() == request.state());
  add(!request.locale().empty(), kArticlesByLocale.Key(tenant, request.locale()),
      article.locale() == request.locale());
  return filters;
}

bool Matches(const std::string& tenant, const v1::ListArticlesRequest& request,
             const v1::Article& article) {
  const std::vector<Filter> filters = FiltersOf(tenant, request, article);
  return std::all_of(filters.begin(), filters.end(), [](const Filter& f) { return f.matches; });
}

// The narrowest index for the filters; `exact`: nothing is left to filter.
std::string ArticlePrefix(const std::string& tenant, const v1::ListArticlesRequest& request,
                          bool& exact) {
  const std::vector<Filter> filters = FiltersOf(tenant, request, v1::Article());
  // Rows by node and tag are of the newest version and of the published one.
  const bool by_content = !request.error_type().empty() || !request.product_module().empty() ||
                          !request.solution_kind().empty() || !request.product().empty() ||
                          !request.tag().empty();
  exact = filters.size() <= 1 && !by_content;
  return filters.empty() ? kArticles.Key(tenant) : filters.front().prefix;
}

// False when it is not for everybody.
bool MakePublic(records::ArticleRecord& record) {
  if (!IsLiveFor(record, v1::AUDIENCE_PUBLIC)) return false;
  *record.mutable_article()->mutable_content() = std::move(*record.mutable_live());
  return true;
}

absl::Status ReadPage(const engine::Reader& reader, const std::string& tenant,
                      const v1::ListArticlesRequest& request, bool only_public,
                      const rpc::Page& page, v1::ListArticlesResponse* response) {
  response->Clear();
  bool exact = true;
  const std::string prefix = ArticlePrefix(tenant, request, exact);
  exact = exact && !only_public;
  const size_t want = exact ? page.size + 1 : kMaxLooked + 1;
  FD_ASSIGN_OR_RETURN(const auto found, ScanPageIds(reader, prefix, page.after, want));
  size_t bytes = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    // One row more than was asked for shows that there is a next page.
    if (response->articles_size() >= page.size || i + 1 == want || bytes > rpc::kMaxPageBytes) {
      response->set_next_page_token(rpc::MakePageToken(found[i - 1].key, page.filter_hash));
      return absl::OkStatus();
    }
    FD_ASSIGN_OR_RETURN(auto record, LoadArticle(reader, tenant, found[i].id));
    if (only_public && !MakePublic(record)) continue;
    if (!Matches(tenant, request, record.article())) continue;
    bytes += record.article().ByteSizeLong();
    *response->add_articles() = std::move(*record.mutable_article());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadArticlePage(const engine::Reader& reader, const std::string& tenant,
                             const v1::ListArticlesRequest& request, const rpc::Page& page,
                             v1::ListArticlesResponse* response) {
  return ReadPage(reader, tenant, request, /*only_public=*/false, page, response);
}

absl::Status ReadPublicPage(const engine::Reader& reader, const std::string& tenant,
                            const v1::ListArticlesRequest& request, const rpc::Page& page,
                            v1::ListArticlesResponse* response) {
  return ReadPage(reader, tenant, request, /*only_public=*/true, page, response);
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

absl::Status ReadNodePage(const engine::Reader& reader, const std::string& tenant,
                          const v1::ListKnowledgeNodesRequest& request, const rpc::Page& page,
                          v1::ListKnowledgeNodesResponse* response) {
  response->Clear();
  const bool by_kind = request.kind() != v1::KNOWLEDGE_NODE_KIND_UNSPECIFIED;
  const bool by_parent = !request.parent_node().empty();
  const std::string prefix = by_parent ? kNodesByParent.Key(tenant, request.parent_node())
                             : by_kind ? kNodesByKind.Key(tenant, request.kind())
                                       : kNodes.Key(tenant);
  const size_t want = by_kind && by_parent ? kMaxLooked + 1 : page.size + 1;
  FD_ASSIGN_OR_RETURN(const auto found, ScanPageIds(reader, prefix, page.after, want));
  for (size_t i = 0; i < found.size(); ++i) {
    if (response->knowledge_nodes_size() >= page.size || i + 1 == want) {
      response->set_next_page_token(rpc::MakePageToken(found[i - 1].key, page.filter_hash));
      break;
    }
    FD_ASSIGN_OR_RETURN(auto record, LoadNode(reader, tenant, found[i].id));
    if (by_kind && record.knowledge_node().kind() != request.kind()) continue;
    *response->add_knowledge_nodes() = std::move(*record.mutable_knowledge_node());
  }
  return absl::OkStatus();
}

absl::Status ReadDiff(const engine::Reader& reader, const std::string& tenant,
                      const std::string& article, const v1::DiffArticleVersionsRequest& request,
                      v1::DiffArticleVersionsResponse* response) {
  response->Clear();
  FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(reader, tenant, article));
  FD_ASSIGN_OR_RETURN(const int newer, VersionNumber(record, request.version()));
  int older = request.base_version();
  if (older == 0) {
    older = record.article().published_version();
    if (older == 0 || older == newer) older = newer - 1;
    if (older == 0) return InvalidField("version", "there is no version before the first");
  }
  if (older < 1 || older > record.article().latest_version()) {
    return InvalidField("base_version",
                        fmt::format("must be 0 or 1 to {}", record.article().latest_version()));
  }
  FD_ASSIGN_OR_RETURN(const auto base, LoadVersion(reader, tenant, article, older));
  FD_ASSIGN_OR_RETURN(const auto changed, LoadVersion(reader, tenant, article, newer));
  const v1::ArticleContent& before = base.article_version().content();
  const v1::ArticleContent& after = changed.article_version().content();
  const int context = request.has_context_lines() ? request.context_lines() : kDiffContext;
  TextDiff diff = DiffLines(RenderContent(before), RenderContent(after), context, kMaxDiffBytes);
  response->set_base_version(older);
  response->set_version(newer);
  response->set_unified_diff(std::move(diff.unified));
  response->set_added_lines(diff.added);
  response->set_removed_lines(diff.removed);
  response->set_truncated(diff.truncated);
  for (std::string& field : ChangedFields(before, after)) {
    *response->add_changed_fields() = std::move(field);
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
