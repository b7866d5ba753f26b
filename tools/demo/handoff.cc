#include <utility>

#include <fmt/core.h>

#include "absl/strings/strip.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "tools/demo/story.h"
#include "tools/demo/transcript.h"
#include "tools/demo/wait.h"
#include "tools/demo/web_client.h"

namespace frontdesk::demo {
namespace {

using dialog::v1::Conversation;
using ticket::v1::SlaClock;
using ticket::v1::Ticket;

absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

std::string Readable(absl::Duration duration) {
  const bool long_one = duration > absl::Minutes(1);
  return absl::FormatDuration(
      absl::Trunc(duration, long_one ? absl::Seconds(1) : absl::Milliseconds(1)));
}

// "CLOCK_STATE_RUNNING" -> "RUNNING".
std::string Short(const std::string& name, std::string_view prefix) {
  return name.substr(prefix.size());
}

void PrintClock(const SlaClock& clock) {
  std::string text = fmt::format("{}, target {}",
                                 Short(ticket::v1::ClockState_Name(clock.state()), "CLOCK_STATE_"),
                                 Readable(FromProto(clock.target())));
  if (clock.state() == ticket::v1::CLOCK_STATE_RUNNING) {
    const absl::Time due = FromProto(clock.due_time());
    text += fmt::format(", due {}, {} left",
                        absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", due, absl::UTCTimeZone()),
                        Readable(due - absl::Now()));
  } else {
    text += fmt::format(", took {}", Readable(FromProto(clock.elapsed())));
  }
  PrintRow(fmt::format("clock {}", Short(ticket::v1::ClockKind_Name(clock.kind()), "CLOCK_KIND_")),
           text);
}

void PrintTicket(const Ticket& ticket) {
  PrintRow("ticket", ticket.name());
  PrintRow("subject", ticket.subject());
  PrintRow("state", Short(ticket::v1::TicketState_Name(ticket.state()), "TICKET_STATE_"));
  PrintRow("priority", Short(common::v1::Priority_Name(ticket.priority()), "PRIORITY_"));
  PrintRow("account", ticket.account());
  for (const SlaClock& clock : ticket.clocks()) PrintClock(clock);
}

// One ticket of the customer: also later, when the request for it could have come twice.
absl::StatusOr<Ticket> TheTicket(Story& story, const std::string& customer) {
  ticket::v1::ListTicketsRequest request;
  request.set_parent(fmt::format("tenants/{}", kTenant));
  request.set_customer(customer);
  FD_ASSIGN_OR_RETURN(const auto list,
                      story.backend.Call<ticket::v1::ListTicketsResponse>(
                          kAgentToken, "frontdesk.ticket.v1.TicketService/ListTickets", request));
  story.checks.Equal("tickets of the customer", 1, list.tickets_size());
  if (list.tickets_size() == 0) return absl::NotFoundError("there is no ticket to go on with");
  return list.tickets(0);
}

void CheckRunning(Checks& checks, const Ticket& ticket) {
  const absl::Duration targets[] = {absl::Hours(1), absl::Hours(8)};  // of P1
  checks.Equal("clocks of the ticket", 2, ticket.clocks_size());
  for (int i = 0; i < std::min(2, ticket.clocks_size()); ++i) {
    const SlaClock& clock = ticket.clocks(i);
    checks.Equal("state of a new clock", "CLOCK_STATE_RUNNING",
                 ticket::v1::ClockState_Name(clock.state()));
    checks.Equal("target of the clock in seconds", absl::ToInt64Seconds(targets[i]),
                 clock.target().seconds());
    const absl::Duration allowed = FromProto(clock.due_time()) - FromProto(ticket.create_time());
    checks.Equal("from creation to due in seconds", absl::ToInt64Seconds(targets[i]),
                 absl::ToInt64Seconds(allowed));
    const absl::Duration left = FromProto(clock.due_time()) - absl::Now();
    checks.True("the clock has begun to run",
                left < targets[i] && left > targets[i] - absl::Minutes(2), Readable(left));
  }
}

absl::StatusOr<Conversation> AskForPerson(Story& story, ApiCustomer& ann, std::string* customer) {
  const std::string first = "I was charged twice for one order. This is unacceptable!";
  PrintSaid("customer", first);
  FD_ASSIGN_OR_RETURN(const PostedMessage posted, ann.Post("en-1", first));
  *customer = posted.customer;
  FD_ASSIGN_OR_RETURN(const auto answer, ann.Poll(kSoon));
  PrintMessage(answer[0]);
  FD_RETURN_IF_ERROR(CheckUnderstood(story, answer[0].conversation, 1, "payment-failed"));
  const std::string wish =
      "No, both charges are still there. I want to talk to a real person! "
      "Call me at +86 138 1234 5678.";
  PrintSaid("customer", wish);
  FD_RETURN_IF_ERROR(ann.Post("en-2", wish).status());
  FD_ASSIGN_OR_RETURN(const auto notice, ann.Poll(kSoon));
  PrintMessage(notice[0]);
  FD_ASSIGN_OR_RETURN(
      Conversation conversation,
      AwaitConversation(story, notice[0].conversation, dialog::v1::CONVERSATION_STATE_WAITING));
  Checks& checks = story.checks;
  checks.Equal("reason of the handoff", "HANDOFF_REASON_CUSTOMER_REQUEST",
               dialog::v1::HandoffReason_Name(conversation.handoff_reason()));
  const std::string& summary = conversation.summary().masked();
  checks.Contains("the summary tells what it is about", summary, "charged twice");
  checks.Contains("the summary names what was understood", summary,
                  "About: Problem with a payment");
  checks.Contains("the summary masks the telephone number", summary, "[phone]");
  checks.True("no digits of the number in the summary", summary.find("5678") == std::string::npos,
              summary);
  FD_ASSIGN_OR_RETURN(const auto turns, AllTurns(story.backend, kAgentToken, conversation.name()));
  bool phone = false;
  for (const dialog::v1::Turn& turn : turns) {
    for (const dialog::v1::DetectedEntity& entity : turn.understanding().entities()) {
      if (entity.type() != "phone") continue;
      phone = true;
      checks.Equal("what is kept of the telephone number", "[phone]", entity.text());
      checks.Equal("its value beside the sealed text", "", entity.value());
    }
  }
  checks.True("the telephone number was found", phone, "no entity of that type");
  PrintNote("handed over to the people; what the agent reads first:");
  PrintSaid("summary", ToStd(absl::StripTrailingAsciiWhitespace(ToAbsl(summary))));
  return conversation;
}

absl::StatusOr<Ticket> AwaitTicket(Story& story, const std::string& conversation,
                                   const std::string& customer) {
  dialog::v1::GetConversationRequest request;
  request.set_name(conversation);
  std::string name;
  FD_RETURN_IF_ERROR(
      WaitUntil("the conversation has its ticket", kSoon, [&]() -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(
            const auto response,
            story.backend.Call<dialog::v1::GetConversationResponse>(
                kAgentToken, "frontdesk.dialog.v1.DialogService/GetConversation", request));
        name = response.conversation().ticket();
        return !name.empty();
      }));
  FD_ASSIGN_OR_RETURN(Ticket ticket, TheTicket(story, customer));
  story.checks.Equal("the conversation's ticket", name, ticket.name());
  story.checks.Equal("the ticket's conversation", conversation, ticket.conversation());
  story.checks.Equal("the ticket's account", kAccount, ticket.account());
  story.checks.Equal("the ticket's state", "TICKET_STATE_NEW",
                     ticket::v1::TicketState_Name(ticket.state()));
  story.checks.Equal("the ticket's priority", "PRIORITY_P1",
                     common::v1::Priority_Name(ticket.priority()));
  CheckRunning(story.checks, ticket);
  return ticket;
}

absl::Status Reply(Story& story, const std::string& conversation, int64_t token,
                   const std::string& text) {
  dialog::v1::ReplyToConversationRequest request;
  request.set_name(conversation);
  request.set_text(text);
  request.set_speaker_token(token);
  request.set_request_id(story.backend.NewRequestId());
  return story.backend
      .Call<dialog::v1::ReplyToConversationResponse>(
          kAgentToken, "frontdesk.dialog.v1.DialogService/ReplyToConversation", request)
      .status();
}

// The agent takes over. From then on the bot is silent, whatever the customer asks.
absl::Status TakeOver(Story& story, const Conversation& waiting, ApiCustomer& ann) {
  dialog::v1::TakeOverConversationRequest take;
  take.set_name(waiting.name());
  take.set_request_id(story.backend.NewRequestId());
  FD_ASSIGN_OR_RETURN(
      const auto taken,
      story.backend.Call<dialog::v1::TakeOverConversationResponse>(
          kAgentToken, "frontdesk.dialog.v1.DialogService/TakeOverConversation", take));
  const Conversation& held = taken.conversation();
  Checks& checks = story.checks;
  checks.Equal("who is in charge", kAgent, held.assignee());
  checks.Equal("who may speak", kAgent, held.speaker_lease().holder());
  checks.True("taking over fences the one before",
              held.speaker_lease().token() > waiting.speaker_lease().token());
  PrintNote("the agent mia takes over");

  const std::string question = "How long does a refund take?";
  PrintSaid("customer", question);
  FD_RETURN_IF_ERROR(ann.Post("en-3", question).status());
  FD_RETURN_IF_ERROR(
      WaitUntil("the question is in the conversation", kSoon, [&]() -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(const auto turns, AllTurns(story.backend, kAgentToken, held.name()));
        return !turns.empty() && turns.back().text().masked() == question;
      }));
  const absl::Status late =
      Reply(story, held.name(), waiting.speaker_lease().token(), "too late to say this");
  checks.Equal("what a word under the old lease gets", "SPEAKER_LEASE_LOST", ReasonOf(late));
  PrintNote("the bot knows the answer and is silent; a word under its old lease is refused");

