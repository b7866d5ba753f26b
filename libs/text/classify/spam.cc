#include "libs/text/classify/spam.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"

namespace frontdesk::text {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

// What stands in front of a filter's bytes; behind it the threshold and the classifier, which the
// length and the checksum are of.
struct Header {
  std::array<char, 4> magic = {'F', 'D', 'S', 'P'};
  uint32_t version = 1;
  uint64_t length = 0;
  uint64_t checksum = 0;
};

constexpr std::string_view kSpam = "spam";
constexpr std::string_view kWanted = "wanted";
constexpr int kSpamColumn = 0;  // labels are sorted

double SpamProbability(int label, double probability) {
  return label == kSpamColumn ? probability : 1.0 - probability;
}

std::string BytesOf(double threshold, std::string_view classifier) {
  std::string body(reinterpret_cast<const char*>(&threshold), sizeof(threshold));
  body += classifier;
  Header header;
  header.length = body.size();
  header.checksum = Fingerprint64(body);
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + body;
}

}  // namespace

absl::StatusOr<TrainedSpamFilter> TrainSpamFilter(const Dataset& data, const TextVectors& vectors,
                                                  const SpamOptions& options,
                                                  const Progress& progress) {
  Dataset two;
  two.examples.reserve(data.examples.size());
  for (const Example& example : data.examples) {
    two.examples.push_back(
        {example.text, std::string(example.label == options.spam_label ? kSpam : kWanted)});
  }
  FD_ASSIGN_OR_RETURN(TrainedModel trained, Train(two, vectors, options.training, progress));
  std::vector<double> spam, wanted;
  for (const HeldOutPrediction& p : trained.report.predictions) {
    const bool is_spam = two.examples[p.example].label == kSpam;
    (is_spam ? spam : wanted).push_back(SpamProbability(p.label, p.probability));
  }
  TrainedSpamFilter out;
  std::sort(wanted.begin(), wanted.end());
  // Not below a half, whatever the budget allows: spam must be the likelier of the two.
  out.threshold = 0.5;
  if (!wanted.empty()) {
    const auto lost =
        static_cast<size_t>(options.wanted_loss_max * static_cast<double>(wanted.size()));
    const double highest_kept = wanted[wanted.size() - 1 - std::min(lost, wanted.size() - 1)];
    out.threshold = std::max(out.threshold, std::nextafter(highest_kept, 2.0));
  }
  const auto share = [&out](const std::vector<double>& values) {
    const auto above = std::count_if(values.begin(), values.end(),
                                     [&out](double p) { return p >= out.threshold; });
    return values.empty() ? 0.0 : static_cast<double>(above) / static_cast<double>(values.size());
  };
  out.recall = share(spam);
  out.wanted_lost = share(wanted);
  out.bytes = BytesOf(out.threshold, trained.bytes);
  out.report = std::move(trained.report);
  return out;
}

absl::StatusOr<std::shared_ptr<const SpamFilter>> SpamFilter::Load(std::string_view bytes) {
  const Header known;
  Header header;
  if (bytes.size() < sizeof(header)) return ModelBrokenError("these bytes are no spam filter");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != known.magic) return ModelBrokenError("these bytes are no spam filter");
  if (header.version != known.version) return ModelVersionError(header.version, known.version);
  bytes.remove_prefix(sizeof(header));
  double threshold = 0;
  if (bytes.size() != header.length || bytes.size() < sizeof(threshold)) {
    return ModelBrokenError("cut short or with something behind it");
  }
  if (Fingerprint64(bytes) != header.checksum) {
    return ModelBrokenError("the checksum does not fit");
  }
  std::memcpy(&threshold, bytes.data(), sizeof(threshold));
  if (!(threshold >= 0.5 && threshold <= 1.1)) return ModelBrokenError("impossible threshold");
  FD_ASSIGN_OR_RETURN(auto classifier, Classifier::Load(bytes.substr(sizeof(threshold))));
  const std::vector<std::string>& labels = classifier->model().labels;
  if (labels.size() != 2 || labels[0] != kSpam || labels[1] != kWanted) {
    return ModelBrokenError("a classifier of something else than spam");
  }
  return std::shared_ptr<const SpamFilter>(new SpamFilter(std::move(classifier), threshold));
}

absl::StatusOr<SpamVerdict> SpamFilter::Judge(std::string_view text,
                                              const QueryVector& vector) const {
  FD_ASSIGN_OR_RETURN(const Prediction prediction, classifier_->Predict(text, vector, 0));
  const int label = prediction.label == kSpam ? kSpamColumn : kSpamColumn + 1;
  const double probability = SpamProbability(label, prediction.probability);
  return SpamVerdict{probability >= threshold_, probability};
}

}  // namespace frontdesk::text
