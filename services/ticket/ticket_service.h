#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/ulid.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/store/command.h"
#include "libs/store/read_pool.h"
#include "services/ticket/domain/lifecycle.h"
#include "services/ticket/metrics.h"
#include "services/ticket/names.h"
#include "services/ticket/texts.h"

namespace frontdesk::ticket {

// The RPCs, free of gRPC: shape checks and sealing, then a command to the tenant's committer; or a
// read from the store, memory first. No rule lives here. Owned by the App, thread safe, never
// blocks. Requests and responses live until `finish`.
class TicketService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    ::frontdesk::store::ReadPool& reads;
    Texts& texts;
    const Clock& clock;
    RandomSource& random;
    const Metrics& metrics;
  };
  explicit TicketService(const Collaborators& in) : in_(in), ids_(in.random) {}

  void CreateTicket(const rpc::Call& call, const v1::CreateTicketRequest& request,
                    v1::CreateTicketResponse* response, rpc::Finish finish);
  void GetTicket(const rpc::Call& call, const v1::GetTicketRequest& request,
                 v1::GetTicketResponse* response, rpc::Finish finish);
  void ListTickets(const rpc::Call& call, const v1::ListTicketsRequest& request,
                   v1::ListTicketsResponse* response, rpc::Finish finish);
  void UpdateTicket(const rpc::Call& call, const v1::UpdateTicketRequest& request,
                    v1::UpdateTicketResponse* response, rpc::Finish finish);
  void AssignTicket(const rpc::Call& call, const v1::AssignTicketRequest& request,
                    v1::AssignTicketResponse* response, rpc::Finish finish);
  void StartTicket(const rpc::Call& call, const v1::StartTicketRequest& request,
                   v1::StartTicketResponse* response, rpc::Finish finish);
  void HoldTicket(const rpc::Call& call, const v1::HoldTicketRequest& request,
                  v1::HoldTicketResponse* response, rpc::Finish finish);
  void ResumeTicket(const rpc::Call& call, const v1::ResumeTicketRequest& request,
                    v1::ResumeTicketResponse* response, rpc::Finish finish);
  void ResolveTicket(const rpc::Call& call, const v1::ResolveTicketRequest& request,
                     v1::ResolveTicketResponse* response, rpc::Finish finish);
  void ReopenTicket(const rpc::Call& call, const v1::ReopenTicketRequest& request,
                    v1::ReopenTicketResponse* response, rpc::Finish finish);
  void CloseTicket(const rpc::Call& call, const v1::CloseTicketRequest& request,
                   v1::CloseTicketResponse* response, rpc::Finish finish);
  void AddNote(const rpc::Call& call, const v1::AddNoteRequest& request,
               v1::AddNoteResponse* response, rpc::Finish finish);
  void ListNotes(const rpc::Call& call, const v1::ListNotesRequest& request,
                 v1::ListNotesResponse* response, rpc::Finish finish);
  void ListTicketChanges(const rpc::Call& call, const v1::ListTicketChangesRequest& request,
                         v1::ListTicketChangesResponse* response, rpc::Finish finish);
  void GetSlaPolicy(const rpc::Call& call, const v1::GetSlaPolicyRequest& request,
                    v1::GetSlaPolicyResponse* response, rpc::Finish finish);
  void UpdateSlaPolicy(const rpc::Call& call, const v1::UpdateSlaPolicyRequest& request,
                       v1::UpdateSlaPolicyResponse* response, rpc::Finish finish);

 private:
  using TicketHandler = absl::AnyInvocable<absl::Status(
      const ::frontdesk::store::Context&, ::frontdesk::store::Txn&, v1::Ticket* result)>;

  // Submits a command that answers with its ticket.
  template <class Request, class Response>
  void SubmitTicket(const rpc::Call& call, const Request& request, Response* response,
                    TicketHandler handler, rpc::Finish finish);
  template <class Request, class Response>
  void SubmitVerb(const rpc::Call& call, const Request& request, Verb verb, std::string text,
                  Response* response, rpc::Finish finish);
  void SubmitNote(const rpc::Call& call, const v1::AddNoteRequest& request, TicketRef ref,
                  v1::Note draft, v1::AddNoteResponse* response, rpc::Finish finish);
  // Reads on the calling thread when it is in memory, else on the read pool.
  void Read(const rpc::Call& call, ::frontdesk::store::ReadPool::ReadFn read,
            ::frontdesk::store::ReadPool::Done done);
  absl::Duration TimeLeft(const rpc::Call& call) const {
    return call.give_up_at - in_.clock.Steady();
  }

  const Collaborators in_;
  UlidSource ids_;
};

}  // namespace frontdesk::ticket
