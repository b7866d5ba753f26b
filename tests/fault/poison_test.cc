// Poisoned events: what can't be decoded, and what a handler throws at, becomes a dead letter; the
// partition goes on. An operator lists dead letters and replays one, once.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/topics.h"
#include "tests/bus/kafka_broker.h"
#include "tests/fault/harness.h"
#include "tests/fault/load.h"
#include "tests/fault/oracle.h"

namespace frontdesk::fault {
namespace {

using Json = nlohmann::json;

class Poison {
 public:
  Poison(Daemon& daemon, Load& load) : daemon_(daemon), load_(load) {}

  void Expect(bool holds, const std::string& what) {
    fmt::print("  {} {}\n", holds ? "ok   " : "WRONG", what);
    if (!holds) wrong_.push_back("does not hold: " + what);
  }
  bool Works(int more) {
    const int before = load_.acknowledged();
    return WaitUntil([&] { return load_.acknowledged() >= before + more; }, absl::Seconds(60));
  }
  Finished Frontdesk(std::vector<std::string> words) {
    words.insert(words.begin(), BinaryPath("tools/frontdesk/frontdesk"));
    words.push_back("--server=" + daemon_.grpc_address());
    return RunCommand(words, {"FRONTDESK_TOKEN=demo-operator-token"}, absl::Seconds(60));
  }
  // Dead letters of billing as `frontdesk dead-letters list` prints them.
  std::vector<Json> DeadLetters() {
    const Finished run = Frontdesk({"dead-letters", "list", "--service=billing"});
    const Json json = Json::parse(run.output, nullptr, /*allow_exceptions=*/false);
    if (run.exit_code != 0 || !json.is_object() || !json.contains("dead_letters")) return {};
    return json["dead_letters"].get<std::vector<Json>>();
  }
  std::vector<Json> WaitDeadLetters(size_t count) {
    std::vector<Json> letters;
    WaitUntil(
        [&] {
          letters = DeadLetters();
          return letters.size() >= count;
        },
        absl::Seconds(20));
    return letters;
  }
  void CheckOracle() {
    load_.Stop();
    Oracle oracle(daemon_, load_);
    for (std::string& text : oracle.Check()) wrong_.push_back(std::move(text));
    fmt::print("checked: {}\n", oracle.summary());
  }
  std::vector<std::string>& wrong() { return wrong_; }

 private:
  Daemon& daemon_;
  Load& load_;
  std::vector<std::string> wrong_;
};

std::vector<std::string> Flags() {
  return {"--dialog.prepare_deadline=2s", "--dialog.retries_max=10", "--dialog.failures_max=10"};
}

// Once a handler of billing throws at a message that it should count.
int ThrowingHandler() {
  fmt::print("a handler that throws\n");
  const Folder folder("poison-throw");
  Daemon daemon({folder.path() + "/data", folder.path() + "/log", Flags()});
  Load load(daemon, {});
  Poison poison(daemon, load);
  daemon.Spawn("throw:billing/frontdesk.channel.v1.MessageReceived:3");
  poison.Expect(daemon.WaitServing(absl::Seconds(60)).ok(), "it starts");
  load.Start();
  const std::vector<Json> letters = poison.WaitDeadLetters(1);
  poison.Expect(letters.size() == 1, "the event becomes a dead letter, and the list shows it");
  poison.Expect(poison.Works(200), "and work goes on");
  if (letters.size() == 1) {
    const Json& letter = letters[0];
    const std::string id = letter.value("ce_id", "");
    poison.Expect(letter.value("message", "").find("a handler threw") != std::string::npos &&
                      letter.value("reason", "") == "INTERNAL",
                  "with its reason: " + letter.dump());
    const Finished replay =
        poison.Frontdesk({"dead-letters", "replay", "--service=billing", "--id=" + id});
    poison.Expect(replay.exit_code == 0, "a replay works: " + replay.output);
    const Finished again =
        poison.Frontdesk({"dead-letters", "replay", "--service=billing", "--id=" + id});
    poison.Expect(
        again.exit_code == 1 && again.output.find("FAILED_PRECONDITION") != std::string::npos,
        "a second one is refused: " + again.output);
    poison.Expect(poison.DeadLetters().empty(), "nothing is left in the list");
  }
  // The oracle finds each message counted once: the replayed one, too.
  poison.CheckOracle();
  return Verdict(poison.wrong(), daemon);
}

Finished Produce(const std::string& broker, const std::vector<std::string>& headers,
                 const std::string& value) {
  std::vector<std::string> command = {
      "/usr/bin/kcat", "-P", "-b", broker, "-t", std::string(topics::kChannel), "-p", "0"};
  for (const std::string& header : headers) {
    command.push_back("-H");
    command.push_back(header);
  }
  return RunCommand(command, {}, absl::Seconds(30), value);
}

// Somebody else writes into a topic: bytes that are no event, with proper headers and without.
int UndecodableEvents() {
  fmt::print("events that can't be decoded\n");
  bus::testing::KafkaBroker broker;
  if (broker.address().empty()) {
    fmt::print("FAILED: tools/kafka start does not work\n");
    return 1;
  }
  const Folder folder("poison-decode");
  std::vector<std::string> flags = Flags();
  flags.push_back("--kafka=" + broker.address());
  Daemon daemon({folder.path() + "/data", folder.path() + "/log", flags});
  Load load(daemon, {});
  Poison poison(daemon, load);
  poison.Expect(daemon.Start().ok(), "it starts on Kafka");
  load.Start();
  poison.Expect(poison.Works(100), "work is done");
  const std::string id = "01kpoisoned000000000000001";
  // Without fd_seq: with one it would take the place of an event of the real source.
  const Finished garbled =
      Produce(broker.address(),
              {"ce_id=" + id, "ce_source=/frontdesk/channel/77",
               "ce_type=frontdesk.channel.v1.MessageReceived", "ce_specversion=1.0",
               "content-type=application/protobuf", "fd_tenant=demo"},
              "\xff\xff this is no event");
  poison.Expect(garbled.exit_code == 0, "a garbled event is put into a topic: " + garbled.output);
  const Finished bare = Produce(broker.address(), {}, "no headers at all");
  poison.Expect(bare.exit_code == 0, "and one without headers");
  const std::vector<Json> letters = poison.WaitDeadLetters(2);
  poison.Expect(letters.size() == 2,
                fmt::format("both become dead letters of billing: {}", Json(letters).dump()));
  bool listed = false;
  for (const Json& letter : letters) {
    listed |= letter.value("ce_id", "") == id && letter.value("reason", "") == "EVENT_UNDECODABLE";
  }
  poison.Expect(listed, "listed by its ce_id with EVENT_UNDECODABLE");
  poison.Expect(poison.Works(200), "work goes on");
  const Finished replay =
      poison.Frontdesk({"dead-letters", "replay", "--service=billing", "--id=" + id});
  poison.Expect(replay.exit_code > 0 && replay.output.find("INVALID_ARGUMENT") != std::string::npos,
                "a replay does not make it an event: " + replay.output);
  poison.Expect(poison.DeadLetters().size() == 2, "and the letter stays");
  // Partitions go on: every message is answered and counted, and no consumer lags.
  poison.CheckOracle();
  return Verdict(poison.wrong(), daemon);
}

}  // namespace
}  // namespace frontdesk::fault

int main() {
  const int threw = frontdesk::fault::ThrowingHandler();
  const int undecodable = frontdesk::fault::UndecodableEvents();
  return threw != 0 ? threw : undecodable;
}
