#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace frontdesk::channel {

// The etag of a resource is the version of its record.
std::string EtagOf(uint64_t version);
// ABORTED (ETAG_MISMATCH) when the caller's etag is set and not of this version.
absl::Status CheckEtag(std::string_view etag, uint64_t version, std::string_view name);

google::protobuf::Timestamp ToTimestamp(absl::Time time);
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);

}  // namespace frontdesk::channel
