// The relay beside bare librdkafka, and the consumer beside a bare consumer that writes synced
// batches, on a real broker.
//
//   bench-bus --brokers=HOST:PORT --directory=DIR [--records=50000] [--rounds=3]
//
// Prints one line of JSON per round, records a second: {"relay":…,"produce":…,"consume":…,
// "bare_consume":…}. The same records with the same headers and settings on both sides.
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/base/topics.h"
#include "libs/bus/kafka_handle.h"
#include "libs/bus/kafka_log.h"
#include "libs/bus/shard.h"
#include "libs/bus/wire.h"
#include "libs/store/engine_keys.h"

namespace frontdesk {
namespace {

constexpr size_t kBatch = 256;
constexpr size_t kValueBytes = 400;
const std::string kTopic(topics::kTicket);
constexpr int kPartitions = 4;

using Records = std::vector<bus::OutboundRecord>;

class Bench {
 public:
  Bench(std::string brokers, std::string directory, size_t records)
      : brokers_(std::move(brokers)), directory_(std::move(directory)), records_(records) {
    kafka_options_.brokers = brokers_;
    auto opened = bus::KafkaLog::Open({clock_, random_, metrics_}, kafka_options_);
    FD_CHECK(opened.ok(), "{}", opened.status());
    log_ = *std::move(opened);
  }

  void Round() {
    FreshTopics();
    Records records;
    const double relay = RunRelay(&records);
    const double consume = RunConsumer();
    const double bare_consume = RunBareConsumer();
    FreshTopics();
    const double produce = RunBareProducer(records);
    fmt::print(
        "{{\"relay\":{:.0f},\"produce\":{:.0f},\"consume\":{:.0f},\"bare_consume\":{:.0f}}}\n",
        relay, produce, consume, bare_consume);
    std::fflush(stdout);
  }

 private:
  void FreshTopics() {
    for (const TopicSpec& spec : AllTopics()) (void)log_->DeleteTopic(spec.name);
    auto opened = bus::KafkaLog::Open({clock_, random_, metrics_}, kafka_options_);
    log_ = *std::move(opened);
    const absl::Status status = log_->EnsureTopics(1);
    FD_CHECK(status.ok(), "{}", status);
  }

  double Rate(absl::Duration started) const {
    return static_cast<double>(records_) / absl::ToDoubleSeconds(clock_.Steady() - started);
  }

  std::string Fresh(const char* name) {
    std::string path = directory_ + "/" + name;
    std::filesystem::remove_all(path);
    return path;
  }

  std::unique_ptr<store::Store> OpenStore(const char* service) {
    auto opened = store::Store::Open({Fresh(service), {"bench", service, 0, 1}, true},
                                     *environment_, clock_.Now(), random_);
    FD_CHECK(opened.ok(), "{}", opened.status());
    return *std::move(opened);
  }

  store::Command AppendCommand(size_t n) {
    store::Command command;
    command.method = "Append";
    command.tenant = "demo";
    command.actor = "bench";
    command.cause = fmt::format("request-{}", n);
    command.handle = [n](const store::Context& context, store::Txn& txn, store::Reply&) {
      ticket::v1::TicketEvent event;
      event.mutable_ticket_created()->set_ticket_request(std::string(kValueBytes, 'x'));
      store::OutgoingEvent out;
      out.topic = kTopic;
      out.key = fmt::format("demo/{}", n % 1000);
      out.type = ticket::v1::TicketCreated::descriptor()->full_name();
      out.subject = fmt::format("tenants/demo/tickets/{}", n % 1000);
      out.id = context.NewId();
      out.tenant = "demo";
      out.value = event.SerializeAsString();
      txn.Append(std::move(out));
      return absl::OkStatus();
    };
    command.done = [](const absl::Status& status) { FD_CHECK(status.ok(), "{}", status); };
    return command;
  }

