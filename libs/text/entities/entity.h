#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/time/time.h"

namespace frontdesk::text {

// What can be found in a text. The order is the priority of overlaps (finder.h): where two of the
// same length stand on each other, the earlier kind stays.
enum class EntityType {
  kPattern,     // an own pattern of the tenant; `name` says which
  kDictionary,  // an entry of a dictionary; `name` says of which
  kEmail,
  kUrl,
  kIdCard,
  kCard,
  kOrderNumber,
  kPhone,
  kAmount,
  kTime,
  kDuration,
  kAddress,
  kNumber,
};
inline constexpr int kEntityTypes = 13;

// "email", "order_number" …; stable, for files and wire.
std::string_view NameOf(EntityType type);

// How exactly a time is said. kDayPart is a morning, an evening, a night.
enum class Grain { kSecond, kMinute, kHour, kDayPart, kDay, kWeek, kMonth, kYear };
std::string_view NameOf(Grain grain);

// [begin, end). An instant has the length of its grain ("14:30" is one minute long, "tomorrow" a
// day); a range is as long as it was said. absl::InfinitePast() and InfiniteFuture() are open ends
// ("before Friday").
struct TimeValue {
  absl::Time begin = {};
  absl::Time end = {};
  Grain grain = Grain::kDay;
  bool range = false;  // said as one, or with an open end

  bool operator==(const TimeValue&) const = default;
};

// A length of time: calendar months, and days of 24 hours, hours, … as a duration.
struct Length {
  int64_t months = 0;
  absl::Duration rest = {};

  bool operator==(const Length&) const = default;
};

struct DurationValue {
  Length least;
  Length most;  // = least unless a range was said ("3 to 5 days")
  Grain grain = Grain::kDay;
  bool working_days = false;  // "3 business days": rest counts those

  bool operator==(const DurationValue&) const = default;
};

// An amount of money in millionths of a unit; `most_micros` = `micros` unless a range was said.
struct AmountValue {
  std::string currency;  // ISO 4217
  int64_t micros = 0;
  int64_t most_micros = 0;

  bool operator==(const AmountValue&) const = default;
};

struct NumberValue {
  int64_t micros = 0;
  bool ordinal = false;
  bool percent = false;

  bool operator==(const NumberValue&) const = default;
};

// A Chinese address by level, each "" if it was not said. Provinces and cities by their full
// official names, also when said short ("深圳" is "深圳市" in "广东省").
struct AddressValue {
  std::string province;
  std::string city;
  std::string district;  // district, county, county-level city, banner
  std::string town;      // street office, town, township, village
  std::string road;      // with its lanes
  std::string number;    // house number
  std::string detail;    // building, unit, floor, room, compound

  bool operator==(const AddressValue&) const = default;
};

// Something found. `value` is the normalised value as text, for logs, flows and equality:
//   time      "2026-11-25T15:00:00+08:00/minute", a range "begin..end/grain", an open end "..end"
//   duration  ISO 8601 "P3D", "PT1H30M", "P2M", a range "P3D..P5D"; working days "P3D/working"
//   amount    "CNY 500", "USD 1299.99", a range "CNY 100..200"
//   number    "42", "0.5", "5%", ordinals "#3"
//   phone     E.164, or the digits of a hotline ("4008001234")
//   e-mail    domain in lower case; URL with a scheme, host in lower case; identity and card numbers
//             without separators; order numbers in upper case without spaces
//   address   the levels joined without spaces
//   pattern   its group, or all of it; dictionary: the canonical value
// `detail` has the same with types where there is more to say than a string.
struct Entity {
  EntityType type = EntityType::kNumber;
  size_t begin = 0;  // bytes [begin, end) of the original text, on borders of characters
  size_t end = 0;
  std::string text;  // the bytes themselves
  std::string name;  // of the pattern or dictionary
  std::string value;
  double confidence = 1.0;  // below 1: a guess among readings, by the rules stated in the headers
  std::variant<std::monostate, TimeValue, DurationValue, AmountValue, NumberValue, AddressValue>
      detail;

  bool operator==(const Entity&) const = default;
};

// The texts of `value` above. Pure.
std::string FormatTime(const TimeValue& value, absl::TimeZone zone);
std::string FormatDuration(const DurationValue& value);
std::string FormatMicros(int64_t micros);

}  // namespace frontdesk::text
