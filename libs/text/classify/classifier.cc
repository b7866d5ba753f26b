#include "libs/text/classify/classifier.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/byte_math.h"
#include "libs/text/classify/errors.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/classify/scoring.h"
#include "libs/text/classify/surroundings.h"
#include "libs/text/classify/vector_math.h"
#include "libs/text/classify/waves.h"

namespace frontdesk::text {

// What one call works with; kept by the thread, so that nothing is allocated from the second on.
struct Classifier::Query {
  Vocabulary::Scratch scratch;
  SparseRow row;
  float familiar = 0;
  int block = -1;
  std::vector<float> vector;  // shaped, as it enters the model
  RoundedVector rounded;      // its beginning, for the comparison with samples
  std::vector<float> scores;  // `stride`
  std::vector<float> probability;
  std::vector<uint32_t> best;
  Signals signals = {};

  static Query& OfThread() {
    thread_local Query query;
    return query;
  }
};

absl::StatusOr<std::shared_ptr<const Classifier>> Classifier::Load(std::string_view bytes) {
  FD_ASSIGN_OR_RETURN(Model model, ReadModel(bytes));
  return std::make_shared<const Classifier>(std::move(model));
}

absl::Status Classifier::Read(std::string_view text, const QueryVector& vector,
                              Query& query) const {
  query.scratch.grams.Find(text);
  const uint32_t unknown = model_.vocabulary.MakeRow(query.scratch, query.row);
  query.familiar = model_.vocabulary.Familiar(query.row.index, unknown, 0);
  query.block = -1;
  query.vector.clear();
  if (model_.blocks.empty()) return absl::OkStatus();
  std::vector<std::string> known;
  for (size_t i = 0; i < model_.blocks.size(); ++i) {
    const Model::Block& block = model_.blocks[i];
    if (block.of.fingerprint != vector.fingerprint || vector.values.empty()) continue;
    FD_RETURN_IF_ERROR(CheckVector(vector.values, block.of.dimensions));
    query.block = static_cast<int>(i);
    Shape(vector.values, block.mean, query.vector);
    return absl::OkStatus();
  }
  for (const Model::Block& block : model_.blocks) known.push_back(block.of.name);
  if (!vector.values.empty()) return BadVectorError("is of an encoder the model does not know");
  return VectorMissingError(absl::StrJoin(known, ", "));
}

void Classifier::AddUp(Query& query) const {
  const size_t stride = model_.stride;
  query.scores.assign(model_.constants.begin(), model_.constants.end());
  SumRows(query.row.index.data(), query.row.value.data(), query.row.index.size(),
          model_.feature_scales.data(), model_.feature_weights.data(), stride, query.scores.data());
  if (query.block < 0 || model_.scale.dense == 0.0f) return;
  const Model::Block& block = model_.blocks[static_cast<size_t>(query.block)];
  SumRows(nullptr, query.vector.data(), query.vector.size(), block.scales.data(),
          block.weights.data(), stride, query.scores.data());
}

// Puts the signals of vectors together. REQUIRES: `best` is filled.
void Classifier::Compare(Query& query) const {
  query.signals = {};
  query.signals[kFamiliar] = query.familiar;
  if (query.block < 0) return;
  const Model::Block& block = model_.blocks[static_cast<size_t>(query.block)];
  const size_t dimensions = block.mean.size();
  float highest = -1.0f;
  for (size_t i = 0; i < std::min(query.best.size(), kCentresCompared); ++i) {
    const uint32_t label = query.best[i];
    const float likeness =
        Dot(query.vector.data(), block.centres.data() + label * dimensions, dimensions);
    highest = std::max(highest, likeness);
    if (i == 0) query.signals[kOwnCentre] = likeness;
  }
  query.signals[kBestCentre] = highest;
  float nearest = -1.0f;
  Round(absl::MakeConstSpan(query.vector).subspan(0, dimensions), query.rounded);
  for (size_t i = 0; i < std::min(query.best.size(), kClassesCompared); ++i) {
    const uint32_t label = query.best[i];
    const uint32_t first = label == 0 ? 0 : block.samples[label - 1];
    for (uint32_t k = first; k < block.samples[label]; ++k) {
      const float likeness = Dot(query.rounded, block.sample_values.data() + k * dimensions);
      nearest = std::max(nearest, likeness / kSampleLength);
    }
  }
  query.signals[kNearest] = nearest;
}

absl::StatusOr<Prediction> Classifier::Predict(std::string_view text, const QueryVector& vector,
                                               size_t alternatives) const {
  Query& query = Query::OfThread();
  FD_RETURN_IF_ERROR(Read(text, vector, query));
  AddUp(query);
  const size_t labels = model_.labels.size();
  query.probability.resize(labels);
  Probabilities(query.scores, {model_.temperature, model_.shift}, query.probability);
  // Of two classes the shift may put the other one first, so it is probability that ranks.
  Best(query.probability, labels, std::max(alternatives + 1, kCentresCompared), query.best);
  const uint32_t best = query.best[0];
  Prediction out;
  out.label = model_.labels[best];
  out.probability = static_cast<double>(query.probability[best]);
  for (size_t i = 1; i < std::min(query.best.size(), alternatives + 1); ++i) {
    const uint32_t other = query.best[i];
    out.alternatives.push_back(
        {model_.labels[other], static_cast<double>(query.probability[other])});
  }
  if (model_.outside_source == OutsideSource::kNone) {
    out.in_scope = out.probability;
  } else {
    Compare(query);
    ScoreSignals(absl::MakeConstSpan(query.scores).subspan(0, model_.columns), labels,
                 query.probability, best, query.signals);
    out.in_scope = InScope(query.signals, model_.signal_weights, model_.signal_constant);
  }
  out.out_of_scope = out.in_scope < model_.threshold;
  return out;
}

absl::StatusOr<Explanation> Classifier::Explain(std::string_view text, const QueryVector& vector,
                                                size_t pieces) const {
  Query& query = Query::OfThread();
  FD_RETURN_IF_ERROR(Read(text, vector, query));
  AddUp(query);
  const size_t labels = model_.labels.size();
  query.probability.resize(labels);
  Probabilities(query.scores, {model_.temperature, model_.shift}, query.probability);
  Best(query.probability, labels, 2, query.best);
  const uint32_t best = query.best[0];
  const uint32_t next = query.best[1];
  Explanation out;
  out.label = model_.labels[best];
  out.next = model_.labels[next];
  std::map<uint32_t, std::string_view> surfaces;
  for (const Gram& gram : query.scratch.grams.list()) {
    const uint32_t feature = model_.vocabulary.Find(gram.key);
    if (feature != Vocabulary::kUnknown) surfaces[feature] = query.scratch.grams.Surface(gram);
  }
  double spoken = 0;
  for (size_t i = 0; i < query.row.index.size(); ++i) {
    const uint32_t feature = query.row.index[i];
    const int8_t* weights = model_.feature_weights.data() + size_t{feature} * model_.stride;
    const double weight = static_cast<double>(query.row.value[i] * model_.feature_scales[feature]) *
                          (weights[best] - weights[next]);
    const bool word = model_.vocabulary.features()[feature].kind == GramKind::kWords;
    (word ? out.words : out.characters) += weight;
    spoken += std::abs(weight);
    out.pieces.push_back({std::string(surfaces[feature]), weight});
  }
  if (query.block >= 0) {
    const Model::Block& block = model_.blocks[static_cast<size_t>(query.block)];
    for (size_t i = 0; i < query.vector.size(); ++i) {
      const int8_t* weights = block.weights.data() + i * model_.stride;
      out.meaning +=
          static_cast<double>(query.vector[i] * block.scales[i]) * (weights[best] - weights[next]);
    }
    spoken += std::abs(out.meaning);
  }
  out.constant = static_cast<double>(model_.constants[best] - model_.constants[next]);
  out.meaning_share = spoken > 0 ? std::abs(out.meaning) / spoken : 0.0;
  std::stable_sort(out.pieces.begin(), out.pieces.end(), [](const auto& a, const auto& b) {
    return std::abs(a.weight) > std::abs(b.weight);
  });
  if (out.pieces.size() > pieces) out.pieces.resize(pieces);
  return out;
}

size_t Classifier::memory_bytes() const {
  size_t bytes = sizeof(*this) + model_.vocabulary.memory_bytes() +
                 model_.feature_scales.size() * sizeof(float) + model_.feature_weights.size() +
                 model_.constants.size() * sizeof(float);
  for (const Model::Block& block : model_.blocks) {
    bytes += (block.mean.size() + block.scales.size() + block.centres.size()) * sizeof(float) +
             block.weights.size() + block.samples.size() * sizeof(uint32_t) +
             block.sample_values.size();
  }
  return bytes;
}

}  // namespace frontdesk::text
