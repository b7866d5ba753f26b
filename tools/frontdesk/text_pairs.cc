#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/language.h"
#include "libs/text/measure/pairs.h"
#include "tools/frontdesk/text_commands.h"
#include "tools/frontdesk/text_input.h"

namespace frontdesk::command {
namespace {

using nlohmann::ordered_json;

constexpr size_t kPairModelBytesMax = size_t{64} << 20;

absl::StatusOr<text::PairTable> ReadPairFile(const Flags& flags, bool labelled) {
  FD_ASSIGN_OR_RETURN(const std::string path, OneFile(flags));
  FD_ASSIGN_OR_RETURN(const TableShape shape, ShapeOf(flags, path));
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kTableBytesMax));
  const bool named = shape.header || shape.format == text::TableFormat::kJsonLines;
  text::PairColumns columns{.format = shape.format,
                            .header = shape.header,
                            .a = flags.Text("a_column", named ? "a" : "1"),
                            .b = flags.Text("b_column", named ? "b" : "2"),
                            .same = ""};
  if (labelled) columns.same = flags.Text("same_column", named ? "same" : "3");
  FD_ASSIGN_OR_RETURN(text::PairTable table, text::ParsePairs(bytes, columns));
  TellRefused(path, table.refused);
  return table;
}

absl::Status TrainPairs(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string out, flags.Required("out"));
  FD_ASSIGN_OR_RETURN(const text::PairTable table, ReadPairFile(flags, true));
  FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
  const InterruptGuard guard;
  text::TrainedPairModel trained;
  {
    ProgressLine progress;
    text::EncodedPairs encoded;
    if (hand.usable) {
      FD_ASSIGN_OR_RETURN(
          encoded,
          text::EncodePairs(table.pairs,
                            text::EncoderOfPairs(table.pairs, hand.english(), hand.chinese()),
                            progress.Counting("encoding")));
    }
    text::PairTrainOptions options;
    options.progress = [&progress](double done) { return progress.Show("learning", done); };
    FD_ASSIGN_OR_RETURN(trained, text::PairModel::Train(table.pairs, encoded.vectors, options));
  }
  FD_RETURN_IF_ERROR(text::WriteWhole(out, trained.bytes));
  const text::PairReport& report = trained.report;
  fmt::print(
      "pairs {}, the same {}, data {}\nheld out: AUC {:.4f}, accuracy {:.2f} %, log loss "
      "{:.4f}; AUC of the encoder alone {:.4f}; used: {}\n",
      report.pairs, report.same, report.fingerprint, report.auc, 100 * report.accuracy,
      report.log_loss, report.cosine_auc, report.parts);
  fmt::print("threshold  precision  recall\n");
  for (const text::PairCurvePoint& point : report.curve) {
    fmt::print("{:>9.3f}  {:>7.1f} %  {:>4.1f} %\n", point.threshold, 100 * point.precision,
               100 * point.recall);
  }
  fmt::print("{}: {} bytes\n", out, trained.bytes.size());
  return absl::OkStatus();
}

absl::Status ScorePairs(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, flags.Required("model"));
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, kPairModelBytesMax));
  FD_ASSIGN_OR_RETURN(const auto model, text::PairModel::Load(bytes));
  FD_ASSIGN_OR_RETURN(const text::PairTable table, ReadPairFile(flags, false));
  text::EncodedPairs encoded;
  if (!model->encoder().empty()) {
    FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
    const bool chinese = hand.chinese().info().fingerprint == model->encoder();
    ProgressLine progress;
    FD_ASSIGN_OR_RETURN(encoded,
                        text::EncodePairs(table.pairs, chinese ? hand.chinese() : hand.english(),
                                          progress.Counting("encoding")));
  }
  for (size_t i = 0; i < table.pairs.size(); ++i) {
    const text::PairVectors vectors =
        encoded.vectors.empty() ? text::PairVectors{} : encoded.vectors[i];
    FD_ASSIGN_OR_RETURN(const text::PairScore score,
                        model->Score(table.pairs[i].a, table.pairs[i].b, vectors));
    PrintRow(ordered_json{{"line", table.lines[i]},
                          {"a", table.pairs[i].a},
                          {"b", table.pairs[i].b},
                          {"probability", score.probability},
                          {"cosine", score.cosine}});
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<OperatorCommand> PairCommands() {
  const std::vector<FlagHelp> columns = {
      {"format", "csv, tsv or jsonl; default: by the file's ending"},
      {"no_header", "the first row is data; columns are numbers from 1", true},
      {"a_column", "name or number; default a, without header 1"},
      {"b_column", "name or number; default b, without header 2"}};
  return {
      {"text pairs train", "a model of whether two texts say the same, from pairs marked 1 or 0",
       Joined({{{"out", "where the model goes, as same.fdp"}},
               columns,
               {{"same_column", "name or number; default same, without header 3"}},
               EncoderFlags()}),
       true, TrainPairs, "FILE"},
      {"text pairs score", "the probability that two texts say the same, as JSON lines",
       Joined({{{"model", "what pairs train wrote"}}, columns, EncoderFlags()}), true, ScorePairs,
       "FILE"},
  };
}

}  // namespace frontdesk::command
