#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/sentiment/sentiment.h"
#include "tools/frontdesk/text_commands.h"
#include "tools/frontdesk/text_input.h"

namespace frontdesk::command {
namespace {

using nlohmann::ordered_json;

absl::Status SentimentCommand(const Flags& flags, rpc::Client*) {
  text::SentimentOptions options;
  options.artefacts_dir = flags.Text("artefacts");
  if (!options.artefacts_dir.empty()) {
    FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
    options.encoders = hand.encoders;
    options.notice = [](std::string_view notice) { fmt::print(stderr, "{}\n", notice); };
  }
  FD_ASSIGN_OR_RETURN(const auto sentiments, text::Sentiments::Load(options));
  FD_ASSIGN_OR_RETURN(const std::vector<TextLine> lines, ReadTexts(flags));
  std::vector<std::string_view> texts;
  for (const TextLine& line : lines) texts.push_back(line.text);
  const std::vector<text::Feeling> feelings = sentiments->FeelAll(texts);
  for (size_t i = 0; i < lines.size(); ++i) {
    const text::Feeling& feeling = feelings[i];
    ordered_json emotions;
    for (size_t k = 0; k < text::kEmotions; ++k) {
      emotions[std::string(text::NameOf(static_cast<text::Emotion>(k)))] = feeling.emotions[k];
    }
    ordered_json words = ordered_json::array();
    for (const text::FeelingWord& word : feeling.words) {
      words.push_back({{"text", word.text}, {"value", word.value}});
    }
    PrintRow(ordered_json{{"line", lines[i].line},
                          {"text", lines[i].text},
                          {"polarity", text::NameOf(feeling.polarity)},
                          {"score", feeling.score},
                          {"emotion", text::NameOf(feeling.emotion)},
                          {"emotions", emotions},
                          {"words", words},
                          {"polarity_model", feeling.polarity_model},
                          {"emotion_model", feeling.emotion_model}});
  }
  return absl::OkStatus();
}

absl::Status PackCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, flags.Required("model"));
  FD_ASSIGN_OR_RETURN(const std::string out, flags.Required("out"));
  text::FeelingManifest manifest;
  FD_ASSIGN_OR_RETURN(manifest.name, flags.Required("name"));
  FD_ASSIGN_OR_RETURN(manifest.task, flags.Required("task"));
  manifest.language = flags.Text("language", "any");
  for (const std::string& label : flags.All("label")) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(label, absl::MaxSplits('=', 1));
    if (parts.second.empty()) return InvalidField("--label", "must be OWN=negative or the like");
    manifest.labels.insert(parts);
  }
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kModelBytesMax));
  FD_RETURN_IF_ERROR(text::Classifier::Load(bytes).status());
  FD_RETURN_IF_ERROR(text::WriteFeelingArtefact(out, manifest, bytes));
  fmt::print("{}: {} {} {}\n", out, manifest.name, manifest.task, manifest.language);
  return absl::OkStatus();
}

}  // namespace

std::vector<OperatorCommand> FeelingCommands() {
  return {
      {"text sentiment", "polarity and emotion, as JSON lines: by word lists, or by packed models",
       Joined({{{"text", "instead of FILE; may be repeated"},
                {"artefacts", "folder of what pack made"}},
               TextTableFlags(),
               EncoderFlags()}),
       true, SentimentCommand, "FILE"},
      {"text pack",
       "makes of a trained model what `text sentiment` and the services mount",
       {{"model", "what train wrote"},
        {"out", "the artefact's folder, inside of --artefacts"},
        {"name", "as hotel-reviews"},
        {"task", "polarity or emotion"},
        {"language", "zh, en or any"},
        {"label", "OWN=positive, when the data have other labels; may be repeated"}},
       true,
       PackCommand,
       ""},
  };
}

std::vector<OperatorCommand> TextCommands() {
  std::vector<OperatorCommand> all;
  for (auto& part :
       {ClassifyCommands(), FindCommands(), PairCommands(), FeelingCommands(), SpamCommands()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace frontdesk::command
