#pragma once

#include <cstddef>
#include <optional>

#include "libs/text/entities/clocks.h"
#include "libs/text/entities/context.h"
#include "libs/text/entities/dates.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// One point of time as it was said: some of date, part of the day and clock, in any order.
struct Moment {
  std::optional<DateExpr> date = {};
  std::optional<DayPart> part = {};
  std::optional<ClockExpr> clock = {};
  size_t next = 0;

  bool empty() const { return !date.has_value() && !part.has_value() && !clock.has_value(); }
};

// A moment of nothing else, up to where it was read.
Moment OfClock(const ClockExpr& clock);
Moment OfDate(const DateExpr& date);

// The moment that starts at token `i`. Bounded, pure.
std::optional<Moment> ParseMoment(const Tokens& tokens, size_t i, const EntityContext& context);

struct ResolvedMoment {
  TimeValue value = {};
  absl::CivilDay day = {};  // on which it begins
  double confidence = 1.0;
};

// What a moment means by the rules of times.h. With `anchor`, the first such one that does not lie
// before that day (the second end of a range); a moment without date is on it. Nothing where there is
// no such time. Pure.
std::optional<ResolvedMoment> ResolveMoment(const Moment& moment, const EntityContext& context,
                                            std::optional<absl::CivilDay> anchor);

}  // namespace frontdesk::text
