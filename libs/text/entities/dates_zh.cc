#include <array>
#include <utility>

#include "libs/text/entities/date_forms.h"
#include "libs/text/entities/dates.h"
#include "libs/text/entities/numbers.h"

namespace frontdesk::text {
namespace {

const RelativeDay kRelativeDays[] = {
    {"大大后天", 4, {}},
    {"大后天", 3, {}},
    {"后天", 2, {}},
    {"明天", 1, {}},
    {"明日", 1, {}},
    {"明儿个", 1, {}},
    {"明儿", 1, {}},
    {"今天", 0, {}},
    {"今日", 0, {}},
    {"今儿个", 0, {}},
    {"今儿", 0, {}},
    {"昨天", -1, {}},
    {"昨日", -1, {}},
    {"昨儿", -1, {}},
    {"大前天", -3, {}},
    {"前天", -2, {}},
    {"前日", -2, {}},
    {"今早", 0, DayPart::kEarly},
    {"今晨", 0, DayPart::kEarly},
    {"今晚", 0, DayPart::kEvening},
    {"今夜", 0, DayPart::kNight},
    {"明早", 1, DayPart::kEarly},
    {"明晨", 1, DayPart::kEarly},
    {"明晚", 1, DayPart::kEvening},
    {"昨晚", -1, DayPart::kEvening},
    {"昨夜", -1, DayPart::kNight},
    {"前晚", -2, DayPart::kEvening},
    {"后晚", 2, DayPart::kEvening},
};

constexpr NamedDay kHolidays[] = {
    {"元旦节", 1, 1},   {"元旦", 1, 1},     {"情人节", 2, 14},  {"妇女节", 3, 8},
    {"三八节", 3, 8},   {"愚人节", 4, 1},   {"劳动节", 5, 1},   {"五一", 5, 1},
    {"儿童节", 6, 1},   {"六一八", 6, 18},  {"六一", 6, 1},     {"国庆节", 10, 1},
    {"国庆", 10, 1},    {"双十一", 11, 11}, {"双11", 11, 11},   {"双十二", 12, 12},
    {"双12", 12, 12},   {"平安夜", 12, 24}, {"圣诞节", 12, 25}, {"圣诞", 12, 25},
    {"跨年夜", 12, 31}, {"光棍节", 11, 11}, {"教师节", 9, 10},
};

// "以后天气" holds no 后天, "三天前天气" no 前天.
bool PartOfOtherWord(const Tokens& tokens, size_t i) {
  if (!tokens.Glued(i)) return false;
  const std::string_view before = tokens.Text(i - 1);
  if (tokens.Is(i, "后")) {
    return before == "以" || before == "之" || before == "今" || before == "先" || before == "最";
  }
  return tokens.Is(i, "前") && (before == "以" || before == "之" || before == "目" ||
                                before == "天" || before == "年" || before == "月");
}

struct Shift {
  int steps = 0;
  size_t count = 0;
};

// "上上个", "下", "这", "本".
Shift ParseShift(const Tokens& tokens, size_t i) {
  Shift shift;
  if (tokens.Is(i, "上") || tokens.Is(i, "下")) {
    const std::string_view way = tokens.Text(i);
    const int step = way == "上" ? -1 : 1;
    while (shift.count < 3 && tokens.Text(i + shift.count) == way) {
      shift.steps += step;
      ++shift.count;
    }
  } else if (tokens.Is(i, "这") || tokens.Is(i, "本")) {
    shift.count = 1;
  } else {
    return shift;
  }
  if (tokens.Is(i + shift.count, "一") && tokens.Is(i + shift.count + 1, "个")) ++shift.count;
  if (tokens.Is(i + shift.count, "个")) ++shift.count;
  return shift;
}

// 0 = Monday.
std::optional<int> WeekdayAt(const Tokens& tokens, size_t i) {
  const std::string_view text = tokens.Text(i);
  if (text == "日" || text == "天") return 6;
  const int han = text == "两" || text == "零" ? -1 : HanDigit(text);
  if (han >= 1 && han <= 6) return han - 1;
  if (tokens.Glued(i) && tokens.IsKind(i, TokenKind::kDigits) && text.size() == 1 &&
      text[0] >= '1' && text[0] <= '7' && !tokens.Is(i + 1, ".") && !tokens.Is(i + 1, "天")) {
    return text[0] - '1';
  }
  return std::nullopt;
}

std::optional<DateExpr> ParseWeek(const Tokens& tokens, size_t i, const EntityContext& context) {
  const Shift shift = ParseShift(tokens, i);
  size_t at = i + shift.count;
  const bool every = tokens.Is(at, "每") && shift.count == 0;
  if (every) ++at;
  const size_t unit = tokens.MatchAny(at, {"周", "星期", "礼拜"}).count;
  if (unit == 0) return std::nullopt;
  const bool open = shift.count == 0;
  // "一周三次", "三周一次"
  if (open && !every && tokens.Glued(i) &&
      (HanDigit(tokens.Text(i - 1)) >= 0 || tokens.IsKind(i - 1, TokenKind::kDigits) ||
       tokens.Is(i - 1, "十") || tokens.Is(i - 1, "半") || tokens.Is(i - 1, "个"))) {
    return std::nullopt;
  }
  const absl::CivilDay monday = MondayOf(Today(context)) + 7 * shift.steps;
  const size_t next = at + unit;
  if (tokens.Is(next, "末")) {
    DateExpr date = FixedDate(monday + 5, monday + 7, Grain::kDay, next + 1);
    date.range = true;
    return date;
  }
  const std::optional<int> weekday = WeekdayAt(tokens, next);
  if (!weekday.has_value()) {
    if (open) return std::nullopt;
    return FixedDate(monday, monday + 7, Grain::kWeek, next);
  }
  if (!open) return FixedDay(monday + *weekday, next + 1);
  return OpenWeekday(*weekday, every, next + 1);
}

struct YearFound {
  int year = 0;
  size_t next = 0;
};

std::optional<YearFound> ParseYear(const Tokens& tokens, size_t i, const EntityContext& context) {
  static constexpr std::array<std::pair<std::string_view, int>, 6> kYears = {
      {{"大前年", -3}, {"前年", -2}, {"去年", -1}, {"今年", 0}, {"明年", 1}, {"后年", 2}}};
  const auto this_year = static_cast<int>(Today(context).year());
  for (const auto& [phrase, shift] : kYears) {
    if (size_t n = tokens.Match(i, phrase); n > 0 && !PartOfOtherWord(tokens, i)) {
      return YearFound{this_year + shift, i + n};
    }
  }
  if (tokens.Match(i, "本年") > 0) return YearFound{this_year, i + 2};
  int year = -1;
  size_t next = i + 1;
  if (tokens.IsKind(i, TokenKind::kDigits) && tokens.StartsClean(i)) {
    const size_t size = tokens.Text(i).size();
    year = ParseSmallInt(tokens, i, 4).value_or(-1);
    if (size == 2 && tokens.Is(i + 1, "年") &&
        (tokens.IsKind(i + 2, TokenKind::kDigits) || HanDigit(tokens.Text(i + 2)) > 0) &&
        (tokens.Is(i + 3, "月") || tokens.Is(i + 4, "月"))) {
      year += 2000;
    } else if (size != 4) {
      return std::nullopt;
    }
  } else {
    year = 0;
    size_t k = i;
    for (int d; k - i < 4 && (d = HanDigit(tokens.Text(k))) >= 0; ++k) year = year * 10 + d;
    if (k - i != 4) return std::nullopt;
    next = k;
  }
  if (year < 1900 || year > 2199 || !tokens.Is(next, "年")) return std::nullopt;
  return YearFound{year, next + 1};
}

// A number of 1 to `most` in digits or Chinese.
std::optional<std::pair<int, size_t>> ParseCountTo(const Tokens& tokens, size_t i, int most) {
  if (tokens.IsKind(i, TokenKind::kDigits)) {
    const std::optional<int> value = ParseSmallInt(tokens, i, 2);
    if (!value.has_value() || *value < 1 || *value > most) return std::nullopt;
    return std::pair(*value, i + 1);
  }
  const bool han = HanDigit(tokens.Text(i)) > 0 || tokens.Is(i, "十");
  if (!han || tokens.Is(i, "两")) return std::nullopt;
  const std::optional<Number> number = ParseNumber(tokens, i);
  if (!number.has_value() || !number->whole() || number->units() < 1 || number->units() > most) {
    return std::nullopt;
  }
  return std::pair(static_cast<int>(number->units()), number->next);
}

struct MonthFound {
  int month = 0;
  size_t next = 0;
};

std::optional<MonthFound> ParseMonthName(const Tokens& tokens, size_t i) {
  const auto month = ParseCountTo(tokens, i, 12);
  if (!month.has_value() || !tokens.Is(month->second, "月")) return std::nullopt;
  if (tokens.IsKind(i, TokenKind::kDigits) && !tokens.StartsClean(i)) return std::nullopt;
  return MonthFound{month->first, month->second + 1 + (tokens.Is(month->second + 1, "份") ? 1 : 0)};
}

struct DayFound {
  int day = 0;
  size_t next = 0;
};

// "22日", "22号", with `bare` also "22".
std::optional<DayFound> ParseDayNumber(const Tokens& tokens, size_t i, bool bare) {
  const auto day = ParseCountTo(tokens, i, 31);
  if (!day.has_value()) return std::nullopt;
  const size_t at = day->second;
  if (tokens.Is(at, "日")) return DayFound{day->first, at + 1};
  if (tokens.Is(at, "号")) {
    static constexpr std::string_view kOthers[] = {"楼", "线", "店", "机", "门", "院", "馆", "柜",
                                                   "仓", "码", "房", "桌", "栋", "厅", "窗", "客"};
    for (std::string_view other : kOthers) {
      if (tokens.Is(at + 1, other)) return std::nullopt;
    }
    return DayFound{day->first, at + 1};
  }
  if (bare && tokens.EndsClean(at) && !tokens.Is(at, "个") && !tokens.Is(at, ":") &&
      !tokens.Is(at, "点") && !tokens.Is(at, ".") && !tokens.Is(at, "年")) {
    return DayFound{day->first, at};
  }
  return std::nullopt;
}

struct MonthPart {
  std::string_view phrase;
  int from;
  int to;  // 0 = the month's end
};

// "月底", "下旬" of a month.
std::optional<DateExpr> ParseMonthPart(const Tokens& tokens, size_t i, absl::CivilMonth month) {
  static constexpr MonthPart kParts[] = {{"初", 1, 11},   {"上旬", 1, 11}, {"中旬", 11, 21},
                                         {"下旬", 21, 0}, {"底", 21, 0},   {"末", 21, 0}};
  for (const MonthPart& part : kParts) {
    const size_t n = tokens.Match(i, part.phrase);
    if (n == 0) continue;
    const absl::CivilDay first(month);
    DateExpr date = FixedDate(first + (part.from - 1),
                              part.to == 0 ? absl::CivilDay(month + 1) : first + (part.to - 1),
                              Grain::kDay, i + n);
    date.range = true;
    date.confidence = 0.6;
    return date;
  }
  return std::nullopt;
}

// Behind a known month: a day, a part of it, or all of it.
std::optional<DateExpr> InMonth(const Tokens& tokens, size_t next, absl::CivilMonth month) {
  const size_t at = tokens.Is(next, "的") ? next + 1 : next;
  if (auto day = ParseDayNumber(tokens, at, at == next); day.has_value()) {
    return DayOf(month, day->day, day->next);
  }
  if (auto part = ParseMonthPart(tokens, next, month); part.has_value()) return part;
  return WholeMonth(month, next);
}

std::optional<DateExpr> ParseYearDate(const Tokens& tokens, size_t i,
                                      const EntityContext& context) {
  const std::optional<YearFound> year = ParseYear(tokens, i, context);
  if (!year.has_value()) return std::nullopt;
  const size_t at = tokens.Is(year->next, "的") ? year->next + 1 : year->next;
  if (auto month = ParseMonthName(tokens, at); month.has_value()) {
    return InMonth(tokens, month->next, absl::CivilMonth(year->year, month->month));
  }
  for (const NamedDay& holiday : kHolidays) {
    if (size_t n = tokens.Match(at, holiday.phrase); n > 0) {
      return FixedDay(absl::CivilDay(year->year, holiday.month, holiday.day), at + n);
    }
  }
  if (tokens.Is(year->next, "底") || tokens.Is(year->next, "初")) {
    const absl::CivilMonth month(year->year, tokens.Is(year->next, "底") ? 12 : 1);
    DateExpr date = WholeMonth(month, year->next + 1);
    date.confidence = 0.6;
    return date;
  }
  return WholeYear(absl::CivilYear(year->year), year->next);
}

std::optional<DateExpr> ParseMonthDate(const Tokens& tokens, size_t i,
                                       const EntityContext& context) {
  const Shift shift = ParseShift(tokens, i);
  const absl::CivilMonth this_month(Today(context));
  if (shift.count > 0 && tokens.Is(i + shift.count, "月")) {
    return InMonth(tokens, i + shift.count + 1, this_month + shift.steps);
  }
  if (tokens.Match(i, "当月") > 0) return InMonth(tokens, i + 2, this_month);
  if (tokens.Match(i, "年底") > 0 || tokens.Match(i, "年初") > 0) {
    DateExpr date = OpenMonth(tokens.Is(i + 1, "底") ? 12 : 1, i + 2);
    date.confidence = 0.6;
    return date;
  }
  if (tokens.Is(i, "月") && tokens.MatchAny(i, {"月底", "月末", "月初"}).count > 0) {
    return ParseMonthPart(tokens, i + 1, this_month);
  }
  const std::optional<MonthFound> month = ParseMonthName(tokens, i);
  // Behind 年 it is of a year that has no such day.
  if (!month.has_value() || (tokens.Glued(i) && tokens.Is(i - 1, "年"))) return std::nullopt;
  const bool split = tokens.Is(month->next - 1, "份");
  const size_t at = tokens.Is(month->next, "的") ? month->next + 1 : month->next;
  if (auto day = ParseDayNumber(tokens, at, !split && at == month->next); day.has_value()) {
    if (!IsDay(2024, month->month, day->day)) return std::nullopt;
    return OpenMonthDay(month->month, day->day, day->next);
  }
  return OpenMonth(month->month, month->next);
}

std::optional<DateExpr> ParseLoneDay(const Tokens& tokens, size_t i) {
  if (tokens.IsKind(i, TokenKind::kDigits) && !tokens.StartsClean(i)) return std::nullopt;
  if (tokens.Glued(i)) {
    // Behind 月 it is of a month that has no such day.
    static constexpr std::string_view kOthers[] = {"月", "第", "路", "街", "巷", "弄", "道",
                                                   "#",  ".",  "村", "区", "楼", "座", "栋"};
    for (std::string_view other : kOthers) {
      if (tokens.Is(i - 1, other)) return std::nullopt;
    }
    // "22-25号" are days, "A-25号" is none.
    if (tokens.Is(i - 1, "-") && !ParseSmallInt(tokens, i - 2, 2).has_value()) return std::nullopt;
  }
  const std::optional<DayFound> day = ParseDayNumber(tokens, i, false);
  if (!day.has_value()) return std::nullopt;
  return OpenDayOfMonth(day->day, day->next);
}

std::optional<DateExpr> ParseHoliday(const Tokens& tokens, size_t i) {
  for (const NamedDay& holiday : kHolidays) {
    const size_t n = tokens.Match(i, holiday.phrase);
    // "五一" is a holiday alone, in "五一百货" and "三五一" it is not.
    if (n == 0 ||
        (tokens.Is(i, "五") && (tokens.Is(i + n, "百") || HanDigit(tokens.Text(i - 1)) > 0))) {
      continue;
    }
    if ((tokens.Is(i, "五") || tokens.Is(i, "六")) && tokens.Glued(i) &&
        (tokens.Is(i - 1, "十") || HanDigit(tokens.Text(i - 1)) >= 0)) {
      continue;
    }
    return OpenMonthDay(holiday.month, holiday.day, i + n);
  }
  return std::nullopt;
}

}  // namespace

std::optional<DateExpr> ParseChineseDate(const Tokens& tokens, size_t i,
                                         const EntityContext& context) {
  if (tokens.IsKind(i, TokenKind::kWord)) return std::nullopt;
  std::optional<DateExpr> date = ParseYearDate(tokens, i, context);
  if (!date.has_value()) date = ParseMonthDate(tokens, i, context);
  if (!date.has_value()) date = ParseLoneDay(tokens, i);
  if (date.has_value() || tokens.IsKind(i, TokenKind::kDigits)) return date;
  if (!PartOfOtherWord(tokens, i)) date = RelativeDayAt(tokens, i, kRelativeDays, context);
  if (!date.has_value()) date = ParseWeek(tokens, i, context);
  if (!date.has_value()) date = ParseHoliday(tokens, i);
  return date;
}

}  // namespace frontdesk::text
