#include "services/ticket/ticket_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/ticket/domain/sla_policy.h"
#include "services/ticket/keys.h"
#include "services/ticket/request_checks.h"
#include "services/ticket/sla_handlers.h"
#include "services/ticket/store.h"
#include "services/ticket/ticket_handlers.h"

namespace frontdesk::ticket {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::Reader;
using ::frontdesk::store::Reply;
using ::frontdesk::store::Txn;

// Unwraps a StatusOr or ends the call with its error.
#define FD_ASSIGN_OR_FINISH(lhs, ...)                                \
  auto FD_CONCAT_(fd_or_, __LINE__) = (__VA_ARGS__);                 \
  if (!FD_CONCAT_(fd_or_, __LINE__).ok()) {                          \
    return finish(std::move(FD_CONCAT_(fd_or_, __LINE__)).status()); \
  }                                                                  \
  lhs = *std::move(FD_CONCAT_(fd_or_, __LINE__))
#define FD_FINISH_IF_ERROR(...)                                                            \
  do {                                                                                     \
    if (absl::Status fd_status = (__VA_ARGS__); !fd_status.ok()) return finish(fd_status); \
  } while (false)

bool MayReadPlainText(const rpc::Call& call) { return call.caller.role != rpc::Role::kAnalyst; }

common::v1::AuthorKind AuthorKindOf(rpc::Role role) {
  const bool person = role == rpc::Role::kAgent || role == rpc::Role::kAdmin;
  return person ? common::v1::AUTHOR_KIND_AGENT : common::v1::AUTHOR_KIND_SYSTEM;
}

v1::Ticket DraftOf(const v1::CreateTicketRequest& request, std::string name, std::string subject) {
  v1::Ticket draft;
  draft.set_name(std::move(name));
  draft.set_subject(std::move(subject));
  draft.set_priority(request.priority() == common::v1::PRIORITY_UNSPECIFIED
                         ? common::v1::PRIORITY_P2
                         : request.priority());
  draft.set_customer(request.customer());
  draft.set_account(request.account());
  draft.set_conversation(request.conversation());
  draft.set_assignee(request.assignee());
  draft.set_language(request.language());
  return draft;
}

std::string LastSegment(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

// A page of a list and what is needed to answer with the next token.
PageBounds BoundsOf(const rpc::Page& page) { return {static_cast<size_t>(page.size), page.after}; }

std::string NextToken(const std::string& last, const rpc::Page& page) {
  return last.empty() ? std::string() : rpc::MakePageToken(last, page.filter_hash);
}

absl::Status CheckPolicyName(std::string_view tenant, std::string_view name,
                             std::string_view field) {
  if (name == "tenants/" + std::string(tenant) + "/slaPolicy") return absl::OkStatus();
  return InvalidField(field, "must be tenants/{tenant}/slaPolicy");
}

}  // namespace

void TicketService::Read(const rpc::Call& call, ::frontdesk::store::ReadPool::ReadFn read,
                         ::frontdesk::store::ReadPool::Done done) {
  in_.reads.Read(in_.shards.For(call.tenant).store(), /*snapshot=*/false, std::move(read),
                 std::move(done));
}

template <class Request, class Response>
void TicketService::SubmitTicket(const rpc::Call& call, const Request& request, Response* response,
                                 TicketHandler handler, rpc::Finish finish) {
  auto command = rpc::MakeCommand(call, request, response);
  command.handle = [handler = std::move(handler), response](const Context& ctx, Txn& txn,
                                                            Reply& reply) mutable {
    FD_RETURN_IF_ERROR(handler(ctx, txn, response->mutable_ticket()));
    reply.resource = response->ticket().name();
    return absl::OkStatus();
  };
  command.rebuild = [tenant = call.tenant](const Reader& reader, std::string_view name,
                                           google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const TicketRef ref, ParseTicketName(tenant, name, "name"));
    FD_ASSIGN_OR_RETURN(auto record, LoadTicket(reader, ref));
    *static_cast<Response*>(message)->mutable_ticket() = std::move(*record.mutable_ticket());
    return absl::OkStatus();
  };
  command.done = std::move(finish);
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void TicketService::CreateTicket(const rpc::Call& call, const v1::CreateTicketRequest& request,
                                 v1::CreateTicketResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckCreate(call.tenant, request));
  FD_ASSIGN_OR_FINISH(std::string subject, Texts::CleanAndMask(request.subject(), "subject"));
  FD_ASSIGN_OR_FINISH(std::string description, Texts::Clean(request.description(), "description"));
  TicketRef ref{call.tenant, ids_.Next(in_.clock.Now())};
  Texts::Place place{call.tenant, LastSegment(request.customer()), ref.Name(), "description"};
  v1::Ticket draft = DraftOf(request, place.resource, std::move(subject));
  in_.texts.Seal(
      std::move(place), std::move(description), TimeLeft(call),
      [this, &call, &request, response, ref = std::move(ref), draft = std::move(draft),
       finish = std::move(finish)](absl::StatusOr<common::v1::SealedText> sealed) mutable {
        if (!sealed.ok()) return finish(sealed.status());
        if (!sealed->masked().empty()) *draft.mutable_description() = *std::move(sealed);
        SubmitTicket(
            call, request, response,
            [this, ref = std::move(ref), draft = std::move(draft)](const Context& ctx, Txn& txn,
                                                                   v1::Ticket* result) mutable {
              FD_RETURN_IF_ERROR(ticket::CreateTicket(ref, std::move(draft), "", ctx, txn, result));
              in_.metrics.created_by_rpc.Increment();
              return absl::OkStatus();
            },
            std::move(finish));
      });
}

