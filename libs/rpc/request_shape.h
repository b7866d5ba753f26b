#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/rpc/call.h"
#include "libs/rpc/method.h"

namespace google::protobuf {
class FieldDescriptor;
}

namespace frontdesk::rpc {

inline constexpr size_t kMaxRequestIdCharacters = 64;

// Where a kind of request holds its tenant and its request id, looked up once per method.
// Immutable.
class RequestShape {
 public:
  // FAILED_PRECONDITION when the request lacks what the policy needs: a mistake in our own code.
  static absl::StatusOr<RequestShape> Make(const google::protobuf::Descriptor& request,
                                           const MethodPolicy& policy);

  // Sets `call.tenant` from caller and request. WRONG_TENANT, INVALID_FIELD, MISSING_REQUEST_ID,
  // REQUEST_ID_TOO_LONG.
  absl::Status Check(const google::protobuf::Message& request, Call& call) const;

 private:
  using Path = std::vector<const google::protobuf::FieldDescriptor*>;
  absl::Status ResolveTenant(const google::protobuf::Message& request, Call& call) const;
  absl::Status CheckRequestId(const google::protobuf::Message& request) const;

  TenantFrom tenant_from_ = TenantFrom::kName;
  Path tenant_path_;         // messages, then the string field
  std::string tenant_name_;  // as a caller would write it: "ticket.name"
  const google::protobuf::FieldDescriptor* request_id_ = nullptr;
};

}  // namespace frontdesk::rpc
