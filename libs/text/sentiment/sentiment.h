#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/encoder/encoders.h"
#include "libs/text/sentiment/feeling.h"
#include "libs/text/sentiment/feeling_artefact.h"
#include "libs/text/sentiment/lexicon_model.h"

namespace frontdesk::text {

struct SentimentOptions {
  // Every directory in it that holds a manifest is a mounted artefact (feeling_artefact.h); taken in
  // the order of their names, of two for the same task and language the first one counts. Empty, or
  // not there = the lexicon alone.
  std::string artefacts_dir;
  // Null = none; artefacts trained with vectors are then not used.
  std::shared_ptr<Encoders> encoders;
  // Told once each artefact that is not used, and each task and language that is left to the
  // lexicon, in words for a log.
  std::function<void(std::string_view notice)> notice;
};

// How writers feel: polarity and emotion, in both languages, each by a mounted model where there is
// one and by the lexicon where there is none. Made once at start-up by whoever wires the process,
// shared from there; immutable, thread safe.
class Sentiments {
 public:
  // Blocks for reading. A broken artefact is no error: the lexicon takes its place, which `notice`
  // and health() say. INTERNAL: ICU has no data.
  static absl::StatusOr<std::unique_ptr<Sentiments>> Load(const SentimentOptions& options);

  // Takes any bytes. Blocks for milliseconds a text where a model wants vectors: many texts at once
  // are encoded together. Where an encoder fails, the lexicon answers, and the result names it.
  Feeling Feel(std::string_view text) const;
  std::vector<Feeling> FeelAll(absl::Span<const std::string_view> texts) const;

  // For each task and language: "hotel-reviews", or "lexicon: no model mounted".
  struct Health {
    std::string task;
    std::string language;
    std::string state;
    bool lexicon = true;
  };
  const std::vector<Health>& health() const { return health_; }

 private:
  struct Mounted {
    FeelingManifest manifest;
    std::shared_ptr<const Classifier> classifier;
    std::vector<int> meanings;  // of the model's labels: a Polarity or an Emotion
    bool has_neutral = false;
  };
  struct Vector {
    std::string fingerprint;
    std::vector<float> values;
  };

  explicit Sentiments(LexiconModel lexicon) : lexicon_(std::move(lexicon)) {}

  absl::Status Mount(const std::string& directory);
  void Describe(const std::vector<std::string>& refused, const SentimentOptions& options);
  const Mounted* Find(std::string_view task, std::string_view language) const;
  std::vector<Vector> Encode(absl::Span<const std::string_view> texts) const;
  void Predict(std::string_view text, const Vector& vector, Feeling& feeling) const;

  const LexiconModel lexicon_;
  std::shared_ptr<Encoders> encoders_;
  std::vector<Mounted> mounted_;
  std::vector<Health> health_;
};

}  // namespace frontdesk::text
