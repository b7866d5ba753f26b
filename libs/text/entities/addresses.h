#pragma once

#include <vector>

#include "libs/text/entities/entity.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// Finds Chinese addresses by administrative level: province, city (both from our list, full or short),
// district (区, 县, 旗, county-level 市), town (街道, 镇, 乡, 村), road (路, 街, 大道, 巷, 弄, 胡同 …), number
// (88号, 12弄3号), and the rest (栋, 单元, 楼, 层, 室, 小区, 大厦 …) by their suffixes.
//
// An address begins with a province or city, or with a district or road whose name is taken back from
// its suffix to a word that can't be part of it (在, 到, 住, a mark …), at most five characters: a guess.
// It needs two levels; a province or city alone is told as a guess, too. A city fixes its province.
// Traditional characters of suffixes are read; names only in simplified ones. Linear, pure.
void FindAddresses(const Tokens& tokens, std::vector<Entity>& out);

}  // namespace frontdesk::text
