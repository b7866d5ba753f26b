#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace frontdesk::text {

enum class MaskKind { kEmail, kId, kCard, kPhone };

// "[email]", "[id]", "[card]", "[phone]": what stands in a masked text.
std::string_view PlaceholderOf(MaskKind kind);

// Where personal data stood: bytes [begin, end) of the original text.
struct MaskSpan {
  MaskKind kind;
  size_t begin;
  size_t end;

  bool operator==(const MaskSpan&) const = default;
};

struct MaskedText {
  std::string text;
  std::vector<MaskSpan> spans;  // in the order of the text, never overlapping
};

// Replaces personal data by placeholders. Pure, thread safe, linear in the text.
//
// Digits are read in any width, script or keycap form; zero-width characters and combining marks
// between them do not hide them; single spaces, hyphens, dots and brackets (up to three in a row)
// may stand between.
//
// What counts, in the order in which it is looked for; what one kind has taken is a wall for the
// next, and within a kind the leftmost, then the longest wins:
//   email  local@domain.tld, Latin or other alphabetic letters. Chinese characters end it.
//   id     Chinese resident identity number: 18 characters, region, date of birth and check
//          character (X).
//   card   14 to 19 digits with a card network's first digits and a correct Luhn sum: in one piece,
//          in the groupings that are printed on cards, or all that stands there.
//   phone  +country or 00/011 country by libphonenumber; Chinese mobile numbers with or without 86;
//          Chinese fixed lines with area code; US and Canadian numbers. A ten- or eleven-digit run that
//          could be anything (not a Chinese mobile number) is not taken behind a word like "order"
//          or "单号", behind '#', '=' or '/', next to a currency, or when it starts with a date.
// This repeats until nothing more is found, so a masked text masks to itself.
//
// Left alone: what hangs on an upper-case code ("FD-20260101-1234", "SF1234567890123") or on a mix
// of letters and digits (hashes, UUIDs); prices, dates, times; hotlines (800, 400, toll-free,
// premium), which are nobody's; local numbers without area code, 15-digit identity numbers and
// numbers written in words, which can't be told from others.
//
// Errors: INVALID_ARGUMENT for ill-formed UTF-8, RESOURCE_EXHAUSTED above kMaxTextBytes. Should
// libphonenumber fail, or be asked about more than 2 000 candidates, a candidate of the right shape
// is masked unasked: wrong in the direction that keeps secrets.
absl::StatusOr<MaskedText> MaskPersonalData(std::string_view text);

}  // namespace frontdesk::text
