#include "libs/text/similar/pair_features.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "libs/base/hash.h"
#include "libs/text/limits.h"
#include "libs/text/normalize.h"
#include "libs/text/segment.h"

namespace frontdesk::text {
namespace {

// Far more bytes than kPairLettersMax letters and kPairWordsMax words usually have.
constexpr size_t kPairBytesMax = 8192;
constexpr float kVectorScale = 8;  // brings |a - b| and a * b of a unit vector near the summaries

uint64_t Mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDULL;
  return x ^ (x >> 33);
}

bool IsHan(char32_t c) {
  return c >= 0x2E80 && u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_IDEOGRAPHIC);
}
bool IsLetter(char32_t c) { return u_isalnum(static_cast<UChar32>(c)) != 0; }

void SortOnce(std::vector<uint64_t>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// The kinds of question; a pair that asks different ones seldom means the same.
struct QuestionWord {
  std::string_view word;
  uint32_t kind;
};
constexpr uint32_t kWhy = 1, kHow = 2, kWhen = 4, kWhere = 8, kAmount = 16, kMay = 32, kWho = 64,
                   kWhat = 128;
constexpr QuestionWord kQuestionWords[] = {
    {"为什么", kWhy},      {"为何", kWhy},      {"为啥", kWhy},           {"怎么回事", kWhy},
    {"why", kWhy},         {"怎么办", kHow},    {"怎么", kHow},           {"怎样", kHow},
    {"如何", kHow},        {"咋", kHow},        {"how to", kHow},         {"how do", kHow},
    {"how can", kHow},     {"什么时候", kWhen}, {"何时", kWhen},          {"几点", kWhen},
    {"几号", kWhen},       {"几天", kWhen},     {"多久", kWhen},          {"when", kWhen},
    {"how long", kWhen},   {"在哪", kWhere},    {"哪里", kWhere},         {"哪儿", kWhere},
    {"where", kWhere},     {"多少", kAmount},   {"额度", kAmount},        {"how much", kAmount},
    {"how many", kAmount}, {"可以", kMay},      {"能不能", kMay},         {"可不可以", kMay},
    {"能否", kMay},        {"是否", kMay},      {"支持", kMay},           {"吗", kMay},
    {"can i", kMay},       {"may i", kMay},     {"is it possible", kMay}, {"谁", kWho},
    {"who", kWho},         {"什么", kWhat},     {"哪些", kWhat},          {"what", kWhat},
    {"which", kWhat},
};
constexpr std::string_view kNegations[] = {
    "不", "没", "无法", "未", "别", " not ", "n't ", " no ", " never ", " cannot ", " without "};

uint32_t QuestionsIn(const std::string& key) {
  uint32_t kinds = 0;
  for (const QuestionWord& question : kQuestionWords) {
    if (key.find(question.word) != std::string::npos) kinds |= question.kind;
  }
  if (key.find("为什么") != std::string::npos || key.find("什么时候") != std::string::npos) {
    kinds &= ~kWhat;
  }
  return kinds;
}

int NegationsIn(const std::string& key) {
  const std::string padded = " " + key + " ";
  int count = 0;
  for (const std::string_view word : kNegations) {
    for (size_t at = padded.find(word); at != std::string::npos; at = padded.find(word, at + 1)) {
      count++;
    }
  }
  return count;
}

// What two sorted lists share and what only one of them has.
struct Overlap {
  std::vector<uint64_t> shared;
  std::vector<uint64_t> only_a;
  std::vector<uint64_t> only_b;
  size_t all() const { return shared.size() + only_a.size() + only_b.size(); }
  double jaccard() const {
    return all() == 0 ? 0 : static_cast<double>(shared.size()) / static_cast<double>(all());
  }
};

Overlap Compare(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  Overlap overlap;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(overlap.shared));
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(overlap.only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(overlap.only_b));
  return overlap;
}

struct Weighed {
  double shared = 0;  // squares, for the cosine
  double a = 0;
  double b = 0;
  double only_a = 0;  // sums
  double only_b = 0;
  double only_max = 0;

  double cosine() const { return a * b == 0 ? 0 : shared / std::sqrt(a * b); }
  double containment() const { return std::min(a, b) == 0 ? 0 : shared / std::min(a, b); }
};

Weighed Weigh(const Overlap& overlap, const PartWeights& weights) {
  Weighed sums;
  for (const uint64_t part : overlap.shared) {
    const double w = weights.Of(part);
    sums.shared += w * w;
  }
  sums.a = sums.b = sums.shared;
  for (const uint64_t part : overlap.only_a) {
    const double w = weights.Of(part);
    sums.a += w * w;
    sums.only_a += w;
    sums.only_max = std::max(sums.only_max, w);
  }
  for (const uint64_t part : overlap.only_b) {
    const double w = weights.Of(part);
    sums.b += w * w;
    sums.only_b += w;
    sums.only_max = std::max(sums.only_max, w);
  }
  return sums;
}

