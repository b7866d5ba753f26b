#include <catch2/catch.hpp>
#include <string>

#include "libs/base/error.h"
#include "libs/rpc/tenants_file.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/testing/ticket_world.h"

namespace frontdesk::ticket {
namespace {

using testing::kAda;
using testing::TicketWorld;
using S = TicketService;

int Warned(TicketWorld& world) { return world.CountEvents(v1::TicketEvent::kSlaWarned); }
int Breached(TicketWorld& world) { return world.CountEvents(v1::TicketEvent::kSlaBreached); }

TEST_CASE("an unanswered critical ticket warns after 12 minutes and breaches after 15, once each") {
  TicketWorld world;
  const v1::Ticket ticket = world.Create(world.CreateRequest());
  world.Advance(absl::Minutes(12) - absl::Seconds(1));
  CHECK(Warned(world) == 0);
  world.Advance(absl::Seconds(1));
  CHECK(Warned(world) == 1);
  world.Advance(absl::Minutes(3) - absl::Seconds(1));
  CHECK(Breached(world) == 0);
  world.Advance(absl::Seconds(1));
  CHECK(Breached(world) == 1);
  world.Advance(absl::Hours(2));
  CHECK(Warned(world) == 1);
  CHECK(Breached(world) == 1);
  for (const v1::TicketEvent& event : world.Events()) {
    if (!event.has_sla_breached()) continue;
    CHECK(event.metadata().actor() == "services/ticket");
    CHECK(event.sla_breached().clock() == v1::CLOCK_KIND_FIRST_RESPONSE);
    CHECK(FromProto(event.sla_breached().target()) == absl::Minutes(15));
  }
}

TEST_CASE("a clock that breached while the service was down breaches once, at its due time") {
  TicketWorld world;
  const v1::Ticket ticket = world.Create(world.CreateRequest());
  world.CrashFor(absl::Minutes(40));
  CHECK(Warned(world) == 0);
  REQUIRE(Breached(world) == 1);
  for (const v1::TicketEvent& event : world.Events()) {
    if (!event.has_sla_breached()) continue;
    CHECK(FromProto(event.sla_breached().due_time()) ==
          FromProto(ticket.create_time()) + absl::Minutes(15));
    CHECK(FromProto(event.metadata().time()) >=
          FromProto(ticket.create_time()) + absl::Minutes(40));
  }
  world.CrashFor(absl::Seconds(1));
  CHECK(Breached(world) == 1);
}

TEST_CASE("an answered ticket does not breach its first response, a resolved one nothing") {
  TicketWorld world;
  const std::string name = world.Create(world.CreateRequest()).name();
  world.Advance(absl::Minutes(5));
  REQUIRE(world.Note(name, "we are on it", v1::NOTE_VISIBILITY_PUBLIC).ok());
  world.Advance(absl::Hours(3));
  CHECK(Warned(world) == 0);
  REQUIRE(
      world.Say<v1::ResolveTicketRequest, v1::ResolveTicketResponse>(&S::ResolveTicket, name).ok());
  world.Advance(absl::Hours(9));
  CHECK(Warned(world) == 0);
  CHECK(Breached(world) == 0);
}

TEST_CASE("a hold moves the breach of the resolution by as long as it lasts") {
  TicketWorld world;
  const std::string name = world.Create(world.CreateRequest()).name();
  REQUIRE(world.Note(name, "hello", v1::NOTE_VISIBILITY_PUBLIC).ok());
  REQUIRE(world.Say<v1::StartTicketRequest, v1::StartTicketResponse>(&S::StartTicket, name).ok());
  REQUIRE(
      world.Say<v1::HoldTicketRequest, v1::HoldTicketResponse>(&S::HoldTicket, name, "parts").ok());
  world.Advance(absl::Hours(24));
  CHECK(Warned(world) == 0);
  REQUIRE(
      world.Say<v1::ResumeTicketRequest, v1::ResumeTicketResponse>(&S::ResumeTicket, name).ok());
  world.Advance(absl::Hours(4) - absl::Seconds(1));
  CHECK(Warned(world) == 1);
  CHECK(Breached(world) == 0);
  world.Advance(absl::Seconds(1));
  CHECK(Breached(world) == 1);
}

TEST_CASE("an etag is compared before clocks settle: one that differs changes nothing") {
  TicketWorld world;
  const std::string name = world.Create(world.CreateRequest()).name();
  ::frontdesk::store::Committer& committer = world.app->shards().For(testing::kTenant).committer();
  // A warning is due, and its timer has not fired: whatever opens the ticket first settles it.
  world.clock.Advance(absl::Minutes(13));
  const uint64_t events = committer.outbox_last();
  const auto update = [&](const std::string& etag) {
    v1::UpdateTicketRequest request;
    request.mutable_ticket()->set_name(name);
    request.mutable_ticket()->set_subject("Fire is out");
    request.mutable_ticket()->set_etag(etag);
    request.set_request_id(world.NewRequestId());
    auto running = world.Begin(&TicketService::UpdateTicket, request);
    committer.Step();
    committer.DeliverStep();
    REQUIRE(running->finished == 1);
    return running;
  };
  const auto stored = [&] {
    v1::GetTicketRequest request;
    request.set_name(name);
    const auto running = world.Begin(&TicketService::GetTicket, request);
    REQUIRE(running->finished == 1);
    return running->response.ticket();
  };

  // Settling makes version 2, which no caller has seen.
  for (const std::string etag : {"2", "0", "x"}) {
    const auto refused = update(etag);
    CHECK(refused->status.code() == absl::StatusCode::kAborted);
    CHECK(ReasonOf(refused->status) == "ETAG_MISMATCH");
    CHECK(stored().etag() == "1");
    CHECK(stored().subject() == "Printer is on fire");
    CHECK(committer.outbox_last() == events);
  }
  CHECK(update("1")->status.ok());
  CHECK(stored().etag() == "3");
  CHECK(stored().subject() == "Fire is out");
  CHECK(committer.outbox_last() == events + 2);
  CHECK(Warned(world) == 1);
}

TEST_CASE("a higher priority breaches at once what has lasted longer than it allows") {
  TicketWorld world;
  const v1::Ticket ticket = world.Create(world.CreateRequest(common::v1::PRIORITY_P3));
  world.Advance(absl::Hours(1));
  v1::UpdateTicketRequest update;
  update.mutable_ticket()->set_name(ticket.name());
  update.mutable_ticket()->set_priority(common::v1::PRIORITY_P0);
  update.set_request_id(world.NewRequestId());
  v1::UpdateTicketResponse response;
  REQUIRE(world.UpdateTicket(update, &response).ok());
  CHECK(response.ticket().clocks(0).state() == v1::CLOCK_STATE_BREACHED);
  CHECK(FromProto(response.ticket().clocks(1).due_time()) ==
        FromProto(ticket.create_time()) + absl::Hours(4));
  world.Advance(absl::Hours(1));
  CHECK(Breached(world) == 1);
}

TEST_CASE("tickets take the service levels that hold when they are made") {
  TicketWorld world;
  v1::UpdateSlaPolicyRequest update;
  v1::SlaPolicy& policy = *update.mutable_sla_policy();
  policy.set_name("tenants/acme/slaPolicy");
  v1::SlaTarget& target = *policy.add_targets();
  target.set_priority(common::v1::PRIORITY_P0);
  target.mutable_first_response()->set_seconds(60);
  target.mutable_resolution()->set_seconds(600);
  update.set_request_id(world.NewRequestId());
  const v1::Ticket before = world.Create(world.CreateRequest());
  v1::UpdateSlaPolicyResponse response;
  REQUIRE(world.UpdateSlaPolicy(update, &response, rpc::Role::kAdmin).ok());
  CHECK(response.sla_policy().etag() == "1");
  const v1::Ticket after = world.Create(world.CreateRequest());
  CHECK(FromProto(after.clocks(0).target()) == absl::Minutes(1));
  CHECK(FromProto(world.Get(before.name()).clocks(0).target()) == absl::Minutes(15));

  policy.set_etag("0");
  update.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.UpdateSlaPolicy(update, &response, rpc::Role::kAdmin)) == "ETAG_MISMATCH");
}

