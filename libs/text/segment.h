#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace frontdesk::text {

// Cuts text into words and sentences, Chinese and English in one go: Unicode's rules (UAX #29) with
// ICU's dictionary for runs of Han characters. Break iterators cost milliseconds to make and can't
// be shared, so every thread keeps its own; the functions are thread safe. Ill-formed bytes become
// U+FFFD; of input above kMaxTextBytes only the first kMaxTextBytes count.

// OK if ICU's rules and dictionaries can be loaded. Call it once at start-up: the functions below
// abort without them.
absl::Status CheckSegmentationData();

// The words of `text` as written, in order: letters, numbers, ideographs. No spaces or punctuation.
// "我想退款 refund please" -> "我想", "退款", "refund", "please".
std::vector<std::string> Words(std::string_view text);

// The sentences of `text` with their closing punctuation, without white space at their ends, none
// empty. A newline ends a sentence; "Dr. Smith" and its kind do not.
std::vector<std::string> Sentences(std::string_view text);

// Where they stand, in bytes of `text`. Ill-formed bytes are part of the sentence around them; of
// input above kMaxTextBytes only the first kMaxTextBytes count.
struct TextSpan {
  size_t begin = 0;
  size_t end = 0;
};
std::vector<TextSpan> SentenceSpans(std::string_view text);

// Where the words stand, put into `spans` in place of what was there. Of text that is well-formed
// the same as Words.
void WordSpans(std::string_view text, std::vector<TextSpan>& spans);

}  // namespace frontdesk::text