// Lengths of the longest common subsequence and of the longest common run.
std::pair<int, int> LongestCommon(const std::vector<char32_t>& a, const std::vector<char32_t>& b) {
  std::vector<int> best(b.size() + 1);
  std::vector<int> run(b.size() + 1);
  int longest_run = 0;
  for (const char32_t letter : a) {
    int diagonal = 0;
    int diagonal_run = 0;
    for (size_t j = 1; j <= b.size(); ++j) {
      const int above = best[j];
      const int above_run = run[j];
      const bool same = letter == b[j - 1];
      best[j] = same ? diagonal + 1 : std::max(best[j], best[j - 1]);
      run[j] = same ? diagonal_run + 1 : 0;
      longest_run = std::max(longest_run, run[j]);
      diagonal = above;
      diagonal_run = above_run;
    }
  }
  return {best[b.size()], longest_run};
}

// 0: neither has any; 1: the same; 2: one has some; 3: different ones.
int MismatchOf(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  if (a.empty() && b.empty()) return 0;
  if (a == b) return 1;
  return a.empty() || b.empty() ? 2 : 3;
}

float Share(double part, double whole) {
  return whole == 0 ? 0.0F : static_cast<float>(part / whole);
}

void AddVectors(absl::Span<const float> a, absl::Span<const float> b, PairFeatures& out) {
  double cosine = 0;
  double largest = 0;
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
    cosine += static_cast<double>(a[i]) * b[i];
    largest = std::max(largest, difference);
    sum += difference;
  }
  out.summary[0] = static_cast<float>(cosine);
  out.summary[1] = static_cast<float>(cosine * cosine * cosine);
  out.summary[2] = static_cast<float>(std::max(0.0, cosine - 0.8) * 5);
  out.summary[3] = static_cast<float>(std::max(0.0, cosine - 0.9) * 10);
  out.summary[4] = static_cast<float>(largest * 4);
  out.summary[5] = Share(sum, std::sqrt(static_cast<double>(a.size())));
}

void AddHashed(const Overlap& words, const Overlap& doubles, const PartWeights& weights,
               PairFeatures& out) {
  const auto add = [&out](uint64_t part, uint64_t role, double value) {
    const uint64_t hash = Mix(part * 0x9E3779B97F4A7C15ULL + role);
    out.hashed.emplace_back(static_cast<uint32_t>(hash % kPairHashes), static_cast<float>(value));
  };
  const double scale = 1 / std::sqrt(1.0 + static_cast<double>(words.all()));
  for (const uint64_t part : words.shared) add(part, 1, scale);
  for (const uint64_t part : words.only_a) add(part, 2, scale);
  for (const uint64_t part : words.only_b) add(part, 2, scale);
  const double double_scale = 1 / std::sqrt(1.0 + static_cast<double>(doubles.all()));
  for (const uint64_t part : doubles.shared) add(part, 3, double_scale);
  for (const uint64_t part : doubles.only_a) add(part, 4, double_scale);
  for (const uint64_t part : doubles.only_b) add(part, 4, double_scale);
  // Which word stands in place of which, where few differ.
  if (words.only_a.size() * words.only_b.size() > 25) return;
  for (const uint64_t a : words.only_a) {
    for (const uint64_t b : words.only_b) {
      add(std::min(a, b) * 31 + std::max(a, b), 5, 0.3 * weights.Of(a) * weights.Of(b));
    }
  }
}

}  // namespace

PairText::PairText(std::string_view text) {
  const std::string key = MatchKey(text.substr(0, std::min(text.size(), kPairBytesMax)));
  std::string run;
  bool han = false;
  const auto end_run = [&] {
    if (run.empty()) return;
    const bool digits =
        std::all_of(run.begin(), run.end(), [](char c) { return c >= '0' && c <= '9'; });
    (digits ? numbers : names).push_back(Fingerprint64(run));
    run.clear();
  };
  const auto* bytes = reinterpret_cast<const uint8_t*>(key.data());
  const auto size = static_cast<int32_t>(key.size());
  for (int32_t i = 0; i < size && letters.size() < kPairLettersMax;) {
    const int32_t begin = i;
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    const char32_t letter = c < 0 ? 0xFFFD : static_cast<char32_t>(c);
    if (letter < 0x2E80 && IsLetter(letter)) {
      run.append(key, static_cast<size_t>(begin), static_cast<size_t>(i - begin));
    } else {
      end_run();
    }
    han = han || IsHan(letter);
    if (IsLetter(letter) || letter > 0x2000) letters.push_back(letter);
  }
  end_run();
  if (!han) names.clear();
  for (size_t i = 0; i < letters.size(); ++i) {
    singles.push_back(Mix(letters[i] + 1));
    if (i > 0) doubles.push_back(Mix((uint64_t{letters[i - 1]} << 24 | letters[i]) + (1ULL << 50)));
  }
  for (const std::string& word : Words(key)) {
    if (words.size() >= kPairWordsMax) break;
    words.push_back(Fingerprint64(word));
  }
  for (auto* list : {&singles, &doubles, &words, &numbers, &names}) SortOnce(*list);
  questions = QuestionsIn(key);
  negations = NegationsIn(key);
}