TEST_CASE("loading the tenants file twice changes the policy once") {
  TicketWorld world;
  rpc::TenantsFile file;
  file.tenants.emplace_back().id = "acme";
  file.tenants[0].sla.push_back({"P1", absl::Minutes(2), absl::Hours(1)});
  const auto load = [&] { return world.LoadTenants(file); };
  const auto etag = [&] {
    v1::GetSlaPolicyRequest request;
    request.set_name("tenants/acme/slaPolicy");
    v1::GetSlaPolicyResponse response;
    REQUIRE(world.GetSlaPolicy(request, &response, rpc::Role::kAnalyst).ok());
    return response.sla_policy().etag();
  };
  CHECK(etag() == "0");
  CHECK(load().ok());
  CHECK(etag() == "1");
  CHECK(load().ok());
  CHECK(etag() == "1");
  file.tenants[0].sla.push_back({"P9", absl::Minutes(2), absl::Hours(1)});
  CHECK(load().code() == absl::StatusCode::kInvalidArgument);
  file.tenants.clear();
  CHECK(load().ok());
}

dialog::v1::TicketRequested Requested() {
  dialog::v1::TicketRequested requested;
  requested.set_ticket_request("01hf0000000000000000000001");
  requested.set_conversation("tenants/acme/conversations/c1");
  requested.set_customer(kAda);
  requested.set_account("tenants/acme/accounts/big");
  requested.set_subject("Refund");
  requested.set_priority(common::v1::PRIORITY_P1);
  requested.mutable_summary()->set_masked("wants a refund");
  requested.set_language("en");
  return requested;
}

TEST_CASE("a ticket request makes one ticket, also when it comes again as another event") {
  TicketWorld world;
  world.PublishTicketRequested(Requested());
  world.PublishTicketRequested(Requested());
  const v1::Ticket ticket = world.Get("tenants/acme/tickets/01hf0000000000000000000001");
  CHECK(ticket.subject() == "Refund");
  CHECK(ticket.customer() == kAda);
  CHECK(ticket.description().masked() == "wants a refund");
  CHECK(FromProto(ticket.clocks(0).target()) == absl::Hours(1));
  REQUIRE(world.CountEvents(v1::TicketEvent::kTicketCreated) == 1);
  const v1::TicketEvent event = world.Events().front();
  CHECK(event.ticket_created().ticket_request() == "01hf0000000000000000000001");
  CHECK(event.ticket_created().account() == "tenants/acme/accounts/big");
  CHECK(event.metadata().correlation() == "tenants/acme/conversations/c1");
  CHECK(world.DeadLetters() == 0);
}

TEST_CASE(
    "a ticket request that no ticket can be made of becomes a dead letter and holds up none") {
  TicketWorld world;
  dialog::v1::TicketRequested requested = Requested();
  requested.clear_subject();
  world.PublishTicketRequested(requested);
  world.PublishValue(topics::kDialog, "acme/ada", "frontdesk.dialog.v1.TicketRequested",
                     "no protobuf");
  world.PublishTicketRequested(Requested());
  CHECK(world.DeadLetters() == 2);
  CHECK(world.CountEvents(v1::TicketEvent::kTicketCreated) == 1);
}

}  // namespace
}  // namespace frontdesk::ticket