  const std::string words =
      "Hello, this is Mia. I see both charges; the second one goes back to your card today.";
  FD_RETURN_IF_ERROR(Reply(story, held.name(), held.speaker_lease().token(), words));
  FD_ASSIGN_OR_RETURN(const auto replies, ann.Poll(kSoon));
  for (const WebMessage& reply : replies) PrintMessage(reply);
  checks.Equal("replies after the take-over", size_t{1}, replies.size());
  checks.Equal("who has replied", "agent", replies[0].author);
  checks.Equal("what the customer reads", words, replies[0].text);
  return absl::OkStatus();
}

absl::Status ResolveBoth(Story& story, const Conversation& conversation, const Ticket& ticket) {
  ticket::v1::AddNoteRequest note;
  note.set_parent(ticket.name());
  note.set_text("Told the customer that the second charge goes back.");
  note.set_visibility(ticket::v1::NOTE_VISIBILITY_PUBLIC);
  note.set_request_id(story.backend.NewRequestId());
  FD_RETURN_IF_ERROR(story.backend
                         .Call<ticket::v1::AddNoteResponse>(
                             kAgentToken, "frontdesk.ticket.v1.TicketService/AddNote", note)
                         .status());
  ticket::v1::ResolveTicketRequest resolve;
  resolve.set_name(ticket.name());
  resolve.set_resolution("Second charge refunded.");
  resolve.set_request_id(story.backend.NewRequestId());
  FD_ASSIGN_OR_RETURN(const auto resolved,
                      story.backend.Call<ticket::v1::ResolveTicketResponse>(
                          kAgentToken, "frontdesk.ticket.v1.TicketService/ResolveTicket", resolve));
  for (const SlaClock& clock : resolved.ticket().clocks()) {
    story.checks.Equal("state of the clock at the end", "CLOCK_STATE_MET",
                       ticket::v1::ClockState_Name(clock.state()));
  }
  dialog::v1::ResolveConversationRequest end;
  end.set_name(conversation.name());
  end.set_request_id(story.backend.NewRequestId());
  FD_ASSIGN_OR_RETURN(
      const auto ended,
      story.backend.Call<dialog::v1::ResolveConversationResponse>(
          kAgentToken, "frontdesk.dialog.v1.DialogService/ResolveConversation", end));
  story.checks.Equal("who resolved the conversation", "AUTHOR_KIND_AGENT",
                     common::v1::AuthorKind_Name(ended.conversation().resolved_by()));
  story.checks.Equal("replies of the agent", 1, ended.conversation().agent_reply_count());
  story.checks.Equal("replies of the bot", conversation.bot_reply_count(),
                     ended.conversation().bot_reply_count());
  PrintNote("the agent resolves the ticket and the conversation");
  fmt::print("\n");
  PrintTicket(resolved.ticket());
  return absl::OkStatus();
}

}  // namespace

absl::Status PlayHandoff(Story& story) {
  PrintTitle("3. An angry customer with a payment problem wants a person (POST /v1/messages)");
  ApiCustomer ann(story.server.http(), kChannelToken, "app", "ann");
  std::string customer;
  FD_ASSIGN_OR_RETURN(const Conversation waiting, AskForPerson(story, ann, &customer));
  story.customers.push_back(customer);
  FD_ASSIGN_OR_RETURN(const Ticket ticket, AwaitTicket(story, waiting.name(), customer));
  fmt::print("\n");
  PrintTicket(ticket);
  fmt::print("\n");
  FD_RETURN_IF_ERROR(TakeOver(story, waiting, ann));
  FD_RETURN_IF_ERROR(ResolveBoth(story, waiting, ticket));
  FD_RETURN_IF_ERROR(TheTicket(story, customer).status());
  FD_ASSIGN_OR_RETURN(const auto late, ann.Look());
  story.checks.Equal("messages after the end", size_t{0}, late.size());
  return absl::OkStatus();
}

}  // namespace frontdesk::demo
