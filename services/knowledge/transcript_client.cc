#include "services/knowledge/transcript_client.h"

#include <utility>

namespace frontdesk::knowledge {
namespace {

rpc::Outgoing Within(absl::Duration deadline) {
  rpc::Outgoing outgoing;
  outgoing.cap = deadline;
  return outgoing;
}

}  // namespace

void TranscriptClient::GetConversation(const Caller& caller,
                                       const dialog::v1::GetConversationRequest& request,
                                       Reply<dialog::v1::GetConversationResponse> reply) {
  dialog_.Unary<dialog::v1::GetConversationResponse>(
      "/frontdesk.dialog.v1.DialogService/GetConversation", Within(caller.deadline), request,
      std::move(reply));
}

void TranscriptClient::ListTurns(const Caller& caller, const dialog::v1::ListTurnsRequest& request,
                                 Reply<dialog::v1::ListTurnsResponse> reply) {
  dialog_.Unary<dialog::v1::ListTurnsResponse>("/frontdesk.dialog.v1.DialogService/ListTurns",
                                               Within(caller.deadline), request, std::move(reply));
}

void TranscriptClient::GetTicket(const Caller& caller, const ticket::v1::GetTicketRequest& request,
                                 Reply<ticket::v1::GetTicketResponse> reply) {
  ticket_.Unary<ticket::v1::GetTicketResponse>("/frontdesk.ticket.v1.TicketService/GetTicket",
                                               Within(caller.deadline), request, std::move(reply));
}

void TranscriptClient::ListNotes(const Caller& caller, const ticket::v1::ListNotesRequest& request,
                                 Reply<ticket::v1::ListNotesResponse> reply) {
  ticket_.Unary<ticket::v1::ListNotesResponse>("/frontdesk.ticket.v1.TicketService/ListNotes",
                                               Within(caller.deadline), request, std::move(reply));
}

}  // namespace frontdesk::knowledge
