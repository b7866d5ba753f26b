#include "libs/rpc/mutation.h"

#include <catch2/catch.hpp>

#include "libs/rpc/testing/probe.pb.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

TEST_CASE("The hash of a payload leaves out the request id and nothing else") {
  UpdateProbeRequest request;
  request.set_number(5);
  request.mutable_probe()->set_name("tenants/t1/probes/p");
  for (int i = 0; i < 30; ++i) (*request.mutable_labels())["k" + std::to_string(i)] = "v";
  request.set_request_id("r-1");
  const uint64_t hash = PayloadHash(request);

  UpdateProbeRequest again;
  for (int i = 29; i >= 0; --i) (*again.mutable_labels())["k" + std::to_string(i)] = "v";
  again.set_number(5);
  again.mutable_probe()->set_name("tenants/t1/probes/p");
  CHECK(PayloadHash(again) == hash);
  again.set_request_id("another, longer request id");
  CHECK(PayloadHash(again) == hash);
  again.set_number(6);
  CHECK(PayloadHash(again) != hash);
  again.set_number(5);
  again.mutable_probe()->set_text("x");
  CHECK(PayloadHash(again) != hash);
}

TEST_CASE("A command carries what the call and the request say") {
  UpdateProbeRequest request;
  request.mutable_probe()->set_text("text");
  request.set_request_id("r-9");
  UpdateProbeResponse response;
  Call call;
  call.tenant = "t1";
  call.caller = {"*", "svc-dialog", Role::kService};
  call.method = "UpdateProbe";
  call.traceparent = "trace";
  call.give_up_at = absl::Seconds(9);
  const store::Command command = MakeCommand(call, request, &response);
  CHECK(command.source == store::Command::Source::kRpc);
  CHECK(command.method == "UpdateProbe");
  CHECK(command.tenant == "t1");
  CHECK(command.actor == ActorName(call));
  CHECK(command.request_id == "r-9");
  CHECK(command.cause == "r-9");
  CHECK(command.payload_hash == PayloadHash(request));
  CHECK(command.traceparent == "trace");
  CHECK(command.give_up_at == absl::Seconds(9));
  CHECK(command.response == &response);
  CHECK(command.bytes >= request.ByteSizeLong());
}
