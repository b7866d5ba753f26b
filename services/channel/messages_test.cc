#include <catch2/catch.hpp>

#include "services/channel/testing/channel_world.h"

namespace frontdesk::channel {
namespace {

using testing::ChannelWorld;
using testing::kApi;
using testing::kWeb;

TEST_CASE("a first message makes the customer, its key and one event with everything in it") {
  ChannelWorld world;
  v1::IngestMessageRequest request = world.Inbound("m1", "ada@x", "call me at +49 151 23456789");
  request.set_sender_display_name("Ada Lovelace");
  request.set_account("tenants/acme/accounts/big");
  v1::IngestMessageResponse response;
  REQUIRE(world.IngestMessage(request, &response, rpc::Role::kChannel).ok());
  const v1::Message& message = response.message();
  CHECK_FALSE(response.duplicate());
  CHECK(message.sequence() == 1);
  CHECK(message.state() == v1::MESSAGE_STATE_RECEIVED);
  CHECK(message.language() == "en");
  CHECK(message.account() == "tenants/acme/accounts/big");
  CHECK(message.text().masked() == "call me at [phone]");
  CHECK(message.text().sealed().find("151") == std::string::npos);

  const auto events = world.Events();
  REQUIRE(events.size() == 1);
  const v1::MessageReceived& received = events[0].message_received();
  CHECK(received.message().name() == message.name());
  CHECK(received.customer() == message.customer());
  CHECK(received.account() == "tenants/acme/accounts/big");
  CHECK(received.channel_account() == kApi);
  CHECK(events[0].metadata().tenant() == "tenants/acme");
  CHECK(events[0].metadata().cause() == request.request_id());

  v1::GetCustomerRequest get;
  get.set_name(message.customer());
  v1::GetCustomerResponse customer;
  REQUIRE(world.GetCustomer(get, &customer, rpc::Role::kAgent).ok());
  REQUIRE(customer.customer().identities_size() == 1);
  CHECK(customer.customer().identities(0).value_hash().size() == 64);
  REQUIRE(customer.opened_size() == 2);
  CHECK(customer.opened(0).text() == "Ada Lovelace");
  CHECK(customer.opened(1).text() == "ada@x");
  CHECK(world.List(message.customer()).opened(0).text() == "call me at +49 151 23456789");
}

TEST_CASE("an analyst sees masked texts only") {
  ChannelWorld world;
  const v1::Message message = world.Ingest("m1", "ada", "my number is +49 151 23456789");
  const v1::ListMessagesResponse page = world.List(message.customer(), rpc::Role::kAnalyst);
  REQUIRE(page.messages_size() == 1);
  CHECK(page.opened().empty());
  CHECK(page.messages(0).text().masked() == "my number is [phone]");
}

TEST_CASE("the same channel message id at the same time is stored once") {
  ChannelWorld world;
  using Running = ChannelWorld::Running<v1::IngestMessageRequest, v1::IngestMessageResponse>;
  std::vector<std::unique_ptr<Running>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(
        world.Begin(&ChannelService::IngestMessage, world.Inbound("m1", "ada", "hello")));
  }
  world.Settle();
  int fresh = 0;
  for (const auto& call : calls) {
    INFO(call->status);
    REQUIRE(call->finished == 1);
    REQUIRE(call->status.ok());
    CHECK(call->response.message().name() == calls[0]->response.message().name());
    fresh += call->response.duplicate() ? 0 : 1;
  }
  CHECK(fresh == 1);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageReceived) == 1);
}

TEST_CASE("two first messages at the same time end with one customer, one key and an order") {
  ChannelWorld world;
  auto first = world.Begin(&ChannelService::IngestMessage, world.Inbound("m1", "ada", "one"));
  auto second = world.Begin(&ChannelService::IngestMessage, world.Inbound("m2", "ada", "two"));
  world.Settle();
  REQUIRE(first->status.ok());
  REQUIRE(second->status.ok());
  CHECK(first->response.message().customer() == second->response.message().customer());
  CHECK(first->response.message().text().key_id() == second->response.message().text().key_id());
  const v1::ListMessagesResponse page = world.List(first->response.message().customer());
  REQUIRE(page.messages_size() == 2);
  CHECK(page.messages(0).sequence() == 1);
  CHECK(page.messages(1).sequence() == 2);
  CHECK(page.opened(0).text() == "one");
  CHECK(page.opened(1).text() == "two");
  v1::ListCustomersRequest list;
  list.set_parent("tenants/acme");
  v1::ListCustomersResponse customers;
  REQUIRE(world.ListCustomers(list, &customers).ok());
  CHECK(customers.customers_size() == 1);
}

