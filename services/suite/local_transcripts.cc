#include "services/suite/local_transcripts.h"

#include <memory>
#include <utility>

#include "libs/base/error.h"

namespace frontdesk::suite {
namespace {

// Calls a method of a service as another service of the tenant does. What the call refers to lives
// until it is finished.
template <class Service, class Request, class Response>
void Call(Service* service,
          void (Service::*method)(const rpc::Call&, const Request&, Response*, rpc::Finish),
          std::string_view name, const Clock& clock, const process::TranscriptPeers::Caller& caller,
          const Request& request, process::TranscriptPeers::Reply<Response> reply) {
  if (service == nullptr) {
    return reply(Error(absl::StatusCode::kUnavailable, "NOT_READY", "the suite is being started"));
  }
  struct Running {
    rpc::Call call;
    Request request;
    Response response;
  };
  auto running = std::make_shared<Running>();
  running->request = request;
  running->call.tenant = caller.tenant;
  running->call.caller = {caller.tenant, "services/knowledge", rpc::Role::kService};
  running->call.method = name;
  running->call.give_up_at = clock.Steady() + caller.deadline;
  (service->*method)(running->call, running->request, &running->response,
                     [running, reply = std::move(reply)](absl::Status status) mutable {
                       if (!status.ok()) return reply(std::move(status));
                       reply(std::move(running->response));
                     });
}

}  // namespace

void LocalTranscripts::GetConversation(const Caller& caller,
                                       const dialog::v1::GetConversationRequest& request,
                                       Reply<dialog::v1::GetConversationResponse> reply) {
  Call(dialog_, &dialog::DialogService::GetConversation, "GetConversation", clock_, caller, request,
       std::move(reply));
}

void LocalTranscripts::ListTurns(const Caller& caller, const dialog::v1::ListTurnsRequest& request,
                                 Reply<dialog::v1::ListTurnsResponse> reply) {
  Call(dialog_, &dialog::DialogService::ListTurns, "ListTurns", clock_, caller, request,
       std::move(reply));
}

void LocalTranscripts::GetTicket(const Caller& caller, const ticket::v1::GetTicketRequest& request,
                                 Reply<ticket::v1::GetTicketResponse> reply) {
  Call(ticket_, &ticket::TicketService::GetTicket, "GetTicket", clock_, caller, request,
       std::move(reply));
}

void LocalTranscripts::ListNotes(const Caller& caller, const ticket::v1::ListNotesRequest& request,
                                 Reply<ticket::v1::ListNotesResponse> reply) {
  Call(ticket_, &ticket::TicketService::ListNotes, "ListNotes", clock_, caller, request,
       std::move(reply));
}

}  // namespace frontdesk::suite
