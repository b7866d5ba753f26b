#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "absl/strings/match.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/text/tables/table.h"
#include "services/knowledge/formats/csv_file.h"
#include "services/knowledge/formats/html_page.h"
#include "services/knowledge/formats/json_lines.h"
#include "services/knowledge/formats/markdown_file.h"
#include "services/knowledge/formats/zip_file.h"
#include "tools/frontdesk/knowledge_commands.h"

namespace frontdesk::command {
namespace {

namespace formats = knowledge::formats;
namespace fs = std::filesystem;
namespace v1 = knowledge::v1;
using formats::Format;

constexpr char kExport[] = "/frontdesk.knowledge.v1.KnowledgeService/ExportArticles";
constexpr absl::Duration kCallMax = absl::Seconds(60);
constexpr int kPageSize = 100;

bool IsTable(Format format) { return format == Format::kCsv || format == Format::kJsonLines; }
bool IsZip(const std::string& path) { return absl::EndsWithIgnoreCase(path, ".zip"); }

// Where the articles go.
class Destination {
 public:
  explicit Destination(const ExportOptions& options) : options_(options) {}

  absl::Status Open() {
    if (options_.format == Format::kCsv) table_ = formats::WriteCsvHeader();
    if (IsTable(options_.format) || IsZip(options_.out)) return absl::OkStatus();
    std::error_code error;
    if (fs::exists(options_.out, error) && !fs::is_empty(options_.out, error)) {
      // Articles that are gone would come back with the next import.
      return InvalidField("--out", "is not an empty folder");
    }
    return absl::OkStatus();
  }

  absl::Status Add(const v1::PortableArticle& article) {
    // They become names of files.
    FD_RETURN_IF_ERROR(ValidateId(article.article_id(), "article_id"));
    FD_RETURN_IF_ERROR(ValidateId(article.locale(), "locale"));
    if (options_.format == Format::kCsv) table_ += formats::WriteCsvRow(article);
    if (options_.format == Format::kJsonLines) table_ += formats::WriteJsonLine(article);
    if (IsTable(options_.format)) return absl::OkStatus();
    const bool html = options_.format == Format::kHtml;
    std::string bytes = html ? formats::WriteHtml(article) : formats::WriteMarkdown(article);
    std::string name =
        fmt::format("{}/{}.{}", article.locale(), article.article_id(), html ? "html" : "md");
    if (IsZip(options_.out)) {
      files_.emplace_back(std::move(name), std::move(bytes));
      return absl::OkStatus();
    }
    const fs::path path = fs::path(options_.out) / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return InvalidField("--out", error.message());
    return text::WriteWhole(path.string(), bytes);
  }

  absl::Status Close() {
    if (IsZip(options_.out) && !IsTable(options_.format)) {
      std::ranges::sort(files_);
      FD_ASSIGN_OR_RETURN(const std::string zip, formats::WriteZip(files_));
      return text::WriteWhole(options_.out, zip);
    }
    if (!IsTable(options_.format)) return absl::OkStatus();
    if (options_.out != "-") return text::WriteWhole(options_.out, table_);
    fmt::print("{}", table_);
    return absl::OkStatus();
  }

 private:
  const ExportOptions& options_;
  std::string table_;
  std::vector<std::pair<std::string, std::string>> files_;
};

absl::Status RunExport(const Flags& flags, rpc::Client* client) {
  ExportOptions options;
  FD_ASSIGN_OR_RETURN(options.tenant, flags.Required("tenant"));
  FD_ASSIGN_OR_RETURN(options.out, flags.Required("out"));
  FD_ASSIGN_OR_RETURN(const std::string name, flags.Required("format"));
  const auto format = formats::FormatOf(name);
  if (!format.has_value()) {
    return InvalidField("--format", "must be markdown, csv, html or jsonl");
  }
  options.format = *format;
  options.locale = flags.Text("locale");
  options.newest = flags.Has("newest");
  FD_ASSIGN_OR_RETURN(const size_t count,
                      ExportTo(
                          options,
                          [client](const v1::ExportArticlesRequest& request) {
                            rpc::Outgoing outgoing;
                            outgoing.cap = kCallMax;
                            return client->UnaryBlocking<v1::ExportArticlesResponse>(
                                kExport, outgoing, request);
                          },
                          [](size_t done) { fmt::print(stderr, "{} articles\n", done); }));
  if (options.out != "-") fmt::print("wrote {} articles to {}\n", count, options.out);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<size_t> ExportTo(const ExportOptions& options, const ExportCall& call,
                                const std::function<void(size_t done)>& progress) {
  Destination destination(options);
  FD_RETURN_IF_ERROR(destination.Open());
  v1::ExportArticlesRequest request;
  request.set_parent("tenants/" + options.tenant);
  request.set_locale(options.locale);
  request.set_newest(options.newest);
  request.set_page_size(kPageSize);
  size_t count = 0;
  while (true) {
    FD_ASSIGN_OR_RETURN(const v1::ExportArticlesResponse page, call(request));
    for (const v1::PortableArticle& article : page.articles()) {
      FD_RETURN_IF_ERROR(destination.Add(article));
      ++count;
    }
    if (progress) progress(count);
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  FD_RETURN_IF_ERROR(destination.Close());
  return count;
}

OperatorCommand KnowledgeExportCommand() {
  return {"knowledge export",
          "articles whole, by id, so that importing them changes nothing",
          {{"tenant", "its id"},
           {"format", "markdown, csv, html or jsonl"},
           {"out",
            "markdown and html: an empty folder or FILE.zip; csv and jsonl: a file, - for stdout"},
           {"locale", "en or zh only"},
           {"newest", "as they were last written, drafts too; else what is published", true}},
          false,
          RunExport};
}

}  // namespace frontdesk::command