PartWeights PartWeights::Of(absl::Span<const PairText* const> texts) {
  std::vector<uint32_t> counts(kBuckets);
  std::vector<uint8_t> steps(kBuckets);
  for (const PairText* text : texts) {
    for (const auto* list : {&text->singles, &text->doubles, &text->words}) {
      for (const uint64_t part : *list) counts[part % kBuckets]++;
    }
  }
  const double all = static_cast<double>(texts.size());
  for (size_t i = 0; i < kBuckets; ++i) {
    const double idf = std::log((all + 1) / (counts[i] + 1.0)) / 4 + 0.25;
    steps[i] = static_cast<uint8_t>(std::clamp(idf * kStepsOfOne, 1.0, 255.0));
  }
  return PartWeights(std::move(steps));
}

void DenseFeatures(absl::Span<const float> a_vector, absl::Span<const float> b_vector,
                   absl::Span<float> out) {
  const size_t n = a_vector.size();
  const float product_scale = std::sqrt(static_cast<float>(n)) * kVectorScale;
  for (size_t i = 0; i < n; ++i) {
    out[i] = std::abs(a_vector[i] - b_vector[i]) * kVectorScale;
    out[n + i] = a_vector[i] * b_vector[i] * product_scale;
  }
}

PairFeatures FeaturesOf(const PairText& a, const PairText& b, const PartWeights& weights,
                        absl::Span<const float> a_vector, absl::Span<const float> b_vector) {
  PairFeatures out;
  if (!a_vector.empty()) AddVectors(a_vector, b_vector, out);
  const Overlap singles = Compare(a.singles, b.singles);
  const Overlap doubles = Compare(a.doubles, b.doubles);
  const Overlap words = Compare(a.words, b.words);
  const Weighed single_sums = Weigh(singles, weights);
  const Weighed double_sums = Weigh(doubles, weights);
  const Weighed word_sums = Weigh(words, weights);
  const auto shorter = static_cast<double>(std::min(a.letters.size(), b.letters.size()));
  const auto longer = static_cast<double>(std::max(a.letters.size(), b.letters.size()));
  const auto [subsequence, run] = LongestCommon(a.letters, b.letters);
  const double cosine = out.summary[0];
  const int kinds = __builtin_popcount(a.questions | b.questions);

  auto& s = out.summary;
  size_t i = 6;
  const auto put = [&s, &i](double value) { s[i++] = static_cast<float>(value); };
  put(singles.jaccard());
  put(doubles.jaccard());
  put(words.jaccard());
  put(single_sums.cosine());
  put(double_sums.cosine());
  put(word_sums.cosine());
  put(single_sums.containment());
  put(word_sums.containment());
  put(std::min(word_sums.only_a, word_sums.only_b) / 4);
  put(std::max(word_sums.only_a, word_sums.only_b) / 4);
  put(word_sums.only_max / 2);
  put(Share(shorter, longer));
  put(std::log1p(longer) / 4);
  put(std::log1p(shorter) / 4);
  put(Share(subsequence, shorter));
  put(Share(subsequence, longer));
  put(Share(run, shorter));
  put(MismatchOf(a.numbers, b.numbers) >= 2 ? 1 : 0);
  put(MismatchOf(a.numbers, b.numbers) == 3 ? 1 : 0);
  put(MismatchOf(a.names, b.names) >= 2 ? 1 : 0);
  put((a.negations > 0) != (b.negations > 0) ? 1 : 0);
  put(kinds == 0 ? 1 : Share(__builtin_popcount(a.questions & b.questions), kinds));
  put(a.questions != 0 && b.questions != 0 && (a.questions & b.questions) == 0 ? 1 : 0);
  put(cosine * word_sums.cosine());
  put(cosine * cosine * Share(shorter, longer));
  put(a.letters == b.letters ? 1 : 0);
  AddHashed(words, doubles, weights, out);
  return out;
}

}  // namespace frontdesk::text
