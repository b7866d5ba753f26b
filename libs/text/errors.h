#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace frontdesk::text {

// Every error this library makes, so that code, reason and metadata sit together. None of them
// carries text, keys or anything derived from them.

// RESOURCE_EXHAUSTED, MESSAGE_TOO_LARGE {limit_bytes}.
absl::Status TextTooLongError(size_t bytes, size_t limit_bytes);
// INVALID_ARGUMENT, INVALID_FIELD: ill-formed UTF-8 at `offset`.
absl::Status NotUtf8Error(size_t offset);
// INTERNAL, INTERNAL: ICU failed, as with missing data; `name` is ICU's name of the error.
absl::Status UnicodeLibraryError(std::string_view operation, std::string_view name);
// INTERNAL, INTERNAL: libsodium failed, as when it can't be initialised.
absl::Status CryptoLibraryError(std::string_view operation);
// DATA_LOSS, DATA_LOSS {what}: forged, cut or corrupt bytes, or bytes of another context.
absl::Status SealBrokenError(std::string_view what);
// FAILED_PRECONDITION, KEY_MISMATCH {expected, got}: key ids, which are no secret.
absl::Status KeyMismatchError(std::string_view expected, std::string_view got);
// INVALID_ARGUMENT, INVALID_FIELD: a part of a sealing context or key name that may not be like
// this.
absl::Status BadKeyFieldError(std::string_view field, std::string_view description);
// FAILED_PRECONDITION, INVALID_CONFIG {key, path}: the key-ring file can't be used as it is.
absl::Status KeyRingFileError(std::string_view path, std::string_view what);
// UNAVAILABLE, DEPENDENCY_UNAVAILABLE {path}: reading or writing the key-ring file failed.
absl::Status KeyRingIoError(std::string_view path, std::string_view operation, int error_number);
// NOT_FOUND, NOT_FOUND: the ring holds no key of the tenant, or not this one.
absl::Status TenantKeyMissingError(std::string_view tenant, std::string_view key_id);

}  // namespace frontdesk::text
