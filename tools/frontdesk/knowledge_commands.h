#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "services/knowledge/formats/rows.h"
#include "tools/frontdesk/commands.h"

namespace frontdesk::command {

// `frontdesk knowledge …`
std::vector<OperatorCommand> KnowledgeCommands();
OperatorCommand KnowledgeImportCommand();
OperatorCommand KnowledgeExportCommand();
OperatorCommand KnowledgeCheckCommand();
OperatorCommand KnowledgeRebuildCommand();

// What `knowledge check` prints.
std::string IndexReport(const knowledge::v1::IndexCheck& check);

// The calls they make; tests give their own.
using ImportCall = std::function<absl::StatusOr<knowledge::v1::ImportArticlesResponse>(
    const knowledge::v1::ImportArticlesRequest&)>;
using ExportCall = std::function<absl::StatusOr<knowledge::v1::ExportArticlesResponse>(
    const knowledge::v1::ExportArticlesRequest&)>;

struct ImportCounts {
  int created = 0;
  int changed = 0;
  int unchanged = 0;
};

// Sends the rows in batches, sources before their translations and targets before links to them,
// and moves those that the server refused to `rows.refused`. Rows that link to each other in a
// circle are made without these links first. An error = the server could not be asked; what was
// taken till then stays, and a repeated import does not change it again. `dry_run` changes nothing:
// what a row of the same import would have made counts as there.
absl::StatusOr<ImportCounts> ImportRows(const std::string& tenant, bool dry_run,
                                        knowledge::formats::Rows& rows, const ImportCall& call,
                                        const std::function<void(size_t done)>& progress);

// All rows as JSON lines: file, line, article, field, why.
std::string RefusedReport(const std::vector<knowledge::formats::Refused>& refused);

struct ExportOptions {
  knowledge::formats::Format format = knowledge::formats::Format::kMarkdown;
  std::string tenant;
  std::string locale{};
  bool newest = false;
  std::string out;  // folder or FILE.zip for Markdown and HTML, file or "-" for tables
};

// Writes every page as it comes; gives how many articles. A folder must be empty or not there.
absl::StatusOr<size_t> ExportTo(const ExportOptions& options, const ExportCall& call,
                                const std::function<void(size_t done)>& progress);

}  // namespace frontdesk::command