void TicketService::GetTicket(const rpc::Call& call, const v1::GetTicketRequest& request,
                              v1::GetTicketResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(TicketRef ref, ParseTicketName(call.tenant, request.name(), "name"));
  Read(
      call,
      [ref = std::move(ref), response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadTicket(reader, ref));
        *response->mutable_ticket() = std::move(*record.mutable_ticket());
        return absl::OkStatus();
      },
      [this, &call, response, finish = std::move(finish)](absl::Status status) mutable {
        if (!status.ok() || !MayReadPlainText(call)) return finish(std::move(status));
        const v1::Ticket& ticket = response->ticket();
        in_.texts.Open(call.tenant, LastSegment(ticket.customer()),
                       {{ticket.name(), "description", &ticket.description()}}, TimeLeft(call),
                       response->mutable_opened(),
                       [finish = std::move(finish)]() mutable { finish(absl::OkStatus()); });
      });
}

void TicketService::ListTickets(const rpc::Call& call, const v1::ListTicketsRequest& request,
                                v1::ListTicketsResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  TicketFilter filter;
  filter.state = request.state();
  if (!v1::TicketState_IsValid(request.state())) {
    return finish(InvalidField("state", "is not a state of tickets"));
  }
  FD_ASSIGN_OR_FINISH(filter.assignee,
                      ParseReference(call.tenant, request.assignee(), "agents", "assignee"));
  FD_ASSIGN_OR_FINISH(filter.customer,
                      ParseReference(call.tenant, request.customer(), "customers", "customer"));
  Read(
      call,
      [tenant = call.tenant, filter = std::move(filter), page = std::move(page),
       response](const Reader& reader) -> absl::Status {
        std::vector<v1::Ticket> tickets;
        std::string last;
        FD_RETURN_IF_ERROR(
            ticket::ListTickets(reader, tenant, filter, BoundsOf(page), &tickets, &last));
        response->mutable_tickets()->Assign(std::make_move_iterator(tickets.begin()),
                                            std::make_move_iterator(tickets.end()));
        response->set_next_page_token(NextToken(last, page));
        return absl::OkStatus();
      },
      std::move(finish));
}

void TicketService::UpdateTicket(const rpc::Call& call, const v1::UpdateTicketRequest& request,
                                 v1::UpdateTicketResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(TicketRef ref,
                      ParseTicketName(call.tenant, request.ticket().name(), "ticket.name"));
  FD_ASSIGN_OR_FINISH(std::vector<std::string> paths, UpdatePaths(request));
  FD_FINISH_IF_ERROR(CheckUpdate(call.tenant, request.ticket(), paths));
  v1::Ticket wanted = request.ticket();
  FD_ASSIGN_OR_FINISH(*wanted.mutable_subject(),
                      Texts::CleanAndMask(request.ticket().subject(), "ticket.subject"));
  SubmitTicket(
      call, request, response,
      [ref = std::move(ref), wanted = std::move(wanted), paths = std::move(paths)](
          const Context& ctx, Txn& txn, v1::Ticket* result) {
        return ChangeTicket(ref, wanted, paths, ctx, txn, result);
      },
      std::move(finish));
}

void TicketService::AssignTicket(const rpc::Call& call, const v1::AssignTicketRequest& request,
                                 v1::AssignTicketResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(TicketRef ref, ParseTicketName(call.tenant, request.name(), "name"));
  FD_FINISH_IF_ERROR(
      ParseReference(call.tenant, request.assignee(), "agents", "assignee").status());
  SubmitTicket(
      call, request, response,
      [ref = std::move(ref), &request](const Context& ctx, Txn& txn, v1::Ticket* result) {
        return ticket::AssignTicket(ref, request, ctx, txn, result);
      },
      std::move(finish));
}

