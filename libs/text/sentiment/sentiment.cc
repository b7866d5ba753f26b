#include "libs/text/sentiment/sentiment.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"
#include "libs/text/language.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

constexpr std::string_view kTasks[] = {"polarity", "emotion"};
constexpr std::string_view kLanguages[] = {"zh", "en"};

// In the order of their names, so that the same one wins on every machine.
std::vector<std::string> DirectoriesIn(const std::string& path) {
  std::vector<std::string> directories;
  std::error_code error;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) directories.push_back(it->path().string());
  }
  std::sort(directories.begin(), directories.end());
  return directories;
}

// The probability of each of `meanings` values, from those of the labels.
template <size_t n>
std::array<double, n> Gather(const Prediction& prediction, const std::vector<std::string>& labels,
                             const std::vector<int>& meanings) {
  std::array<double, n> sums{};
  double total = 0;
  const auto add = [&](std::string_view label, double probability) {
    const auto at = std::find(labels.begin(), labels.end(), label);
    if (at == labels.end()) return;
    sums[static_cast<size_t>(meanings[static_cast<size_t>(at - labels.begin())])] += probability;
    total += probability;
  };
  add(prediction.label, prediction.probability);
  for (const Alternative& other : prediction.alternatives) add(other.label, other.probability);
  if (total > 0) {
    for (double& sum : sums) sum /= total;
  }
  return sums;
}

