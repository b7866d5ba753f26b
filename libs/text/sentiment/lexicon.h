#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/text/sentiment/feeling.h"

namespace frontdesk::text {

// A list of words and phrases with what they mean for the feeling of a text; the format is told at
// the top of lexicon_en.txt. Immutable once made, thread safe.
class Lexicon {
 public:
  enum class Kind : uint8_t { kFeeling, kNegation, kBoost, kContrast, kPlain };

  struct Entry {
    Kind kind = Kind::kFeeling;
    double value = 0;  // polarity, or the factor of a boost
    Emotion emotion = Emotion::kNeutral;
    bool prefix = false;  // matches every word that begins so
  };

  // A stretch of a text: an entry of the lexicon, a word that is none, or punctuation.
  struct Token {
    enum class Type : uint8_t { kEntry, kWord, kPause, kEnd, kExclamation };
    Type type = Type::kWord;  // kPause: comma; kEnd: end of a sentence, exclamations too
    const Entry* entry = nullptr;
    size_t begin = 0;  // bytes of the match key
    size_t end = 0;
  };

  // INVALID_ARGUMENT with the line for what it doesn't understand, and for an entry that is listed
  // twice with different meanings in one list. A later list wins over an earlier one.
  static absl::StatusOr<Lexicon> Parse(const std::vector<std::string_view>& lists);

  // Longest match first; a Latin entry matches whole words only. A run of Han characters that is
  // no entry gives one word a character. Linear in `match_key`.
  std::vector<Token> Scan(std::string_view match_key) const;

  size_t size() const { return entries_.size(); }

 private:
  struct Letter {
    char32_t code;
    size_t begin;
    size_t end;
  };
  struct Hit {
    size_t letters = 0;
    const Entry* entry = nullptr;
  };

  static std::vector<Letter> Letters(std::string_view match_key);
  absl::Status ParseList(std::string_view list);
  absl::Status AddEntry(std::string_view text, Entry entry, size_t first_of_list);
  absl::Status Insert(const std::string& key, const Entry& entry, size_t first_of_list);
  Hit Longest(const std::vector<Letter>& letters, size_t at) const;

  // A trie by letters: (node, letter) -> node.
  absl::flat_hash_map<uint64_t, uint32_t> edges_;
  absl::flat_hash_map<uint32_t, uint32_t> ends_;  // node -> entry
  std::vector<Entry> entries_;
  uint32_t nodes_ = 1;
};

}  // namespace frontdesk::text
