#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "libs/text/classify/linear.h"
#include "libs/text/classify/vectors.h"
#include "libs/text/classify/vocabulary.h"

namespace frontdesk::text {

// What says whether a text belongs to any class at all. A high probability alone does not: a linear
// model is as sure of a strange text as of a familiar one.
enum Signal : size_t {
  kTopLogit,      // of the best class's probability
  kTopScore,      // its margin before calibration
  kLead,          // over the next class
  kNearest,       // similarity to the nearest known example of the best three classes
  kOwnCentre,     // to the middle of the best class
  kBestCentre,    // to the nearest middle of the best classes
  kFamiliar,      // share of the text's pieces that are known
  kOutsideScore,  // of what was learnt from examples of "none of these"
  kSignals,
};
using Signals = std::array<float, kSignals>;

// One threshold and what it would have done to texts that the model had not learnt from.
struct CurvePoint {
  double threshold = 0;
  double coverage = 0;        // share of in-scope texts accepted
  double precision = 0;       // of those, share with the right label
  double still_right = 0;     // share of in-scope texts accepted and right
  double outside_recall = 0;  // share of out-of-scope texts refused

  bool operator==(const CurvePoint&) const = default;
};

// Where the out-of-scope texts came from that the decision was learnt from.
enum class OutsideSource : uint8_t {
  kNone,      // there were none: the best class's probability alone decides
  kHeldOut,   // classes held back from the training of others
  kExamples,  // given ones
};

// A trained classifier as numbers: what Train fills, model_file.h writes and reads, and Classifier
// uses. A plain value.
struct Model {
  // A block's vectors enter the model as Shape (waves.h) makes them.
  struct Block {
    VectorBlock of;
    std::vector<float> mean;
    std::vector<float> scales;          // of the weights of each number of a shaped vector
    std::vector<int8_t> weights;        // number by number, `stride` classes each
    std::vector<float> centres;         // class after class; length 1 or 0
    std::vector<uint32_t> samples;      // where a class's samples end, by class
    std::vector<int8_t> sample_values;  // of length kSampleLength, sample after sample
  };

  std::vector<std::string> labels;
  std::string out_of_scope_label;
  std::string data_fingerprint;
  uint64_t examples = 0;
  PartScale scale;
  double c = 0;

  // Columns of the weights: the labels, then one for out-of-scope examples if there were any.
  uint32_t columns = 0;
  uint32_t stride = 0;  // columns, rounded up to whole vectors; what is over is zero
  Vocabulary vocabulary;
  std::vector<float> feature_scales;    // of each feature's weights
  std::vector<int8_t> feature_weights;  // feature by feature, `stride` each
  std::vector<Block> blocks;
  std::vector<float> constants;  // `stride`

  float temperature = 1.0f;  // scores are multiplied by it
  float shift = 0.0f;        // of two classes: added to the first one's

  OutsideSource outside_source = OutsideSource::kNone;
  Signals signal_weights = {};
  float signal_constant = 0.0f;
  double threshold = 0.0;  // texts whose in-scope probability is below it are out of scope
  std::vector<CurvePoint> curve;
};

inline constexpr uint32_t kColumnsAtOnce = 16;
inline constexpr float kSampleLength = 127.0f;

}  // namespace frontdesk::text
