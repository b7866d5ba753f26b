#include "libs/base/error.h"

#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/random.h"

namespace frontdesk {
namespace {

TEST_CASE("an error carries its code, message and reason") {
  const absl::Status status =
      Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "someone was first");
  CHECK(status.code() == absl::StatusCode::kAborted);
  CHECK(MessageOf(status) == "someone was first");
  CHECK(ReasonOf(status) == "ETAG_MISMATCH");
}

TEST_CASE("an error can never say OK") {
  CHECK(Error(absl::StatusCode::kOk, "X", "y").code() == absl::StatusCode::kInternal);
}

TEST_CASE("a status without details has no reason") {
  CHECK(ReasonOf(absl::OkStatus()).empty());
  CHECK(ReasonOf(absl::InternalError("x")).empty());
  CHECK(DetailsOf(absl::InternalError("x")) == ErrorDetails());
}

TEST_CASE("details add up in order and keep code and message") {
  absl::Status status = Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "busy");
  status = WithRetryDelay(status, absl::Milliseconds(250));
  status = WithMetadata(status, "queue", "rpc");
  status = WithMetadata(status, "depth", "512");
  status = WithField(status, "a.b", "too long");
  status = WithField(status, "c", "missing");
  status = WithResource(status, "ticket", "tenants/acme/tickets/1");

  const ErrorDetails details = DetailsOf(status);
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(MessageOf(status) == "busy");
  CHECK(details.reason == "QUEUE_FULL");
  CHECK(details.retry_delay == absl::Milliseconds(250));
  CHECK(details.metadata == std::vector<ErrorDetails::Pair>{{"queue", "rpc"}, {"depth", "512"}});
  CHECK(details.fields == std::vector<ErrorDetails::Pair>{{"a.b", "too long"}, {"c", "missing"}});
  CHECK(details.resource == ErrorDetails::Pair{"ticket", "tenants/acme/tickets/1"});
}

TEST_CASE("details of an OK status stay away") {
  CHECK(WithField(absl::OkStatus(), "a", "b").ok());
  CHECK(WithMetadata(absl::OkStatus(), "a", "b") == absl::OkStatus());
  CHECK(WithRetryDelay(absl::OkStatus(), absl::Seconds(1)) == absl::OkStatus());
  CHECK(WithResource(absl::OkStatus(), "a", "b") == absl::OkStatus());
}

TEST_CASE("details can be added to a foreign status") {
  const absl::Status status = WithMetadata(absl::UnavailableError("away"), "peer", "kafka");
  CHECK(DetailsOf(status).metadata.at(0).second == "kafka");
  CHECK(ReasonOf(status).empty());
}

TEST_CASE("arbitrary bytes survive in details") {
  SeededRandom random(7);
  for (int round = 0; round < 200; ++round) {
    ErrorDetails expected;
    expected.reason = random.Bytes(1 + random.Uniform(40));
    absl::Status status = Error(absl::StatusCode::kInternal, expected.reason, "m");
    for (uint64_t i = random.Uniform(4); i > 0; --i) {
      expected.metadata.emplace_back(random.Bytes(random.Uniform(20)),
                                     random.Bytes(random.Uniform(300)));
      status =
          WithMetadata(status, expected.metadata.back().first, expected.metadata.back().second);
      expected.fields.emplace_back(random.Bytes(random.Uniform(20)), std::string(i, '\0'));
      status = WithField(status, expected.fields.back().first, expected.fields.back().second);
    }
    CHECK(DetailsOf(status) == expected);
  }
}

TEST_CASE("the shorthands carry what the caller needs") {
  const absl::Status invalid = InvalidField("page_size", "must not be negative");
  CHECK(invalid.code() == absl::StatusCode::kInvalidArgument);
  CHECK(MessageOf(invalid) == "page_size: must not be negative");
  CHECK(ReasonOf(invalid) == "INVALID_FIELD");
  CHECK(DetailsOf(invalid).fields.at(0).first == "page_size");

  const absl::Status missing = NotFound("ticket", "tenants/a/tickets/b");
  CHECK(missing.code() == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(missing) == "NOT_FOUND");
  CHECK(DetailsOf(missing).resource == ErrorDetails::Pair{"ticket", "tenants/a/tickets/b"});
}

}  // namespace
}  // namespace frontdesk
