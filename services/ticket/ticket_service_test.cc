#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/testing/ticket_world.h"

namespace frontdesk::ticket {
namespace {

using testing::kAda;
using testing::kMia;
using testing::TicketWorld;

TEST_CASE("a ticket is new, has both clocks, and is still there after a crash") {
  TicketWorld world;
  const v1::Ticket made = world.Create(world.CreateRequest());
  CHECK(made.state() == v1::TICKET_STATE_NEW);
  CHECK(made.etag() == "1");
  REQUIRE(made.clocks_size() == 2);
  CHECK(FromProto(made.clocks(0).due_time()) - FromProto(made.create_time()) == absl::Minutes(15));
  world.CrashFor(absl::Seconds(1));
  CHECK(world.Get(made.name()).SerializeAsString() == made.SerializeAsString());
  CHECK(world.CountEvents(v1::TicketEvent::kTicketCreated) == 1);
}

TEST_CASE("a repeated request makes one ticket and gets the same reply, also a long one") {
  for (const size_t bytes : {10, 20'000}) {
    TicketWorld world;
    v1::CreateTicketRequest request = world.CreateRequest();
    request.set_description(std::string(bytes, 'x'));
    const v1::Ticket first = world.Create(request);
    const v1::Ticket second = world.Create(request);
    CHECK(first.SerializeAsString() == second.SerializeAsString());
    CHECK(world.CountEvents(v1::TicketEvent::kTicketCreated) == 1);

    request.set_subject("Another matter");
    v1::CreateTicketResponse response;
    CHECK(ReasonOf(world.CreateTicket(request, &response)) == "REQUEST_ID_REUSED");
  }
}

TEST_CASE("requests of a wrong shape are refused by the name of the field") {
  TicketWorld world;
  struct Case {
    std::function<void(v1::CreateTicketRequest&)> spoil;
    std::string field;
  };
  const Case cases[] = {
      {[](auto& r) { r.clear_subject(); }, "subject"},
      {[](auto& r) { r.set_subject(std::string(201, 'a')); }, "subject"},
      {[](auto& r) { r.set_subject("\xff"); }, "subject"},
      {[](auto& r) { r.set_subject("\u200b\u2060"); }, "subject"},
      {[](auto& r) { r.set_description(std::string(40'000, 'a')); }, "description"},
      {[](auto& r) { r.set_priority(static_cast<common::v1::Priority>(77)); }, "priority"},
      {[](auto& r) { r.set_customer("ada"); }, "customer"},
      {[](auto& r) { r.set_customer("tenants/other/customers/ada"); }, "customer"},
      {[](auto& r) { r.set_account("tenants/acme/customers/ada"); }, "account"},
      {[](auto& r) { r.set_conversation("x"); }, "conversation"},
      {[](auto& r) { r.set_assignee("tenants/acme/agents/Mia!"); }, "assignee"},
      {[](auto& r) { r.set_language("not a tag"); }, "language"},
  };
  for (const Case& c : cases) {
    v1::CreateTicketRequest request = world.CreateRequest();
    c.spoil(request);
    v1::CreateTicketResponse response;
    const absl::Status status = world.CreateTicket(request, &response);
    INFO(c.field << ": " << status);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    const ErrorDetails details = DetailsOf(status);
    REQUIRE(details.fields.size() == 1);
    CHECK(details.fields[0].first == c.field);
  }
  v1::CreateTicketRequest request = world.CreateRequest();
  std::string subject;
  for (int i = 0; i < 200; ++i) subject += "\u706b";  // 200 characters are 600 bytes
  request.set_subject(subject);
  CHECK(world.Create(request).subject() == subject);
}

TEST_CASE("texts are masked everywhere and open only to those who may see them") {
  TicketWorld world;
  v1::CreateTicketRequest create = world.CreateRequest();
  create.set_subject("Call +1 650 253 0000");
  create.set_description("my mail is ada@example.com");
  create.set_customer(kAda);
  const v1::Ticket ticket = world.Create(create);
  CHECK(ticket.subject() == "Call [phone]");
  CHECK(ticket.description().masked() == "my mail is [email]");
  CHECK_FALSE(ticket.description().sealed().empty());
  CHECK(ticket.description().sealed_for() == ticket.name() + "#description");
  REQUIRE(world.Note(ticket.name(), "write to ada@example.com", v1::NOTE_VISIBILITY_PUBLIC).ok());

  v1::GetTicketRequest get;
  get.set_name(ticket.name());
  v1::ListNotesRequest list;
  list.set_parent(ticket.name());
  SECTION("an agent") {
    v1::GetTicketResponse got;
    REQUIRE(world.GetTicket(get, &got).ok());
    REQUIRE(got.opened_size() == 1);
    CHECK(got.opened(0).text() == "my mail is ada@example.com");
    v1::ListNotesResponse notes;
    REQUIRE(world.ListNotes(list, &notes).ok());
    REQUIRE(notes.opened_size() == 1);
    CHECK(notes.opened(0).text() == "write to ada@example.com");
  }
  SECTION("an analyst") {
    v1::GetTicketResponse got;
    REQUIRE(world.GetTicket(get, &got, rpc::Role::kAnalyst).ok());
    CHECK(got.opened_size() == 0);
    v1::ListNotesResponse notes;
    REQUIRE(world.ListNotes(list, &notes, rpc::Role::kAnalyst).ok());
    CHECK(notes.opened_size() == 0);
    CHECK(notes.notes(0).text().masked() == "write to [email]");
  }
  SECTION("without the key a reader gets the masked text, a writer has to try again") {
    world.keys.status = absl::UnavailableError("channel is away");
    v1::GetTicketResponse got;
    REQUIRE(world.GetTicket(get, &got).ok());
    CHECK(got.opened_size() == 0);
    CHECK(world.Note(ticket.name(), "hello", v1::NOTE_VISIBILITY_PUBLIC).code() ==
          absl::StatusCode::kUnavailable);
  }
  for (const v1::TicketEvent& event : world.Events()) {
    CHECK(event.SerializeAsString().find("ada@example.com") == std::string::npos);
  }
}

TEST_CASE("a text of nobody, or of a customer without a key, is kept masked only") {
  TicketWorld world;
  for (const char* customer : {"", "tenants/acme/customers/unknown-1"}) {
    v1::CreateTicketRequest create = world.CreateRequest();
    create.set_description("my mail is ada@example.com");
    create.set_customer(customer);
    const v1::Ticket ticket = world.Create(create);
    CHECK(ticket.description().masked() == "my mail is [email]");
    CHECK(ticket.description().sealed().empty());
  }
}

TEST_CASE("verbs move a ticket along, tell others, and leave a history") {
  TicketWorld world;
  using S = TicketService;
  const std::string name = world.Create(world.CreateRequest()).name();
  REQUIRE(world.Say<v1::StartTicketRequest, v1::StartTicketResponse>(&S::StartTicket, name).ok());
  world.Advance(absl::Minutes(1));
  REQUIRE(
      world.Say<v1::HoldTicketRequest, v1::HoldTicketResponse>(&S::HoldTicket, name, "parts").ok());
  world.Advance(absl::Minutes(5));
  REQUIRE(
      world.Say<v1::ResumeTicketRequest, v1::ResumeTicketResponse>(&S::ResumeTicket, name).ok());
  world.Advance(absl::Minutes(1));
  REQUIRE(world
              .Say<v1::ResolveTicketRequest, v1::ResolveTicketResponse>(&S::ResolveTicket, name,
                                                                        "water")
              .ok());
  REQUIRE(world.Say<v1::CloseTicketRequest, v1::CloseTicketResponse>(&S::CloseTicket, name).ok());
  const absl::Status late =
      world.Say<v1::ReopenTicketRequest, v1::ReopenTicketResponse>(&S::ReopenTicket, name, "no");
  CHECK(ReasonOf(late) == "FAILED_TRANSITION");
  CHECK(ReasonOf(world.Note(name, "too late", v1::NOTE_VISIBILITY_PUBLIC)) == "FAILED_TRANSITION");

  v1::ListTicketChangesRequest list;
  list.set_parent(name);
  list.set_page_size(4);
  std::vector<std::string> actions;
  v1::ListTicketChangesResponse page;
  do {
    page.Clear();
    REQUIRE(world.ListTicketChanges(list, &page).ok());
    for (const auto& change : page.changes()) actions.push_back(change.action());
    list.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  CHECK(actions == std::vector<std::string>{"CreateTicket", "StartTicket", "HoldTicket",
                                            "ResumeTicket", "ResolveTicket", "CloseTicket"});
  int resolved = 0;
  for (const v1::TicketEvent& event : world.Events()) {
    CHECK(event.metadata().tenant() == "tenants/acme");
    CHECK(event.metadata().actor() == kMia);
    if (!event.has_ticket_resolved()) continue;
    ++resolved;
    CHECK(event.ticket_resolved().within_sla());
    CHECK(FromProto(event.ticket_resolved().time_to_resolve()) == absl::Minutes(2));
  }
  CHECK(resolved == 1);
  CHECK(world.CountEvents(v1::TicketEvent::kTicketChanged) == 4);
}

TEST_CASE("an update honours mask and etag; what differs in nothing leaves no trace") {
  TicketWorld world;
  const v1::Ticket ticket = world.Create(world.CreateRequest());
  v1::UpdateTicketRequest update;
  update.mutable_ticket()->set_name(ticket.name());
  update.mutable_ticket()->set_subject("Fire is out");
  update.mutable_ticket()->set_etag("1");
  update.set_request_id(world.NewRequestId());
  v1::UpdateTicketResponse response;
  REQUIRE(world.UpdateTicket(update, &response).ok());
  CHECK(response.ticket().subject() == "Fire is out");
  CHECK(response.ticket().priority() == common::v1::PRIORITY_P0);
  CHECK(response.ticket().etag() == "2");

  update.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.UpdateTicket(update, &response)) == "ETAG_MISMATCH");
  update.mutable_ticket()->clear_etag();
  REQUIRE(world.UpdateTicket(update, &response).ok());
  CHECK(response.ticket().etag() == "2");

  update.mutable_update_mask()->add_paths("state");
  update.set_request_id(world.NewRequestId());
  const ErrorDetails details = DetailsOf(world.UpdateTicket(update, &response));
  REQUIRE(details.fields.size() == 1);
  CHECK(details.fields[0].first == "update_mask");
  CHECK(world.CountEvents(v1::TicketEvent::kTicketChanged) == 1);
}

TEST_CASE("lists come from indexes, newest first, page by page, and filters add up") {
  TicketWorld world;
  std::vector<std::string> names;
  for (int i = 0; i < 7; ++i) {
    v1::CreateTicketRequest create = world.CreateRequest();
    if (i % 2 == 0) create.set_customer(kAda);
    if (i % 3 == 0) create.set_assignee(kMia);
    names.insert(names.begin(), world.Create(create).name());
    world.Advance(absl::Seconds(1));
  }
  REQUIRE(world
              .Say<v1::StartTicketRequest, v1::StartTicketResponse>(&TicketService::StartTicket,
                                                                    names[0])
              .ok());
  const auto list = [&](v1::ListTicketsRequest request) {
    request.set_parent("tenants/acme");
    request.set_page_size(2);
    std::vector<std::string> found;
    v1::ListTicketsResponse page;
    do {
      page.Clear();
      REQUIRE(world.ListTickets(request, &page).ok());
      CHECK(page.tickets_size() <= 2);
      for (const v1::Ticket& ticket : page.tickets()) found.push_back(ticket.name());
      request.set_page_token(page.next_page_token());
    } while (!page.next_page_token().empty());
    return found;
  };
  using Names = std::vector<std::string>;
  v1::ListTicketsRequest request;
  CHECK(list(request) == names);
  request.set_state(v1::TICKET_STATE_OPEN);
  CHECK(list(request) == Names{names[0]});
  request.set_state(v1::TICKET_STATE_NEW);
  CHECK(list(request) == Names(names.begin() + 1, names.end()));
  request.set_customer(kAda);
  CHECK(list(request) == Names{names[2], names[4], names[6]});
  request.set_assignee(kMia);
  CHECK(list(request) == Names{names[6]});
  request.clear_state();
  CHECK(list(request) == Names{names[0], names[6]});

  v1::ListTicketsResponse response;
  request.set_parent("tenants/acme");
  request.set_page_token("garbled");
  CHECK(ReasonOf(world.ListTickets(request, &response)) == "PAGE_TOKEN_INVALID");
}

TEST_CASE("an assignment moves a ticket from one agent's list to the other's") {
  TicketWorld world;
  const std::string name = world.Create(world.CreateRequest()).name();
  const auto assign = [&](const std::string& agent) {
    v1::AssignTicketRequest request;
    request.set_name(name);
    request.set_assignee(agent);
    request.set_request_id(world.NewRequestId());
    v1::AssignTicketResponse response;
    return world.AssignTicket(request, &response);
  };
  const auto count = [&](const std::string& agent) {
    v1::ListTicketsRequest request;
    request.set_parent("tenants/acme");
    request.set_assignee(agent);
    v1::ListTicketsResponse response;
    REQUIRE(world.ListTickets(request, &response).ok());
    return response.tickets_size();
  };
  REQUIRE(assign(kMia).ok());
  CHECK(count(kMia) == 1);
  REQUIRE(assign("tenants/acme/agents/tom").ok());
  CHECK(count(kMia) == 0);
  CHECK(count("tenants/acme/agents/tom") == 1);
  REQUIRE(assign("").ok());
  CHECK(count("tenants/acme/agents/tom") == 0);
  CHECK_FALSE(assign("mia").ok());
}

TEST_CASE("notes are listed oldest first and do not change the ticket unless they meet its clock") {
  TicketWorld world;
  const v1::Ticket ticket = world.Create(world.CreateRequest());
  REQUIRE(world.Note(ticket.name(), "one", v1::NOTE_VISIBILITY_INTERNAL).ok());
  CHECK(world.Get(ticket.name()).etag() == ticket.etag());
  REQUIRE(world.Note(ticket.name(), "two", v1::NOTE_VISIBILITY_PUBLIC, rpc::Role::kService).ok());
  CHECK(world.Get(ticket.name()).etag() == ticket.etag());
  REQUIRE(world.Note(ticket.name(), "three", v1::NOTE_VISIBILITY_PUBLIC).ok());
  CHECK(world.Get(ticket.name()).clocks(0).state() == v1::CLOCK_STATE_MET);

  v1::ListNotesRequest list;
  list.set_parent(ticket.name());
  list.set_page_size(2);
  v1::ListNotesResponse page;
  REQUIRE(world.ListNotes(list, &page).ok());
  REQUIRE(page.notes_size() == 2);
  CHECK(page.notes(0).text().masked() == "one");
  CHECK(page.notes(1).author_kind() == common::v1::AUTHOR_KIND_SYSTEM);
  list.set_page_token(page.next_page_token());
  page.Clear();
  REQUIRE(world.ListNotes(list, &page).ok());
  REQUIRE(page.notes_size() == 1);
  CHECK(page.notes(0).author() == kMia);
  CHECK(page.next_page_token().empty());

  int with_note = 0;
  for (const v1::TicketEvent& event : world.Events())
    with_note += event.ticket_changed().has_note();
  CHECK(with_note == 3);
  CHECK(world.Note("tenants/acme/tickets/none", "x", v1::NOTE_VISIBILITY_PUBLIC).code() ==
        absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace frontdesk::ticket
