#include "libs/rpc/status.h"

#include <grpcpp/support/status.h>
#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::rpc;

TEST_CASE("Code, message and every detail survive the way to the client and back") {
  absl::Status status = Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION", "closed");
  status = WithMetadata(status, "state", "CLOSED");
  status = WithMetadata(status, "verb", "ResolveTicket");
  status = WithField(status, "ticket.state", "is closed");
  status = WithField(status, "ticket.name", "is wrong");
  status = WithRetryDelay(status, absl::Milliseconds(1500));
  status = WithResource(status, "ticket", "tenants/t1/tickets/x");
  const grpc::Status wire = ToGrpcStatus(status, "ticket.frontdesk");
  CHECK(wire.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(wire.error_message() == "closed");
  const absl::Status back = FromGrpcStatus(wire);
  CHECK(back.code() == status.code());
  CHECK(back.message() == status.message());
  CHECK(DetailsOf(back) == DetailsOf(status));

  google::rpc::Status details;
  REQUIRE(details.ParseFromString(wire.error_details()));
  google::rpc::ErrorInfo info;
  REQUIRE(details.details(0).UnpackTo(&info));
  CHECK(info.domain() == "ticket.frontdesk");
  CHECK(info.reason() == "FAILED_TRANSITION");
}

TEST_CASE("An error without a reason still carries ErrorInfo, and OK carries nothing") {
  const absl::Status back =
      FromGrpcStatus(ToGrpcStatus(absl::AbortedError("changed"), "ticket.frontdesk"));
  CHECK(ReasonOf(back) == "ABORTED");
  CHECK(ToGrpcStatus(absl::OkStatus(), "x").ok());
  CHECK(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST_CASE("Text that is not UTF-8 or too long for a header does not stop an error") {
  const absl::Status status =
      WithField(absl::InvalidArgumentError(std::string(100'000, 'x') + "\xff"), "f\xff", "d\xfe");
  const grpc::Status wire = ToGrpcStatus(status, "x.frontdesk");
  CHECK(wire.error_message().size() <= 1024);
  CHECK(wire.error_details().size() < 8000);
  CHECK(DetailsOf(FromGrpcStatus(wire)).fields.at(0).first == "f?");
}

TEST_CASE("A status of a server that sends no details is passed on as it is") {
  const absl::Status back = FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "away"));
  CHECK(back == absl::UnavailableError("away"));
  const absl::Status garbage =
      FromGrpcStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, "none", "\xff\xff"));
  CHECK(garbage.code() == absl::StatusCode::kNotFound);
}

TEST_CASE("The domain of an error is the service's short name") {
  CHECK(ErrorDomain("frontdesk.ticket.v1.TicketService") == "ticket.frontdesk");
  CHECK(ErrorDomain("other.Service") == "other.frontdesk");
}
