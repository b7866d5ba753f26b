// A real Kafka goes away under load: killed, stopped, and for longer than librdkafka would wait for
// it. Changes are taken all the time, the outbox grows in sight and drains in order afterwards.
#include <signal.h>

#include <fmt/format.h>

#include "frontdesk/common/v1/admin_service.pb.h"
#include "libs/base/absl_interop.h"
#include "tests/bus/kafka_broker.h"
#include "tests/fault/harness.h"
#include "tests/fault/load.h"
#include "tests/fault/oracle.h"
#include "tests/fault/topic_reader.h"

namespace frontdesk::fault {
namespace {

using bus::testing::KafkaBroker;

constexpr int kWorkWhileAway = 400;
constexpr char kOutboxRows[] = "frontdesk_outbox_rows{service=\"ticket\"}";
constexpr char kRestarts[] = "frontdesk_relay_restarts_total{service=\"ticket\",shard=\"0\"}";

class BrokerOutages {
 public:
  BrokerOutages(KafkaBroker& broker, Daemon& daemon, Load& load)
      : broker_(broker), daemon_(daemon), load_(load) {}

  // `longer`: until the publisher was given up for the message timeout, and the relay began again.
  void Outage(const std::string& name, bool kill, bool longer) {
    if (!wrong_.empty()) return;
    fmt::print("{}\n", name);
    Expect(Acknowledges(200), "work goes on before");
    if (kill) {
      broker_.Kill();
    } else {
      broker_.Stop();
    }
    const double restarts = daemon_.Metric(kRestarts).value_or(-1);
    Expect(Acknowledges(kWorkWhileAway), "changes are taken while the broker is away");
    Expect(
        WaitUntil([&] { return daemon_.Metric(kOutboxRows).value_or(0) >= 50; }, absl::Seconds(20)),
        fmt::format("the metrics show the outbox: {} rows",
                    daemon_.Metric(kOutboxRows).value_or(-1)));
    const common::v1::ShardStatus ticket = StatusOf("ticket");
    Expect(ticket.outbox_rows() >= 50 && ticket.has_outbox_age(),
           fmt::format("GetEngineStatus does, too: {} rows, {} s old", ticket.outbox_rows(),
                       ticket.outbox_age().seconds()));
    Expect(ticket.ready(), "and the shard is ready for changes");
    if (longer) {
      Expect(WaitUntil([&] { return daemon_.Metric(kRestarts).value_or(0) > restarts; },
                       absl::Seconds(30)),
             "the publisher is given up, the relay begins again at its mark");
    }
    broker_.Start();
    Expect(!broker_.address().empty(), "the broker is back");
    Expect(WaitUntil([&] { return StatusOf("ticket").outbox_rows() < 50; }, absl::Seconds(60)),
           "the outbox drains under load");
  }

  // Everything is on the topics, once and in order.
  void CheckTopics() {
    if (!wrong_.empty()) return;
    const TopicsRead read = ReadTopics(broker_.address());
    wrong_.insert(wrong_.end(), read.wrong.begin(), read.wrong.end());
    for (const char* service : {"channel", "dialog", "ticket", "knowledge", "health", "billing"}) {
      const uint64_t last = StatusOf(service).last_seq();
      Expect(read.LastOf(service) == last,
             fmt::format("{}: {} events on the topics, {} were written", service,
                         read.LastOf(service), last));
    }
    fmt::print("{} records with {} events: in order, without a gap, repeats are the same event\n",
               read.records, read.events);
  }

  void Expect(bool holds, const std::string& what) {
    fmt::print("  {} {}\n", holds ? "ok   " : "WRONG", what);
    if (!holds) wrong_.push_back("does not hold: " + what);
  }
  std::vector<std::string>& wrong() { return wrong_; }

 private:
  bool Acknowledges(int more) {
    const int before = load_.acknowledged();
    return WaitUntil([&] { return load_.acknowledged() >= before + more; }, absl::Seconds(60));
  }
  common::v1::ShardStatus StatusOf(const std::string& service) {
    common::v1::GetEngineStatusRequest request;
    request.set_service(service);
    const auto status = daemon_.Operator()->UnaryBlocking<common::v1::GetEngineStatusResponse>(
        "/frontdesk.common.v1.AdminService/GetEngineStatus", rpc::Outgoing(), request);
    if (!status.ok() || status->shards_size() != 1) return {};
    return status->shards(0);
  }

  KafkaBroker& broker_;
  Daemon& daemon_;
  Load& load_;
  std::vector<std::string> wrong_;
};

void CheckAll(Daemon& daemon, Load& load, BrokerOutages& outages) {
  load.Stop();
  Oracle oracle(daemon, load);
  for (std::string& text : oracle.Check()) outages.wrong().push_back(std::move(text));
  fmt::print("checked: {}\n", oracle.summary());
  outages.CheckTopics();
}

int Main() {
  const Folder folder("broker");
  KafkaBroker broker;
  if (broker.address().empty()) {
    fmt::print("FAILED: tools/kafka start does not work\n");
    return 1;
  }
  Daemon daemon(
      {folder.path() + "/data",
       folder.path() + "/log",
       {"--kafka=" + broker.address(), "--kafka_message_timeout=2s", "--dialog.prepare_deadline=2s",
        "--dialog.retries_max=10", "--dialog.failures_max=10"}});
  Load load(daemon, {});
  BrokerOutages outages(broker, daemon, load);
  outages.Expect(daemon.Start().ok(), "it starts on Kafka");
  load.Start();
  outages.Outage("the broker is stopped", false, false);
  outages.Outage("the broker is killed", true, false);
  outages.Outage("the broker is killed, for longer than the message timeout", true, true);
  if (!outages.wrong().empty()) {
    load.Stop();
  } else {
    CheckAll(daemon, load, outages);
  }
  return Verdict(outages.wrong(), daemon);
}

}  // namespace
}  // namespace frontdesk::fault

int main() { return frontdesk::fault::Main(); }
