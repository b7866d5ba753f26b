#include "services/channel/http/chat_session.h"

#include <catch2/catch.hpp>
#include <deque>
#include <nlohmann/json.hpp>

#include "services/channel/testing/channel_world.h"

namespace frontdesk::channel {
namespace {

using Json = nlohmann::json;
using testing::ChannelWorld;
using testing::kWeb;

// A socket that keeps what was sent, and a strand that runs when told to.
class FakePeer final : public ChatSession::Peer {
 public:
  void Send(std::string frame) override { frames.push_back(Json::parse(frame)); }
  void Close(std::string_view why) override { closed = why; }
  size_t queued() const override { return backlog; }
  void Post(absl::AnyInvocable<void()> task) override { tasks.push_back(std::move(task)); }

  std::vector<Json> frames;
  std::string closed;
  size_t backlog = 0;
  std::deque<absl::AnyInvocable<void()>> tasks;
};

struct Chat {
  explicit Chat(ChannelWorld& world) : world(world), peer(std::make_shared<FakePeer>()) {
    session = std::make_shared<ChatSession>(
        ChatSession::Collaborators{world.app->service(), world.app->feed()}, "acme", "web", peer);
  }
  void Run() {
    bool moved = true;
    while (moved) {
      world.Settle();
      moved = !peer->tasks.empty();
      while (!peer->tasks.empty()) {
        auto task = std::move(peer->tasks.front());
        peer->tasks.pop_front();
        task();
      }
    }
  }
  void Say(const Json& frame) {
    session->OnFrame(frame.dump());
    Run();
  }
  Json Hello(const std::string& token = {}, int64_t last_seq = 0) {
    Json frame = {{"type", "hello"}};
    if (!token.empty()) frame["resume_token"] = token;
    if (last_seq > 0) frame["last_seq"] = last_seq;
    Say(frame);
    return Last("welcome");
  }
  Json Last(const std::string& type) {
    for (auto it = peer->frames.rbegin(); it != peer->frames.rend(); ++it) {
      if ((*it)["type"] == type) return *it;
    }
    return Json();
  }
  std::vector<int64_t> Sequences() {
    std::vector<int64_t> found;
    for (const Json& frame : peer->frames) {
      if (frame["type"] == "message") found.push_back(frame["seq"]);
    }
    return found;
  }

