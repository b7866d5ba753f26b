#include "libs/text/classify/training_rows.h"

#include <algorithm>
#include <cmath>

#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"
#include "libs/text/classify/waves.h"

namespace frontdesk::text {
namespace {

constexpr size_t kFeaturesMax = size_t{1} << 19;
constexpr size_t kWeightsMax = size_t{1} << 26;  // of all classes together
constexpr size_t kRareFrom = 200;                // texts; with fewer, every piece counts
constexpr size_t kTellEvery = 256;

// The weights from `begin` to `begin + count` of all columns as bytes, with a scale a row.
void PackWeights(const std::vector<std::vector<float>>& weights, size_t begin, size_t count,
                 size_t stride, std::vector<float>& scales, std::vector<int8_t>& bytes) {
  constexpr float kSteps = 127.0f;
  scales.assign(count, 0.0f);
  bytes.assign(count * stride, 0);
  for (size_t i = 0; i < count; ++i) {
    float highest = 0;
    for (const auto& column : weights) highest = std::max(highest, std::abs(column[begin + i]));
    if (highest == 0) continue;
    scales[i] = highest / kSteps;
    for (size_t k = 0; k < weights.size(); ++k) {
      bytes[i * stride + k] =
          static_cast<int8_t>(std::lround(weights[k][begin + i] / highest * kSteps));
    }
  }
}

}  // namespace

absl::Status TrainingRows::Read(const Dataset& data, const TextVectors& vectors,
                                const Dataset* validation, const TextVectors* validation_vectors,
                                const std::function<bool()>& keep_going) {
  FD_ASSIGN_OR_RETURN(LabelledRows labelled, ReadLabels(data));
  FD_RETURN_IF_ERROR(CheckVectors(vectors, data.examples.size()));
  labels_ = std::move(labelled.labels);
  classes_ = std::move(labelled.classes);
  training_ = classes_.size();
  columns_ = static_cast<int>(labels_.size());
  for (int& one : classes_) {
    if (one != LabelledRows::kOutOfScope) continue;
    one = static_cast<int>(labels_.size());
    columns_ = one + 1;
  }
  FD_RETURN_IF_ERROR(FindVocabulary(data, keep_going));
  MeasureBlocks(vectors);
  std::vector<uint32_t> lengths;
  for (const VectorBlock& block : blocks_) {
    lengths.push_back(static_cast<uint32_t>(ShapeOf(block.dimensions)));
  }
  rows_ = Rows(static_cast<uint32_t>(vocabulary_.size()), std::move(lengths));
  FD_RETURN_IF_ERROR(AddRows(data, vectors, keep_going));
  if (validation == nullptr) return absl::OkStatus();
  return AddValidation(*validation, validation_vectors, keep_going);
}

absl::Status TrainingRows::FindVocabulary(const Dataset& data,
                                          const std::function<bool()>& keep_going) {
  VocabularyBuilder builder;
  Grams grams;
  for (size_t i = 0; i < data.examples.size(); ++i) {
    if (i % kTellEvery == 0 && !keep_going()) return TrainingCancelledError();
    grams.Find(data.examples[i].text);
    builder.Add(grams);
  }
  texts_min_ = data.examples.size() >= kRareFrom ? 2 : 1;
  vocabulary_ = builder.Build(texts_min_,
                              std::min(kFeaturesMax, kWeightsMax / static_cast<size_t>(columns_)));
  return absl::OkStatus();
}

void TrainingRows::MeasureBlocks(const TextVectors& vectors) {
  blocks_ = vectors.blocks;
  std::vector<std::vector<double>> sums(blocks_.size());
  std::vector<double> counts(blocks_.size(), 0.0);
  for (const TextVector& row : vectors.rows) {
    if (row.block < 0) continue;
    const auto block = static_cast<size_t>(row.block);
    sums[block].resize(row.values.size());
    for (size_t i = 0; i < row.values.size(); ++i) {
      sums[block][i] += static_cast<double>(row.values[i]);
    }
    counts[block] += 1;
  }
  for (size_t block = 0; block < blocks_.size(); ++block) {
    std::vector<float>& mean = means_.emplace_back(blocks_[block].dimensions, 0.0f);
    // The mean of one or two vectors is those vectors: taking it away would leave nothing.
    constexpr double kEnough = 10;
    if (counts[block] < kEnough) continue;
    for (size_t i = 0; i < mean.size(); ++i) {
      mean[i] = static_cast<float>(sums[block][i] / counts[block]);
    }
  }
}

absl::Status TrainingRows::AddRows(const Dataset& data, const TextVectors& vectors,
                                   const std::function<bool()>& keep_going) {
  Vocabulary::Scratch scratch;
  SparseRow row;
  std::vector<float> dense;
  for (size_t i = 0; i < data.examples.size(); ++i) {
    if (i % kTellEvery == 0 && !keep_going()) return TrainingCancelledError();
    scratch.grams.Find(data.examples[i].text);
    unknown_.push_back(vocabulary_.MakeRow(scratch, row));
    const int block = vectors.rows.empty() ? Rows::kNoBlock : vectors.rows[i].block;
    dense.clear();
    if (block >= 0) {
      Shape(vectors.rows[i].values, means_[static_cast<size_t>(block)], dense);
    }
    rows_.Add(row, block, dense);
  }
  return absl::OkStatus();
}

absl::Status TrainingRows::AddValidation(const Dataset& data, const TextVectors* vectors,
                                         const std::function<bool()>& keep_going) {
  if (data.examples.size() > kExamplesMax) {
    return TrainingLimitError("validation examples", data.examples.size(), kExamplesMax);
  }
  const TextVectors none;
  const TextVectors& given = vectors != nullptr ? *vectors : none;
  FD_RETURN_IF_ERROR(CheckVectors(given, data.examples.size()));
  if (given.blocks != blocks_) return BadVectorError("of validation are of other encoders");
  for (const Example& example : data.examples) {
    const auto found = std::lower_bound(labels_.begin(), labels_.end(), example.label);
    const bool known = found != labels_.end() && *found == example.label;
    classes_.push_back(
        static_cast<int>(known ? found - labels_.begin() : labels_.end() - labels_.begin()));
  }
  return AddRows(data, given, keep_going);
}

void TrainingRows::Pack(const std::vector<std::vector<float>>& weights, Model& model) const {
  const auto columns = static_cast<size_t>(columns_);
  const size_t stride = (columns + kColumnsAtOnce - 1) / kColumnsAtOnce * kColumnsAtOnce;
  model.stride = static_cast<uint32_t>(stride);
  const size_t features = vocabulary_.size();
  model.vocabulary = vocabulary_;
  PackWeights(weights, 0, features, stride, model.feature_scales, model.feature_weights);
  for (size_t block = 0; block < blocks_.size(); ++block) {
    Model::Block& out = model.blocks.emplace_back();
    out.of = blocks_[block];
    out.mean = means_[block];
    PackWeights(weights, rows_.block_begin(static_cast<int>(block)), ShapeOf(out.mean.size()),
                stride, out.scales, out.weights);
  }
  model.constants.assign(stride, 0.0f);
  for (size_t k = 0; k < columns; ++k) model.constants[k] = weights[k].back();
}

std::vector<uint32_t> TrainingRows::Range(size_t begin, size_t end) {
  std::vector<uint32_t> rows;
  for (size_t row = begin; row < end; ++row) rows.push_back(static_cast<uint32_t>(row));
  return rows;
}

}  // namespace frontdesk::text
