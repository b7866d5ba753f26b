#pragma once

#include <string>

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/process/testing/fake_data_keys.h"
#include "libs/process/testing/service_world.h"
#include "services/ticket/app.h"

namespace frontdesk::ticket::testing {

using process::testing::kParent;
using process::testing::kTenant;
inline constexpr const char* kMia = "tenants/acme/agents/mia";
inline constexpr const char* kAda = "tenants/acme/customers/ada";

class TicketWorld final : public process::testing::ServiceWorld<App, v1::TicketEvent> {
 public:
  TicketWorld() : ServiceWorld(rpc::Role::kAgent, "mia") {
    Start([this](const bus::AppDeps& deps) { return App::Open(deps, Config(), keys, nullptr); });
  }
  ~TicketWorld() { Close(); }

  FD_SERVICE_CALL(CreateTicket)
  FD_SERVICE_CALL(GetTicket)
  FD_SERVICE_CALL(ListTickets)
  FD_SERVICE_CALL(UpdateTicket)
  FD_SERVICE_CALL(AssignTicket)
  FD_SERVICE_CALL(AddNote)
  FD_SERVICE_CALL(ListNotes)
  FD_SERVICE_CALL(ListTicketChanges)
  FD_SERVICE_CALL(GetSlaPolicy)
  FD_SERVICE_CALL(UpdateSlaPolicy)

  v1::CreateTicketRequest CreateRequest(common::v1::Priority priority = common::v1::PRIORITY_P0) {
    v1::CreateTicketRequest request;
    request.set_parent(kParent);
    request.set_subject("Printer is on fire");
    request.set_priority(priority);
    request.set_request_id(NewRequestId());
    return request;
  }
  v1::Ticket Create(const v1::CreateTicketRequest& request) {
    return Must(&Service::CreateTicket, request).ticket();
  }
  v1::Ticket Get(const std::string& name) {
    v1::GetTicketRequest request;
    request.set_name(name);
    return Must(&Service::GetTicket, request).ticket();
  }
  // StartTicket, HoldTicket …: requests with a name and, perhaps, a text.
  template <class Request, class Response>
  absl::Status Say(Method<Request, Response> method, const std::string& name,
                   std::string text = "") {
    Request request;
    request.set_name(name);
    request.set_request_id(NewRequestId());
    if constexpr (requires { request.set_reason(text); }) request.set_reason(text);
    if constexpr (requires { request.set_resolution(text); }) request.set_resolution(text);
    Response response;
    return Do(method, request, &response);
  }
  absl::Status Note(const std::string& ticket, const std::string& text,
                    v1::NoteVisibility visibility, rpc::Role as = rpc::Role::kAgent) {
    v1::AddNoteRequest request;
    request.set_parent(ticket);
    request.set_text(text);
    request.set_visibility(visibility);
    request.set_request_id(NewRequestId());
    v1::AddNoteResponse response;
    return AddNote(request, &response, as);
  }

  void PublishTicketRequested(const dialog::v1::TicketRequested& requested) {
    dialog::v1::DialogEvent event;
    *event.mutable_ticket_requested() = requested;
    PublishEvent("acme/ada", std::move(event));
  }

  process::testing::FakeDataKeys keys{random};
};

}  // namespace frontdesk::ticket::testing
