#pragma once

#include <string>

#include "absl/time/time.h"

namespace frontdesk::text {

// What a text can't say of itself: the same text and context give the same entities, always.
struct EntityContext {
  absl::Time now;
  absl::TimeZone zone;
  // "03/04" is the 3rd of April (true) or the 4th of March (false), where both are possible.
  bool day_first = false;
  // What is left open ("Friday", "11月3日", "at 5") lies in the past, as in a complaint about an order
  // of then; otherwise in the future.
  bool lean_past = false;
  std::string dollar = "USD";  // of a bare "$", "dollar", "刀"
  std::string yen = "CNY";     // of "¥" and "￥"; "JPY" elsewhere
  std::string phone_region = "CN";
};

}  // namespace frontdesk::text