TEST_CASE("another sender can't take a channel message id, nor learn whose it is") {
  ChannelWorld world;
  world.Ingest("m1", "ada", "hello");
  v1::IngestMessageResponse response;
  for (const char* sender : {"bob", "bob"}) {
    const absl::Status status = world.IngestMessage(world.Inbound("m1", sender, "hi"), &response);
    CHECK(status.code() == absl::StatusCode::kAlreadyExists);
    CHECK(response.message().name().empty());
    world.Ingest("of-bob", "bob", "I am known now");
  }
}

TEST_CASE("messages survive a crash with their keys, and the channel message id stays taken") {
  ChannelWorld world;
  const v1::Message message = world.Ingest("m1", "ada", "remember me");
  world.CrashFor(absl::Minutes(1));
  CHECK(world.List(message.customer()).opened(0).text() == "remember me");
  v1::IngestMessageResponse response;
  REQUIRE(world.IngestMessage(world.Inbound("m1", "ada", "remember me"), &response).ok());
  CHECK(response.duplicate());
  CHECK(world.Ingest("m2", "ada", "again").sequence() == 2);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageReceived) == 2);
}

TEST_CASE("what is wrong with a message is said with its field") {
  ChannelWorld world;
  const struct {
    const char* what;
    std::function<void(v1::IngestMessageRequest&)> spoil;
    absl::StatusCode code;
    const char* field;
  } kCases[] = {
      {"no text", [](auto& r) { r.clear_text(); }, absl::StatusCode::kInvalidArgument, "text"},
      {"blank text", [](auto& r) { r.set_text(" \n\t "); }, absl::StatusCode::kInvalidArgument,
       "text"},
      {"long text", [](auto& r) { r.set_text(std::string((32 << 10) + 1, 'a')); },
       absl::StatusCode::kInvalidArgument, "text"},
      {"bad UTF-8", [](auto& r) { r.set_text("\xff\xfe"); }, absl::StatusCode::kInvalidArgument,
       "text"},
      {"no id", [](auto& r) { r.clear_channel_message_id(); }, absl::StatusCode::kInvalidArgument,
       "channel_message_id"},
      {"long id", [](auto& r) { r.set_channel_message_id(std::string(129, 'i')); },
       absl::StatusCode::kInvalidArgument, "channel_message_id"},
      {"no sender", [](auto& r) { r.clear_sender_id(); }, absl::StatusCode::kInvalidArgument,
       "sender_id"},
      {"long sender", [](auto& r) { r.set_sender_id(std::string(257, 's')); },
       absl::StatusCode::kInvalidArgument, "sender_id"},
      {"other tenant's account", [](auto& r) { r.set_account("tenants/other/accounts/a"); },
       absl::StatusCode::kPermissionDenied, "account"},
      {"garbled parent", [](auto& r) { r.set_parent("acme/web"); },
       absl::StatusCode::kInvalidArgument, "parent"},
  };
  for (const auto& c : kCases) {
    INFO(c.what);
    v1::IngestMessageRequest request = world.Inbound("m1", "ada", "hello");
    c.spoil(request);
    v1::IngestMessageResponse response;
    const absl::Status status = world.IngestMessage(request, &response);
    CHECK(status.code() == c.code);
    const ErrorDetails details = DetailsOf(status);
    REQUIRE_FALSE(details.fields.empty());
    CHECK(details.fields[0].first == c.field);
  }
  v1::IngestMessageRequest unknown = world.Inbound("m1", "ada", "hello");
  unknown.set_parent("tenants/acme/channelAccounts/nowhere");
  v1::IngestMessageResponse response;
  CHECK(absl::IsNotFound(world.IngestMessage(unknown, &response)));
  CHECK(world.Events().empty());
}

TEST_CASE("a request id gives the same reply again, also a long one") {
  ChannelWorld world;
  const v1::IngestMessageRequest request = world.Inbound("m1", "ada", std::string(30 << 10, 'x'));
  v1::IngestMessageResponse first;
  v1::IngestMessageResponse again;
  REQUIRE(world.IngestMessage(request, &first).ok());
  REQUIRE(world.IngestMessage(request, &again).ok());
  CHECK(again.message().name() == first.message().name());
  CHECK_FALSE(again.duplicate());
}