  double RunRelay(Records* records) {
    const auto store = OpenStore("ticket");
    auto opened =
        store::Committer::Open({*store, clock_, random_, metrics_, guard_,
                                [](const absl::Status& status) { FD_CHECK(false, "{}", status); }},
                               {});
    store::Committer& committer = **opened;
    for (size_t n = 0; n < records_; ++n) {
      committer.Submit(AppendCommand(n));
      if (n % kBatch == 0 || n + 1 == records_) {
        while (committer.Step() || committer.DeliverStep()) {
        }
      }
    }
    std::vector<store::Committer::OutboxEntry> rows;
    for (uint64_t read = 0; read < committer.outbox_last(); read = rows.back().seq) {
      // A read is bounded in bytes: it takes several.
      FD_CHECK(committer.ReadOutbox(read, records_, &rows).ok() && !rows.empty(), "outbox");
      for (const auto& row : rows) {
        absl::Time appended;
        const absl::Status status =
            bus::ParseOutboxRow(row, "/frontdesk/ticket/0", &records->emplace_back(), &appended);
        FD_CHECK(status.ok(), "{}", status);
      }
    }
    FD_CHECK(records->size() == records_, "{} records", records->size());
    bus::Relay relay({committer, *log_, clock_, random_, metrics_}, {.service = "ticket"});
    const absl::Duration start = clock_.Steady();
    while (!relay.Flushed()) {
      if (!relay.Step(clock_.Now())) relay.work().WaitFor(absl::Seconds(1));
      committer.Step();  // trims
    }
    return Rate(start);
  }

  double RunBareProducer(const Records& records) {
    auto conf = bus::MakeKafkaConf(kafka_options_, {{"enable.idempotence", "true"},
                                                    {"acks", "all"},
                                                    {"message.timeout.ms", "0"},
                                                    {"linger.ms", "2"},
                                                    {"queue.buffering.max.messages", "50000"},
                                                    {"queue.buffering.max.kbytes", "65536"}});
    static std::atomic<size_t> acknowledged;
    acknowledged = 0;
    rd_kafka_conf_set_dr_msg_cb(conf->get(), [](rd_kafka_t*, const rd_kafka_message_t* m, void*) {
      FD_CHECK(m->err == RD_KAFKA_RESP_ERR_NO_ERROR, "delivery failed");
      ++acknowledged;
    });
    auto rk = bus::MakeKafka(RD_KAFKA_PRODUCER, *std::move(conf));
    const bus::KafkaPtr<rd_kafka_topic_t> topic(
        rd_kafka_topic_new(rk->get(), kTopic.c_str(), nullptr));
    const absl::Duration start = clock_.Steady();
    for (const bus::OutboundRecord& record : records) {
      while (true) {
        rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
        for (const auto& [name, value] : record.headers) {
          rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                              static_cast<ssize_t>(value.size()));
        }
        const auto error = rd_kafka_producev(
            rk->get(), RD_KAFKA_V_RKT(topic.get()), RD_KAFKA_V_PARTITION(record.partition),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
            RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),
            RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
        rd_kafka_headers_destroy(headers);
        rd_kafka_poll(rk->get(), 10);
      }
      rd_kafka_poll(rk->get(), 0);
    }
    while (acknowledged < records.size()) rd_kafka_poll(rk->get(), 10);
    return Rate(start);
  }

  double RunConsumer() {
    std::atomic<size_t> handled{0};
    bus::EventRoutes routes;
    routes.On<ticket::v1::TicketEvent>(
        kTopic, ticket::v1::TicketCreated::descriptor()->full_name(),
        [&](const ticket::v1::TicketEvent& event, const bus::Prepared&,
            const store::Context& context, store::Txn& txn) {
          txn.Put(store::EncodeKey(0x20, context.cause),
                  event.ticket_created().SerializeAsString());
          handled.fetch_add(1, std::memory_order_relaxed);
          return absl::OkStatus();
        });
    auto installation =
        bus::Installation::Open({.data_dir = Fresh("data")}, *environment_, clock_.Now(), random_);
    const bus::AppDeps deps{
        clock_,        random_,
        *environment_, **installation,
        *log_,         metrics_,
        guard_,        read_pool_,
        prepare_pool_, [](const absl::Status& status) { FD_CHECK(false, "{}", status); }};
    auto shards = bus::ShardSet::Open(deps, {.service = "health"}, std::move(routes),
                                      [](const store::Timer&, store::Command&) {});
    FD_CHECK(shards.ok(), "{}", shards.status());
    (*shards)->Start();
    // From the first record on: connecting costs the same on both sides.
    Notifier never;
    while (handled == 0) never.WaitFor(absl::Microseconds(200));
    const absl::Duration start = clock_.Steady();
    while (handled < records_) never.WaitFor(absl::Milliseconds(1));
    const double rate = Rate(start);
    (*shards)->Stop(absl::Seconds(5));
    return rate;
  }

