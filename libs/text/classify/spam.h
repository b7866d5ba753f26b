#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/trainer.h"

namespace frontdesk::text {

struct SpamOptions {
  std::string spam_label = "spam";  // every other label is wanted mail
  // The share of wanted texts that may be taken for spam: a customer who gets no answer is worse
  // than an advertisement that does.
  double wanted_loss_max = 0.005;
  TrainOptions training;
};

struct TrainedSpamFilter {
  std::string bytes;
  TrainReport report;      // of the classifier below, "spam" and "wanted"
  double threshold = 0;    // of the probability of spam
  double recall = 0;       // share of spam found at it, on texts held back
  double wanted_lost = 0;  // share of wanted texts lost at it
};

// A classifier of two classes whose threshold is chosen by what wanted texts it may cost. As Train;
// INVALID_ARGUMENT unless there are examples of both.
absl::StatusOr<TrainedSpamFilter> TrainSpamFilter(const Dataset& data, const TextVectors& vectors,
                                                  const SpamOptions& options,
                                                  const Progress& progress = nullptr);

struct SpamVerdict {
  bool spam = false;
  double probability = 0;
};

// Immutable, thread safe, swappable like a Classifier.
class SpamFilter {
 public:
  // Errors as Classifier::Load; a classifier that is no spam filter is DATA_LOSS too. The checksum
  // covers the threshold as well.
  static absl::StatusOr<std::shared_ptr<const SpamFilter>> Load(std::string_view bytes);

  // Errors as Classifier::Predict.
  absl::StatusOr<SpamVerdict> Judge(std::string_view text, const QueryVector& vector) const;
  // The words that made it so.
  absl::StatusOr<Explanation> Explain(std::string_view text, const QueryVector& vector) const {
    return classifier_->Explain(text, vector);
  }
  double threshold() const { return threshold_; }
  const Classifier& classifier() const { return *classifier_; }

 private:
  SpamFilter(std::shared_ptr<const Classifier> classifier, double threshold)
      : classifier_(std::move(classifier)), threshold_(threshold) {}

  const std::shared_ptr<const Classifier> classifier_;
  const double threshold_;
};

}  // namespace frontdesk::text
