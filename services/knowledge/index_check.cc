#include "services/knowledge/index_check.h"

#include <map>
#include <string>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/store/keys.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxNames = 20;

// Article -> name of the published version.
absl::StatusOr<std::map<std::string, std::string>> PublishedVersions(const engine::Reader& reader,
                                                                     std::string_view tenant) {
  std::map<std::string, std::string> published;
  bool corrupt = false;
  const std::string prefix = kArticlesByState.Key(std::string(tenant), v1::ARTICLE_STATE_PUBLISHED);
  FD_RETURN_IF_ERROR(reader.Scan(prefix, "", [&](std::string_view key, std::string_view) {
    engine::KeyReader last(key.substr(prefix.size() - 1));
    std::string id;
    corrupt = !last.Read(&id);
    published.emplace(std::move(id), "");
    return !corrupt;
  }));
  if (corrupt) return engine::CorruptRow(kArticlesByState.name);
  for (auto& [id, version] : published) {
    FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(reader, tenant, id));
    version = VersionName(tenant, id, record.article().published_version());
  }
  return published;
}

}  // namespace

absl::StatusOr<v1::IndexCheck> CompareIndex(const engine::Store& store, const SearchIndex& index,
                                            std::string_view tenant) {
  v1::IndexCheck check;
  std::map<std::string, std::string> indexed;
  FD_RETURN_IF_ERROR(index.List(tenant, [&](std::string_view article, std::string_view version) {
    indexed.emplace(article, version);
  }));
  std::map<std::string, std::string> published;
  FD_RETURN_IF_ERROR(store.Read(engine::Store::Tier::kMayBlock, true,
                                [&](const engine::Reader& reader) -> absl::Status {
                                  FD_ASSIGN_OR_RETURN(published, PublishedVersions(reader, tenant));
                                  return absl::OkStatus();
                                }));
  check.set_published_articles(static_cast<int64_t>(published.size()));
  check.set_indexed_articles(static_cast<int64_t>(indexed.size()));
  for (const auto& [article, version] : published) {
    const auto found = indexed.find(article);
    if (found != indexed.end() && found->second == version) continue;
    check.set_missing_count(check.missing_count() + 1);
    if (check.missing_size() < kMaxNames) check.add_missing(version);
  }
  for (const auto& [article, version] : indexed) {
    const auto found = published.find(article);
    if (found != published.end() && found->second == version) continue;
    check.set_superfluous_count(check.superfluous_count() + 1);
    if (check.superfluous_size() < kMaxNames) check.add_superfluous(version);
  }
  return check;
}

}  // namespace frontdesk::knowledge
