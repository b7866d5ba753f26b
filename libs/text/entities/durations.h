#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "libs/text/entities/entity.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

struct DurationExpr {
  DurationValue value;
  size_t next = 0;
  double confidence = 1.0;
};

// The length of time that starts at token `i`: "三天", "两个半小时", "1小时30分钟", "一刻钟", "半年",
// "3-5个工作日", "两三天", "a week", "an hour and a half", "2 hours and 15 minutes", "90 mins",
// "3 to 5 business days". Half a month is 15 days (a guess), a quarter of a year three months.
// Looks at a bounded number of tokens; pure.
std::optional<DurationExpr> ParseDuration(const Tokens& tokens, size_t i);

void FindDurations(const Tokens& tokens, std::vector<Entity>& out);

}  // namespace frontdesk::text
