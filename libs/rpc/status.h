#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace grpc {
class Status;
}

// The only place that turns absl::Status into grpc::Status and back.
namespace frontdesk::rpc {

// With google.rpc.Status details: ErrorInfo always (a status without a reason gets its code's
// name), BadRequest, RetryInfo and ResourceInfo where the status has them. `domain` is
// "ticket.frontdesk". Text that is not UTF-8 is replaced, long text cut.
grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view domain);

// The other way, details included, for clients.
absl::Status FromGrpcStatus(const grpc::Status& status);

// "frontdesk.ticket.v1.TicketService" -> "ticket.frontdesk".
std::string ErrorDomain(std::string_view service_full_name);

}  // namespace frontdesk::rpc