  // One thread: consume, put a row for each record, and one position for each batch, synced.
  double RunBareConsumer() {
    const auto store = OpenStore("bare");
    auto conf = bus::MakeKafkaConf(kafka_options_, {{"group.id", "bare"},
                                                    {"enable.auto.commit", "false"},
                                                    {"queued.max.messages.kbytes", "8192"}});
    auto rk = bus::MakeKafka(RD_KAFKA_CONSUMER, *std::move(conf));
    rd_kafka_poll_set_consumer(rk->get());
    absl::Duration start;
    const bus::KafkaPtr<rd_kafka_topic_partition_list_t> list(
        rd_kafka_topic_partition_list_new(kPartitions));
    for (int i = 0; i < kPartitions; ++i) {
      rd_kafka_topic_partition_list_add(list.get(), kTopic.c_str(), i)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_assign(rk->get(), list.get());
    const bus::KafkaPtr<rd_kafka_queue_t> queue(rd_kafka_queue_get_consumer(rk->get()));
    std::vector<rd_kafka_message_t*> messages(kBatch);
    size_t taken = 0;
    while (taken < records_) {
      const ssize_t count =
          rd_kafka_consume_batch_queue(queue.get(), 5, messages.data(), messages.size());
      if (count <= 0) continue;
      if (taken == 0) start = clock_.Steady();
      rocksdb::WriteBatch batch;
      for (ssize_t i = 0; i < count; ++i) {
        rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
        FD_CHECK(message->err == RD_KAFKA_RESP_ERR_NO_ERROR, "{}",
                 rd_kafka_message_errstr(message));
        ticket::v1::TicketEvent event;
        FD_CHECK(event.ParseFromArray(message->payload, static_cast<int>(message->len)), "event");
        batch.Put(store::EncodeKey(0x20, fmt::format("{}/{}", message->partition, message->offset)),
                  event.ticket_created().SerializeAsString());
        rd_kafka_message_destroy(message);
      }
      taken += static_cast<size_t>(count);
      batch.Put(store::EncodeKey(0x21, "position"), fmt::format("{}", taken));
      FD_CHECK(store->Write(batch, /*sync=*/true).ok(), "write");
    }
    return Rate(start);
  }

  const std::string brokers_;
  const std::string directory_;
  const size_t records_;
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  store::SpaceGuard guard_{{.directory = "/", .free_bytes = nullptr}, metrics_};
  store::ReadPool read_pool_{{.threads = 1}, metrics_};
  bus::PreparePool prepare_pool_{{.threads = 1}, metrics_};
  std::unique_ptr<store::Environment> environment_ = store::Environment::OnDisk({});
  bus::KafkaLog::Options kafka_options_;
  std::unique_ptr<bus::KafkaLog> log_;
};

}  // namespace
}  // namespace frontdesk

int main(int argc, char** argv) {
  std::string brokers;
  std::string directory;
  size_t records = 50'000;
  int rounds = 3;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=') + 1;
    if (argument.starts_with("--brokers=")) brokers = argument.substr(equals);
    if (argument.starts_with("--directory=")) directory = argument.substr(equals);
    if (argument.starts_with("--records=")) records = std::stoul(argument.substr(equals));
    if (argument.starts_with("--rounds=")) rounds = std::stoi(argument.substr(equals));
  }
  if (brokers.empty() || directory.empty()) {
    std::fprintf(stderr,
                 "usage: bench-bus --brokers=HOST:PORT --directory=DIR [--records=N] "
                 "[--rounds=N]\n");
    return 2;
  }
  frontdesk::Bench bench(brokers, directory, records);
  for (int round = 0; round < rounds; ++round) bench.Round();
  std::filesystem::remove_all(directory);
}
