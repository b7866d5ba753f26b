#include "tools/frontdesk/text_input.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <fmt/core.h>

#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::command {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void Note(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);  // the second one kills
}

}  // namespace

std::vector<FlagHelp> TextTableFlags() {
  return {{"format", "csv, tsv or jsonl; default: by the file's ending"},
          {"no_header", "the first row is data; columns are numbers from 1", true},
          {"text_column", "name or number; default text, without header 1"}};
}

std::vector<FlagHelp> LabelledTableFlags() {
  return Joined({TextTableFlags(),
                 {{"label_column", "name or number; default label, without header 2"},
                  {"oos_label", "the label that means: none of the others"}}});
}

std::vector<FlagHelp> EncoderFlags() {
  return {{"models", "folder of the encoders, default .cache/models; none: by spelling alone"},
          {"threads", "default: one a core"},
          {"en_model", "folder of another sentence-transformer for English"},
          {"zh_model", "the same for Chinese"},
          {"pooling", "of those two: cls (default) or mean"},
          {"prefix", "of those two: what they want before every text"}};
}

std::vector<FlagHelp> Joined(std::vector<std::vector<FlagHelp>> lists) {
  std::vector<FlagHelp> all;
  for (std::vector<FlagHelp>& list : lists) {
    std::move(list.begin(), list.end(), std::back_inserter(all));
  }
  return all;
}

absl::StatusOr<std::string> OneFile(const Flags& flags) {
  if (flags.operands.size() == 1) return flags.operands.front();
  return InvalidField("FILE", flags.operands.empty() ? "is required; - is standard input"
                                                     : "must be one; quote names with spaces");
}

absl::StatusOr<TableShape> ShapeOf(const Flags& flags, const std::string& path) {
  TableShape shape;
  shape.header = !flags.Has("no_header") || flags.Text("no_header") == "false";
  const std::string format = flags.Text("format");
  const auto known = format.empty() ? text::TableFormatOfPath(path) : text::TableFormatOf(format);
  if (!known.has_value()) {
    return InvalidField("--format", format.empty() ? "is required: the file's name does not tell it"
                                                   : "must be csv, tsv or jsonl");
  }
  shape.format = *known;
  return shape;
}

void TellRefused(const std::string& path, const text::RefusedRows& refused) {
  if (refused.count == 0) return;
  fmt::print(stderr, "{}: {} rows were refused\n", path, refused.count);
  std::vector<text::RefusedRow> rows = refused.first;
  std::ranges::sort(rows, {}, &text::RefusedRow::line);
  for (const text::RefusedRow& row : rows) {
    fmt::print(stderr, "  line {} {}\n", row.line, row.why);
  }
  if (refused.count > rows.size()) {
    fmt::print(stderr, "  … and {} more\n", refused.count - rows.size());
  }
}

absl::StatusOr<text::LabelledTable> ReadLabelledFile(const Flags& flags, const std::string& path) {
  FD_ASSIGN_OR_RETURN(const TableShape shape, ShapeOf(flags, path));
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kTableBytesMax));
  const bool named = shape.header || shape.format == text::TableFormat::kJsonLines;
  FD_ASSIGN_OR_RETURN(
      text::LabelledTable table,
      text::ParseLabelled(bytes, {.format = shape.format,
                                  .header = shape.header,
                                  .text = flags.Text("text_column", named ? "text" : "1"),
                                  .label = flags.Text("label_column", named ? "label" : "2")}));
  TellRefused(path, table.refused);
  table.data.out_of_scope_label = flags.Text("oos_label");
  return table;
}

absl::StatusOr<std::vector<TextLine>> ReadTextsOf(const Flags& flags, const std::string& path) {
  FD_ASSIGN_OR_RETURN(const TableShape shape, ShapeOf(flags, path));
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kTableBytesMax));
  const bool named = shape.header || shape.format == text::TableFormat::kJsonLines;
  FD_ASSIGN_OR_RETURN(
      text::Table table,
      text::ParseTable(bytes, {.format = shape.format,
                               .header = shape.header,
                               .columns = {flags.Text("text_column", named ? "text" : "1")}}));
  TellRefused(path, table.refused);
  std::vector<TextLine> texts;
  for (text::TableRow& row : table.rows) {
    texts.push_back({row.line, std::move(row.fields.front())});
  }
  return texts;
}

