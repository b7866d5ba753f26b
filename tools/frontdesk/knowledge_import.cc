#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/base/ulid.h"
#include "libs/text/tables/table.h"
#include "services/knowledge/formats/csv_file.h"
#include "services/knowledge/formats/input.h"
#include "tools/frontdesk/knowledge_commands.h"

namespace frontdesk::command {
namespace {

namespace formats = knowledge::formats;
namespace v1 = knowledge::v1;

constexpr char kImport[] = "/frontdesk.knowledge.v1.KnowledgeService/ImportArticles";
constexpr absl::Duration kCallMax = absl::Seconds(60);
constexpr size_t kBatchRows = 100;
constexpr size_t kBatchBytes = 1 << 20;
constexpr size_t kRefusedShown = 20;

std::string IdOf(const std::string& article) { return article.substr(article.rfind('/') + 1); }

std::vector<std::string> References(const v1::PortableArticle& article) {
  std::vector<std::string> ids;
  if (!article.translation_of().empty()) ids.push_back(IdOf(article.translation_of()));
  for (const v1::ArticleLink& link : article.content().links()) ids.push_back(IdOf(link.article()));
  return ids;
}

// Rows so that what one refers to comes before it, where no circle forbids that; else as they are.
std::vector<size_t> Order(const std::vector<formats::Row>& rows) {
  std::map<std::string, size_t> row_of;
  for (size_t i = 0; i < rows.size(); ++i) row_of.emplace(rows[i].article.article_id(), i);
  std::vector<size_t> order;
  std::vector<bool> seen(rows.size());
  std::vector<std::pair<size_t, bool>> left;  // row, whether what it refers to is in
  for (size_t i = rows.size(); i > 0; --i) left.emplace_back(i - 1, false);
  while (!left.empty()) {
    const auto [row, complete] = left.back();
    left.pop_back();
    if (complete) {
      order.push_back(row);
      continue;
    }
    if (seen[row]) continue;
    seen[row] = true;
    left.emplace_back(row, true);
    for (const std::string& id : References(rows[row].article)) {
      const auto it = row_of.find(id);
      if (it != row_of.end() && !seen[it->second]) left.emplace_back(it->second, false);
    }
  }
  return order;
}

class Import {
 public:
  Import(const std::string& tenant, bool dry_run, formats::Rows& rows, const ImportCall& call,
         const std::function<void(size_t)>& progress)
      : tenant_(tenant), dry_run_(dry_run), rows_(rows), call_(call), progress_(progress) {}

  absl::StatusOr<ImportCounts> Run() {
    for (const formats::Row& row : rows_.rows) own_.insert(row.article.article_id());
    results_.resize(rows_.rows.size());
    order_ = Order(rows_.rows);
    FD_RETURN_IF_ERROR(Send(order_, /*bare=*/false));
    if (const std::vector<size_t> circle = WaitingForOthers(); !circle.empty()) {
      FD_RETURN_IF_ERROR(Send(circle, /*bare=*/true));
      if (!dry_run_) FD_RETURN_IF_ERROR(Complete(circle));
    }
    return Count();
  }

 private:
  // Those refused for want of a row of this same import.
  std::vector<size_t> WaitingForOthers() const {
    std::vector<size_t> waiting;
    for (const size_t i : order_) {
      const v1::ImportResult& result = results_[i];
      if (result.outcome() != v1::IMPORT_OUTCOME_REFUSED) continue;
      const bool reference = result.field().starts_with("content.links") ||
                             result.field().starts_with("translation_of");
      const auto ids = References(rows_.rows[i].article);
      if (reference &&
          std::ranges::any_of(ids, [this](const auto& id) { return own_.contains(id); })) {
        waiting.push_back(i);
      }
    }
    return waiting;
  }

  // In full, after they were made bare: "changed" then still means that they are new.
  absl::Status Complete(const std::vector<size_t>& circle) {
    std::map<size_t, v1::ImportOutcome> made;
    std::vector<size_t> again;
    for (const size_t i : circle) {
      if (results_[i].outcome() == v1::IMPORT_OUTCOME_REFUSED) continue;
      made[i] = results_[i].outcome();
      again.push_back(i);
    }
    FD_RETURN_IF_ERROR(Send(again, /*bare=*/false));
    for (const auto& [i, outcome] : made) {
      const bool refused = results_[i].outcome() == v1::IMPORT_OUTCOME_REFUSED;
      if (!refused && outcome == v1::IMPORT_OUTCOME_CREATED) results_[i].set_outcome(outcome);
    }
    return absl::OkStatus();
  }

  // Without what refers to rows of this import.
  v1::PortableArticle Bare(const v1::PortableArticle& article) const {
    v1::PortableArticle bare = article;
    bare.mutable_content()->clear_links();
    for (const v1::ArticleLink& link : article.content().links()) {
      if (!own_.contains(IdOf(link.article()))) *bare.mutable_content()->add_links() = link;
    }
    // A source is never made later, but in a dry run it is not made at all.
    if (dry_run_ && own_.contains(IdOf(article.translation_of()))) bare.clear_translation_of();
    if (!dry_run_) bare.set_publish(false);
    return bare;
  }

  absl::Status Send(const std::vector<size_t>& order, bool bare) {
    size_t next = 0;
    while (next < order.size()) {
      v1::ImportArticlesRequest request;
      request.set_parent("tenants/" + tenant_);
      request.set_dry_run(dry_run_);
      request.set_request_id(NewUlid(SystemClock().Now(), random_));
      const size_t first = next;
      size_t bytes = 0;
      while (next < order.size() && next - first < kBatchRows && bytes < kBatchBytes) {
        const v1::PortableArticle& article = rows_.rows[order[next++]].article;
        *request.add_articles() = bare ? Bare(article) : article;
        bytes += article.ByteSizeLong();
      }
      FD_ASSIGN_OR_RETURN(const auto response, call_(request));
      if (response.results_size() != static_cast<int>(next - first)) {
        return absl::InternalError("the server answered for another number of rows");
      }
      for (size_t i = first; i < next; ++i) {
        results_[order[i]] = response.results(static_cast<int>(i - first));
      }
      if (progress_) progress_(next);
    }
    return absl::OkStatus();
  }

