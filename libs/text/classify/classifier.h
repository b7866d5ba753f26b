#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/classify/model.h"

namespace frontdesk::text {

struct Alternative {
  std::string_view label;  // lives as long as the classifier
  double probability = 0;
};

struct Prediction {
  std::string_view label;     // the best class, also when out of scope; lives as the classifier
  double probability = 0;     // calibrated: that the label is right, given that one of them is
  double in_scope = 1;        // probability that any label is right
  bool out_of_scope = false;  // in_scope is below the model's threshold
  std::vector<Alternative> alternatives;  // the next best ones
};

// Why this label and not the next one.
struct Explanation {
  struct Piece {
    std::string text;   // as in the folded text
    double weight = 0;  // positive: for the label; negative: for the next one
  };
  std::string_view label;
  std::string_view next;
  // By what each kind put the label above the next one, in units of the score.
  double words = 0;
  double characters = 0;
  double meaning = 0;         // of the vector
  double constant = 0;        // what was there before the text
  double meaning_share = 0;   // of the vector in all that spoke, 0 … 1
  std::vector<Piece> pieces;  // the strongest first
};

// The vector of a text and the encoder it is of. Without values: there is none.
struct QueryVector {
  std::string_view fingerprint;
  absl::Span<const float> values;
};

// A trained model at work. Made from bytes by Load and shared from there; immutable, thread safe.
// Predict takes microseconds and does not block: the vector is the caller's to fetch (encoder.h).
class Classifier {
 public:
  // See ReadModel for the errors.
  static absl::StatusOr<std::shared_ptr<const Classifier>> Load(std::string_view bytes);
  explicit Classifier(Model model) : model_(std::move(model)) {}

  // Any text will do, of a long one the beginning counts (kClassifyBytesMax). A model that was
  // taught with vectors needs one: FAILED_PRECONDITION (NOT_READY) without, INVALID_ARGUMENT when
  // it is of an unknown encoder, of another length or no numbers. A model without takes none into
  // account.
  absl::StatusOr<Prediction> Predict(std::string_view text, const QueryVector& vector,
                                     size_t alternatives = 2) const;
  // The same errors. `pieces` is the most to list.
  absl::StatusOr<Explanation> Explain(std::string_view text, const QueryVector& vector,
                                      size_t pieces = 10) const;

  // Whose vectors it knows; empty = none needed. A text takes the one of its language.
  bool NeedsVector() const { return !model_.blocks.empty(); }
  const Model& model() const { return model_; }
  size_t memory_bytes() const;

 private:
  struct Query;

  absl::Status Read(std::string_view text, const QueryVector& vector, Query& query) const;
  void AddUp(Query& query) const;
  void Compare(Query& query) const;

  const Model model_;
};

// Where a service finds the classifier of the moment while another one may take its place: who got
// the old one keeps it until done. Thread safe.
class ServedClassifier {
 public:
  // Null until the first Set.
  std::shared_ptr<const Classifier> Get() const {
    const std::lock_guard lock(mu_);
    return current_;
  }
  void Set(std::shared_ptr<const Classifier> next) {
    const std::lock_guard lock(mu_);
    current_.swap(next);  // the old one dies outside of the lock
  }

 private:
  mutable std::mutex mu_;
  std::shared_ptr<const Classifier> current_;  // guarded by mu_
};

}  // namespace frontdesk::text
