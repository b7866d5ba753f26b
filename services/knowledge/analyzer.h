#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "services/knowledge/domain/confidence.h"

namespace frontdesk::knowledge {

// Turns Chinese and English text into words. Both search indexes and the confidence of answers see
// text through it, so they agree on what a word is. Functions are pure and thread safe.

// Raise it when the terms below change: indexes of another form are built anew.
inline constexpr uint32_t kIndexFormat = 3;

// What an index holds of a text, repeats included: English stems without stop words, and of Chinese
// each character and each pair of neighbours, so that nothing hangs on segmentation.
std::vector<std::string> IndexTerms(std::string_view text);

// The match key of a text (libs/text/normalize.h); plain English and Chinese take a short way there.
std::string Fold(std::string_view text);

// The first bytes of words that are not Chinese, their synonyms included. A stem and those of its
// family begin with the same one, so other words of a text need no stem to be told apart.
using Heads = std::bitset<256>;
Heads HeadsOf(const std::vector<Word>& words);

// What a text holds, without its `words` and without stems of other heads: enough to look for words
// of these heads in it, and much faster.
TextView AnalyzeHeld(std::string_view text, const Heads& heads);

// The words of a text with the weight of their class (1, weak 0.2), stop words left out.
TextView AnalyzeText(std::string_view text);

// What to look for in an index for these words: stems, and pairs of characters of Chinese words.
std::vector<std::string> QueryTerms(const std::vector<Word>& words);
// The terms of one word.
std::vector<std::string> TermsOf(const Word& word);

// A run of ideographs or another word of a text.
struct Token {
  size_t begin = 0;  // bytes of the text as it is written
  size_t end = 0;
  std::string folded;  // without apostrophes
  bool han = false;
};
std::vector<Token> Tokenize(std::string_view text);

// The characters of well-formed UTF-8.
std::u32string Characters32(std::string_view text);

// "en" or "zh": what `requested` says, else what the text is in, else "en".
std::string SearchLocale(std::string_view requested, std::string_view text);

}  // namespace frontdesk::knowledge
