#include "libs/text/entities/entity.h"

#include <fmt/format.h>

namespace frontdesk::text {
namespace {

std::string FormatInstant(absl::Time time, absl::TimeZone zone) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", time, zone);
}

std::string FormatLength(const Length& length) {
  std::string out = "P";
  if (length.months % 12 == 0 && length.months != 0) {
    out += fmt::format("{}Y", length.months / 12);
  } else if (length.months != 0) {
    out += fmt::format("{}M", length.months);
  }
  int64_t seconds = absl::ToInt64Seconds(length.rest);
  if (seconds >= 86'400) out += fmt::format("{}D", seconds / 86'400);
  seconds %= 86'400;
  if (seconds > 0) {
    out += 'T';
    if (seconds >= 3'600) out += fmt::format("{}H", seconds / 3'600);
    if (seconds % 3'600 >= 60) out += fmt::format("{}M", seconds % 3'600 / 60);
    if (seconds % 60 > 0) out += fmt::format("{}S", seconds % 60);
  }
  return out == "P" ? "PT0S" : out;
}

}  // namespace

std::string_view NameOf(EntityType type) {
  switch (type) {
    case EntityType::kPattern:
      return "pattern";
    case EntityType::kDictionary:
      return "dictionary";
    case EntityType::kEmail:
      return "email";
    case EntityType::kUrl:
      return "url";
    case EntityType::kIdCard:
      return "id_card";
    case EntityType::kCard:
      return "card";
    case EntityType::kOrderNumber:
      return "order_number";
    case EntityType::kPhone:
      return "phone";
    case EntityType::kAmount:
      return "amount";
    case EntityType::kTime:
      return "time";
    case EntityType::kDuration:
      return "duration";
    case EntityType::kAddress:
      return "address";
    case EntityType::kNumber:
      return "number";
  }
  return "?";
}

std::string_view NameOf(Grain grain) {
  switch (grain) {
    case Grain::kSecond:
      return "second";
    case Grain::kMinute:
      return "minute";
    case Grain::kHour:
      return "hour";
    case Grain::kDayPart:
      return "day_part";
    case Grain::kDay:
      return "day";
    case Grain::kWeek:
      return "week";
    case Grain::kMonth:
      return "month";
    case Grain::kYear:
      return "year";
  }
  return "?";
}

std::string FormatTime(const TimeValue& value, absl::TimeZone zone) {
  std::string out = FormatInstant(value.begin, zone);
  if (value.range) out += ".." + FormatInstant(value.end, zone);
  return fmt::format("{}/{}", out, NameOf(value.grain));
}

std::string FormatDuration(const DurationValue& value) {
  std::string out = FormatLength(value.least);
  if (value.most != value.least) out += ".." + FormatLength(value.most);
  if (value.working_days) out += "/working";
  return out;
}

std::string FormatMicros(int64_t micros) {
  const uint64_t size =
      micros < 0 ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string out = fmt::format("{}{}", micros < 0 ? "-" : "", size / 1'000'000);
  if (size % 1'000'000 != 0) {
    out += fmt::format(".{:06}", size % 1'000'000);
    while (out.back() == '0') out.pop_back();
  }
  return out;
}

}  // namespace frontdesk::text
