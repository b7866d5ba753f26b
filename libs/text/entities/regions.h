#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// A province or prefecture-level city by its full official name.
struct Region {
  std::string province = "";  // "广东省"
  std::string city = "";  // "深圳市"; "" for a province; = province for the four municipalities
  size_t count = 0;       // tokens taken
  bool full = false;      // said with its suffix ("深圳市", "广东省"), not short ("深圳")
};

// The longest province (city) whose full or short name starts at token `i`; count 0 if there is none.
// The list is regions.inc. Thread safe, bounded.
Region ProvinceAt(const Tokens& tokens, size_t i);
Region CityAt(const Tokens& tokens, size_t i);

}  // namespace frontdesk::text
