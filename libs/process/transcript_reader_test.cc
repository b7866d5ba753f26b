#include "libs/process/transcript_reader.h"

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"

namespace frontdesk::process {
namespace {

constexpr char kConversation[] = "tenants/acme/conversations/c1";
constexpr char kTicket[] = "tenants/acme/tickets/t1";

// Dialog and ticket of a test, which answer at once; a list in pages of three.
class FakePeers final : public TranscriptPeers {
 public:
  explicit FakePeers(SimulatedClock& clock) : clock_(clock) {}

  void GetConversation(const Caller& caller, const dialog::v1::GetConversationRequest& request,
                       Reply<dialog::v1::GetConversationResponse> reply) override {
    if (!Admit(caller, reply)) return;
    if (request.name() != kConversation) return reply(NotFound("conversation", request.name()));
    dialog::v1::GetConversationResponse response;
    response.mutable_conversation()->set_state(state);
    reply(std::move(response));
  }
  void ListTurns(const Caller& caller, const dialog::v1::ListTurnsRequest& request,
                 Reply<dialog::v1::ListTurnsResponse> reply) override {
    if (!Admit(caller, reply)) return;
    if (request.parent() != kConversation) return reply(NotFound("conversation", request.parent()));
    dialog::v1::ListTurnsResponse response;
    Page(request.page_token(), turns, response, *response.mutable_turns(), erased);
    reply(std::move(response));
  }
  void GetTicket(const Caller& caller, const ticket::v1::GetTicketRequest& request,
                 Reply<ticket::v1::GetTicketResponse> reply) override {
    if (!Admit(caller, reply)) return;
    if (request.name() != kTicket) return reply(NotFound("ticket", request.name()));
    ticket::v1::GetTicketResponse response;
    *response.mutable_ticket() = ticket;
    auto& opened = *response.add_opened();
    opened.set_name(kTicket);
    opened.set_field("description");
    opened.set_text("call 555");
    reply(std::move(response));
  }
  void ListNotes(const Caller& caller, const ticket::v1::ListNotesRequest& request,
                 Reply<ticket::v1::ListNotesResponse> reply) override {
    if (!Admit(caller, reply)) return;
    ticket::v1::ListNotesResponse response;
    Page(request.page_token(), notes, response, *response.mutable_notes(), erased);
    reply(std::move(response));
  }

  void Say(common::v1::AuthorKind author, const std::string& text, int64_t second) {
    dialog::v1::Turn& turn = turns.emplace_back();
    turn.set_name(fmt::format("{}/turns/{}", kConversation, turns.size()));
    turn.set_author_kind(author);
    turn.mutable_text()->set_masked("masked " + text);
    turn.mutable_create_time()->set_seconds(second);
  }
  void Note(const std::string& text, int64_t second) {
    ticket::v1::Note& note = notes.emplace_back();
    note.set_name(fmt::format("{}/notes/{}", kTicket, notes.size()));
    note.set_author_kind(common::v1::AUTHOR_KIND_AGENT);
    note.mutable_text()->set_masked("masked " + text);
    note.mutable_create_time()->set_seconds(second);
  }

  dialog::v1::ConversationState state = dialog::v1::CONVERSATION_STATE_WITH_AGENT;
  std::vector<dialog::v1::Turn> turns;
  ticket::v1::Ticket ticket;
  std::vector<ticket::v1::Note> notes;
  bool erased = false;
  absl::Status status;   // of every call
  absl::Duration takes;  // every call
  std::vector<absl::Duration> deadlines;

 private:
  template <class Response>
  bool Admit(const Caller& caller, Reply<Response>& reply) {
    CHECK(caller.tenant == "acme");
    deadlines.push_back(caller.deadline);
    clock_.Advance(takes);
    if (!status.ok()) reply(status);
    return status.ok();
  }
  template <class Item, class Response, class Items>
  static void Page(const std::string& token, const std::vector<Item>& all, Response& response,
                   Items& items, bool erased) {
    const size_t begin = token.empty() ? 0 : std::stoul(token);
    for (size_t i = begin; i < std::min(begin + 3, all.size()); ++i) {
      *items.Add() = all[i];
      if (erased) continue;
      auto& opened = *response.add_opened();
      opened.set_name(all[i].name());
      opened.set_field("text");
      opened.set_text(all[i].text().masked().substr(7));
    }
    if (begin + 3 < all.size()) response.set_next_page_token(std::to_string(begin + 3));
  }

