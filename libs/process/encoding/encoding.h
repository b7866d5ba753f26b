#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/config/fields.h"
#include "libs/telemetry/metrics.h"
#include "libs/text/encoder/batcher.h"
#include "libs/text/encoder/encoders.h"

namespace frontdesk::process {

// A sentence-transformer of the operator's own, in the place of the default one of its language.
struct MountedEncoderConfig {
  std::string directory{};      // of model.onnx and tokenizer.json; empty = the default one
  std::string pooling = "cls";  // or "mean"
  std::string prefix{};         // before every text, as "query: " for e5
  int tokens_max = 512;         // what the model was trained for

  void Describe(config::Fields& fields);
};

// What an operator may set about the encoders of a process. Defaults are for a laptop.
struct EncodingConfig {
  // Where tools/setup puts the models; empty, or a folder that is not there = lexical.
  std::string models_dir{text::kModelsDirectory};
  int threads = 0;  // of each model; 0 = one a core
  config::ByteSize cache = config::MiB(64);
  int queue_texts_max = 1'024;  // that wait, of each language; more are refused
  MountedEncoderConfig en{};
  MountedEncoderConfig zh{};

  void Describe(config::Fields& fields);
};

// The one copy of the sentence encoders in a process, for all of its services. The models are loaded
// when a service first needs them (Load), so a process whose tenants use none pays nothing.
//
// Made by whoever wires the process, outlives its services. Thread safe. Owns a thread a language
// between Load and Stop; with `Threads::kNone` (tests) Step does their work.
class Encoding {
 public:
  enum class Threads : uint8_t { kOwn, kNone };

  Encoding(const EncodingConfig& config, const Clock& clock, telemetry::Metrics& metrics,
           Threads threads = Threads::kOwn);
  ~Encoding();

  // Blocks: the first call loads, for seconds, and later ones wait for it. A model that is absent is
  // replaced by a lexical encoder, which the log and the metric frontdesk_encoder_lexical say; one
  // that is broken is INVALID_ARGUMENT (INVALID_CONFIG) or NOT_FOUND with the file, which the log
  // says too, and the next call tries again. UNAVAILABLE once stopped.
  absl::StatusOr<std::shared_ptr<text::Encoders>> Load();

  struct Vector {
    std::string fingerprint;  // of the encoder
    std::vector<float> values;
  };
  using Done = std::function<void(absl::StatusOr<Vector>)>;
  // The vector of a text by the encoder of its language, together with texts of other callers. Never
  // blocks. UNAVAILABLE (NOT_READY) before Load has ended, else as Batcher::Encode: `done` is
  // called, once, only if this returns OK.
  absl::Status Encode(std::string_view text, absl::Time deadline, Done done);
  // The same for one who can't use every encoder's vectors: where those of the text's language are
  // not taken, another language's that are do.
  using Takes = absl::FunctionRef<bool(std::string_view fingerprint)>;
  absl::Status Encode(std::string_view text, Takes takes, absl::Time deadline, Done done);

  // The same by the encoder of a language as Encoders::For takes it.
  absl::Status EncodeIn(std::string_view language, std::string_view text, absl::Time deadline,
                        Done done);

  // Encodes the batches that are due, without threads. False when there was nothing to do.
  bool Step();
  // Answers what waits with UNAVAILABLE and takes nothing more. Blocks.
  void Stop();

 private:
  class Observer;
  struct Loaded;

  std::shared_ptr<Loaded> Find() const;
  static absl::Status EncodeBy(const Loaded& loaded, text::Encoder& encoder, std::string_view text,
                               absl::Time deadline, Done done);

  const EncodingConfig config_;
  const Clock& clock_;
  telemetry::Metrics& metrics_;
  const Threads threads_;
  std::mutex load_mu_;  // held while loading
  mutable std::mutex mu_;
  std::shared_ptr<Loaded> loaded_;  // guarded by mu_
  bool stopped_ = false;            // guarded by mu_
};

}  // namespace frontdesk::process