  ImportCounts Count() {
    ImportCounts counts;
    for (size_t i = 0; i < results_.size(); ++i) {
      const v1::ImportResult& result = results_[i];
      const formats::Row& row = rows_.rows[i];
      if (result.outcome() == v1::IMPORT_OUTCOME_CREATED) {
        ++counts.created;
      } else if (result.outcome() == v1::IMPORT_OUTCOME_CHANGED) {
        ++counts.changed;
      } else if (result.outcome() == v1::IMPORT_OUTCOME_UNCHANGED) {
        ++counts.unchanged;
      } else {
        rows_.refused.push_back({.file = row.file,
                                 .line = row.LineOfField(result.field()),
                                 .why = result.message(),
                                 .article = row.article.article_id(),
                                 .field = result.field()});
      }
    }
    return counts;
  }

  const std::string& tenant_;
  const bool dry_run_;
  formats::Rows& rows_;
  const ImportCall& call_;
  const std::function<void(size_t)>& progress_;
  SystemRandom random_;
  std::set<std::string> own_;
  std::vector<size_t> order_;
  std::vector<v1::ImportResult> results_;
};

absl::StatusOr<formats::Input> InputOf(const Flags& flags) {
  if (flags.operands.empty()) return InvalidField("PATH", "is required");
  formats::Input input{.paths = flags.operands};
  const std::string format = flags.Text("format", "auto");
  if (format != "auto") {
    input.format = formats::FormatOf(format);
    if (!input.format.has_value()) {
      return InvalidField("--format", "must be auto, markdown, csv, html or jsonl");
    }
  }
  input.defaults.locale = flags.Text("locale");
  input.defaults.publish = flags.Has("publish");
  return input;
}

absl::Status ReportRefused(const Flags& flags, std::vector<formats::Refused>& refused) {
  std::ranges::stable_sort(refused, [](const auto& a, const auto& b) {
    return std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
  for (size_t i = 0; i < std::min(refused.size(), kRefusedShown); ++i) {
    const formats::Refused& row = refused[i];
    fmt::print(stderr, "{}:{}: {}{}{}\n", row.file, row.line, row.field,
               row.field.empty() ? "" : " ", row.why);
  }
  if (refused.size() > kRefusedShown) {
    fmt::print(stderr, "… and {} more\n", refused.size() - kRefusedShown);
  }
  const std::string report = flags.Text("report");
  return report.empty() ? absl::OkStatus() : text::WriteWhole(report, RefusedReport(refused));
}

absl::Status RunImport(const Flags& flags, rpc::Client* client) {
  FD_ASSIGN_OR_RETURN(const std::string tenant, flags.Required("tenant"));
  FD_ASSIGN_OR_RETURN(const formats::Input input, InputOf(flags));
  FD_ASSIGN_OR_RETURN(formats::Rows rows, formats::ReadInput(input));
  const bool dry_run = flags.Has("dry_run");
  const size_t all = rows.rows.size();
  const auto counts = ImportRows(
      tenant, dry_run, rows,
      [client](const v1::ImportArticlesRequest& request) {
        rpc::Outgoing outgoing;
        outgoing.cap = kCallMax;
        return client->UnaryBlocking<v1::ImportArticlesResponse>(kImport, outgoing, request);
      },
      [all](size_t done) { fmt::print(stderr, "{} of {} rows\n", done, all); });
  FD_RETURN_IF_ERROR(counts.status());
  FD_RETURN_IF_ERROR(ReportRefused(flags, rows.refused));
  fmt::print("{}created {}, changed {}, unchanged {}, refused {}\n", dry_run ? "dry run: " : "",
             counts->created, counts->changed, counts->unchanged, rows.refused.size());
  if (rows.refused.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{} rows were refused; the others were taken", rows.refused.size()));
}

}  // namespace

absl::StatusOr<ImportCounts> ImportRows(const std::string& tenant, bool dry_run,
                                        formats::Rows& rows, const ImportCall& call,
                                        const std::function<void(size_t done)>& progress) {
  return Import(tenant, dry_run, rows, call, progress).Run();
}

std::string RefusedReport(const std::vector<formats::Refused>& refused) {
  std::string report;
  for (const formats::Refused& row : refused) {
    const nlohmann::ordered_json line = {{"file", row.file},
                                         {"line", row.line},
                                         {"article", row.article},
                                         {"field", row.field},
                                         {"why", row.why}};
    report += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  return report;
}

OperatorCommand KnowledgeImportCommand() {
  std::vector<FlagHelp> flags = {
      {"tenant", "its id"},
      {"format", "auto (by the names' endings), markdown, csv, html or jsonl"},
      {"locale", "en or zh, of rows that have none"},
      {"publish", "publish them all; else those that say so", true},
      {"dry_run", "say what would happen, change nothing", true},
      {"report", "file for the refused rows, as JSON lines: file, line, article, field, why"}};
  // In the help of the format: a line a column.
  for (const formats::CsvColumn& column : formats::CsvColumns()) {
    flags[1].text += fmt::format("\n{:28}CSV column {}: {}", "", column.name, column.help);
  }
  return {"knowledge import",
          "articles out of files, folders, ZIP files; a repeated import changes nothing",
          std::move(flags),
          false,
          RunImport,
          "PATH…"};
}

}  // namespace frontdesk::command