TEST_CASE("lists are cut into pages that join without gap or overlap") {
  ChannelWorld world;
  std::string customer;
  for (int i = 0; i < 7; ++i) {
    customer = world.Ingest(fmt::format("m{}", i), "ada", fmt::format("text {}", i)).customer();
  }
  v1::ListMessagesRequest request;
  request.set_parent(customer);
  request.set_page_size(3);
  request.set_after_sequence(1);
  std::vector<int64_t> seen;
  do {
    v1::ListMessagesResponse page;
    REQUIRE(world.ListMessages(request, &page).ok());
    for (const v1::Message& message : page.messages()) seen.push_back(message.sequence());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  CHECK(seen == std::vector<int64_t>{2, 3, 4, 5, 6, 7});
  request.set_page_token("garbled");
  v1::ListMessagesResponse page;
  CHECK(absl::IsInvalidArgument(world.ListMessages(request, &page)));
}

TEST_CASE("a reply goes out once, whatever is redelivered") {
  ChannelWorld world;
  const v1::Message message = world.Ingest("m1", "ada", "hello");
  const auto reply = world.Reply("01hreply", message.customer(), "hi there");
  world.Publish(reply);
  world.Publish(reply);  // another event with the same reply, as after a restore of dialog
  const v1::ListMessagesResponse page = world.List(message.customer());
  REQUIRE(page.messages_size() == 2);
  const v1::Message& sent = page.messages(1);
  CHECK(sent.direction() == v1::MESSAGE_DIRECTION_OUTBOUND);
  CHECK(sent.state() == v1::MESSAGE_STATE_SENDING);
  CHECK(sent.conversation() == reply.conversation());

  v1::AcknowledgeMessagesRequest ack;
  ack.set_parent(message.customer());
  ack.set_channel_account(kApi);
  ack.set_sequence(2);
  ack.set_request_id(world.NewRequestId());
  v1::AcknowledgeMessagesResponse acknowledged;
  REQUIRE(world.AcknowledgeMessages(ack, &acknowledged, rpc::Role::kChannel).ok());
  CHECK(acknowledged.delivered_count() == 1);
  ack.set_request_id(world.NewRequestId());
  REQUIRE(world.AcknowledgeMessages(ack, &acknowledged, rpc::Role::kChannel).ok());
  CHECK(acknowledged.delivered_count() == 0);
  CHECK(world.Get(sent.name()).state() == v1::MESSAGE_STATE_DELIVERED);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageDelivered) == 1);
}

TEST_CASE("an older speaker's reply is refused once a newer one has spoken") {
  ChannelWorld world;
  const v1::Message message = world.Ingest("m1", "ada", "hello");
  world.Publish(world.Reply("r1", message.customer(), "from the agent", 4));
  world.Publish(world.Reply("r2", message.customer(), "late from the bot", 3));
  world.Publish(world.Reply("r3", message.customer(), "the agent again", 4));
  const v1::ListMessagesResponse page = world.List(message.customer());
  REQUIRE(page.messages_size() == 4);
  CHECK(page.messages(1).state() == v1::MESSAGE_STATE_SENDING);
  CHECK(page.messages(2).state() == v1::MESSAGE_STATE_FAILED);
  CHECK(page.messages(2).failure_reason() == v1::MESSAGE_FAILURE_REASON_SPEAKER_LEASE_LOST);
  CHECK(page.messages(3).state() == v1::MESSAGE_STATE_SENDING);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageFailed) == 1);
}

TEST_CASE("a reply to somebody unknown makes a placeholder and fails for want of a way") {
  ChannelWorld world;
  world.Publish(world.Reply("r1", "tenants/acme/customers/nobody", "hello?"));
  const v1::ListMessagesResponse page = world.List("tenants/acme/customers/nobody");
  REQUIRE(page.messages_size() == 1);
  CHECK(page.messages(0).failure_reason() == v1::MESSAGE_FAILURE_REASON_NO_ROUTE);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageFailed) == 1);
}

TEST_CASE("what nobody takes is given up after its time, in order and once") {
  ChannelWorld world;
  const std::string customer = world.Ingest("m1", "ada", "hello").customer();
  const v1::Message first = world.Send(customer, "one");
  world.Advance(absl::Hours(1));
  const v1::Message second = world.Send(customer, "two");
  world.Advance(absl::Hours(71) - absl::Seconds(1));
  CHECK(world.Get(first.name()).state() == v1::MESSAGE_STATE_SENDING);
  world.Advance(absl::Seconds(2));
  CHECK(world.Get(first.name()).failure_reason() == v1::MESSAGE_FAILURE_REASON_EXPIRED);
  CHECK(world.Get(second.name()).state() == v1::MESSAGE_STATE_SENDING);
  world.CrashFor(absl::Hours(2));
  CHECK(world.Get(second.name()).failure_reason() == v1::MESSAGE_FAILURE_REASON_EXPIRED);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageFailed) == 2);
  // The timer is set anew for what comes later.
  const v1::Message third = world.Send(customer, "three");
  world.Advance(absl::Hours(73));
  CHECK(world.Get(third.name()).state() == v1::MESSAGE_STATE_FAILED);
}

TEST_CASE("an agent can't send where the customer has never been") {
  ChannelWorld world;
  const std::string customer = world.Ingest("m1", "ada", "hello").customer();
  v1::SendMessageRequest request;
  request.set_parent(customer);
  request.set_channel_account(kWeb);
  request.set_text("hi");
  request.set_request_id(world.NewRequestId());
  v1::SendMessageResponse response;
  const absl::Status status = world.SendMessage(request, &response, rpc::Role::kAgent);
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(ReasonOf(status) == "NO_ROUTE");
}

}  // namespace
}  // namespace frontdesk::channel
