#pragma once

#include <cstdint>
#include <string>

namespace frontdesk::text {

// What BERT's reference tokeniser thinks of single characters. It has its own tables (Unicode 8 for
// categories, a newer one for lower case); where ICU knows more, these functions know as little as
// the reference does, since a model has only ever seen the reference's tokens. Pure, thread safe.

// Taken out by clean_text: controls, format characters, U+FFFD.
bool IsBertControl(uint32_t c);
bool IsBertSpace(uint32_t c);
bool IsBertPunctuation(uint32_t c);
// Stands alone as a word: Han characters, not kana or hangul.
bool IsBertHan(uint32_t c);
// Appends canonical decomposition without non-spacing marks, each character in lower case where
// wanted.
struct BertFold {
  bool strip_accents = false;
  bool lower_case = false;
};
void AppendFolded(uint32_t c, BertFold fold, std::u32string& out);

}  // namespace frontdesk::text
