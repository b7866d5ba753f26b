#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/dialog/testing/dialog_world.h"

namespace frontdesk::dialog {
namespace {

using testing::DialogWorld;
using E = v1::DialogEvent;

constexpr int kSeeds = 25;
constexpr int kSteps = 60;

// What must hold of a conversation, told from its events alone; written apart from the table of
// domain/lifecycle.cc on purpose.
struct Model {
  v1::ConversationState state = v1::CONVERSATION_STATE_UNSPECIFIED;
  int64_t token = 0;
  std::string holder;
};

void Move(Model& model, const std::set<v1::ConversationState>& from, const v1::Conversation& now,
          v1::ConversationState to) {
  CHECK(from.count(model.state) == 1);
  CHECK(now.state() == to);
  model.state = to;
  const v1::SpeakerLease& lease = now.speaker_lease();
  // The token rises exactly when the holder changes.
  CHECK(lease.token() == model.token + (lease.holder() == model.holder ? 0 : 1));
  model.token = lease.token();
  model.holder = lease.holder();
  const bool with_agent = to == v1::CONVERSATION_STATE_WITH_AGENT;
  if (to != v1::CONVERSATION_STATE_RESOLVED) {
    CHECK((lease.holder() == "services/dialog") == !with_agent);
    if (with_agent) CHECK(lease.holder() == now.assignee());
  }
}

void CheckReply(const Model& model, const v1::ReplyRequested& reply) {
  CHECK(reply.speaker_lease().token() == model.token);
  CHECK(reply.speaker_lease().holder() == model.holder);
  switch (reply.author_kind()) {
    case common::v1::AUTHOR_KIND_BOT:
      CHECK(model.state == v1::CONVERSATION_STATE_BOT);
      break;
    case common::v1::AUTHOR_KIND_SYSTEM:
      CHECK(model.state == v1::CONVERSATION_STATE_WAITING);
      break;
    default:
      CHECK(model.state == v1::CONVERSATION_STATE_WITH_AGENT);
      CHECK(reply.author() == model.holder);
  }
}

// Replays all events and compares with what the API shows.
void CheckInvariants(DialogWorld& world) {
  constexpr auto kBot = v1::CONVERSATION_STATE_BOT;
  constexpr auto kWaiting = v1::CONVERSATION_STATE_WAITING;
  constexpr auto kWithAgent = v1::CONVERSATION_STATE_WITH_AGENT;
  constexpr auto kResolved = v1::CONVERSATION_STATE_RESOLVED;
  std::map<std::string, Model> models;
  std::set<std::string> replies;
  for (const v1::DialogEvent& event : world.Events()) {
    Model& model = models[event.metadata().correlation()];
    switch (event.payload_case()) {
      case E::kConversationOpened:
        Move(model, {v1::CONVERSATION_STATE_UNSPECIFIED},
             event.conversation_opened().conversation(), kBot);
        break;
      case E::kHandoffRequested:
        Move(model, {kBot}, event.handoff_requested().conversation(), kWaiting);
        break;
      case E::kConversationAssigned: {
        const v1::Conversation& now = event.conversation_assigned().conversation();
        const bool taken = !now.assignee().empty();
        Move(model, taken ? std::set{kBot, kWaiting, kWithAgent} : std::set{kWaiting, kWithAgent},
             now, taken ? kWithAgent : kBot);
        break;
      }
      case E::kConversationResolved:
        Move(model, {kBot, kWaiting, kWithAgent}, event.conversation_resolved().conversation(),
             kResolved);
        break;
      case E::kConversationReopened:
        Move(model, {kResolved}, event.conversation_reopened().conversation(), kBot);
        break;
      case E::kReplyRequested:
        CHECK(replies.insert(event.reply_requested().reply()).second);
        CheckReply(model, event.reply_requested());
        break;
      default:
        break;
    }
  }
  std::set<std::string> open;
  const auto all = world.All();
  CHECK(all.size() == models.size());
  for (const v1::Conversation& conversation : all) {
    const Model& model = models[conversation.name()];
    CHECK(conversation.state() == model.state);
    CHECK(conversation.speaker_lease().token() == model.token);
    if (conversation.state() == kResolved) continue;
    CHECK(open.insert(conversation.customer() + " on " + conversation.channel_account()).second);
  }
}

// One random wish of a customer, an agent, the clock or fate. Keeps the oldest token that each
// conversation ever had, to try it later.
class Play {
 public:
  Play(uint64_t seed, DialogWorld& world) : random_(seed), world_(world) {}