absl::StatusOr<std::vector<TextLine>> ReadTexts(const Flags& flags) {
  if (!flags.Has("text")) {
    FD_ASSIGN_OR_RETURN(const std::string path, OneFile(flags));
    return ReadTextsOf(flags, path);
  }
  if (!flags.operands.empty()) return InvalidField("--text", "and a FILE are too much at once");
  std::vector<TextLine> texts;
  for (std::string& text : flags.All("text")) texts.push_back({texts.size() + 1, std::move(text)});
  return texts;
}

void PrintLine(const std::string& line) { fmt::print("{}\n", line); }

absl::StatusOr<int> ThreadsOf(const Flags& flags) {
  FD_ASSIGN_OR_RETURN(const int64_t threads, flags.Number("threads", 0));
  if (threads < 0 || threads > 256) return InvalidField("--threads", "must be 0 to 256");
  if (threads > 0) return static_cast<int>(threads);
  return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

absl::StatusOr<std::vector<text::OpenVinoOptions>> MountedModels(const Flags& flags) {
  std::vector<text::OpenVinoOptions> models;
  const std::string pooling = flags.Text("pooling", "cls");
  if (pooling != "cls" && pooling != "mean")
    return InvalidField("--pooling", "must be cls or mean");
  for (const std::string language : {"en", "zh"}) {
    const std::string folder = flags.Text(language + "_model");
    if (folder.empty()) continue;
    text::OpenVinoOptions& model = models.emplace_back();
    model.directory = folder;
    model.language = language;
    model.pooling = pooling == "mean" ? text::Pooling::kMean : text::Pooling::kCls;
    model.prefix = flags.Text("prefix");
  }
  if (models.empty() && (flags.Has("pooling") || flags.Has("prefix"))) {
    return InvalidField(flags.Has("pooling") ? "--pooling" : "--prefix",
                        "goes with --en_model or --zh_model");
  }
  return models;
}

absl::StatusOr<EncodersAtHand> LoadEncoders(const Flags& flags) {
  text::EncodersOptions options;
  const std::string models = flags.Text("models", std::string(text::kModelsDirectory));
  if (models != "none") options.models_dir = models;
  FD_ASSIGN_OR_RETURN(options.threads, ThreadsOf(flags));
  FD_ASSIGN_OR_RETURN(options.models, MountedModels(flags));
  if (models != "none") {
    options.notice = [](std::string_view language, std::string_view notice) {
      fmt::print(stderr, "encoder {}: {}; tools/setup fetches it\n", language, notice);
    };
  }
  EncodersAtHand out;
  FD_ASSIGN_OR_RETURN(out.encoders, text::Encoders::Load(options));
  out.usable = std::ranges::any_of(out.encoders->health(),
                                   [](const auto& health) { return !health.lexical; });
  return out;
}

ProgressLine::ProgressLine()
    : terminal_(::isatty(STDERR_FILENO) == 1), started_(SystemClock().Now()) {}

ProgressLine::~ProgressLine() {
  if (open_) fmt::print(stderr, "\n");
}

bool ProgressLine::Show(std::string_view stage, double done) {
  if (InterruptGuard::Interrupted()) return false;
  const int step = static_cast<int>(done * (terminal_ ? 100 : 10));
  if (stage == stage_ && step == shown_) return true;
  stage_ = stage;
  shown_ = step;
  const absl::Duration spent = SystemClock().Now() - started_;
  std::string left;
  if (done > 0.02 && done < 1) {
    left = fmt::format(", about {:.0f} s left", absl::ToDoubleSeconds(spent * ((1 - done) / done)));
  }
  open_ = terminal_;
  fmt::print(stderr, "{}{}: {:.0f} %{}{}", terminal_ ? "\r\x1b[K" : "", stage, done * 100, left,
             terminal_ ? "" : "\n");
  return true;
}

text::CountProgress ProgressLine::Counting(std::string_view stage) {
  return [this, stage = std::string(stage)](size_t done, size_t all) {
    return Show(stage, all == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(all));
  };
}

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  std::signal(SIGINT, Note);
  std::signal(SIGTERM, Note);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool InterruptGuard::Interrupted() { return interrupted != 0; }

}  // namespace frontdesk::command
