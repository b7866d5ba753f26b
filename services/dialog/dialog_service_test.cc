#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "libs/rpc/tenants_file.h"
#include "services/dialog/testing/dialog_world.h"

namespace frontdesk::dialog {
namespace {

using testing::DialogWorld;
using testing::kMia;
using E = v1::DialogEvent;

v1::CreateAgentRequest AgentRequest(DialogWorld& world, const std::string& id) {
  v1::CreateAgentRequest request;
  request.set_parent("tenants/acme");
  request.set_agent_id(id);
  request.mutable_agent()->set_display_name("Mia");
  request.mutable_agent()->add_languages("en");
  request.mutable_agent()->set_active(true);
  request.set_request_id(world.NewRequestId());
  return request;
}

TEST_CASE("agents are made once, read, listed page by page, and changed by mask and etag") {
  DialogWorld world;
  for (const char* id : {"mia", "tom", "zoe"}) {
    v1::CreateAgentResponse response;
    REQUIRE(world.CreateAgent(AgentRequest(world, id), &response).ok());
    CHECK(response.agent().name() == std::string("tenants/acme/agents/") + id);
  }
  v1::CreateAgentResponse again;
  CHECK(absl::IsAlreadyExists(world.CreateAgent(AgentRequest(world, "mia"), &again)));

  std::set<std::string> names;
  v1::ListAgentsRequest list;
  list.set_parent("tenants/acme");
  list.set_page_size(2);
  v1::ListAgentsResponse page;
  REQUIRE(world.ListAgents(list, &page).ok());
  CHECK(page.agents_size() == 2);
  REQUIRE_FALSE(page.next_page_token().empty());
  for (const auto& agent : page.agents()) names.insert(agent.name());
  list.set_page_token(page.next_page_token());
  REQUIRE(world.ListAgents(list, &page).ok());
  CHECK(page.agents_size() == 1);
  CHECK(page.next_page_token().empty());
  for (const auto& agent : page.agents()) names.insert(agent.name());
  CHECK(names.size() == 3);
  list.set_page_token("garbled");
  CHECK(ReasonOf(world.ListAgents(list, &page)) == "PAGE_TOKEN_INVALID");

  v1::UpdateAgentRequest update;
  update.mutable_agent()->set_name(kMia);
  update.mutable_agent()->set_etag("1");
  update.mutable_update_mask()->add_paths("active");
  update.set_request_id(world.NewRequestId());
  v1::UpdateAgentResponse updated;
  REQUIRE(world.UpdateAgent(update, &updated).ok());
  CHECK_FALSE(updated.agent().active());
  CHECK(updated.agent().display_name() == "Mia");
  CHECK(updated.agent().etag() == "2");
  update.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.UpdateAgent(update, &updated)) == "ETAG_MISMATCH");
  update.mutable_update_mask()->add_paths("name");
  CHECK(ReasonOf(world.UpdateAgent(update, &updated)) == "INVALID_FIELD");

  // Who is switched off takes no conversations.
  world.Write("agent please");
  CHECK(ReasonOf(world.TakeOver(world.Last().name()).status()) == "FAILED_TRANSITION");
}

TEST_CASE("loading the same tenants file twice changes nothing") {
  DialogWorld world;
  rpc::TenantsFile file;
  file.tenants.emplace_back();
  file.tenants[0].id = "acme";
  for (int i = 0; i < 450; ++i) {
    file.tenants[0].agents.push_back({fmt::format("agent-{}", i), "Somebody", {"en", "zh"}, {}, 3});
  }
  for (int round = 0; round < 2; ++round) {
    int done = 0;
    world.app->LoadTenants(file, [&](absl::Status status) {
      CHECK(status.ok());
      ++done;
    });
    world.Settle();
    CHECK(done == 1);
  }
  v1::GetAgentRequest get;
  get.set_name("tenants/acme/agents/agent-449");
  v1::GetAgentResponse found;
  REQUIRE(world.GetAgent(get, &found).ok());
  CHECK(found.agent().etag() == "1");
  CHECK(found.agent().active());
  get.set_name("tenants/acme/agents/nobody");
  CHECK(absl::IsNotFound(world.GetAgent(get, &found)));
}

