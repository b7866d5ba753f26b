#pragma once

#include <string_view>

namespace frontdesk::text {

// Which of the suite's two languages a text is in, guessed by script share: "zh", "en", or "und"
// when it is neither or nothing can be said. For choosing a reply language and an article locale,
// so mixed text gets the language that carries the sentence. Pure, thread safe, linear; reads at
// most the first 64 KiB.
//
// The rule counts Han characters (H), Latin words (L) and letters of any other script (O):
//   - A Latin word is a run of Latin letters and apostrophes. What is no language doesn't count:
//     anything holding a digit, '@', '/', '_' or '\\' ("iPhone15", addresses, links, "FD-2026"), and one
//     word in square brackets, as masking leaves it ("[phone]").
//   - "und" if H + L = 0, if O is more than H + L, or if kana is at least a fifth of H (Japanese).
//   - "zh" if H > L, "en" if L > H: one Chinese character weighs as much as an English word, so
//     a few product names do not make a Chinese sentence English. At H = L the script of the first
//     letter decides.
// Latin script is taken for English: the suite answers in these two languages only.
std::string_view GuessLanguage(std::string_view text);

}  // namespace frontdesk::text
