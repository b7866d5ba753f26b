#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk::text {

// Two forms of a text, for two uses. Both are pure functions, thread safe, and linear in the input.
//
//   stored form (CleanMessage): what the customer wrote, canonically composed (NFC) and free of
//     what nobody can see. Reads the same to a person; it is what we store, seal and show.
//   match key (MatchKey): what two texts have in common when a person would call them the same:
//     NFKC, case folded, full and half width folded, white space collapsed. Never shown, never stored
//     alone.
//
// Both cut a run of combining marks after the 30th (the stream-safe limit of UAX #15): longer runs
// carry no meaning and make normalisation quadratic.

// OK if ICU's data can be loaded. Call it once at start-up, so that a broken installation is an
// error there and not in the middle of a message.
absl::Status CheckUnicodeData();

// The stored form of `text`.
//   kept:    letters, marks, symbols, emoji with their joiners (U+200D, U+200C), variation
//            selectors and flag tags, private-use characters (some apps' emoji), full-width forms, tab and
//            newline.
//   changed: CR LF, CR, U+0085, U+2028, U+2029 become a newline; then NFC.
//   removed: other control characters, zero-width space, word joiner, byte-order mark, soft hyphen,
//            bidirectional embeddings, overrides and isolates (they can make a text read
//            differently from what it says), tag characters outside a flag, non-characters.
// RESOURCE_EXHAUSTED: more than `max_bytes` (never above kMaxTextBytes) before or after cleaning.
// INVALID_ARGUMENT: not UTF-8. The result may be empty.
absl::StatusOr<std::string> CleanMessage(std::string_view text, size_t max_bytes);

// The match key of `text`: NFKC_Casefold (which also drops zero-width and other ignorable
// characters), runs of white space and control characters as one space, none at the ends.
// Ill-formed bytes become U+FFFD; of input above kMaxTextBytes only the first kMaxTextBytes count.
// MatchKey(MatchKey(x)) == MatchKey(x).
std::string MatchKey(std::string_view text);

// Full-width ASCII forms (U+FF01..U+FF5E), the ideographic space and half-width katakana and hangul
// folded to their ordinary width, all else as it is. Ill-formed bytes become U+FFFD; cut like
// MatchKey.
std::string FoldWidth(std::string_view text);

}  // namespace frontdesk::text
