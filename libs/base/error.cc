#include "libs/base/error.h"

#include <cstdint>
#include <cstdlib>

#include "absl/strings/cord.h"
#include "libs/base/absl_interop.h"

namespace frontdesk {
namespace {

// The payload lives only inside a process: a list of (tag byte, u32 length, bytes); a pair is two
// entries of the same tag in a row.
constexpr std::string_view kTypeUrl = "frontdesk/error-details";

enum Tag : char {
  kReason = 'r',
  kMetadata = 'm',
  kField = 'f',
  kResource = 's',
  kRetryDelayNanos = 'd',
};

void AppendEntry(std::string& out, Tag tag, std::string_view bytes) {
  out.push_back(tag);
  const uint32_t length = static_cast<uint32_t>(bytes.size());
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(length >> shift));
  out.append(bytes);
}

void AppendPair(std::string& out, Tag tag, const ErrorDetails::Pair& pair) {
  AppendEntry(out, tag, pair.first);
  AppendEntry(out, tag, pair.second);
}

std::string Encode(const ErrorDetails& details) {
  std::string out;
  if (!details.reason.empty()) AppendEntry(out, kReason, details.reason);
  for (const auto& pair : details.metadata) AppendPair(out, kMetadata, pair);
  for (const auto& pair : details.fields) AppendPair(out, kField, pair);
  if (details.resource) AppendPair(out, kResource, *details.resource);
  if (details.retry_delay) {
    AppendEntry(out, kRetryDelayNanos,
                std::to_string(absl::ToInt64Nanoseconds(*details.retry_delay)));
  }
  return out;
}

bool TakeEntry(std::string_view& in, char& tag, std::string& bytes) {
  if (in.size() < 5) return false;
  tag = in[0];
  uint32_t length = 0;
  for (int i = 0; i < 4; ++i) {
    length |= static_cast<uint32_t>(static_cast<uint8_t>(in[1 + i])) << (8 * i);
  }
  in.remove_prefix(5);
  if (in.size() < length) return false;
  bytes.assign(in.substr(0, length));
  in.remove_prefix(length);
  return true;
}

ErrorDetails Decode(std::string_view in) {
  ErrorDetails details;
  char tag = 0;
  char second_tag = 0;
  std::string first;
  while (TakeEntry(in, tag, first)) {
    if (tag == kReason) {
      details.reason = std::move(first);
      continue;
    }
    if (tag == kRetryDelayNanos) {
      details.retry_delay = absl::Nanoseconds(std::strtoll(first.c_str(), nullptr, 10));
      continue;
    }
    std::string second;
    if (!TakeEntry(in, second_tag, second)) break;
    ErrorDetails::Pair pair(std::move(first), std::move(second));
    if (tag == kMetadata) details.metadata.push_back(std::move(pair));
    if (tag == kField) details.fields.push_back(std::move(pair));
    if (tag == kResource) details.resource = std::move(pair);
  }
  return details;
}

absl::Status WithDetails(absl::Status status, const ErrorDetails& details) {
  status.SetPayload(ToAbsl(kTypeUrl), absl::Cord(Encode(details)));
  return status;
}

}  // namespace

absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message) {
  if (code == absl::StatusCode::kOk) code = absl::StatusCode::kInternal;
  ErrorDetails details;
  details.reason = reason;
  return WithDetails(absl::Status(code, ToAbsl(message)), details);
}

absl::Status WithField(absl::Status status, std::string_view field, std::string_view description) {
  if (status.ok()) return status;
  ErrorDetails details = DetailsOf(status);
  details.fields.emplace_back(field, description);
  return WithDetails(std::move(status), details);
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  ErrorDetails details = DetailsOf(status);
  details.retry_delay = delay;
  return WithDetails(std::move(status), details);
}

absl::Status WithResource(absl::Status status, std::string_view type, std::string_view name) {
  if (status.ok()) return status;
  ErrorDetails details = DetailsOf(status);
  details.resource.emplace(type, name);
  return WithDetails(std::move(status), details);
}

absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value) {
  if (status.ok()) return status;
  ErrorDetails details = DetailsOf(status);
  details.metadata.emplace_back(key, value);
  return WithDetails(std::move(status), details);
}

absl::Status InvalidField(std::string_view field, std::string_view description) {
  std::string message(field);
  message.append(": ").append(description);
  return WithField(Error(absl::StatusCode::kInvalidArgument, reason::kInvalidField, message), field,
                   description);
}

absl::Status NotFound(std::string_view type, std::string_view name) {
  std::string message(type);
  message.append(" not found: ").append(name);
  return WithResource(Error(absl::StatusCode::kNotFound, reason::kNotFound, message), type, name);
}

std::string ReasonOf(const absl::Status& status) { return DetailsOf(status).reason; }

ErrorDetails DetailsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(ToAbsl(kTypeUrl));
  return payload ? Decode(std::string(*payload)) : ErrorDetails();
}

}  // namespace frontdesk
