#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "services/ticket/app.h"
#include "tests/component/fixture.h"

using namespace frontdesk;
using namespace frontdesk::component;

TEST_CASE("ticket: made, read, listed, resolved and still there after a restart") {
  NoDataKeys keys;
  ServiceUnderTest ticket("frontdesk.ticket.v1.TicketService",
                          [&](const bus::AppDeps& deps, rpc::Host* host) {
                            return ticket::App::Open(deps, ticket::Config{}, keys, host);
                          });
  ticket::v1::CreateTicketRequest create;
  create.set_parent("tenants/acme");
  create.set_subject("The lamp flickers");
  CHECK(ticket.Refusal<ticket::v1::CreateTicketResponse>(kAdmin, "CreateTicket", create) ==
        "MISSING_REQUEST_ID");
  create.set_request_id("r-1");
  CHECK(ticket.Refusal<ticket::v1::CreateTicketResponse>("", "CreateTicket", create) ==
        "UNAUTHENTICATED");
  CHECK(ticket.Refusal<ticket::v1::CreateTicketResponse>(kAnalyst, "CreateTicket", create) ==
        "PERMISSION_DENIED");
  const auto made = ticket.Must<ticket::v1::CreateTicketResponse>(kAdmin, "CreateTicket", create);
  CHECK(made.ticket().state() == ticket::v1::TICKET_STATE_NEW);
  CHECK(made.ticket().clocks_size() == 2);

  create.set_parent("tenants/other");
  CHECK(ticket.Refusal<ticket::v1::CreateTicketResponse>(kAdmin, "CreateTicket", create) ==
        "WRONG_TENANT");

  ticket::v1::ResolveTicketRequest resolve;
  resolve.set_name(made.ticket().name());
  resolve.set_request_id("r-2");
  resolve.set_resolution("A new bulb.");
  ticket.Must<ticket::v1::ResolveTicketResponse>(kAdmin, "ResolveTicket", resolve);

  ticket.Restart();
  ticket::v1::GetTicketRequest get;
  get.set_name(made.ticket().name());
  const auto read = ticket.Must<ticket::v1::GetTicketResponse>(kAnalyst, "GetTicket", get);
  CHECK(read.ticket().state() == ticket::v1::TICKET_STATE_RESOLVED);
  CHECK(read.ticket().resolution() == "A new bulb.");
  // The reply of before the restart, not a second ticket.
  create.set_parent("tenants/acme");
  const auto again = ticket.Must<ticket::v1::CreateTicketResponse>(kAdmin, "CreateTicket", create);
  CHECK(again.ticket().name() == made.ticket().name());
  ticket::v1::ListTicketsRequest list;
  list.set_parent("tenants/acme");
  list.set_state(ticket::v1::TICKET_STATE_RESOLVED);
  CHECK(ticket.Must<ticket::v1::ListTicketsResponse>(kAdmin, "ListTickets", list).tickets_size() ==
        1);
  get.set_name("tenants/acme/tickets/nobody");
  CHECK(ticket.Refusal<ticket::v1::GetTicketResponse>(kAdmin, "GetTicket", get) == "NOT_FOUND");
}
