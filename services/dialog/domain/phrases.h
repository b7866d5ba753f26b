#pragma once

#include <string>
#include <string_view>
#include <vector>

// Finding declared phrases in a match key. English phrases match whole words; Chinese ones, which
// have no spaces, match anywhere but behind a denial ("不要转人工").
namespace frontdesk::dialog {

// A match key cut for both languages.
class PhraseText {
 public:
  explicit PhraseText(std::string_view match_key);

  const std::vector<std::string>& words() const { return words_; }
  // "hello there" -> " hello there ": apostrophes dropped, punctuation is a space.
  const std::string& spaced() const { return spaced_; }
  // Without spaces and ASCII punctuation: "转 人工！" -> "转人工！".
  const std::string& dense() const { return dense_; }
  // Ends or goes on with a question.
  bool asks() const { return asks_; }

  bool HasEnglish(std::string_view phrase) const;
  // Where it stands in dense(), npos when it does not or is denied.
  size_t FindChinese(std::string_view phrase) const;

 private:
  std::vector<std::string> words_;
  std::string spaced_;
  std::string dense_;
  bool asks_ = false;
};

// Characters of UTF-8 text; what is not UTF-8 counts somehow, without harm.
size_t CountCharacters(std::string_view utf8);

// The longest beginning of at most `bytes` bytes that does not cut a character.
std::string_view CutUtf8(std::string_view utf8, size_t bytes);
// The same by characters.
std::string_view CutCharacters(std::string_view utf8, size_t characters);

}  // namespace frontdesk::dialog
