#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "libs/text/entities/entity.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

inline constexpr size_t kDictionaryEntriesMax = 50'000;  // spellings, canonical values counted too
inline constexpr size_t kSpellingCharactersMax = 40;
// Look-ups a text may cost; past it (a text of 100 KB in a dictionary of long names) only exact
// spellings are found.
inline constexpr int64_t kDictionaryProbesMax = 10'000'000;

// Names a tenant knows (products, branches, cities) with their other spellings, found exactly or
// nearly, in both languages. Immutable, thread safe.
//
// Spellings are compared as tokens.h folds them, without spaces and marks: "iPhone 15", "iphone-15" and
// "ＩＰＨＯＮＥ１５" are one. A match begins and ends at borders of words; Chinese has one at every
// character. Nearly is an edit distance (insert, delete, replace, swap of neighbours) of
//   1  from 5 characters on (Chinese: from 3), 2  from 9 on (Chinese: from 7),
// with the first or last character right and digits never changed: "iPhone 15" is no "iPhone 16".
// Among matches on the same place the one with the most right characters wins. The neighbourhood of
// deletions is built once (about 40 entries for a spelling of 9), so a look-up does not grow with the
// dictionary.
class Dictionary {
 public:
  struct Entry {
    std::string canonical;             // found itself, too
    std::vector<std::string> aliases;  // other spellings
  };
  struct Options {
    std::string name;  // 1 to 64 characters, told in Entity::name
    std::vector<Entry> entries;
    bool fuzzy = true;
  };

  // INVALID_ARGUMENT (INVALID_FIELD) for a spelling that is empty, too long or not UTF-8, one that
  // stands for two canonical values, or too many of them.
  static absl::StatusOr<Dictionary> Build(const Options& options);

  const std::string& name() const { return name_; }

  // `value` is the canonical value; confidence 1 for the exact spelling, 0.8 and 0.6 for one and two
  // edits. None overlapping, in order.
  void Find(const Tokens& tokens, std::vector<Entity>& out) const;

 private:
  struct Spelling {
    std::u32string key;
    uint32_t canonical;
    int edits;  // allowed
  };
  class Search;

  void AddNeighbours(uint32_t index);

  std::string name_;
  std::vector<std::string> canonicals_;
  std::vector<Spelling> spellings_;
  struct KeyHash {
    using is_transparent = void;
    size_t operator()(std::u32string_view key) const;
  };
  absl::flat_hash_map<std::u32string, uint32_t, KeyHash, std::equal_to<>> exact_;  // → spelling
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> neighbours_;  // hash with letters deleted
  size_t longest_ = 0;
  std::vector<int> edits_by_size_;  // the most edits that a window of so many characters may have
};

}  // namespace frontdesk::text
