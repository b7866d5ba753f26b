#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/similar/pair_features.h"

namespace frontdesk::text {

// Two texts and whether a person calls them the same.
struct Pair {
  std::string a;
  std::string b;
  bool same = false;
};

// The vectors of a pair; all empty where no encoder is used.
struct PairVectors {
  std::string_view encoder;  // fingerprint
  absl::Span<const float> a;
  absl::Span<const float> b;
};

// At this probability and above pairs are called the same: what share of those are, and of those
// that are how many are found.
struct PairCurvePoint {
  double threshold = 0;
  double precision = 0;
  double recall = 0;
};

// What a training found out about itself: on pairs that the model in question had not learnt from.
struct PairReport {
  size_t pairs = 0;
  size_t same = 0;
  double auc = 0;
  double accuracy = 0;  // at a probability of one half
  double log_loss = 0;
  double cosine_auc = 0;  // of the encoder alone; 0 without vectors
  std::string parts;      // which features were worth having: "summary", "summary+dense" ...
  std::vector<PairCurvePoint> curve;
  std::string fingerprint;  // of the data
};

struct PairTrainOptions {
  uint64_t seed = 1;
  int folds = 5;  // 2 to 20; as many models are trained and averaged
  // Called now and then with the share that is done; false cancels.
  std::function<bool(double)> progress = nullptr;
};

inline constexpr size_t kPairsMax = 200'000;
inline constexpr size_t kPairsMin = 20;

struct TrainedPairModel {
  std::string bytes;
  PairReport report;
};

struct PairScore {
  double probability = 0;  // that a person calls them the same
  double logit = 0;
  double cosine = 0;  // of the vectors; 0 without
};

// Says how probable it is that two texts mean the same: a linear model over what they share, what
// only one has and how their vectors differ, calibrated on held-out pairs. Which parts of that are
// used, and how strongly they are held back, is decided on held-out pairs of the same data.
//
// Immutable, thread safe. Score(a, b) is Score(b, a). Microseconds a pair; encoding is the caller's.
class PairModel {
 public:
  // Deterministic: equal arguments give equal bytes. Blocks for seconds (34 000 pairs with vectors:
  // about ten). `vectors` is empty or has one element a pair, all with the same encoder.
  // INVALID_ARGUMENT: fewer than kPairsMin pairs or a kind with fewer than one a fold, vectors that do
  // not fit, a text that is not UTF-8; RESOURCE_EXHAUSTED: more than kPairsMax, or a text above
  // kMaxTextBytes; CANCELLED.
  static absl::StatusOr<TrainedPairModel> Train(absl::Span<const Pair> pairs,
                                                absl::Span<const PairVectors> vectors,
                                                const PairTrainOptions& options);

  // DATA_LOSS: not a model, cut or changed. FAILED_PRECONDITION: of another version.
  static absl::StatusOr<std::shared_ptr<const PairModel>> Load(std::string_view bytes);

  // FAILED_PRECONDITION: the model was trained with vectors of another encoder, or with vectors and
  // there are none. INVALID_ARGUMENT: vectors of another length.
  absl::StatusOr<PairScore> Score(const PairText& a, const PairText& b,
                                  const PairVectors& vectors) const;
  absl::StatusOr<PairScore> Score(std::string_view a, std::string_view b,
                                  const PairVectors& vectors) const;

  // Fingerprint of the encoder whose vectors it wants; empty if none.
  const std::string& encoder() const { return encoder_; }
  size_t dimensions() const { return dimensions_; }
  const std::string& data_fingerprint() const { return data_fingerprint_; }

 private:
  struct Header;
  struct Body;

  PairModel() = default;
  std::string Write(bool hashed) const;

  std::string encoder_;
  std::string data_fingerprint_;
  size_t dimensions_ = 0;
  PartWeights part_weights_;
  std::vector<float> weights_;  // see PairWeights in pair_trainer.h
  double slope_ = 1;
  double offset_ = 0;
};

// Area under the ROC curve of scores for same and other pairs; ties count half. 0.5 if a kind is
// missing.
double AreaUnderCurve(absl::Span<const double> scores, absl::Span<const uint8_t> same);

}  // namespace frontdesk::text
