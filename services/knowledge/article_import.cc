#include "services/knowledge/article_import.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/keys.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

namespace fs = std::filesystem;

absl::Status BadDirectory(const std::string& directory, const std::string& what) {
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            fmt::format("articles_dir {}: {}", directory, what)),
                      "key", "articles_dir");
}

absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator it(directory, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".md" && it->is_regular_file(error)) {
      paths.push_back(it->path().string());
    }
    if (paths.size() > kMaxArticleFiles) {
      return BadDirectory(directory, fmt::format("more than {} files", kMaxArticleFiles));
    }
  }
  if (error) return BadDirectory(directory, error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxArticleFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) return BadDirectory(path, "cannot be read");
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxArticleFileBytes) {
    return BadDirectory(path, fmt::format("has more than {} bytes", kMaxArticleFileBytes));
  }
  return text;
}

// Waits for all commands of one import.
struct Import {
  std::mutex mu;
  size_t left = 0;      // guarded by mu
  absl::Status status;  // guarded by mu; the first error
  absl::AnyInvocable<void(absl::Status)> done;

  void Ended(absl::Status one) {
    {
      std::lock_guard lock(mu);
      if (status.ok()) status = std::move(one);
      if (--left > 0) return;
    }
    done(status);
  }
};

}  // namespace

absl::StatusOr<std::vector<ArticleFile>> ReadArticleFiles(const std::string& directory) {
  FD_ASSIGN_OR_RETURN(const std::vector<std::string> paths, ListFiles(directory));
  std::vector<ArticleFile> files;
  std::map<std::string, std::string> path_of;
  for (const std::string& path : paths) {
    FD_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
    FD_ASSIGN_OR_RETURN(ArticleFile file, ParseArticleFile(text, path));
    const auto [other, is_new] = path_of.emplace(file.id, path);
    if (!is_new) {
      return BadDirectory(path, fmt::format("has the id of {}: {}", other->second, file.id));
    }
    files.push_back(std::move(file));
  }
  return files;
}

void ImportArticles(bus::Shard& shard, const std::string& tenant, std::vector<ArticleFile> files,
                    absl::AnyInvocable<void(absl::Status)> done) {
  if (files.empty()) return done(absl::OkStatus());
  // Commands run in their order, and what is translated must be there.
  std::ranges::stable_partition(files,
                                [](const auto& file) { return file.translation_of.empty(); });
  auto import = std::make_shared<Import>();
  import->left = files.size();
  import->done = std::move(done);
  for (ArticleFile& file : files) {
    for (v1::ArticleLink& link : *file.content.mutable_links()) {
      if (IsId(link.article())) link.set_article(ArticleName(tenant, link.article()));
    }
    engine::Command command;
    command.method = "ImportArticle";
    command.tenant = tenant;
    command.actor = "system";
    command.cause = fmt::format("import {}", file.id);
    command.bytes = file.content.ByteSizeLong();
    command.handle = [file = std::move(file)](const engine::Context& context, engine::Txn& txn,
                                              engine::Reply&) {
      return ImportArticle(file, context, txn);
    };
    command.done = [import](absl::Status status) { import->Ended(std::move(status)); };
    shard.Submit(std::move(command));
  }
}

}  // namespace frontdesk::knowledge
