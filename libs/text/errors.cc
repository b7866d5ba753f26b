#include "libs/text/errors.h"

#include <cstring>
#include <string>

#include <fmt/format.h>

#include "libs/base/error.h"

namespace frontdesk::text {

using absl::StatusCode;

absl::Status TextTooLongError(size_t bytes, size_t limit_bytes) {
  return WithMetadata(Error(StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                            fmt::format("text of {} bytes; the limit is {}", bytes, limit_bytes)),
                      "limit_bytes", fmt::format("{}", limit_bytes));
}

absl::Status NotUtf8Error(size_t offset) {
  return InvalidField("text", fmt::format("is not UTF-8: ill-formed at byte {}", offset));
}

absl::Status UnicodeLibraryError(std::string_view operation, std::string_view name) {
  return Error(StatusCode::kInternal, "INTERNAL", fmt::format("ICU: {}: {}", operation, name));
}

absl::Status CryptoLibraryError(std::string_view operation) {
  return Error(StatusCode::kInternal, "INTERNAL", fmt::format("libsodium: {}", operation));
}

absl::Status SealBrokenError(std::string_view what) {
  return WithMetadata(Error(StatusCode::kDataLoss, "DATA_LOSS",
                            fmt::format("{} is forged, corrupt or of another context", what)),
                      "what", what);
}

absl::Status KeyMismatchError(std::string_view expected, std::string_view got) {
  return WithMetadata(
      WithMetadata(Error(StatusCode::kFailedPrecondition, "KEY_MISMATCH",
                         fmt::format("sealed with key {}, opened with {}", expected, got)),
                   "expected", expected),
      "got", got);
}

absl::Status BadKeyFieldError(std::string_view field, std::string_view description) {
  return InvalidField(field, description);
}

absl::Status KeyRingFileError(std::string_view path, std::string_view what) {
  return WithMetadata(WithMetadata(Error(StatusCode::kFailedPrecondition, "INVALID_CONFIG",
                                         fmt::format("key ring {}: {}", path, what)),
                                   "key", "key_ring"),
                      "path", path);
}

absl::Status KeyRingIoError(std::string_view path, std::string_view operation, int error_number) {
  return WithMetadata(
      Error(StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
            fmt::format("key ring {}: {}: {}", path, operation, std::strerror(error_number))),
      "path", path);
}

absl::Status TenantKeyMissingError(std::string_view tenant, std::string_view key_id) {
  const std::string name = key_id.empty() ? fmt::format("tenants/{}", tenant)
                                          : fmt::format("tenants/{} key {}", tenant, key_id);
  return NotFound("tenant key", name);
}

}  // namespace frontdesk::text
