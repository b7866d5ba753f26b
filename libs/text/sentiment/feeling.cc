#include "libs/text/sentiment/feeling.h"

namespace frontdesk::text {
namespace {

constexpr std::array<std::string_view, 3> kPolarities = {"negative", "neutral", "positive"};
constexpr std::array<std::string_view, kEmotions> kEmotionNames = {"neutral", "joy",  "anger",
                                                                   "sadness", "fear", "surprise"};

template <class E, size_t n>
std::optional<E> Find(const std::array<std::string_view, n>& names, std::string_view name) {
  for (size_t i = 0; i < n; ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(Polarity polarity) { return kPolarities[static_cast<size_t>(polarity)]; }
std::string_view NameOf(Emotion emotion) { return kEmotionNames[static_cast<size_t>(emotion)]; }
std::optional<Polarity> PolarityOf(std::string_view name) {
  return Find<Polarity>(kPolarities, name);
}
std::optional<Emotion> EmotionOf(std::string_view name) {
  return Find<Emotion>(kEmotionNames, name);
}

}  // namespace frontdesk::text
