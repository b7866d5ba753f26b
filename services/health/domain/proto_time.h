#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

// Times of records, in whole microseconds: the precision of timer keys. Days are UTC days, counted
// from 1970-01-01.
namespace frontdesk::health {

inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline void ToProto(absl::Time time, google::protobuf::Timestamp* proto) {
  const absl::Time micros = absl::FromUnixMicros(absl::ToUnixMicros(time));
  proto->set_seconds(absl::ToUnixSeconds(micros));
  proto->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(micros - absl::FromUnixSeconds(proto->seconds()))));
}

// The day that `time` lies in, also before 1970.
inline int32_t DayOf(absl::Time time) {
  return static_cast<int32_t>(
      absl::ToInt64Hours(absl::Floor(time - absl::UnixEpoch(), absl::Hours(24))) / 24);
}

inline absl::Time StartOfDay(int32_t day) { return absl::UnixEpoch() + day * absl::Hours(24); }

}  // namespace frontdesk::health
