#pragma once

#include <string>
#include <string_view>

#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/clock.h"
#include "libs/process/peers.h"

namespace frontdesk::process {

// What a transcript is read with: RPCs of dialog and ticket, called as a service of the tenant, so
// that texts come opened. A function call in the suite, gRPC between processes. Thread safe; every
// `reply` is called once, on any thread, also at once.
class TranscriptPeers {
 public:
  template <class Response>
  using Reply = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

  struct Caller {
    std::string tenant;
    absl::Duration deadline;
  };

  virtual ~TranscriptPeers() = default;
  virtual void GetConversation(const Caller& caller,
                               const dialog::v1::GetConversationRequest& request,
                               Reply<dialog::v1::GetConversationResponse> reply) = 0;
  virtual void ListTurns(const Caller& caller, const dialog::v1::ListTurnsRequest& request,
                         Reply<dialog::v1::ListTurnsResponse> reply) = 0;
  virtual void GetTicket(const Caller& caller, const ticket::v1::GetTicketRequest& request,
                         Reply<ticket::v1::GetTicketResponse> reply) = 0;
  virtual void ListNotes(const Caller& caller, const ticket::v1::ListNotesRequest& request,
                         Reply<ticket::v1::ListNotesResponse> reply) = 0;
};

// Transcripts put together from what the peers say: a conversation's turns; of a ticket its
// description, notes and resolution among the turns of its conversation. Notices of the system are
// left out; a text that can't be opened is given masked, and left out when nothing is left of it.
// Owns nothing; `peers` and `clock` outlive it and every call. Thread safe.
class TranscriptReader final : public Transcripts {
 public:
  TranscriptReader(TranscriptPeers& peers, const Clock& clock) : peers_(peers), clock_(clock) {}

  void Get(std::string_view tenant, std::string source, absl::Duration deadline,
           Done done) override;

 private:
  TranscriptPeers& peers_;
  const Clock& clock_;
};

}  // namespace frontdesk::process
