#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/text/encoder/bert_chars.h"

namespace frontdesk::text {

// BERT's WordPiece tokeniser as a `tokenizer.json` describes it: BertNormalizer, BertPreTokenizer,
// WordPiece, one text between its special tokens. Gives the ids that the reference (PyPI
// `tokenizers`) gives; word_piece_test.cc holds it to that. What a file asks for and this class does
// not know is an error of Load, never guessed at.
//
// Immutable after Load, thread safe. Time grows with the text up to where `tokens_max` cuts it; no
// input is quadratic. Ill-formed UTF-8 is left out, as controls are.
class WordPiece {
 public:
  // INVALID_ARGUMENT (INVALID_CONFIG) says what in the file is missing or unknown.
  static absl::StatusOr<WordPiece> Parse(std::string_view tokenizer_json);

  WordPiece(WordPiece&&) = default;
  WordPiece& operator=(WordPiece&&) = default;

  // With the special tokens at both ends; at most `tokens_max` (at least as many as there are
  // special tokens), of which the end of the text is cut off.
  std::vector<int32_t> Encode(std::string_view text, size_t tokens_max) const;

  // How many tokens the text itself has, special ones at the ends not counted; stops at `limit`.
  size_t Count(std::string_view text, size_t limit) const;

  // Of the special tokens at both ends.
  size_t specials() const { return before_.size() + after_.size(); }
  int32_t pad_id() const { return pad_id_; }
  size_t vocabulary_size() const { return vocabulary_size_; }

 private:
  struct Sink;  // tokens of one text
  struct Special {
    std::string content;
    int32_t id;
  };

  WordPiece() = default;

  absl::Status ReadVocabulary(const void* json);
  absl::Status ReadNormalizer(const void* json);
  absl::Status ReadEnds(const void* json);
  absl::Status ReadAddedTokens(const void* json);

  void Tokenize(std::string_view text, Sink& sink) const;
  void TokenizePlain(std::string_view text, Sink& sink) const;
  void AppendWord(Sink& sink) const;
  const Special* SpecialAt(std::string_view text) const;

  // Views into names_. Pieces that continue a word stand without their "##".
  absl::flat_hash_map<std::string_view, int32_t> words_;
  absl::flat_hash_map<std::string_view, int32_t> pieces_;
  std::unique_ptr<std::string> names_;  // moves without its characters moving
  size_t longest_bytes_ = 0;            // of any word or piece
  size_t vocabulary_size_ = 0;
  std::vector<Special> specials_;  // matched in the text as it is written
  std::vector<int32_t> before_;
  std::vector<int32_t> after_;
  int32_t pad_id_ = 0;
  int32_t unknown_id_ = 0;
  size_t word_chars_max_ = 100;
  bool clean_ = true;
  bool space_han_ = true;
  BertFold fold_;
};

}  // namespace frontdesk::text
