#pragma once

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/bus/shard.h"
#include "services/knowledge/domain/article_file.h"

namespace frontdesk::knowledge {

inline constexpr size_t kMaxArticleFiles = 2000;
inline constexpr size_t kMaxArticleFileBytes = 256 << 10;

// The *.md files in and below `directory`, by path. INVALID_ARGUMENT (INVALID_CONFIG) for one that
// is not an article, for an id given twice, and without the directory. Blocks: reads them.
absl::StatusOr<std::vector<ArticleFile>> ReadArticleFiles(const std::string& directory);

// Submits one command per file; `done` is told the first error once all have ended. A file that
// was imported before changes nothing.
void ImportArticles(bus::Shard& shard, const std::string& tenant, std::vector<ArticleFile> files,
                    absl::AnyInvocable<void(absl::Status)> done);

}  // namespace frontdesk::knowledge
