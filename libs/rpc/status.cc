#include "libs/rpc/status.h"

#include <grpcpp/support/status.h>

#include <map>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/utf8.h"

namespace frontdesk::rpc {
namespace {

// Status and details travel in HTTP/2 headers, which peers limit to 8 KiB as a whole.
constexpr size_t kMaxTextBytes = 1024;
constexpr int kMaxFields = 20;

// Protobuf refuses to serialise strings that are not UTF-8, and an error must always get through.
std::string Clean(std::string_view text) {
  if (IsValidUtf8(text)) return std::string(TruncateUtf8(text, kMaxTextBytes));
  std::string clean(text.substr(0, kMaxTextBytes));
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return clean;
}

void AddErrorInfo(const ErrorDetails& details, absl::StatusCode code, std::string_view domain,
                  google::rpc::Status& out) {
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason.empty() ? absl::StatusCodeToString(code) : Clean(details.reason));
  info.set_domain(Clean(domain));
  for (const auto& [key, value] : details.metadata) {
    (*info.mutable_metadata())[Clean(key)] = Clean(value);
  }
  out.add_details()->PackFrom(info);
}

void AddFieldViolations(const ErrorDetails& details, google::rpc::Status& out) {
  if (details.fields.empty()) return;
  google::rpc::BadRequest bad;
  for (const auto& [field, description] : details.fields) {
    if (bad.field_violations_size() == kMaxFields) break;
    auto* violation = bad.add_field_violations();
    violation->set_field(Clean(field));
    violation->set_description(Clean(description));
  }
  out.add_details()->PackFrom(bad);
}

void AddRetryAndResource(const ErrorDetails& details, google::rpc::Status& out) {
  if (details.retry_delay.has_value()) {
    google::rpc::RetryInfo retry;
    const int64_t nanos = absl::ToInt64Nanoseconds(*details.retry_delay);
    retry.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
    out.add_details()->PackFrom(retry);
  }
  if (details.resource.has_value()) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(Clean(details.resource->first));
    resource.set_resource_name(Clean(details.resource->second));
    out.add_details()->PackFrom(resource);
  }
}

absl::Status WithDetail(absl::Status status, const google::protobuf::Any& any) {
  google::rpc::BadRequest bad;
  google::rpc::RetryInfo retry;
  google::rpc::ResourceInfo resource;
  if (any.UnpackTo(&bad)) {
    for (const auto& violation : bad.field_violations()) {
      status = WithField(std::move(status), violation.field(), violation.description());
    }
  } else if (any.UnpackTo(&retry)) {
    status = WithRetryDelay(std::move(status), absl::Seconds(retry.retry_delay().seconds()) +
                                                   absl::Nanoseconds(retry.retry_delay().nanos()));
  } else if (any.UnpackTo(&resource)) {
    status = WithResource(std::move(status), resource.resource_type(), resource.resource_name());
  }
  return status;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view domain) {
  if (status.ok()) return grpc::Status::OK;
  const ErrorDetails details = DetailsOf(status);
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(Clean(MessageOf(status)));
  AddErrorInfo(details, status.code(), domain, wire);
  AddFieldViolations(details, wire);
  AddRetryAndResource(details, wire);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), wire.message(),
                      wire.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  google::rpc::Status wire;
  if (status.error_details().empty() || !wire.ParseFromString(status.error_details())) {
    return absl::Status(code, status.error_message());
  }
  google::rpc::ErrorInfo info;
  for (const auto& any : wire.details()) {
    if (any.UnpackTo(&info)) break;
  }
  absl::Status result = Error(code, info.reason(), status.error_message());
  // Sorted: the order of a protobuf map differs from run to run.
  const std::map<std::string, std::string> metadata(info.metadata().begin(), info.metadata().end());
  for (const auto& [key, value] : metadata) {
    result = WithMetadata(std::move(result), key, value);
  }
  for (const auto& any : wire.details()) result = WithDetail(std::move(result), any);
  return result;
}

std::string ErrorDomain(std::string_view service_full_name) {
  constexpr std::string_view kRoot = "frontdesk.";
  if (service_full_name.substr(0, kRoot.size()) == kRoot) {
    service_full_name.remove_prefix(kRoot.size());
  }
  return std::string(service_full_name.substr(0, service_full_name.find('.'))) + ".frontdesk";
}

}  // namespace frontdesk::rpc