  void Step() {
    const std::vector<std::string> customers = {"ada", "bob"};
    switch (random_.Uniform(12)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::vector<std::string> texts = {"How do I get a refund?",
                                                "怎么退款？",
                                                "nobody knows this",
                                                "agent please",
                                                "thanks",
                                                "转人工",
                                                "hello",
                                                "my account was hacked"};
        written_.push_back(Write(texts[random_.Uniform(texts.size())],
                                 customers[random_.Uniform(customers.size())]));
        return;
      }
      case 4:
        return Again();
      case 5:
        world_.principal = random_.Bool(0.5) ? "mia" : "tom";
        return Expect(world_.TakeOver(Any()).status());
      case 6:
        return Reply();
      case 7:
        return Expect(world_.GiveBack(Any()));
      case 8:
        return Expect(world_.Resolve(Any()));
      case 9:
        world_.knowledge.slow = random_.Bool(0.5);
        if (!world_.knowledge.slow) world_.knowledge.Release();
        return world_.Settle();
      case 10: {
        const std::vector<absl::Duration> times = {absl::Seconds(1), absl::Seconds(3),
                                                   absl::Seconds(61), absl::Minutes(4)};
        return world_.Advance(times[random_.Uniform(times.size())]);
      }
      default:
        world_.CrashFor(absl::Seconds(1));
        return world_.Advance(absl::Seconds(1));
    }
  }
  size_t written() const { return written_.size(); }

 private:
  std::string Write(const std::string& text, const std::string& customer) {
    const std::string name = world_.Write(text, customer);
    for (const v1::Conversation& conversation : world_.All()) {
      first_token_.emplace(conversation.name(), conversation.speaker_lease().token());
    }
    return name;
  }
  // The same message under another event.
  void Again() {
    if (written_.empty()) return;
    const std::string& name = written_[random_.Uniform(written_.size())];
    const size_t slash = name.rfind('/');
    const std::string customer = name.find("/ada/") != std::string::npos ? "ada" : "bob";
    world_.Write("agent please", customer, name.substr(slash + 1));
  }
  // A reply with a present or an old token: only the present one's holder may be heard.
  void Reply() {
    const std::string name = Any();
    if (name == kNobody) return;
    const v1::Conversation before = world_.Get(name);
    const int64_t now = before.speaker_lease().token();
    const int64_t token = random_.Bool(0.5) ? now : first_token_[name];
    world_.principal = random_.Bool(0.5) ? "mia" : "tom";
    const absl::Status status = world_.Reply(name, token, "let me see");
    const bool may = before.state() == v1::CONVERSATION_STATE_WITH_AGENT && token == now &&
                     before.assignee() == "tenants/acme/agents/" + world_.principal;
    CHECK(status.ok() == may);
    CHECK(world_.Get(name).agent_reply_count() == before.agent_reply_count() + (may ? 1 : 0));
  }
  std::string Any() {
    const auto all = world_.All();
    return all.empty() ? kNobody : all[random_.Uniform(all.size())].name();
  }
  void Expect(const absl::Status& status) {
    const std::set<std::string> fine = {"", "FAILED_TRANSITION", "NOT_FOUND"};
    CHECK(fine.count(ReasonOf(status)) == 1);
  }

  static constexpr const char* kNobody = "tenants/acme/conversations/nobody";
  SeededRandom random_;
  DialogWorld& world_;
  std::vector<std::string> written_;
  std::map<std::string, int64_t> first_token_;
};

TEST_CASE("whatever customers, agents, clock and crashes do: one speaker, one open conversation") {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    INFO("seed " << seed);
    Config config;
    config.quiet_time = absl::Seconds(60);
    config.reopen_window = absl::Minutes(2);
    DialogWorld world(config);
    Play play(seed, world);
    for (int step = 0; step < kSteps; ++step) play.Step();
    world.knowledge.slow = false;
    world.knowledge.Release();
    for (int i = 0; i < 20; ++i) world.Advance(absl::Seconds(1));
    CheckInvariants(world);
    // Every message is a turn, exactly once.
    std::set<std::string> messages;
    size_t turns = 0;
    for (const v1::Conversation& conversation : world.All()) {
      for (const v1::Turn& turn : world.Turns(conversation.name())) {
        if (turn.message().empty()) continue;
        ++turns;
        messages.insert(turn.message());
      }
    }
    CHECK(turns == play.written());
    CHECK(messages.size() == play.written());
    CHECK(world.DeadLetters() == 0);
  }
}

}  // namespace
}  // namespace frontdesk::dialog
