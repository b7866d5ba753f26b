#pragma once

#include <string_view>
#include <vector>

#include "libs/text/entities/entity.h"

namespace frontdesk::text {

// Finds order, parcel and ticket numbers where a tenant says nothing better:
//   behind a word   "订单号：A1029-88", "order no. 100293", "单号是SF1234567890123", "tracking # 1Z…": a
//                   code of 4 to 40 letters, digits and hyphens with three digits or more
//   codes           "FD-20260101-1234", "SF1234567890123": 2 to 6 capitals, then six digits or more,
//                   in groups or not
//   long numbers    12 to 24 digits in one piece (a guess: cards and identity numbers win, being
//                   checked), and "#10293" (a guess)
// The value is upper case without spaces. REQUIRES: well-formed UTF-8. Linear, pure.
void FindOrderNumbers(std::string_view text, std::vector<Entity>& out);

}  // namespace frontdesk::text
