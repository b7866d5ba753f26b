#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/similar/min_hash.h"

namespace frontdesk::text {

// Which of many texts say nearly the same: a set of (id, text) that is asked for those like a given
// one. Candidates are found by shared bands (min_hash.h), so a question costs tens of microseconds
// however many texts there are; what shares few letters is not found, however alike it is in
// meaning: that is what an index of vectors is for.
//
// Owned by whoever fills it; lives in memory only. Keeps no text: at most 2 KiB an entry and the
// vector in bytes, once for all texts of one match key, plus the ids. Thread safe: questions run side
// by side, Add and Remove alone. Nothing blocks but on that lock. It does not encode: the caller
// brings vectors, all of one encoder, or none.
class NearDuplicates {
 public:
  struct Options {
    size_t texts_max = 1'000'000;
    size_t dimensions = 0;        // of the vectors; 0 = none are given
    double jaccard_min = 0.5;     // what counts as alike where one of the two has no vector
    double cosine_min = 0.85;     // where both have
    size_t candidates_max = 256;  // judged for one question, those that share most bands
  };

  struct Match {
    std::string id;
    double score = 0;    // cosine where both have a vector, otherwise jaccard
    double jaccard = 0;  // of the letters
    bool by_vector = false;
  };

  struct Stats {
    size_t texts = 0;
    size_t entries = 0;  // different match keys
    size_t buckets = 0;
    size_t bytes = 0;  // about
  };

  NearDuplicates() : NearDuplicates(Options{}) {}
  explicit NearDuplicates(Options options);

  // Adds a text, or replaces that of the same id. INVALID_ARGUMENT: no id or one above 256 bytes, a
  // text above kMaxTextBytes or with nothing to compare (an empty match key), a vector of another
  // length or not finite. RESOURCE_EXHAUSTED: full.
  absl::Status Add(std::string_view id, std::string_view text, absl::Span<const float> vector = {});

  // False if there is none of that id. Nothing of it stays behind.
  bool Remove(std::string_view id);

  // The best `limit` of those alike, best first, equals by id. INVALID_ARGUMENT as in Add; a text
  // with nothing to compare has no matches.
  absl::StatusOr<std::vector<Match>> Find(std::string_view text, size_t limit,
                                          absl::Span<const float> vector = {}) const;

  Stats stats() const;

 private:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  struct Entry {
    Sketch sketch;
    uint64_t fingerprint = 0;
    bool grouped = false;  // found by fingerprint
    std::array<uint32_t, kBands> bands{};
    std::vector<int8_t> vector;
    float vector_scale = 0;
    std::vector<std::string> ids;  // empty: on the free list
  };
  struct Place {
    uint32_t entry;
    uint32_t position;  // in its ids
  };

  absl::Status CheckQuestion(std::string_view text, absl::Span<const float> vector) const;
  uint32_t EntryOf(Sketch sketch, absl::Span<const float> vector);
  void Link(uint32_t index);
  void Unlink(uint32_t index);
  bool RemoveLocked(std::string_view id);
  std::vector<uint32_t> Candidates(const Sketch& sketch) const;
  Match Judge(const Entry& entry, const Sketch& sketch, absl::Span<const float> vector) const;

  const Options options_;
  mutable std::shared_mutex mu_;
  // Guarded by mu_.
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
  // The lists of entries that share a band, by band and entry. Not in Entry: a question walks
  // through thousands of them and would wait for memory at each.
  std::array<std::vector<uint32_t>, kBands> next_;
  std::array<std::vector<uint32_t>, kBands> previous_;
  absl::flat_hash_map<std::string, Place> places_;
  absl::flat_hash_map<uint64_t, uint32_t> groups_;
  std::array<absl::flat_hash_map<uint32_t, uint32_t>, kBands> buckets_;  // band -> newest entry
};

}  // namespace frontdesk::text
