#pragma once

#include "libs/process/transcript_reader.h"
#include "services/dialog/dialog_service.h"
#include "services/ticket/ticket_service.h"

namespace frontdesk::suite {

// What knowledge reads transcripts with when dialog and ticket run in the same process. dialog needs
// knowledge to be made, so the two are bound after it was made and before anything starts; nobody
// asks any more when they are destroyed. Owned by the Suite, thread safe once bound.
class LocalTranscripts final : public process::TranscriptPeers {
 public:
  explicit LocalTranscripts(const Clock& clock) : clock_(clock) {}
  void Bind(dialog::DialogService& dialog, ticket::TicketService& ticket) {
    dialog_ = &dialog;
    ticket_ = &ticket;
  }

  void GetConversation(const Caller& caller, const dialog::v1::GetConversationRequest& request,
                       Reply<dialog::v1::GetConversationResponse> reply) override;
  void ListTurns(const Caller& caller, const dialog::v1::ListTurnsRequest& request,
                 Reply<dialog::v1::ListTurnsResponse> reply) override;
  void GetTicket(const Caller& caller, const ticket::v1::GetTicketRequest& request,
                 Reply<ticket::v1::GetTicketResponse> reply) override;
  void ListNotes(const Caller& caller, const ticket::v1::ListNotesRequest& request,
                 Reply<ticket::v1::ListNotesResponse> reply) override;

 private:
  const Clock& clock_;
  dialog::DialogService* dialog_ = nullptr;
  ticket::TicketService* ticket_ = nullptr;
};

}  // namespace frontdesk::suite