  ChannelWorld& world;
  std::shared_ptr<FakePeer> peer;
  std::shared_ptr<ChatSession> session;
};

TEST_CASE("a chat begins, its messages are acknowledged and the replies arrive in order") {
  ChannelWorld world;
  Chat chat(world);
  const Json welcome = chat.Hello();
  CHECK(welcome["customer"] == "");
  CHECK_FALSE(welcome["resume_token"].get<std::string>().empty());
  chat.Say({{"type", "message"}, {"id", "a"}, {"text", "hello"}});
  const Json ack = chat.Last("ack");
  CHECK(ack["id"] == "a");
  CHECK(ack["seq"] == 1);
  CHECK(ack["duplicate"] == false);
  const std::string customer = ack["customer"];
  world.Send(customer, "one", kWeb);
  world.Send(customer, "two", kWeb);
  chat.Run();
  CHECK(chat.Sequences() == std::vector<int64_t>{2, 3});
  CHECK(chat.Last("message")["text"] == "two");
  CHECK(chat.Last("message")["direction"] == "outbound");
}

TEST_CASE("after a drop a chat goes on without loss and without doubles") {
  ChannelWorld world;
  std::string token;
  std::string customer;
  {
    Chat chat(world);
    token = chat.Hello()["resume_token"];
    chat.Say({{"type", "message"}, {"id", "a"}, {"text", "hello"}});
    customer = chat.Last("ack")["customer"];
    world.Send(customer, "seen", kWeb);
    chat.Run();
    chat.Say({{"type", "ack"}, {"seq", 2}});
  }
  world.Send(customer, "missed 1", kWeb);
  world.CrashFor(absl::Minutes(1));
  world.Send(customer, "missed 2", kWeb);
  Chat chat(world);
  const Json welcome = chat.Hello(token, 2);
  CHECK(welcome["customer"] == customer);
  CHECK(chat.Sequences() == std::vector<int64_t>{3, 4});
  // The page sends again what it has no acknowledgement for: stored once, not sent back.
  chat.Say({{"type", "message"}, {"id", "a"}, {"text", "hello"}});
  CHECK(chat.Last("ack")["duplicate"] == true);
  CHECK(chat.Last("ack")["seq"] == 1);
  world.Send(customer, "live", kWeb);
  chat.Run();
  CHECK(chat.Sequences() == std::vector<int64_t>{3, 4, 5});
}

TEST_CASE("a reloaded page gets the whole chat, its own messages under the ids it chose") {
  ChannelWorld world;
  std::string token;
  {
    Chat chat(world);
    token = chat.Hello()["resume_token"];
    chat.Say({{"type", "message"}, {"id", "a"}, {"text", "您好"}});
    world.Send(chat.Last("ack")["customer"], "hi", kWeb);
    chat.Run();
  }
  Chat chat(world);
  chat.Hello(token);
  REQUIRE(chat.Sequences() == std::vector<int64_t>{1, 2});
  CHECK(chat.peer->frames[1]["direction"] == "inbound");
  CHECK(chat.peer->frames[1]["id"] == "a");
  CHECK(chat.peer->frames[1]["text"] == "您好");
}

TEST_CASE(
    "an acknowledgement delivers what was sent, and what was not sent can't be acknowledged") {
  ChannelWorld world;
  Chat chat(world);
  chat.Hello();
  chat.Say({{"type", "message"}, {"id", "a"}, {"text", "hello"}});
  const std::string customer = chat.Last("ack")["customer"];
  const v1::Message sent = world.Send(customer, "one", kWeb);
  chat.Run();
  CHECK(world.Get(sent.name()).state() == v1::MESSAGE_STATE_SENDING);
  chat.Say({{"type", "ack"}, {"seq", 3}});
  CHECK(chat.Last("error")["fields"][0]["field"] == "seq");
  chat.Say({{"type", "ack"}, {"seq", 2}});
  CHECK(world.Get(sent.name()).state() == v1::MESSAGE_STATE_DELIVERED);
}

TEST_CASE("a slow reader is read for no further than its queue allows, and goes on later") {
  ChannelWorld world;
  Chat chat(world);
  chat.Hello();
  chat.Say({{"type", "message"}, {"id", "a"}, {"text", "hello"}});
  const std::string customer = chat.Last("ack")["customer"];
  chat.peer->backlog = 1000;
  for (int i = 0; i < 120; ++i) world.Send(customer, fmt::format("text {}", i), kWeb);
  chat.Run();
  CHECK(chat.Sequences().empty());
  chat.peer->backlog = 0;
  chat.session->OnDrained();
  chat.Run();
  const std::vector<int64_t> sequences = chat.Sequences();
  REQUIRE(sequences.size() == 120);
  for (size_t i = 0; i < sequences.size(); ++i) CHECK(sequences[i] == static_cast<int64_t>(i) + 2);
}

TEST_CASE("two visitors may choose the same message ids") {
  ChannelWorld world;
  Chat ada(world);
  Chat bob(world);
  ada.Hello();
  bob.Hello();
  ada.Say({{"type", "message"}, {"id", "1"}, {"text", "I am Ada"}});
  bob.Say({{"type", "message"}, {"id", "1"}, {"text", "I am Bob"}});
  CHECK(bob.Last("ack")["duplicate"] == false);
  CHECK(bob.Last("ack")["customer"] != ada.Last("ack")["customer"]);
}

TEST_CASE("a resume token opens its own chat only, for its time only") {
  ChannelWorld world;
  Chat first(world);
  const std::string token = first.Hello()["resume_token"];
  std::string forged = token;
  forged[5] = forged[5] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {forged, std::string("x"), token + "A", std::string(2000, 'a')}) {
    Chat chat(world);
    chat.Hello(bad);
    CHECK(chat.Last("error")["code"] == "UNAUTHENTICATED");
    CHECK_FALSE(chat.Hello().is_null());  // a new one can be begun on the same connection
  }
  const auto other = ParseResumeToken(world.app->keys(), "acme", "api", token, world.clock.Now());
  CHECK(absl::IsUnauthenticated(other.status()));
  world.clock.Advance(absl::Hours(24 * 30) + absl::Seconds(1));
  Chat late(world);
  late.Hello(token);
  CHECK(late.Last("error")["code"] == "UNAUTHENTICATED");
}

TEST_CASE("bad frames are answered, and too many end the chat") {
  ChannelWorld world;
  Chat chat(world);
  const std::vector<std::string> kBad = {"",
                                         "{",
                                         "[]",
                                         "\xff",
                                         R"({"type":7})",
                                         R"({"type":"message","id":"a","text":"too early"})",
                                         R"({"type":"unknown"})",
                                         R"({"type":"hello","last_seq":-1})",
                                         R"({"type":"hello","extra":1})"};
  for (const std::string& bad : kBad) {
    INFO(bad);
    const size_t before = chat.peer->frames.size();
    chat.session->OnFrame(bad);
    chat.Run();
    REQUIRE(chat.peer->frames.size() == before + 1);
    CHECK(chat.peer->frames.back()["type"] == "error");
    CHECK(chat.peer->frames.back().contains("fields"));
  }
  CHECK(chat.peer->closed.empty());
  chat.Hello();
  chat.Say({{"type", "message"}, {"id", ""}, {"text", "no id"}});
  chat.Say({{"type", "message"}, {"id", "b"}, {"text", std::string(33 << 10, 'a')}});
  CHECK(chat.Last("error")["id"] == "b");
  CHECK(chat.Last("error")["fields"][0]["field"] == "text");
  for (int i = 0; i < 20; ++i) chat.session->OnFrame("{");
  CHECK_FALSE(chat.peer->closed.empty());
}

}  // namespace
}  // namespace frontdesk::channel
