#pragma once

#include <vector>

#include "libs/text/entities/context.h"
#include "libs/text/entities/entity.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// Finds times and dates, said in Chinese or English, relative to a given now and zone. Pure, thread
// safe, linear: every start looks at a bounded number of tokens.
//
// Where a phrase can be read in several ways, this is how it is read:
//   what is left open      lies in the future (EntityContext::lean_past: in the past). A bare weekday
//                          is the next such day strictly after today; with a clock, the next such
//                          instant strictly after now. A month and day without year, a lone day
//                          ("15号") or a month is the next one not yet over. A clock without date is
//                          the next one strictly after now.
//   weeks                  are ISO weeks, Monday to Sunday. "下周三", "next Wednesday", "Wednesday next
//                          week" lie in the next one, "上周三" in the one before, "这周三" and "this
//                          Wednesday" in the current one, past or not. "last Friday" is the latest one
//                          before today.
//   since, 以来            begins in the past.
//   weekends               are Saturday and Sunday of the current (next, last) ISO week.
//   03/04                  EntityContext::day_first decides if both readings are dates; with dots the
//                          day is first. A year of two digits is of 1970 to 2069.
//   hours 1 to 12          with a part of the day or am/pm as it says ("晚上十二点" and "midnight" are the
//                          end of the day, "晚上两点" is of the next morning); beside a date in digits
//                          as a 24-hour clock; else 1 to 6 are afternoon, 7 to 12 as written.
//                          A leading zero ("03:30") is a 24-hour clock.
//   relative               of hours and less an instant to the minute; of days, weeks, months a day. A
//                          month later is the same day or the month's last. Working days are
//                          counted as days, as a guess.
//   parts of the day       凌晨 0-6, 早上 6-9, morning and 上午 6-12, 中午 11-14, afternoon 12-18,
//                          evening, 晚上, night 18-24; of a month: 月初 1-10, 中旬 11-20, 月底 21-end.
//   ranges                 of days hold both ends ("从周一到周三" ends on Wednesday's end), of clocks end
//                          at the second; the second end is the first possible after the first and
//                          takes over date, month and half of the day from it, or gives it its own
//                          ("between 3 and 5 pm"). "before" ends where the time begins, "by" and
//                          "until" where it ends, "after" begins where a day ends but at a clock.
// What was decided by a rule and not by the text has a confidence below 1. Clocks that a zone skips or
// has twice are taken as absl::FromCivil takes them. Lunar dates are not known.
void FindTimes(const Tokens& tokens, const EntityContext& context, std::vector<Entity>& out);

}  // namespace frontdesk::text
