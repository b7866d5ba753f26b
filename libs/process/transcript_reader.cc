#include "libs/process/transcript_reader.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"

namespace frontdesk::process {
namespace {

constexpr size_t kMaxTurns = 200;
constexpr int kPageSize = 200;

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// Plain texts of a reply by resource; a customer's whose key is gone has none.
using Opened = std::map<std::string_view, std::string_view>;
template <class Response>
Opened OpenedIn(const Response& response, std::string_view field) {
  Opened opened;
  for (const common::v1::OpenedText& text : response.opened()) {
    if (text.field() == field) opened[text.name()] = text.text();
  }
  return opened;
}

// What a peer could not do, as the caller of a transcript may see it: whether *we* may ask it is
// nothing the caller could change.
absl::Status Failure(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return status;
    default:
      return WithRetryDelay(
          Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                fmt::format("what was said can't be read: {}", std::string(status.message()))),
          absl::Seconds(1));
  }
}

// One transcript on its way. Kept alive by the call that runs; one runs at a time.
class Reading : public std::enable_shared_from_this<Reading> {
 public:
  Reading(TranscriptPeers& peers, const Clock& clock, std::string tenant, absl::Duration deadline,
          Transcripts::Done done)
      : peers_(peers),
        clock_(clock),
        tenant_(std::move(tenant)),
        give_up_at_(clock.Steady() + deadline),
        done_(std::move(done)) {}

  void ReadConversation(const std::string& name) {
    transcript_.source = name;
    dialog::v1::GetConversationRequest request;
    request.set_name(name);
    Ask<dialog::v1::GetConversationResponse>(
        &TranscriptPeers::GetConversation, request,
        [this, name](const dialog::v1::GetConversationResponse& response) {
          transcript_.resolved =
              response.conversation().state() == dialog::v1::CONVERSATION_STATE_RESOLVED;
          ReadTurns(name, "");
        });
  }

  void ReadTicket(const std::string& name) {
    transcript_.source = name;
    ticket::v1::GetTicketRequest request;
    request.set_name(name);
    Ask<ticket::v1::GetTicketResponse>(
        &TranscriptPeers::GetTicket, request,
        [this](const ticket::v1::GetTicketResponse& response) { TakeTicket(response); });
  }

 private:
  // Calls one method of the peers and goes on with `next` when it has answered.
  template <class Response, class Request, class Next>
  void Ask(void (TranscriptPeers::*method)(const TranscriptPeers::Caller&, const Request&,
                                           TranscriptPeers::Reply<Response>),
           const Request& request, Next next) {
    const absl::Duration left = give_up_at_ - clock_.Steady();
    if (left <= absl::ZeroDuration()) return Late();
    (peers_.*method)(
        {tenant_, left}, request,
        [self = shared_from_this(), next = std::move(next)](absl::StatusOr<Response> response) {
          if (!response.ok()) return self->Fail(response.status());
          if (self->clock_.Steady() > self->give_up_at_) return self->Late();
          next(*response);
        });
  }

  void ReadTurns(const std::string& conversation, const std::string& page_token) {
    dialog::v1::ListTurnsRequest request;
    request.set_parent(conversation);
    request.set_page_size(kPageSize);
    request.set_page_token(page_token);
    Ask<dialog::v1::ListTurnsResponse>(
        &TranscriptPeers::ListTurns, request,
        [this, conversation](const dialog::v1::ListTurnsResponse& response) {
          const Opened opened = OpenedIn(response, "text");
          for (const dialog::v1::Turn& turn : response.turns()) {
            Add(turn.author_kind(), turn.name(), turn.text(), opened, turn.create_time());
          }
          if (response.next_page_token().empty()) return Finish();
          KeepNewest();
          ReadTurns(conversation, response.next_page_token());
        });
  }

