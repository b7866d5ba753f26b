#include <cmath>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/classify/quality.h"
#include "libs/text/classify/spam.h"
#include "tools/frontdesk/text_commands.h"
#include "tools/frontdesk/text_input.h"

namespace frontdesk::command {
namespace {

using nlohmann::ordered_json;

absl::Status TrainSpam(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, OneFile(flags));
  FD_ASSIGN_OR_RETURN(const std::string out, flags.Required("out"));
  text::SpamOptions options;
  options.spam_label = flags.Text("spam_label", options.spam_label);
  FD_ASSIGN_OR_RETURN(options.wanted_loss_max,
                      flags.Decimal("wanted_loss_max", options.wanted_loss_max));
  FD_ASSIGN_OR_RETURN(options.training.threads, ThreadsOf(flags));
  FD_ASSIGN_OR_RETURN(const text::LabelledTable table, ReadLabelledFile(flags, path));
  FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
  const InterruptGuard guard;
  text::TrainedSpamFilter trained;
  {
    ProgressLine progress;
    text::TextVectors vectors;
    if (hand.usable) {
      std::vector<std::string_view> texts;
      for (const text::Example& example : table.data.examples) texts.push_back(example.text);
      FD_ASSIGN_OR_RETURN(
          vectors,
          text::EncodeAll(texts, text::ChooseEncoders(texts, hand.english(), hand.chinese()),
                          progress.Counting("encoding")));
    }
    FD_ASSIGN_OR_RETURN(trained, text::TrainSpamFilter(table.data, vectors, options,
                                                       [&](const text::TrainProgress& now) {
                                                         return progress.Show(now.stage, now.done);
                                                       }));
  }
  FD_RETURN_IF_ERROR(text::WriteWhole(out, trained.bytes));
  fmt::print(
      "held out: accuracy {:.2f} %; from a probability of {:.4f} on {:.2f} % of the spam is "
      "found and {:.2f} % of what is wanted is lost\n{}: {} bytes\n",
      100 * trained.report.held_out.accuracy, trained.threshold, 100 * trained.recall,
      100 * trained.wanted_lost, out, trained.bytes.size());
  return absl::OkStatus();
}

absl::Status JudgeSpam(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, flags.Required("model"));
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kModelBytesMax));
  FD_ASSIGN_OR_RETURN(const auto filter, text::SpamFilter::Load(bytes));
  FD_ASSIGN_OR_RETURN(const std::vector<TextLine> lines, ReadTexts(flags));
  text::TextVectors vectors;
  if (filter->classifier().NeedsVector()) {
    FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
    std::vector<std::string_view> texts;
    for (const TextLine& line : lines) texts.push_back(line.text);
    FD_ASSIGN_OR_RETURN(
        vectors, text::EncodeAll(texts,
                                 text::EncodersOfModel(filter->classifier().model(), hand.english(),
                                                       hand.chinese()),
                                 nullptr));
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    FD_ASSIGN_OR_RETURN(const text::SpamVerdict verdict,
                        filter->Judge(lines[i].text, text::QueryOf(vectors, i)));
    PrintRow(ordered_json{{"line", lines[i].line},
                          {"text", lines[i].text},
                          {"spam", verdict.spam},
                          {"probability", verdict.probability}});
  }
  return absl::OkStatus();
}

absl::Status QualityCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::vector<TextLine> lines, ReadTexts(flags));
  for (const TextLine& line : lines) {
    const text::TextQuality quality = text::MeasureQuality(line.text);
    PrintRow(ordered_json{{"line", line.line},
                          {"text", line.text},
                          {"gibberish", quality.gibberish},
                          {"repetition", quality.repetition},
                          {"is_gibberish", quality.is_gibberish},
                          {"is_repetition", quality.is_repetition}});
  }
  return absl::OkStatus();
}

std::string_view NameOf(text::FloodDetector::Verdict verdict) {
  switch (verdict) {
    case text::FloodDetector::Verdict::kFine:
      return "fine";
    case text::FloodDetector::Verdict::kSenderRepeats:
      return "sender_repeats";
    case text::FloodDetector::Verdict::kSenderFloods:
      return "sender_floods";
    case text::FloodDetector::Verdict::kCampaign:
      return "campaign";
  }
  return "";
}

