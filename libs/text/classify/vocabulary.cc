#include "libs/text/classify/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "absl/container/flat_hash_map.h"

namespace frontdesk::text {
namespace {

constexpr size_t kCountedMax = size_t{16} << 20;

// 1 + log(n), for the counts that texts have.
float DampedCount(size_t count) {
  static const std::vector<float> table = [] {
    std::vector<float> made(64, 0.0f);
    for (size_t i = 1; i < made.size(); ++i) made[i] = 1.0f + std::log(static_cast<float>(i));
    return made;
  }();
  return count < table.size() ? table[count] : 1.0f + std::log(static_cast<float>(count));
}

}  // namespace

Vocabulary::Vocabulary(std::vector<Feature> features) : features_(std::move(features)) {
  table_.assign(std::bit_ceil(features_.size() * 2 + 2), {0, kUnknown});
  const size_t mask = table_.size() - 1;
  for (uint32_t i = 0; i < features_.size(); ++i) {
    size_t slot = features_[i].key & mask;
    while (table_[slot].second != kUnknown) slot = (slot + 1) & mask;
    table_[slot] = {features_[i].key, i};
  }
}

uint32_t Vocabulary::Find(uint64_t key) const {
  if (table_.empty()) return kUnknown;
  const size_t mask = table_.size() - 1;
  for (size_t slot = key & mask;; slot = (slot + 1) & mask) {
    const auto& [stored, feature] = table_[slot];
    if (feature == kUnknown || stored == key) return feature;
  }
}

void Vocabulary::Prefetch(uint64_t key) const {
  if (!table_.empty()) __builtin_prefetch(table_.data() + (key & (table_.size() - 1)));
}

uint32_t Vocabulary::MakeRow(Scratch& scratch, SparseRow& row) const {
  row.index.clear();
  row.value.clear();
  scratch.found.clear();
  uint32_t unknown = 0;
  // The table is larger than the caches: all places are fetched before the first one is needed.
  for (const Gram& gram : scratch.grams.list()) Prefetch(gram.key);
  for (const Gram& gram : scratch.grams.list()) {
    const uint32_t feature = Find(gram.key);
    if (feature == kUnknown) {
      ++unknown;
    } else {
      __builtin_prefetch(features_.data() + feature);
      scratch.found.push_back(feature);
    }
  }
  std::sort(scratch.found.begin(), scratch.found.end());
  float squares[2] = {0.0f, 0.0f};
  for (size_t i = 0; i < scratch.found.size();) {
    size_t end = i + 1;
    while (end < scratch.found.size() && scratch.found[end] == scratch.found[i]) ++end;
    const Feature& feature = features_[scratch.found[i]];
    const float value = DampedCount(end - i) * feature.idf;
    row.index.push_back(scratch.found[i]);
    row.value.push_back(value);
    squares[static_cast<size_t>(feature.kind)] += value * value;
    i = end;
  }
  const float parts = squares[0] > 0 && squares[1] > 0 ? 2.0f : 1.0f;
  for (float& square : squares) square = square > 0 ? 1.0f / std::sqrt(parts * square) : 0.0f;
  for (size_t i = 0; i < row.index.size(); ++i) {
    row.value[i] *= squares[static_cast<size_t>(features_[row.index[i]].kind)];
  }
  return unknown;
}

float Vocabulary::Familiar(absl::Span<const uint32_t> index, uint32_t unknown,
                           uint32_t texts_min) const {
  size_t familiar = 0;
  for (uint32_t feature : index) familiar += features_[feature].texts >= texts_min ? 1 : 0;
  const size_t all = index.size() + unknown;
  return all == 0 ? 0.0f : static_cast<float>(familiar) / static_cast<float>(all);
}

size_t Vocabulary::memory_bytes() const {
  return features_.size() * sizeof(features_[0]) + table_.size() * sizeof(table_[0]);
}

struct VocabularyBuilder::Counts {
  struct Count {
    uint32_t texts = 0;
    uint32_t last = 0;  // the last text that held it, so that a text counts once
    GramKind kind = GramKind::kWords;
  };
  absl::flat_hash_map<uint64_t, Count> by_key;
  uint32_t texts = 0;
};

VocabularyBuilder::VocabularyBuilder() : counts_(std::make_unique<Counts>()) {}
VocabularyBuilder::~VocabularyBuilder() = default;

void VocabularyBuilder::Add(const Grams& grams) {
  const uint32_t text = ++counts_->texts;
  for (const Gram& gram : grams.list()) {
    Counts::Count& count = counts_->by_key[gram.key];
    if (count.last == text) continue;
    count.last = text;
    count.kind = gram.kind;
    ++count.texts;
  }
  if (counts_->by_key.size() > kCountedMax) ForgetRare();
}

void VocabularyBuilder::ForgetRare() {
  uint32_t below = 2;
  while (counts_->by_key.size() > kCountedMax / 2) {
    absl::erase_if(counts_->by_key,
                   [below](const auto& entry) { return entry.second.texts < below; });
    ++below;
  }
}

Vocabulary VocabularyBuilder::Build(uint32_t texts_min, size_t most) const {
  std::vector<Vocabulary::Feature> features;
  const double texts = counts_->texts;
  for (const auto& [key, count] : counts_->by_key) {
    if (count.texts < texts_min) continue;
    const double idf = std::log((1.0 + texts) / (1.0 + count.texts)) + 1.0;
    features.push_back({key, static_cast<float>(idf), count.kind, count.texts});
  }
  // The hash map's order differs from run to run; keys do not.
  std::sort(features.begin(), features.end(), [](const auto& a, const auto& b) {
    return a.texts != b.texts ? a.texts > b.texts : a.key < b.key;
  });
  if (features.size() > most) features.resize(most);
  return Vocabulary(std::move(features));
}

}  // namespace frontdesk::text
