#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "libs/text/digit_groups.h"
#include "libs/text/folded_view.h"
#include "libs/text/phone_numbers.h"

namespace frontdesk::text {

// The rules of masking, each a pure function over the digits that stand together; mask.h says what
// they take.

// Characters [begin, end) of a FoldedView.
struct FoldedRange {
  size_t begin;
  size_t end;
};

// The correct check sum of card numbers (ISO/IEC 7812). REQUIRES: digits only.
bool LuhnHolds(std::string_view digits);

// True for a Chinese resident identity number: 17 digits and a digit or 'X', with a region, a
// possible date of birth and the check character of GB 11643.
bool IsResidentNumber(std::string_view number);

// Each looks for its kind in windows that start with the window's first group, the longest first,
// and uses up the window. `text` is the original.
std::optional<FoldedRange> MatchId(const FoldedView& view, DigitWindow window);
std::optional<FoldedRange> MatchCard(const FoldedView& view, DigitWindow window);
std::optional<FoldedRange> MatchPhone(std::string_view text, const FoldedView& view,
                                      DigitWindow window, PhoneNumbers& numbers);

}  // namespace frontdesk::text
