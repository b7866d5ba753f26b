#include "libs/text/entities/times.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "libs/text/entities/clocks.h"
#include "libs/text/entities/dates.h"
#include "libs/text/entities/moments.h"
#include "libs/text/entities/numbers.h"

namespace frontdesk::text {
namespace {

struct TimeFound {
  TimeValue value;
  double confidence = 1.0;
  size_t begin = 0;
  size_t next = 0;
};

enum class Lead { kNone, kFrom, kBetween, kBefore, kBy, kAfter, kSince };

struct LeadFound {
  Lead lead = Lead::kNone;
  size_t count = 0;
};

LeadFound ParseLead(const Tokens& tokens, size_t i) {
  struct Entry {
    std::string_view phrase;
    Lead lead;
  };
  static constexpr Entry kLeads[] = {
      {"between", Lead::kBetween}, {"from", Lead::kFrom},     {"从", Lead::kFrom},
      {"自", Lead::kFrom},         {"before", Lead::kBefore}, {"by", Lead::kBy},
      {"until", Lead::kBy},        {"till", Lead::kBy},       {"no later than", Lead::kBy},
      {"after", Lead::kAfter},     {"since", Lead::kSince},   {"starting", Lead::kSince},
  };
  LeadFound found;
  for (const Entry& entry : kLeads) {
    const size_t n = tokens.Match(i, entry.phrase);
    if (n > found.count) found = {entry.lead, n};
  }
  return found;
}

size_t ParseTo(const Tokens& tokens, size_t i, Lead lead) {
  if (lead == Lead::kBetween && tokens.Is(i, "and")) return 1;
  return tokens
      .MatchAny(i, {"到", "至", "-", "--", "~", "—", "to", "until", "till", "through", "thru",
                    "直到", "一直到"})
      .count;
}

// What both ends of a range share, taken over from the other one.
void ShareHalfOfDay(Moment& first, Moment& second) {
  if (!first.clock.has_value() || !second.clock.has_value()) return;
  ClockExpr& a = *first.clock;
  ClockExpr& b = *second.clock;
  if (b.open && first.part.has_value() && !second.part.has_value() && !second.date.has_value()) {
    second.part = first.part;
    // "上午十点到两点": past noon the part can't be shared.
    if (ResolveHour(b, second.part).hour <= ResolveHour(a, first.part).hour) {
      second.part = *first.part <= DayPart::kNoon ? std::optional(DayPart::kAfternoon)
                                                  : std::optional(DayPart::kNight);
    }
    return;
  }
  if (b.bare && b.open && !a.open && !second.part.has_value() && a.hour >= 12 && b.hour < 12 &&
      b.hour + 12 > a.hour) {
    b.hour += 12;  // "1pm - 3"
    b.open = false;
    return;
  }
  if (!a.open || first.part.has_value()) return;
  const bool afternoon =
      (!b.open && b.hour >= 12) || (second.part.has_value() && *second.part >= DayPart::kAfternoon);
  if (afternoon && !b.open) {
    // "3 and 5 pm", but "9 to 5 pm" begins in the morning.
    if (a.hour % 12 + 12 < b.hour) a.hour = a.hour % 12 + 12;
    a.open = false;
    a.bare = false;
  } else if (!b.open) {
    a.open = false;
    a.bare = false;
  } else if (second.part.has_value()) {
    first.part = second.part;
  }
}

// The second end where it is said short: "周一至五", "Nov 3-5", "22日-25", "下午三点到五点".
std::optional<Moment> ParseShortEnd(const Tokens& tokens, size_t i, const Moment& first) {
  if (!first.date.has_value() || first.clock.has_value() || first.part.has_value()) {
    return std::nullopt;
  }
  const DateExpr& date = *first.date;
  const size_t last = date.next - 1;
  DateExpr end;
  end.confidence = date.confidence;
  const int han = tokens.Is(i, "日") ? 7 : HanDigit(tokens.Text(i));
  const bool week = date.next >= 2 && (tokens.Is(last - 1, "周") || tokens.Is(last - 1, "期") ||
                                       tokens.Is(last - 1, "拜"));
  if (week && han >= 1 && han <= 7 && !tokens.Is(i + 1, "点") && !tokens.Is(i + 1, "个")) {
    end.kind = DateExpr::Kind::kWeekday;
    end.weekday = han - 1;
    end.next = i + 1;
    return OfDate(end);
  }
  const std::optional<int> day = ParseSmallInt(tokens, i, 2);
  const bool english = tokens.IsKind(last, TokenKind::kDigits) ||
                       (tokens.IsKind(last, TokenKind::kWord) && tokens.Text(last).size() == 2);
  if (!day.has_value() || *day < 1 || *day > 31 || !english || date.numeric ||
      date.kind != DateExpr::Kind::kMonthDay || *day <= date.day) {
    return std::nullopt;
  }
  size_t next = i + 1;
  if (tokens.Glued(next) && tokens.IsKind(next, TokenKind::kWord) &&
      tokens.Text(next).size() == 2) {
    ++next;  // "5th"
  }
  if (!tokens.EndsClean(next) || tokens.Is(next, ":")) return std::nullopt;
  end.kind = DateExpr::Kind::kDayOfMonth;
  end.day = *day;
  end.next = next;
  return OfDate(end);
}

// The first end where only the second says what it is: "3-5pm", "22-25号", "between 3 and 5 pm".
std::optional<Moment> ParseShortBegin(const Tokens& tokens, size_t i, Lead lead, bool announced) {
  std::optional<ClockExpr> hour = ParseBareHour(tokens, i);
  if (const std::optional<int> day = ParseSmallInt(tokens, i, 2);
      !hour.has_value() && day.has_value() && *day <= 31) {
    hour = ClockExpr{.hour = *day, .bare = true, .next = i + 1};  // "28-30号"
  }
  if (!hour.has_value()) {
    // "三到五点"
    const int digit = HanDigit(tokens.Text(i));
    if (digit < 1 || !tokens.IsKind(i + 1, TokenKind::kHan)) return std::nullopt;
    hour = ClockExpr{.hour = digit, .open = true, .bare = true, .next = i + 1};
  }
  if (ParseTo(tokens, hour->next, lead) == 0) return std::nullopt;
  if (announced) hour->bare = false;
  return OfClock(*hour);
}

std::optional<DateExpr> DayOfMonth(int day, size_t next) {
  if (day < 1 || day > 31) return std::nullopt;
  DateExpr date;
  date.kind = DateExpr::Kind::kDayOfMonth;
  date.day = day;
  date.next = next;
  date.confidence = 0.7;
  return date;
}

// "周一到周五9:00-18:00": the clock begins a range of its own.
void CutSecondRange(const Tokens& tokens, const Moment& first, Moment& second) {
  const bool cut = !first.clock.has_value() && !first.part.has_value() && second.date.has_value() &&
                   second.clock.has_value() && second.date->next < second.next &&
                   ParseTo(tokens, second.next, Lead::kNone) > 0;
  if (cut) second = OfDate(*second.date);
}

std::optional<TimeFound> JoinRange(Moment first, Moment second, const EntityContext& context) {
  ShareHalfOfDay(first, second);
  // "Friday 3 to 5pm" has the date first, "3 to 5pm on Friday" last.
  if (!first.date.has_value() && second.date.has_value() && first.clock.has_value() &&
      second.clock.has_value()) {
    std::swap(first.date, second.date);
    if (first.date->part.has_value() && !first.part.has_value()) first.part = first.date->part;
  }
  const std::optional<ResolvedMoment> from = ResolveMoment(first, context, std::nullopt);
  if (!from.has_value()) return std::nullopt;
  const std::optional<ResolvedMoment> to = ResolveMoment(second, context, from->day);
  if (!to.has_value()) return std::nullopt;
  TimeFound found;
  found.value.range = true;
  found.value.begin = from->value.begin;
  found.value.grain = std::min(from->value.grain, to->value.grain);
  const bool clock = second.clock.has_value();
  found.value.end = clock ? to->value.begin : to->value.end;
  if (found.value.end <= found.value.begin) {
    if (!clock || second.date.has_value()) return std::nullopt;
    found.value.end =
        absl::FromCivil(absl::ToCivilSecond(found.value.end, context.zone) + 86'400, context.zone);
  }
  found.confidence = std::min(from->confidence, to->confidence);
  return found;
}

// `date`: of the clocks, said before ("tomorrow between 2 and 4").
std::optional<TimeFound> ParseRange(const Tokens& tokens, size_t i, const EntityContext& context,
                                    const DateExpr* date) {
  const LeadFound lead = ParseLead(tokens, i);
  const bool opening = lead.lead == Lead::kFrom || lead.lead == Lead::kBetween;
  const size_t at = opening ? i + lead.count : i;
  std::optional<Moment> first = ParseMoment(tokens, at, context);
  size_t to = first.has_value() ? ParseTo(tokens, first->next, lead.lead) : 0;
  const bool short_begin = to == 0;
  if (short_begin) {
    first = ParseShortBegin(tokens, at, lead.lead, opening);
    if (!first.has_value()) return std::nullopt;
    to = ParseTo(tokens, first->next, lead.lead);
  }
  const size_t second_at = first->next + to;
  std::optional<Moment> second = ParseMoment(tokens, second_at, context);
  if (!second.has_value()) second = ParseShortEnd(tokens, second_at, *first);
  if (!second.has_value() && first->clock.has_value() && (opening || !first->clock->bare)) {
    std::optional<ClockExpr> hour = ParseBareHour(tokens, second_at);
    if (hour.has_value() && (!short_begin || (opening && date != nullptr))) {
      second = OfClock(*hour);
    }
  }
  if (!second.has_value()) return std::nullopt;
  CutSecondRange(tokens, *first, *second);
  if (short_begin) {
    if (!second->clock.has_value()) {
      // "22-25号"
      const bool day = second->date.has_value() &&
                       second->date->kind == DateExpr::Kind::kDayOfMonth &&
                       !second->part.has_value();
      const std::optional<DateExpr> begin = DayOfMonth(first->clock->hour, first->next);
      if (!day || !begin.has_value()) return std::nullopt;
      first = OfDate(*begin);
    } else {
      if (first->clock->hour > 24) return std::nullopt;
      first->clock->bare = false;
    }
  }
  if (date != nullptr) {
    if (!first->clock.has_value() || first->date.has_value() || second->date.has_value()) {
      return std::nullopt;
    }
    first->date = *date;
    if (date->part.has_value() && !first->part.has_value()) first->part = date->part;
  }
  const size_t next = second->next;
  std::optional<TimeFound> found = JoinRange(std::move(*first), std::move(*second), context);
  if (!found.has_value()) return std::nullopt;
  found->begin = i;
  found->next = next + tokens.MatchAny(next, {"之间", "期间", "为止"}).count;
  return found;
}

// A day, and a range of clocks on it: "tomorrow between 2 and 4pm", "11月25日，9:00-11:00".
std::optional<TimeFound> ParseDatedRange(const Tokens& tokens, size_t i,
                                         const EntityContext& context) {
  const std::optional<Moment> moment = ParseMoment(tokens, i, context);
  if (!moment.has_value() || !moment->date.has_value() || moment->clock.has_value()) {
    return std::nullopt;
  }
  const DateExpr& date = *moment->date;
  if (date.grain != Grain::kDay || date.range || date.kind == DateExpr::Kind::kInterval) {
    return std::nullopt;
  }
  const size_t next = moment->next;
  const size_t gap = tokens.Is(next, ",") || tokens.Is(next, "的") ? 1 : 0;
  std::optional<TimeFound> found = ParseRange(tokens, next + gap, context, &date);
  if (found.has_value()) found->begin = i;
  return found;
}

struct Tail {
  Lead lead = Lead::kNone;
  size_t count = 0;
};

Tail ParseTail(const Tokens& tokens, size_t i) {
  if (!tokens.IsKind(i, TokenKind::kHan)) return {};
  if (size_t n = tokens.MatchAny(i, {"之前", "以前"}).count; n > 0) return {Lead::kBefore, n};
  if (size_t n = tokens.MatchAny(i, {"之后", "以后", "过后"}).count; n > 0)
    return {Lead::kAfter, n};
  if (tokens.Match(i, "为止") > 0) return {Lead::kBy, 2};
  if (tokens.Match(i, "以来") > 0) return {Lead::kSince, 2};
  if (tokens.Is(i, "前") && !tokens.Is(i + 1, "面") && !tokens.Is(i + 1, "台")) {
    return {Lead::kBefore, 1};
  }
  if (tokens.Is(i, "后") && !tokens.Is(i + 1, "面") && !tokens.Is(i + 1, "台")) {
    return {Lead::kAfter, 1};
  }
  if (tokens.Is(i, "起")) return {Lead::kSince, 1};
  return {};
}

// One end of the time is open: "before Friday", "三点以后".
TimeValue Halve(const TimeValue& value, Lead lead) {
  TimeValue out = value;
  out.range = true;
  switch (lead) {
    case Lead::kBefore:
      out.end = value.begin;
      out.begin = absl::InfinitePast();
      break;
    case Lead::kBy:
      out.end = value.grain < Grain::kDayPart ? value.begin : value.end;
      out.begin = absl::InfinitePast();
      break;
    case Lead::kAfter:
      out.begin = value.grain < Grain::kDayPart ? value.begin : value.end;
      out.end = absl::InfiniteFuture();
      break;
    case Lead::kSince:
      out.end = absl::InfiniteFuture();
      break;
    case Lead::kNone:
    case Lead::kFrom:
    case Lead::kBetween:
      return value;
  }
  return out;
}

// The lead announces a lone hour: "before 5", "by three".
std::optional<Moment> ParseLed(const Tokens& tokens, size_t i, Lead lead,
                               const EntityContext& context) {
  std::optional<Moment> moment = ParseMoment(tokens, i, context);
  if (moment.has_value() || lead == Lead::kNone || lead == Lead::kSince) return moment;
  const std::optional<ClockExpr> hour = ParseBareHour(tokens, i);
  if (!hour.has_value() || hour->hour == 0) return std::nullopt;
  const TokenKind behind = tokens[hour->next].kind;
  const bool ends = behind == TokenKind::kBreak || tokens.Is(hour->next, ".") ||
                    tokens.Is(hour->next, ",") || tokens.Is(hour->next, "?") ||
                    tokens.Is(hour->next, "!") || tokens.Is(hour->next, "today") ||
                    tokens.Is(hour->next, "tomorrow");
  if (!ends) return std::nullopt;
  Moment found = OfClock(*hour);
  if (auto date = ParseDate(tokens, hour->next, context);
      date.has_value() && date->grain == Grain::kDay && date->kind != DateExpr::Kind::kInterval) {
    found.next = date->next;
    found.date = std::move(date);
  }
  return found;
}

std::optional<TimeFound> ParseSingle(const Tokens& tokens, size_t i, const EntityContext& context) {
  LeadFound lead = ParseLead(tokens, i);
  if (lead.lead == Lead::kBetween) return std::nullopt;
  if (lead.lead == Lead::kFrom) lead.lead = Lead::kSince;
  const std::optional<Moment> moment = ParseLed(tokens, i + lead.count, lead.lead, context);
  if (!moment.has_value()) return std::nullopt;
  if (tokens.IsKind(moment->next - 1, TokenKind::kDigits) && !tokens.EndsClean(moment->next)) {
    return std::nullopt;
  }
  // What has been going on since Monday began in the past.
  EntityContext reading = context;
  if (tokens.Is(i, "since") || tokens.Match(moment->next, "以来") > 0) reading.lean_past = true;
  const std::optional<ResolvedMoment> resolved = ResolveMoment(*moment, reading, std::nullopt);
  if (!resolved.has_value()) return std::nullopt;
  TimeFound found{resolved->value, resolved->confidence, i, moment->next};
  Lead way = lead.lead;
  if (way == Lead::kNone || (way == Lead::kSince && tokens.IsKind(i, TokenKind::kHan))) {
    const Tail tail = ParseTail(tokens, moment->next);
    if (tail.lead != Lead::kNone) way = tail.lead;
    // "月底前" lasts until the month's end.
    const size_t last = moment->next - 1;
    const bool end = tokens.Is(last, "底") || (tokens.Is(last, "末") && tokens.Is(last - 1, "月"));
    if (way == Lead::kBefore && end) way = Lead::kBy;
    found.next += tail.count;
  }
  const bool interval = moment->date.has_value() &&
                        moment->date->kind == DateExpr::Kind::kInterval && found.value.range;
  if (!interval) found.value = Halve(found.value, way);
  return found;
}

// Whether any of the rules can begin here, by one look: most tokens of a text begin none.
bool CanStart(const Tokens& tokens, size_t i) {
  static const auto* const kStarts = new absl::flat_hash_set<std::string>(
      {"大",       "后",        "明",        "今",       "昨",       "前",        "上",
       "下",       "这",        "本",        "周",       "星",       "礼",        "每",
       "去",       "当",        "年",        "月",       "元",       "情",        "妇",
       "愚",       "劳",        "儿",        "国",       "双",       "光",        "教",
       "平",       "圣",        "跨",        "差",       "凌",       "清",        "早",
       "中",       "正",        "午",        "傍",       "晚",       "夜",        "深",
       "从",       "自",        "最",        "过",       "近",       "未",        "接",
       "再",       "between",   "from",      "before",   "by",       "until",     "till",
       "no",       "after",     "since",     "starting", "in",       "within",    "the",
       "next",     "over",      "for",       "last",     "past",     "this",      "coming",
       "previous", "on",        "every",     "at",       "around",   "today",     "tomorrow",
       "tommorow", "tommorrow", "tomorow",   "tmrw",     "tmr",      "yesterday", "day",
       "tonight",  "tonite",    "noon",      "midday",   "midnight", "quarter",   "end",
       "week",     "weekend",   "christmas", "xmas",     "new",      "halloween", "valentine's"});
  if (StartsNumber(tokens, i)) return true;
  const TokenKind kind = tokens[i].kind;
  if (kind != TokenKind::kHan && kind != TokenKind::kWord) return false;
  const std::string_view text = tokens.Text(i);
  if (text.size() > 15) return false;
  if (kStarts->contains(std::string(text))) return true;
  return kind == TokenKind::kWord &&
         (EnglishMonth(text) > 0 || EnglishWeekday(text, true).has_value());
}

}  // namespace

void FindTimes(const Tokens& tokens, const EntityContext& context, std::vector<Entity>& out) {
  size_t i = 0;
  while (i < tokens.size()) {
    std::optional<TimeFound> found;
    if (CanStart(tokens, i)) {
      found = ParseSingle(tokens, i, context);
      for (std::optional<TimeFound> range :
           {ParseRange(tokens, i, context, nullptr), ParseDatedRange(tokens, i, context)}) {
        if (range.has_value() && (!found.has_value() || range->next > found->next)) {
          found = std::move(range);
        }
      }
    }
    if (!found.has_value()) {
      ++i;
      continue;
    }
    Entity entity;
    entity.type = EntityType::kTime;
    entity.begin = tokens[i].begin;
    entity.end = tokens[found->next - 1].end;
    entity.confidence = found->confidence;
    entity.value = FormatTime(found->value, context.zone);
    entity.detail = found->value;
    out.push_back(std::move(entity));
    i = found->next;
  }
}

}  // namespace frontdesk::text