TEST_CASE("only an admin names another agent, who must be known") {
  DialogWorld world;
  world.Write("agent please");
  v1::TakeOverConversationRequest request;
  request.set_name(world.Last().name());
  request.set_agent("tenants/acme/agents/tom");
  request.set_request_id(world.NewRequestId());
  v1::TakeOverConversationResponse response;
  CHECK(absl::IsPermissionDenied(world.TakeOverConversation(request, &response)));
  world.role = rpc::Role::kAdmin;
  CHECK(absl::IsNotFound(world.TakeOverConversation(request, &response)));
  v1::CreateAgentResponse created;
  REQUIRE(world.CreateAgent(AgentRequest(world, "tom"), &created).ok());
  REQUIRE(world.TakeOverConversation(request, &response).ok());
  CHECK(response.conversation().assignee() == "tenants/acme/agents/tom");
  request.set_agent("tenants/other/agents/tom");
  request.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.TakeOverConversation(request, &response)) == "INVALID_FIELD");
}

TEST_CASE("a repeated request gets the same outcome, a changed one is refused") {
  DialogWorld world;
  world.Write("agent please");
  const std::string name = world.Last().name();
  REQUIRE(world.TakeOver(name).ok());
  v1::ReplyToConversationRequest request;
  request.set_name(name);
  request.set_text(std::string(3'000, 'x'));
  request.set_speaker_token(2);
  request.set_request_id("twice");
  v1::ReplyToConversationResponse first, second;
  REQUIRE(world.ReplyToConversation(request, &first).ok());
  REQUIRE(world.ReplyToConversation(request, &second).ok());
  CHECK(first.SerializeAsString() == second.SerializeAsString());
  CHECK(world.Get(name).agent_reply_count() == 1);
  request.set_text("other");
  CHECK(ReasonOf(world.ReplyToConversation(request, &second)) == "REQUEST_ID_REUSED");
}

TEST_CASE("an etag of before is refused") {
  DialogWorld world;
  world.Write("How do I get a refund?");
  v1::ResolveConversationRequest request;
  request.set_name(world.Last().name());
  request.set_etag(world.Last().etag());
  world.Write("How do I get a refund?");
  request.set_request_id(world.NewRequestId());
  v1::ResolveConversationResponse response;
  CHECK(ReasonOf(world.ResolveConversation(request, &response)) == "ETAG_MISMATCH");
  request.set_etag(world.Last().etag());
  CHECK(world.ResolveConversation(request, &response).ok());
}

TEST_CASE("a ticket by hand takes subject, priority and summary of the agent") {
  DialogWorld world;
  world.Write("How do I get a refund?");
  v1::RequestTicketRequest request;
  request.set_name(world.Last().name());
  request.set_subject("Call back 13800138000");
  request.set_summary("Wants a call at 13800138000");
  request.set_priority(common::v1::PRIORITY_P1);
  request.set_request_id(world.NewRequestId());
  v1::RequestTicketResponse response;
  REQUIRE(world.RequestTicket(request, &response).ok());
  const auto events = world.Events(E::kTicketRequested);
  REQUIRE(events.size() == 1);
  const v1::TicketRequested& ticket = events[0].ticket_requested();
  CHECK(ticket.ticket_request() == response.ticket_request());
  CHECK(ticket.subject() == "Call back [phone]");
  CHECK(ticket.summary().masked() == "Wants a call at [phone]");
  CHECK_FALSE(ticket.summary().sealed().empty());
  CHECK(ticket.requester() == kMia);
  request.set_subject(std::string(201, 'x'));
  CHECK(ReasonOf(world.RequestTicket(request, &response)) == "INVALID_FIELD");
}

TEST_CASE("lists follow state, customer and assignee through every change, newest first") {
  DialogWorld world;
  for (const char* customer : {"a", "b", "c", "d", "e"}) world.Write("agent please", customer);
  const auto all = world.All();
  REQUIRE(all.size() == 5);
  CHECK(all.front().customer() == "tenants/acme/customers/e");
  REQUIRE(world.TakeOver(all[0].name()).ok());
  REQUIRE(world.TakeOver(all[1].name()).ok());
  REQUIRE(world.Resolve(all[1].name()).ok());

  const auto count = [&](auto set) {
    v1::ListConversationsRequest request;
    request.set_parent("tenants/acme");
    request.set_page_size(2);
    set(request);
    int found = 0;
    while (true) {
      v1::ListConversationsResponse page;
      REQUIRE(world.ListConversations(request, &page).ok());
      CHECK(page.conversations_size() <= 2);
      found += page.conversations_size();
      if (page.next_page_token().empty()) return found;
      request.set_page_token(page.next_page_token());
    }
  };
  CHECK(count([](auto&) {}) == 5);
  CHECK(count([](auto& r) { r.set_state(v1::CONVERSATION_STATE_WAITING); }) == 3);
  CHECK(count([](auto& r) { r.set_state(v1::CONVERSATION_STATE_WITH_AGENT); }) == 1);
  CHECK(count([](auto& r) { r.set_state(v1::CONVERSATION_STATE_BOT); }) == 0);
  CHECK(count([](auto& r) { r.set_assignee(kMia); }) == 2);
  CHECK(count([](auto& r) {
          r.set_assignee(kMia);
          r.set_state(v1::CONVERSATION_STATE_RESOLVED);
        }) == 1);
  CHECK(count([](auto& r) { r.set_customer("tenants/acme/customers/c"); }) == 1);
  CHECK(count([](auto& r) { r.set_customer("tenants/acme/customers/nobody"); }) == 0);
}

TEST_CASE("an analyst sees masked texts only, an agent the plain ones beside") {
  DialogWorld world;
  world.Write("my card 4111 1111 1111 1111, agent please");
  v1::ListTurnsRequest request;
  request.set_parent(world.Last().name());
  v1::ListTurnsResponse turns;
  REQUIRE(world.ListTurns(request, &turns).ok());
  REQUIRE(turns.opened_size() == 2);
  CHECK(turns.opened(0).text() == "my card 4111 1111 1111 1111, agent please");
  CHECK(turns.opened(0).name() == turns.turns(0).name());
  CHECK(turns.turns(0).text().masked() == "my card [card], agent please");
  v1::GetConversationRequest get;
  get.set_name(world.Last().name());
  v1::GetConversationResponse found;
  REQUIRE(world.GetConversation(get, &found).ok());
  CHECK(found.opened_size() == 1);
  world.role = rpc::Role::kAnalyst;
  turns.Clear();
  found.Clear();
  REQUIRE(world.ListTurns(request, &turns).ok());
  CHECK(turns.opened_size() == 0);
  REQUIRE(world.GetConversation(get, &found).ok());
  CHECK(found.opened_size() == 0);
}

TEST_CASE("names of another tenant, of nothing, and of wrong form are told apart") {
  DialogWorld world;
  v1::GetConversationRequest get;
  v1::GetConversationResponse found;
  get.set_name("tenants/acme/conversations/nothing");
  CHECK(absl::IsNotFound(world.GetConversation(get, &found)));
  get.set_name("tenants/acme/tickets/nothing");
  CHECK(ReasonOf(world.GetConversation(get, &found)) == "INVALID_FIELD");
  get.set_name("tenants/other/conversations/nothing");
  CHECK(ReasonOf(world.GetConversation(get, &found)) == "INVALID_FIELD");
}

}  // namespace
}  // namespace frontdesk::dialog
