#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/text/encoder/encoders.h"
#include "libs/text/measure/encode_all.h"
#include "libs/text/tables/labelled.h"
#include "tools/frontdesk/commands.h"

namespace frontdesk::command {

// What the text commands share: tables by flags, encoders, progress, Ctrl-C.

// --format, --no_header; --text_column; --label_column, --oos_label.
std::vector<FlagHelp> TextTableFlags();
std::vector<FlagHelp> LabelledTableFlags();
// --models, --threads; --en_model, --zh_model, --pooling, --prefix.
std::vector<FlagHelp> EncoderFlags();
std::vector<FlagHelp> Joined(std::vector<std::vector<FlagHelp>> lists);

// The one operand. INVALID_ARGUMENT when there is none, or more.
absl::StatusOr<std::string> OneFile(const Flags& flags);

struct TableShape {
  text::TableFormat format = text::TableFormat::kCsv;
  bool header = true;
};
absl::StatusOr<TableShape> ShapeOf(const Flags& flags, const std::string& path);

// Says on stderr how many rows were refused, and why, line by line.
void TellRefused(const std::string& path, const text::RefusedRows& refused);

absl::StatusOr<text::LabelledTable> ReadLabelledFile(const Flags& flags, const std::string& path);

struct TextLine {
  size_t line = 0;
  std::string text;
};
// Every --text, or else the column of the operand's table.
absl::StatusOr<std::vector<TextLine>> ReadTexts(const Flags& flags);
absl::StatusOr<std::vector<TextLine>> ReadTextsOf(const Flags& flags, const std::string& path);

void PrintLine(const std::string& line);
// One JSON line on stdout, whatever bytes came in by the shell. A template, so that only .cc files
// see the JSON library.
template <class Json>
void PrintRow(const Json& row) {
  PrintLine(row.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// The encoders at hand. With --models=none, or where no model is there at all, `usable` is false:
// spelling is then left to the classifier's own features.
struct EncodersAtHand {
  std::shared_ptr<text::Encoders> encoders;
  bool usable = false;

  text::Encoder& english() const { return encoders->For("en"); }
  text::Encoder& chinese() const { return encoders->For("zh"); }
};
absl::StatusOr<EncodersAtHand> LoadEncoders(const Flags& flags);

absl::StatusOr<int> ThreadsOf(const Flags& flags);

// One line on stderr that is rewritten, or one every ten percent where stderr is no terminal; with
// the time that is probably left.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // False once Ctrl-C was pressed.
  bool Show(std::string_view stage, double done);
  text::CountProgress Counting(std::string_view stage);

 private:
  const bool terminal_;
  const absl::Time started_;
  std::string stage_;
  int shown_ = -1;
  bool open_ = false;  // a line without its end is on the terminal
};

// Until it is destroyed, Ctrl-C and SIGTERM are only noted: what is at work stops at its next step
// and leaves nothing half done. A second one kills.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  static bool Interrupted();
};

}  // namespace frontdesk::command
