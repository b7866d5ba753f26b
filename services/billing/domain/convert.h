#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "frontdesk/common/v1/money.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/base/money.h"

// Money and times of records. Times are whole microseconds.
namespace frontdesk::billing {

inline Money FromProto(const common::v1::Money& proto) {
  return {proto.currency_code(), proto.micros()};
}

inline void ToProto(const Money& money, common::v1::Money* proto) {
  proto->set_currency_code(money.currency);
  proto->set_micros(money.micros);
}

inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline void ToProto(absl::Time time, google::protobuf::Timestamp* proto) {
  const absl::Time micros = absl::FromUnixMicros(absl::ToUnixMicros(time));
  proto->set_seconds(absl::ToUnixSeconds(micros));
  proto->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(micros - absl::FromUnixSeconds(proto->seconds()))));
}

}  // namespace frontdesk::billing