absl::StatusOr<text::FloodOptions> FloodOptionsOf(const Flags& flags) {
  text::FloodOptions options;
  FD_ASSIGN_OR_RETURN(const double seconds,
                      flags.Decimal("window", absl::ToDoubleSeconds(options.window)));
  if (!(seconds > 0 && seconds <= 86'400)) {
    return InvalidField("--window", "must be seconds, up to 86400");
  }
  options.window = absl::Seconds(seconds);
  for (const auto& [flag, most] : {std::pair("sender_texts_max", &options.sender_texts_max),
                                   {"sender_same_max", &options.sender_same_max},
                                   {"text_senders_max", &options.text_senders_max}}) {
    FD_ASSIGN_OR_RETURN(const int64_t given, flags.Number(flag, *most));
    if (given < 1 || given > 1'000'000) {
      return InvalidField(std::string("--") + flag, "must be 1 to 1000000");
    }
    *most = static_cast<int>(given);
  }
  return options;
}

// Seconds since 1970, or as 2026-11-22T09:00:00+08:00.
std::optional<absl::Time> TimeOf(const std::string& written) {
  absl::Time time;
  std::string problem;
  double seconds = 0;
  if (absl::SimpleAtod(written, &seconds) && std::isfinite(seconds)) {
    return absl::UnixEpoch() + absl::Seconds(seconds);
  }
  if (absl::ParseTime(absl::RFC3339_full, written, &time, &problem)) return time;
  return std::nullopt;
}

absl::Status FloodsCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, OneFile(flags));
  FD_ASSIGN_OR_RETURN(const text::FloodOptions options, FloodOptionsOf(flags));
  FD_ASSIGN_OR_RETURN(const TableShape shape, ShapeOf(flags, path));
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kTableBytesMax));
  const bool named = shape.header || shape.format == text::TableFormat::kJsonLines;
  text::TableOptions wanted{.format = shape.format,
                            .header = shape.header,
                            .columns = {flags.Text("text_column", named ? "text" : "1"),
                                        flags.Text("sender_column", named ? "sender" : "2")}};
  // Without times all of the file is one window.
  const bool timed = flags.Has("time_column");
  if (timed) wanted.columns.push_back(flags.Text("time_column"));
  FD_ASSIGN_OR_RETURN(text::Table table, text::ParseTable(bytes, wanted));
  text::FloodDetector detector(options);
  size_t told = 0;
  for (const text::TableRow& row : table.rows) {
    const auto time = timed ? TimeOf(row.fields[2]) : absl::UnixEpoch();
    if (!time.has_value()) {
      table.refused.Add(row.line, "has no time: seconds since 1970, or 2026-11-22T09:00:00+08:00");
      continue;
    }
    const auto verdict = detector.Add(row.fields[1], row.fields[0], *time);
    if (verdict == text::FloodDetector::Verdict::kFine) continue;
    ++told;
    PrintRow(ordered_json{{"line", row.line},
                          {"sender", row.fields[1]},
                          {"text", row.fields[0]},
                          {"verdict", NameOf(verdict)}});
  }
  TellRefused(path, table.refused);
  fmt::print(stderr, "{} of {} texts are part of a flood\n", told, table.rows.size());
  return absl::OkStatus();
}

}  // namespace

std::vector<OperatorCommand> SpamCommands() {
  const FlagHelp text{"text", "instead of FILE; may be repeated"};
  return {
      {"text spam train", "a filter from texts labelled spam and anything else",
       Joined({{{"out", "where the filter goes, as spam.fdm"},
                {"spam_label", "default spam"},
                {"wanted_loss_max", "share of wanted texts that may be lost, default 0.005"}},
               LabelledTableFlags(),
               EncoderFlags()}),
       true, TrainSpam, "FILE"},
      {"text spam judge", "whether texts are spam, as JSON lines",
       Joined({{{"model", "what spam train wrote"}, text}, TextTableFlags(), EncoderFlags()}), true,
       JudgeSpam, "FILE"},
      {"text quality", "gibberish and repetition, as JSON lines",
       Joined({{text}, TextTableFlags()}), true, QualityCommand, "FILE"},
      {"text floods",
       "texts of a sender who says the same or too much, and one text of many senders, as JSON "
       "lines",
       Joined({{{"sender_column", "name or number; default sender, without header 2"},
                {"time_column", "seconds or RFC 3339, in order; without: all at one time"},
                {"window", "seconds, default 60"},
                {"sender_texts_max", "of one sender in a window, default 30"},
                {"sender_same_max", "of one sender with one text, default 4"},
                {"text_senders_max", "senders of one text, default 20"}},
               TextTableFlags()}),
       true, FloodsCommand, "FILE"},
  };
}

}  // namespace frontdesk::command
