#include "services/channel/domain/version.h"

#include <fmt/core.h>

#include "libs/base/error.h"

namespace frontdesk::channel {

std::string EtagOf(uint64_t version) { return fmt::format("{}", version); }

absl::Status CheckEtag(std::string_view etag, uint64_t version, std::string_view name) {
  if (etag.empty() || etag == EtagOf(version)) return absl::OkStatus();
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                                         fmt::format("{} has changed: read it again", name)),
                                   "name", name),
                      "etag", EtagOf(version));
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  return timestamp;
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

}  // namespace frontdesk::channel
