#pragma once

#include "libs/process/transcript_reader.h"
#include "libs/rpc/client.h"

namespace frontdesk::knowledge {

// What transcripts are read with from dialog and ticket in processes of their own. The clients
// outlive it. Thread safe.
class TranscriptClient final : public process::TranscriptPeers {
 public:
  TranscriptClient(rpc::Client& dialog, rpc::Client& ticket) : dialog_(dialog), ticket_(ticket) {}

  void GetConversation(const Caller& caller, const dialog::v1::GetConversationRequest& request,
                       Reply<dialog::v1::GetConversationResponse> reply) override;
  void ListTurns(const Caller& caller, const dialog::v1::ListTurnsRequest& request,
                 Reply<dialog::v1::ListTurnsResponse> reply) override;
  void GetTicket(const Caller& caller, const ticket::v1::GetTicketRequest& request,
                 Reply<ticket::v1::GetTicketResponse> reply) override;
  void ListNotes(const Caller& caller, const ticket::v1::ListNotesRequest& request,
                 Reply<ticket::v1::ListNotesResponse> reply) override;

 private:
  rpc::Client& dialog_;
  rpc::Client& ticket_;
};

}  // namespace frontdesk::knowledge
