#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

// Times and durations of records. All are whole microseconds, the precision of timer keys: what a
// rule computes from a record is exactly what a timer of it says.
namespace frontdesk::ticket {

inline absl::Time Micros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline void ToProto(absl::Time time, google::protobuf::Timestamp* proto) {
  const absl::Time micros = Micros(time);
  proto->set_seconds(absl::ToUnixSeconds(micros));
  proto->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(micros - absl::FromUnixSeconds(proto->seconds()))));
}

inline void ToProto(absl::Duration duration, google::protobuf::Duration* proto) {
  const int64_t micros = absl::ToInt64Microseconds(duration);
  proto->set_seconds(micros / 1'000'000);
  proto->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1'000));
}

}  // namespace frontdesk::ticket
