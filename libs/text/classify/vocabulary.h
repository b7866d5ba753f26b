#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/n_grams.h"

namespace frontdesk::text {

// A row of numbers, most of them zero: ascending feature numbers and their values.
struct SparseRow {
  std::vector<uint32_t> index;
  std::vector<float> value;
};

// The pieces a model knows, and how rare each is. Immutable, thread safe.
//
// A row of a text is TF-IDF: (1 + log(times in the text)) * idf, where words and characters each
// have length 1 and together too. Which pieces are kept is decided by count alone, never by label:
// those in at least two texts, the most frequent ones first when there are more than `most`.
class Vocabulary {
 public:
  struct Feature {
    uint64_t key;
    float idf;
    GramKind kind;
    uint32_t texts;  // how many of the training texts hold it

    bool operator==(const Feature&) const = default;
  };

  Vocabulary() = default;
  // Features in the order of their numbers.
  explicit Vocabulary(std::vector<Feature> features);

  static constexpr uint32_t kUnknown = UINT32_MAX;
  uint32_t Find(uint64_t key) const;

  // What is needed for a row, kept by the caller so that nothing is allocated.
  struct Scratch {
    Grams grams;
    std::vector<uint32_t> found;
  };
  // The row of `scratch.grams`. Returns how many of its pieces are in no vocabulary.
  uint32_t MakeRow(Scratch& scratch, SparseRow& row) const;
  // The share of a text's pieces that at least `texts_min` training texts hold: 1 for a text of
  // familiar pieces, 0 for one of which nothing was ever seen.
  float Familiar(absl::Span<const uint32_t> index, uint32_t unknown, uint32_t texts_min) const;

  size_t memory_bytes() const;
  size_t size() const { return features_.size(); }
  const std::vector<Feature>& features() const { return features_; }

 private:
  void Prefetch(uint64_t key) const;

  std::vector<Feature> features_;
  // Open addressing, at most half full; a power of two.
  std::vector<std::pair<uint64_t, uint32_t>> table_;
};

// Counts in how many texts each piece stands. One thread.
class VocabularyBuilder {
 public:
  VocabularyBuilder();
  ~VocabularyBuilder();
  VocabularyBuilder(const VocabularyBuilder&) = delete;
  VocabularyBuilder& operator=(const VocabularyBuilder&) = delete;

  void Add(const Grams& grams);
  Vocabulary Build(uint32_t texts_min, size_t most) const;

 private:
  struct Counts;
  // Pieces seen once are most of the memory of a large set; they are forgotten when the table is
  // full, and a piece that common texts share comes back.
  void ForgetRare();

  std::unique_ptr<Counts> counts_;
};

}  // namespace frontdesk::text
