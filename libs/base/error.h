#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace frontdesk {

// Errors are absl::Status with a machine-readable reason and details as a payload, so that they
// pass unchanged through StatusOr and every layer; libs/rpc turns them into google.rpc details.
// A reason is the name of a value of frontdesk.common.v1.ErrorReason without its prefix. Details
// are meant for the caller: never put customer text into them.

namespace reason {
inline constexpr std::string_view kInvalidField = "INVALID_FIELD";
inline constexpr std::string_view kNotFound = "NOT_FOUND";
inline constexpr std::string_view kAmountOverflow = "AMOUNT_OVERFLOW";
inline constexpr std::string_view kCurrencyMismatch = "CURRENCY_MISMATCH";
inline constexpr std::string_view kInvalidConfig = "INVALID_CONFIG";
inline constexpr std::string_view kAddressInUse = "ADDRESS_IN_USE";
}  // namespace reason

struct ErrorDetails {
  using Pair = std::pair<std::string, std::string>;

  std::string reason;                         // "" = none
  std::vector<Pair> metadata;                 // key, value; in the order they were added
  std::vector<Pair> fields;                   // field path, what is wrong with it
  std::optional<absl::Duration> retry_delay;  // when trying again makes sense
  std::optional<Pair> resource;               // type, name

  bool operator==(const ErrorDetails&) const = default;
};

// `code` must not be OK: an error that says OK becomes INTERNAL.
absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message);

// Each returns the status with one more detail; an OK status stays OK.
absl::Status WithField(absl::Status status, std::string_view field, std::string_view description);
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);
absl::Status WithResource(absl::Status status, std::string_view type, std::string_view name);
absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value);

// INVALID_ARGUMENT, INVALID_FIELD, with the field violation.
absl::Status InvalidField(std::string_view field, std::string_view description);
// NOT_FOUND, NOT_FOUND, with the resource. `type` is a noun ("ticket").
absl::Status NotFound(std::string_view type, std::string_view name);

// "" when the status carries no reason.
std::string ReasonOf(const absl::Status& status);
// Empty details when the status carries none.
ErrorDetails DetailsOf(const absl::Status& status);

}  // namespace frontdesk
