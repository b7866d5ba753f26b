#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

// Times of records are whole microseconds, the precision of timer keys: what a rule computes from a
// record is exactly what a timer of it says.
namespace frontdesk::dialog {

inline absl::Time Micros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline void ToProto(absl::Time time, google::protobuf::Timestamp* proto) {
  const absl::Time micros = Micros(time);
  proto->set_seconds(absl::ToUnixSeconds(micros));
  proto->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(micros - absl::FromUnixSeconds(proto->seconds()))));
}

}  // namespace frontdesk::dialog