  SimulatedClock& clock_;
};

struct Fixture {
  SimulatedClock clock{absl::FromUnixSeconds(1'700'000'000)};
  FakePeers peers{clock};
  TranscriptReader reader{peers, clock};

  absl::StatusOr<Transcript> Get(const std::string& source,
                                 absl::Duration deadline = absl::Seconds(2)) {
    std::optional<absl::StatusOr<Transcript>> reply;
    reader.Get("acme", source, deadline, [&](absl::StatusOr<Transcript> transcript) {
      REQUIRE(!reply.has_value());
      reply = std::move(transcript);
    });
    REQUIRE(reply.has_value());
    return *std::move(reply);
  }
  std::string Said(const std::string& source) {
    const auto transcript = Get(source);
    INFO(transcript.status());
    REQUIRE(transcript.ok());
    std::string said;
    for (const Transcript::Turn& turn : transcript->turns) {
      said += fmt::format("{}:{}@{} ", "CAB"[static_cast<int>(turn.author)], turn.text,
                          absl::ToUnixSeconds(turn.time));
    }
    return said;
  }
};

TEST_CASE("a conversation's transcript holds every page's turns, opened, without notices") {
  Fixture fixture;
  fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, "lamp?", 1);
  fixture.peers.Say(common::v1::AUTHOR_KIND_BOT, "which", 2);
  fixture.peers.Say(common::v1::AUTHOR_KIND_SYSTEM, "a person comes", 3);
  fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, "E42", 4);
  fixture.peers.Say(common::v1::AUTHOR_KIND_AGENT, "reset it", 5);
  CHECK(fixture.Said(kConversation) == "C:lamp?@1 B:which@2 C:E42@4 A:reset it@5 ");
  const auto open = fixture.Get(kConversation);
  CHECK(!open->resolved);
  CHECK(open->source == kConversation);
  fixture.peers.state = dialog::v1::CONVERSATION_STATE_RESOLVED;
  CHECK(fixture.Get(kConversation)->resolved);
}

TEST_CASE("of an erased customer only what is masked is in the transcript, and no empty turn") {
  Fixture fixture;
  fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, "my number is 555", 1);
  fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, "gone", 2);
  fixture.peers.erased = true;
  fixture.peers.turns[1].mutable_text()->clear_masked();
  CHECK(fixture.Said(kConversation) == "C:masked my number is 555@1 ");
}

TEST_CASE("a ticket's transcript is description, notes, conversation and resolution by time") {
  Fixture fixture;
  ticket::v1::Ticket& ticket = fixture.peers.ticket;
  ticket.set_name(kTicket);
  ticket.set_subject("Lamp does not pair");
  ticket.mutable_description()->set_masked("call [phone]");
  ticket.mutable_create_time()->set_seconds(3);
  ticket.set_conversation(kConversation);
  ticket.set_state(ticket::v1::TICKET_STATE_OPEN);
  for (int second : {4, 6, 8, 9}) fixture.peers.Note(fmt::format("n{}", second), second);
  fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, "hello", 1);
  fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, "still", 7);
  CHECK(fixture.Said(kTicket) == "C:hello@1 C:call 555@3 A:n4@4 A:n6@6 C:still@7 A:n8@8 A:n9@9 ");
  CHECK(fixture.Get(kTicket)->subject == "Lamp does not pair");
  CHECK(!fixture.Get(kTicket)->resolved);

  ticket.set_state(ticket::v1::TICKET_STATE_RESOLVED);
  ticket.set_resolution("reset");
  ticket.mutable_resolve_time()->set_seconds(10);
  ticket.set_conversation("tenants/acme/conversations/long-gone");
  CHECK(fixture.Said(kTicket) == "C:call 555@3 A:n4@4 A:n6@6 A:n8@8 A:n9@9 A:reset@10 ");
  CHECK(fixture.Get(kTicket)->resolved);
}

TEST_CASE("a transcript keeps the newest 200 turns") {
  Fixture fixture;
  for (int i = 1; i <= 450; ++i) {
    fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, std::to_string(i), i);
  }
  const auto transcript = fixture.Get(kConversation);
  REQUIRE(transcript.ok());
  REQUIRE(transcript->turns.size() == 200);
  CHECK(transcript->turns.front().text == "251");
  CHECK(transcript->turns.back().text == "450");
}

TEST_CASE("what is no source, nowhere, late or refused has its own status") {
  Fixture fixture;
  fixture.peers.Say(common::v1::AUTHOR_KIND_CUSTOMER, "hello", 1);
  for (const char* bad : {"", "tenants/acme", "tenants/acme/articles/a", "tenants/other/tickets/t1",
                          "tenants/other/conversations/c1", "tenants/acme/conversations/c1/turns/1",
                          "tenants/acme/tickets/T 1"}) {
    INFO(bad);
    CHECK(fixture.Get(bad).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(fixture.peers.deadlines.empty());
  }
  CHECK(absl::IsNotFound(fixture.Get("tenants/acme/conversations/c2").status()));
  CHECK(absl::IsNotFound(fixture.Get("tenants/acme/tickets/t2").status()));

  // Each call is given what is left of the time.
  fixture.peers.deadlines.clear();
  fixture.peers.takes = absl::Milliseconds(400);
  REQUIRE(fixture.Get(kConversation, absl::Seconds(1)).ok());
  CHECK(fixture.peers.deadlines == std::vector{absl::Milliseconds(1000), absl::Milliseconds(600)});
  fixture.peers.takes = absl::Milliseconds(600);
  CHECK(absl::IsDeadlineExceeded(fixture.Get(kConversation, absl::Seconds(1)).status()));
  fixture.peers.deadlines.clear();
  CHECK(absl::IsDeadlineExceeded(fixture.Get(kConversation, absl::ZeroDuration()).status()));
  CHECK(fixture.peers.deadlines.empty());

  // That we may not ask is not the caller's fault.
  fixture.peers.takes = absl::ZeroDuration();
  fixture.peers.status = Error(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED", "who?");
  CHECK(absl::IsUnavailable(fixture.Get(kConversation).status()));
  CHECK(ReasonOf(fixture.Get(kConversation).status()) == "DEPENDENCY_UNAVAILABLE");
}

}  // namespace
}  // namespace frontdesk::process