void SetPolarity(const std::array<double, 3>& share, bool has_neutral, Feeling& feeling) {
  feeling.score = share[2] - share[0];
  if (has_neutral) {
    feeling.polarity =
        static_cast<Polarity>(std::max_element(share.begin(), share.end()) - share.begin());
  } else {
    // A model of two classes has no middle of its own.
    feeling.polarity = feeling.score >= kPolarScoreMin    ? Polarity::kPositive
                       : feeling.score <= -kPolarScoreMin ? Polarity::kNegative
                                                          : Polarity::kNeutral;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sentiments>> Sentiments::Load(const SentimentOptions& options) {
  FD_ASSIGN_OR_RETURN(LexiconModel lexicon, LexiconModel::Default());
  std::unique_ptr<Sentiments> made(new Sentiments(std::move(lexicon)));
  made->encoders_ = options.encoders;
  std::vector<std::string> refused;
  for (const std::string& directory : DirectoriesIn(options.artefacts_dir)) {
    const absl::Status mounted = made->Mount(directory);
    // A directory of something else is none of our business.
    if (mounted.ok() || absl::IsNotFound(mounted)) continue;
    refused.push_back(fmt::format("{}: {}", directory, mounted));
  }
  made->Describe(refused, options);
  return made;
}

absl::Status Sentiments::Mount(const std::string& directory) {
  FD_ASSIGN_OR_RETURN(FeelingArtefact artefact, ReadFeelingArtefact(directory));
  Mounted mounted;
  FD_ASSIGN_OR_RETURN(mounted.classifier, Classifier::Load(artefact.model_bytes));
  mounted.manifest = std::move(artefact.manifest);
  if (mounted.classifier->NeedsVector() && encoders_ == nullptr) {
    return VectorMissingError(mounted.classifier->model().blocks[0].of.fingerprint);
  }
  const bool polarity = mounted.manifest.task == "polarity";
  for (const std::string& label : mounted.classifier->model().labels) {
    const auto named = mounted.manifest.labels.find(label);
    const std::string& name = named == mounted.manifest.labels.end() ? label : named->second;
    const auto as_polarity = PolarityOf(name);
    const auto as_emotion = EmotionOf(name);
    if (polarity ? !as_polarity.has_value() : !as_emotion.has_value()) {
      return InvalidField("labels", fmt::format("a label means no {}", mounted.manifest.task));
    }
    mounted.meanings.push_back(polarity ? static_cast<int>(*as_polarity)
                                        : static_cast<int>(*as_emotion));
    mounted.has_neutral = mounted.has_neutral || name == "neutral";
  }
  mounted_.push_back(std::move(mounted));
  return absl::OkStatus();
}

void Sentiments::Describe(const std::vector<std::string>& refused,
                          const SentimentOptions& options) {
  const auto tell = [&options](std::string_view notice) {
    if (options.notice) options.notice(notice);
  };
  for (const std::string& why : refused) tell("feeling model not used: " + why);
  for (const std::string_view task : kTasks) {
    for (const std::string_view language : kLanguages) {
      Health health{std::string(task), std::string(language), "", true};
      if (const Mounted* mounted = Find(task, language); mounted != nullptr) {
        health.state = mounted->manifest.name;
        health.lexicon = false;
      } else if (refused.empty()) {
        health.state = "lexicon: no model mounted";
      } else {
        health.state = fmt::format("lexicon: no usable model mounted; {}", refused[0]);
      }
      if (health.lexicon) tell(fmt::format("{} ({}): {}", task, language, health.state));
      health_.push_back(std::move(health));
    }
  }
}

const Sentiments::Mounted* Sentiments::Find(std::string_view task,
                                            std::string_view language) const {
  for (const Mounted& mounted : mounted_) {
    if (mounted.manifest.task == task &&
        (mounted.manifest.language == language || mounted.manifest.language == "any")) {
      return &mounted;
    }
  }
  return nullptr;
}

std::vector<Sentiments::Vector> Sentiments::Encode(absl::Span<const std::string_view> texts) const {
  std::vector<Vector> vectors(texts.size());
  std::map<Encoder*, std::vector<size_t>> wanted;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string_view language = GuessLanguage(texts[i]);
    for (const std::string_view task : kTasks) {
      const Mounted* mounted = Find(task, language);
      if (mounted == nullptr || !mounted->classifier->NeedsVector()) continue;
      wanted[&encoders_->ForText(texts[i])].push_back(i);
      break;
    }
  }
  for (const auto& [encoder, places] : wanted) {
    const auto dimensions = static_cast<size_t>(encoder->info().dimensions);
    for (size_t begin = 0; begin < places.size(); begin += kEncodeTextsMax) {
      const size_t end = std::min(places.size(), begin + kEncodeTextsMax);
      std::vector<std::string_view> batch;
      for (size_t i = begin; i < end; ++i)
        batch.push_back(texts[places[i]].substr(0, kMaxTextBytes));
      const absl::StatusOr<std::vector<float>> encoded = encoder->Encode(batch);
      if (!encoded.ok()) continue;
      for (size_t i = begin; i < end; ++i) {
        const auto row = encoded->begin() + static_cast<ptrdiff_t>((i - begin) * dimensions);
        vectors[places[i]] = {encoder->info().fingerprint,
                              {row, row + static_cast<ptrdiff_t>(dimensions)}};
      }
    }
  }
  return vectors;
}

void Sentiments::Predict(std::string_view text, const Vector& vector, Feeling& feeling) const {
  const std::string_view language = GuessLanguage(text);
  for (const std::string_view task : kTasks) {
    const Mounted* mounted = Find(task, language);
    if (mounted == nullptr) continue;
    const std::vector<std::string>& labels = mounted->classifier->model().labels;
    const auto prediction =
        mounted->classifier->Predict(text, {vector.fingerprint, vector.values}, labels.size());
    if (!prediction.ok()) continue;  // the lexicon has answered already
    if (task == "polarity") {
      SetPolarity(Gather<3>(*prediction, labels, mounted->meanings), mounted->has_neutral, feeling);
      feeling.polarity_model = mounted->manifest.name;
    } else {
      feeling.emotions = Gather<kEmotions>(*prediction, labels, mounted->meanings);
      const auto best = std::max_element(feeling.emotions.begin(), feeling.emotions.end());
      feeling.emotion = static_cast<Emotion>(best - feeling.emotions.begin());
      feeling.emotion_model = mounted->manifest.name;
    }
  }
}

Feeling Sentiments::Feel(std::string_view text) const { return std::move(FeelAll({&text, 1})[0]); }

std::vector<Feeling> Sentiments::FeelAll(absl::Span<const std::string_view> texts) const {
  const std::vector<Vector> vectors =
      mounted_.empty() ? std::vector<Vector>(texts.size()) : Encode(texts);
  std::vector<Feeling> feelings;
  feelings.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    feelings.push_back(lexicon_.Feel(texts[i]));
    if (!mounted_.empty()) Predict(texts[i], vectors[i], feelings.back());
  }
  return feelings;
}

}  // namespace frontdesk::text
