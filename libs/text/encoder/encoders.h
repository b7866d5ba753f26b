#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/encoder/encoder.h"
#include "libs/text/encoder/observer.h"
#include "libs/text/encoder/openvino_encoder.h"
#include "libs/text/encoder/vector_cache.h"

namespace frontdesk::text {

// Where tools/setup puts the models, from the root of the project.
inline constexpr std::string_view kModelsDirectory = ".cache/models";

struct EncodersOptions {
  // Holds bge-small-en-v1.5/ and bge-small-zh-v1.5/. Empty = no models: lexical.
  std::string models_dir{};
  // Mounts other models: each takes the place of the one of its language.
  std::vector<OpenVinoOptions> models{};
  int threads = 0;                        // a model; 0 = one a core
  size_t cache_bytes = size_t{64} << 20;  // of vectors, both languages together; 0 = no cache
  // Told once a language of each lexical fallback, in words for a log.
  std::function<void(std::string_view language, std::string_view notice)> notice{};
  EncoderObserver* observer = nullptr;  // must outlive the encoders
};

// The encoders of a process, one a language, behind one cache. Made once at start-up by whoever wires
// the process and shared from there: every model is in memory once. Immutable after Load, thread
// safe.
class Encoders {
 public:
  // Takes seconds with models. A model whose directory is absent is no error: its language is encoded
  // lexically, which `notice` and health() say. A model that is there and broken is one:
  // INVALID_ARGUMENT (INVALID_CONFIG), with the file.
  static absl::StatusOr<std::shared_ptr<Encoders>> Load(const EncodersOptions& options);
  Encoders(const Encoders&) = delete;
  Encoders& operator=(const Encoders&) = delete;

  // By a language as GuessLanguage gives it. What is neither Chinese nor English goes to English.
  Encoder& For(std::string_view language);
  // By the language that carries the text; the Chinese models know English words, so mixed text is in
  // good hands.
  Encoder& ForText(std::string_view text);

  // "bge-small-zh-v1.5", or "lexical: no model in .cache/models/bge-small-zh-v1.5".
  struct Health {
    std::string language;
    std::string state;
    bool lexical;
  };
  const std::vector<Health>& health() const { return health_; }
  const VectorCache& cache() const { return cache_; }

 private:
  explicit Encoders(const EncodersOptions& options)
      : cache_(options.cache_bytes, options.observer) {}

  absl::Status Mount(const OpenVinoOptions& model, const EncodersOptions& options);
  void MountLexical(std::string_view language, std::string_view why,
                    const EncodersOptions& options);

  VectorCache cache_;
  std::vector<std::unique_ptr<CachedEncoder>> encoders_;
  std::vector<Health> health_;
};

}  // namespace frontdesk::text
