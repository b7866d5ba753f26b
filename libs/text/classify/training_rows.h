#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "libs/text/classify/dataset.h"
#include "libs/text/classify/linear.h"
#include "libs/text/classify/model.h"
#include "libs/text/classify/vectors.h"
#include "libs/text/classify/vocabulary.h"

namespace frontdesk::text {

// The data of one training as numbers: the rows to learn from and behind them the rows of the
// validation data, which only ever get scored. Filled once by Read, then read by many threads.
class TrainingRows {
 public:
  // `validation` may be null. Errors as Train.
  absl::Status Read(const Dataset& data, const TextVectors& vectors, const Dataset* validation,
                    const TextVectors* validation_vectors, const std::function<bool()>& keep_going);

  const std::vector<std::string>& labels() const { return labels_; }
  // Classes to learn: the labels, and one more of out-of-scope examples if there are any.
  int columns() const { return columns_; }
  const Rows& rows() const { return rows_; }
  // Of every row; that of an out-of-scope example is `labels().size()`.
  const std::vector<int>& classes() const { return classes_; }
  bool InScope(size_t row) const { return classes_[row] < static_cast<int>(labels_.size()); }

  size_t training_count() const { return training_; }
  absl::Span<const int> training_classes() const {
    return absl::MakeConstSpan(classes_).subspan(0, training_);
  }
  std::vector<uint32_t> training() const { return Range(0, training_); }
  std::vector<uint32_t> validation() const { return Range(training_, classes_.size()); }

  const Vocabulary& vocabulary() const { return vocabulary_; }
  // Pieces of a row that are in no vocabulary.
  uint32_t unknown(size_t row) const { return unknown_[row]; }
  // In how many texts a piece must stand to be learnt.
  uint32_t texts_min() const { return texts_min_; }
  const std::vector<VectorBlock>& blocks() const { return blocks_; }

  // Puts vocabulary, vectors' means and the weights (column after column) into the model.
  void Pack(const std::vector<std::vector<float>>& weights, Model& model) const;

 private:
  static std::vector<uint32_t> Range(size_t begin, size_t end);
  absl::Status FindVocabulary(const Dataset& data, const std::function<bool()>& keep_going);
  void MeasureBlocks(const TextVectors& vectors);
  absl::Status AddRows(const Dataset& data, const TextVectors& vectors,
                       const std::function<bool()>& keep_going);
  absl::Status AddValidation(const Dataset& data, const TextVectors* vectors,
                             const std::function<bool()>& keep_going);

  std::vector<std::string> labels_;
  int columns_ = 0;
  size_t training_ = 0;
  uint32_t texts_min_ = 1;
  Vocabulary vocabulary_;
  std::vector<VectorBlock> blocks_;
  std::vector<std::vector<float>> means_;  // of each block
  Rows rows_;
  std::vector<int> classes_;
  std::vector<uint32_t> unknown_;
};

}  // namespace frontdesk::text
