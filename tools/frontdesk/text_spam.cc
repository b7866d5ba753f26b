#include <fmt/core.h>
#include <nlohmann/json.hpp>

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
  };
}

}  // namespace frontdesk::command