template <class Request, class Response>
void TicketService::SubmitVerb(const rpc::Call& call, const Request& request, Verb verb,
                               std::string text, Response* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(TicketRef ref, ParseTicketName(call.tenant, request.name(), "name"));
  SubmitTicket(
      call, request, response,
      [ref = std::move(ref), verb, text = std::move(text), &request](const Context& ctx, Txn& txn,
                                                                     v1::Ticket* result) {
        return MoveTicket(ref, verb, text, request.etag(), ctx, txn, result);
      },
      std::move(finish));
}

void TicketService::StartTicket(const rpc::Call& call, const v1::StartTicketRequest& request,
                                v1::StartTicketResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, Verb::kStart, "", response, std::move(finish));
}

void TicketService::HoldTicket(const rpc::Call& call, const v1::HoldTicketRequest& request,
                               v1::HoldTicketResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckCharacters(request.reason(), 1, kMaxReasonCharacters, "reason"));
  FD_ASSIGN_OR_FINISH(std::string why, Texts::CleanAndMask(request.reason(), "reason"));
  SubmitVerb(call, request, Verb::kHold, std::move(why), response, std::move(finish));
}

void TicketService::ResumeTicket(const rpc::Call& call, const v1::ResumeTicketRequest& request,
                                 v1::ResumeTicketResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, Verb::kResume, "", response, std::move(finish));
}

void TicketService::ResolveTicket(const rpc::Call& call, const v1::ResolveTicketRequest& request,
                                  v1::ResolveTicketResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(
      CheckCharacters(request.resolution(), 0, kMaxResolutionCharacters, "resolution"));
  FD_ASSIGN_OR_FINISH(std::string resolution,
                      Texts::CleanAndMask(request.resolution(), "resolution"));
  SubmitVerb(call, request, Verb::kResolve, std::move(resolution), response, std::move(finish));
}

void TicketService::ReopenTicket(const rpc::Call& call, const v1::ReopenTicketRequest& request,
                                 v1::ReopenTicketResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckCharacters(request.reason(), 0, kMaxReasonCharacters, "reason"));
  FD_ASSIGN_OR_FINISH(std::string why, Texts::CleanAndMask(request.reason(), "reason"));
  SubmitVerb(call, request, Verb::kReopen, std::move(why), response, std::move(finish));
}

void TicketService::CloseTicket(const rpc::Call& call, const v1::CloseTicketRequest& request,
                                v1::CloseTicketResponse* response, rpc::Finish finish) {
  SubmitVerb(call, request, Verb::kClose, "", response, std::move(finish));
}

void TicketService::AddNote(const rpc::Call& call, const v1::AddNoteRequest& request,
                            v1::AddNoteResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(TicketRef ref, ParseTicketName(call.tenant, request.parent(), "parent"));
  FD_FINISH_IF_ERROR(CheckBytes(request.text(), 1, kMaxTextBytes, "text"));
  if (!v1::NoteVisibility_IsValid(request.visibility())) {
    return finish(InvalidField("visibility", "must be INTERNAL or PUBLIC"));
  }
  FD_ASSIGN_OR_FINISH(std::string text, Texts::Clean(request.text(), "text"));
  v1::Note draft;
  draft.set_name(NoteName(request.parent(), ids_.Next(in_.clock.Now())));
  draft.set_visibility(request.visibility() == v1::NOTE_VISIBILITY_UNSPECIFIED
                           ? v1::NOTE_VISIBILITY_INTERNAL
                           : request.visibility());
  draft.set_author_kind(AuthorKindOf(call.caller.role));
  draft.set_author(rpc::ActorName(call));

  // The customer of a ticket never changes, so what is read here holds when the note is committed.
  auto customer = std::make_shared<std::string>();
  auto read = [ref, customer](const Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const auto record, LoadTicket(reader, ref));
    *customer = LastSegment(record.ticket().customer());
    return absl::OkStatus();
  };
  Read(call, std::move(read),
       [this, &call, &request, response, customer, ref = std::move(ref), draft = std::move(draft),
        text = std::move(text), finish = std::move(finish)](absl::Status status) mutable {
         if (!status.ok()) return finish(std::move(status));
         Texts::Place place{call.tenant, *customer, draft.name(), "text"};
         in_.texts.Seal(
             std::move(place), std::move(text), TimeLeft(call),
             [this, &call, &request, response, ref = std::move(ref), draft = std::move(draft),
              finish = std::move(finish)](absl::StatusOr<common::v1::SealedText> sealed) mutable {
               if (!sealed.ok()) return finish(sealed.status());
               *draft.mutable_text() = *std::move(sealed);
               SubmitNote(call, request, std::move(ref), std::move(draft), response,
                          std::move(finish));
             });
       });
}