  void TakeTicket(const ticket::v1::GetTicketResponse& response) {
    const ticket::v1::Ticket& ticket = response.ticket();
    transcript_.subject = ticket.subject();
    transcript_.resolved = ticket.state() == ticket::v1::TICKET_STATE_RESOLVED ||
                           ticket.state() == ticket::v1::TICKET_STATE_CLOSED;
    Add(common::v1::AUTHOR_KIND_CUSTOMER, ticket.name(), ticket.description(),
        OpenedIn(response, "description"), ticket.create_time());
    if (!ticket.resolution().empty()) {
      transcript_.turns.push_back(
          {Transcript::Author::kAgent, ticket.resolution(), TimeOf(ticket.resolve_time())});
    }
    ReadNotes(ticket.name(), ticket.conversation(), "");
  }

  void ReadNotes(const std::string& ticket, const std::string& conversation,
                 const std::string& page_token) {
    ticket::v1::ListNotesRequest request;
    request.set_parent(ticket);
    request.set_page_size(kPageSize);
    request.set_page_token(page_token);
    Ask<ticket::v1::ListNotesResponse>(
        &TranscriptPeers::ListNotes, request,
        [this, ticket, conversation](const ticket::v1::ListNotesResponse& response) {
          const Opened opened = OpenedIn(response, "text");
          for (const ticket::v1::Note& note : response.notes()) {
            Add(note.author_kind(), note.name(), note.text(), opened, note.create_time());
          }
          KeepNewest();
          if (!response.next_page_token().empty()) {
            return ReadNotes(ticket, conversation, response.next_page_token());
          }
          if (conversation.empty()) return Finish();
          // A ticket outlives what dialog keeps of its conversation.
          conversation_may_be_gone_ = true;
          ReadTurns(conversation, "");
        });
  }

  void Add(common::v1::AuthorKind author, const std::string& resource,
           const common::v1::SealedText& text, const Opened& opened,
           const google::protobuf::Timestamp& time) {
    Transcript::Turn turn;
    switch (author) {
      case common::v1::AUTHOR_KIND_CUSTOMER:
        turn.author = Transcript::Author::kCustomer;
        break;
      case common::v1::AUTHOR_KIND_AGENT:
        turn.author = Transcript::Author::kAgent;
        break;
      case common::v1::AUTHOR_KIND_BOT:
        turn.author = Transcript::Author::kBot;
        break;
      default:
        return;
    }
    const auto found = opened.find(resource);
    turn.text = found == opened.end() ? text.masked() : std::string(found->second);
    if (turn.text.empty()) return;
    turn.time = TimeOf(time);
    transcript_.turns.push_back(std::move(turn));
  }

  // In the order of time; the oldest go.
  void KeepNewest() {
    auto& turns = transcript_.turns;
    std::stable_sort(turns.begin(), turns.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    if (turns.size() > kMaxTurns) turns.erase(turns.begin(), turns.end() - kMaxTurns);
  }

  void Finish() {
    KeepNewest();
    std::exchange(done_, nullptr)(std::move(transcript_));
  }
  void Fail(const absl::Status& status) {
    if (absl::IsNotFound(status) && conversation_may_be_gone_) return Finish();
    std::exchange(done_, nullptr)(Failure(status));
  }
  void Late() {
    Fail(Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
               "what was said could not be read in time"));
  }

  TranscriptPeers& peers_;
  const Clock& clock_;
  const std::string tenant_;
  const absl::Duration give_up_at_;  // steady
  Transcripts::Done done_;
  Transcript transcript_;
  bool conversation_may_be_gone_ = false;
};

}  // namespace

void TranscriptReader::Get(std::string_view tenant, std::string source, absl::Duration deadline,
                           Done done) {
  const auto conversation = ParseResourceName(source, {"tenants", "conversations"}, "source");
  const auto ticket = ParseResourceName(source, {"tenants", "tickets"}, "source");
  if (!conversation.ok() && !ticket.ok()) {
    return done(InvalidField("source",
                             "must be tenants/{tenant}/conversations/{conversation} or "
                             "tenants/{tenant}/tickets/{ticket}"));
  }
  if ((conversation.ok() ? *conversation : *ticket).front() != tenant) {
    return done(InvalidField("source", "lies in another tenant"));
  }
  const auto reading =
      std::make_shared<Reading>(peers_, clock_, std::string(tenant), deadline, std::move(done));
  conversation.ok() ? reading->ReadConversation(source) : reading->ReadTicket(source);
}

}  // namespace frontdesk::process