void TicketService::SubmitNote(const rpc::Call& call, const v1::AddNoteRequest& request,
                               TicketRef ref, v1::Note draft, v1::AddNoteResponse* response,
                               rpc::Finish finish) {
  auto command = rpc::MakeCommand(call, request, response);
  command.rebuild = [ref](const Reader& reader, std::string_view name,
                          google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(
        auto record,
        keys::kNotes.Load(reader, keys::kNotes.Key(ref.tenant, ref.ticket, LastSegment(name)),
                          name));
    *static_cast<v1::AddNoteResponse*>(message)->mutable_note() = std::move(*record.mutable_note());
    return absl::OkStatus();
  };
  command.handle = [ref = std::move(ref), draft = std::move(draft), response](
                       const Context& ctx, Txn& txn, Reply& reply) {
    reply.resource = draft.name();
    return ticket::AddNote(ref, draft, ctx, txn, response->mutable_note());
  };
  command.done = std::move(finish);
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void TicketService::ListNotes(const rpc::Call& call, const v1::ListNotesRequest& request,
                              v1::ListNotesResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(TicketRef ref, ParseTicketName(call.tenant, request.parent(), "parent"));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  auto customer = std::make_shared<std::string>();
  auto read = [ref = std::move(ref), page = std::move(page), customer,
               response](const Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const auto record, LoadTicket(reader, ref));
    *customer = LastSegment(record.ticket().customer());
    std::vector<v1::Note> notes;
    std::string last;
    FD_RETURN_IF_ERROR(ticket::ListNotes(reader, ref, BoundsOf(page), &notes, &last));
    response->mutable_notes()->Assign(std::make_move_iterator(notes.begin()),
                                      std::make_move_iterator(notes.end()));
    response->set_next_page_token(NextToken(last, page));
    return absl::OkStatus();
  };
  Read(call, std::move(read),
       [this, &call, response, customer, finish = std::move(finish)](absl::Status status) mutable {
         if (!status.ok() || !MayReadPlainText(call)) return finish(std::move(status));
         std::vector<Texts::Closed> closed;
         for (const v1::Note& note : response->notes()) {
           closed.push_back({note.name(), "text", &note.text()});
         }
         in_.texts.Open(call.tenant, *customer, std::move(closed), TimeLeft(call),
                        response->mutable_opened(),
                        [finish = std::move(finish)]() mutable { finish(absl::OkStatus()); });
       });
}

void TicketService::ListTicketChanges(const rpc::Call& call,
                                      const v1::ListTicketChangesRequest& request,
                                      v1::ListTicketChangesResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(TicketRef ref, ParseTicketName(call.tenant, request.parent(), "parent"));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [ref = std::move(ref), page = std::move(page),
       response](const Reader& reader) -> absl::Status {
        std::vector<v1::TicketChange> changes;
        std::string last;
        FD_RETURN_IF_ERROR(ListChanges(reader, ref, BoundsOf(page), &changes, &last));
        response->mutable_changes()->Assign(std::make_move_iterator(changes.begin()),
                                            std::make_move_iterator(changes.end()));
        response->set_next_page_token(NextToken(last, page));
        return absl::OkStatus();
      },
      std::move(finish));
}

void TicketService::GetSlaPolicy(const rpc::Call& call, const v1::GetSlaPolicyRequest& request,
                                 v1::GetSlaPolicyResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckPolicyName(call.tenant, request.name(), "name"));
  Read(
      call,
      [tenant = call.tenant, response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadSlaPolicy(reader, tenant));
        *response->mutable_sla_policy() = std::move(*record.mutable_sla_policy());
        return absl::OkStatus();
      },
      std::move(finish));
}

void TicketService::UpdateSlaPolicy(const rpc::Call& call,
                                    const v1::UpdateSlaPolicyRequest& request,
                                    v1::UpdateSlaPolicyResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckPolicyName(call.tenant, request.sla_policy().name(), "sla_policy.name"));
  FD_ASSIGN_OR_FINISH(std::vector<std::string> paths, UpdatePaths(request));
  FD_FINISH_IF_ERROR(CheckSlaPolicy(request.sla_policy(), paths));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [&request, response, paths = std::move(paths)](const Context& ctx, Txn& txn, Reply&) {
        return ticket::UpdateSlaPolicy(request.sla_policy(), paths, ctx, txn,
                                       response->mutable_sla_policy());
      },
      std::move(finish));
}

#undef FD_ASSIGN_OR_FINISH
#undef FD_FINISH_IF_ERROR

}  // namespace frontdesk::ticket
