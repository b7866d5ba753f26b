#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/hash.h"
#include "libs/base/topics.h"
#include "libs/bus/shard.h"
#include "libs/store/keys.h"
#include "libs/store/simulated_disk.h"

namespace frontdesk::bus::testing {

// Two services over one event log, for tests: "ticket" publishes what it is told to, "health"
// consumes and keeps what it has applied. Stores live on a simulated disk; everything is stepped by
// hand on one thread.
class ServicePair {
 public:
  static constexpr const char* kTenant = "acme";

  // `pass_time` is called when nothing moves: advances a simulated clock or waits a moment.
  ServicePair(EventLog& log, Clock& clock, std::function<void()> pass_time)
      : log_(&log), clock_(clock), pass_time_(std::move(pass_time)) {
    guard_options_.free_bytes = [this](const std::string&) { return free_bytes; };
    guard_options_.interval = absl::ZeroDuration();
    guard_ = std::make_unique<store::SpaceGuard>(guard_options_, metrics);
    Open();
  }
  ~ServicePair() { Close(); }

  void Open(bool first_start = true) {
    auto opened = Installation::Open({.data_dir = "/data", .first_start = first_start},
                                     disk.environment(), clock_.Now(), random);
    INFO(opened.status());
    REQUIRE(opened.ok());
    installation_ = *std::move(opened);
    ticket = OpenService("ticket", EventRoutes());
    health = OpenService("health", Routes());
  }
  void Close() {
    ticket.reset();
    health.reset();
    installation_.reset();
  }
  // Both processes die: what they had not synced is lost.
  void Crash() {
    ticket->Abandon();
    health->Abandon();
    disk.Crash();
    Close();
  }
  void set_log(EventLog& log) { log_ = &log; }

  bool Step() {
    guard_->Step(clock_.Steady());
    const absl::Time now = clock_.Now();
    bool moved = log_->Step(now);
    if (ticket != nullptr) moved |= ticket->Step(now);
    if (health != nullptr) moved |= health->Step(now);
    return moved;
  }
  // Steps until `reached`; false when it takes more than `limit` of the clock's time.
  template <class Condition>
  bool Until(Condition reached, absl::Duration limit = absl::Seconds(60)) {
    const absl::Duration end = clock_.Steady() + limit;
    while (!reached()) {
      if (Step()) continue;
      if (clock_.Steady() > end) return false;
      pass_time_();
    }
    return true;
  }
  // Until nothing moves any more at this moment of the clock.
  void Settle() {
    while (Step()) {
    }
  }

  // Commits one event of ticket: `text` about `subject`, whose events stay in order.
  void Publish(const std::string& subject, const std::string& text) {
    ticket::v1::TicketEvent event;
    event.mutable_ticket_created()->set_ticket_request(text);
    Commit(subject, ticket::v1::TicketCreated::descriptor()->full_name(), event);
  }
  // The same with an event that health does not listen to.
  void PublishOther(const std::string& subject) {
    ticket::v1::TicketEvent event;
    event.mutable_ticket_resolved();
    Commit(subject, ticket::v1::TicketResolved::descriptor()->full_name(), event);
  }
  // The partition of a subject's events.
  static int32_t PartitionOfSubject(const std::string& subject) {
    return PartitionOf(fmt::format("{}/{}", kTenant, subject), 4);
  }
  // `count` subjects whose events share a partition, or lie in different ones.
  static std::vector<std::string> Subjects(size_t count, bool together) {
    std::vector<std::string> subjects;
    for (int i = 0; subjects.size() < count; ++i) {
      std::string subject = fmt::format("t{}", i);
      bool fits = true;
      for (const std::string& other : subjects) {
        const bool same = PartitionOfSubject(other) == PartitionOfSubject(subject);
        fits &= same == together;
      }
      if (fits) subjects.push_back(std::move(subject));
    }
    return subjects;
  }
  PartitionStatus StatusOf(int32_t partition) {
    for (PartitionStatus& status : health->shard(0).consumer().Status()) {
      if (status.partition == partition) return status;
    }
    return {};
  }
  bool Becomes(int32_t partition, PartitionStatus::State state) {
    return Until([&] { return StatusOf(partition).state == state; });
  }

  void Commit(const std::string& subject, const std::string& type,
              const ticket::v1::TicketEvent& event) {
    bool done = false;
    store::Command command;
    command.method = "test.Publish";
    command.tenant = kTenant;
    command.actor = "tester";
    command.handle = [&](const store::Context& context, store::Txn& txn, store::Reply&) {
      txn.Append({.topic = std::string(topics::kTicket),
                  .key = fmt::format("{}/{}", kTenant, subject),
                  .type = type,
                  .subject = subject,
                  .id = context.NewId(),
                  .tenant = kTenant,
                  .correlation = "",
                  .value = event.SerializeAsString()});
      return absl::OkStatus();
    };
    command.done = [&](absl::Status status) {
      CHECK(status.ok());
      done = true;
    };
    ticket->shard(0).Submit(std::move(command));
    while (!done) ticket->Step(clock_.Now());
  }

  // Texts that health has applied, by subject, in the order of their effects.
  std::map<std::string, std::vector<std::string>> Applied() {
    std::map<std::string, std::vector<std::string>> applied;
    const auto status = health->shard(0).store().Read([&](const store::Reader& reader) {
      return reader.Scan(std::string(1, kApplied), "", [&](auto key, auto value) {
        store::KeyReader fields(key);
        std::string subject;
        fields.Read(&subject);
        applied[subject].push_back(std::string(value));
        return true;
      });
    });
    CHECK(status.ok());
    return applied;
  }
  size_t AppliedCount() {
    size_t count = 0;
    for (const auto& [subject, texts] : Applied()) count += texts.size();
    return count;
  }
  double Counter(const std::string& outcome) {
    return metrics
        .GetCounter("frontdesk_consumer_events_total",
                    "Events taken from the bus, by what became of them",
                    {{"service", "health"}, {"outcome", outcome}})
        .Value();
  }

  // What the handler of health says before it applies an event; OK when not set.
  std::function<absl::Status(const std::string& text, const Prepared&, const store::Context&)>
      decide;
  // The prepare step of health; none when not set at Open.
  EventRoutes::Prepare<ticket::v1::TicketEvent> prepare;
  uint64_t free_bytes = 100ull << 30;
  // Of services opened from now on.
  Consumer::Options consumer_options;
  store::Committer::Options committer_options;

  telemetry::Metrics metrics;
  SeededRandom random{7};
  store::SimulatedDisk disk;
  PreparePool pool{{.threads = 0}, metrics};
  store::ReadPool read_pool{{.threads = 0}, metrics};
  std::unique_ptr<ShardSet> ticket;
  std::unique_ptr<ShardSet> health;

 private:
  static constexpr char kApplied = 0x20;

  EventRoutes Routes() {
    EventRoutes routes;
    routes.On<ticket::v1::TicketEvent>(
        topics::kTicket, ticket::v1::TicketCreated::descriptor()->full_name(),
        [this](const ticket::v1::TicketEvent& event, const Prepared& prepared,
               const store::Context& context, store::Txn& txn) -> absl::Status {
          const std::string& text = event.ticket_created().ticket_request();
          if (decide) {
            absl::Status status = decide(text, prepared, context);
            if (!status.ok()) return status;
          }
          // "subject/number": the number of effects so far makes the key, so that a second effect
          // of the same event shows.
          const std::string subject = text.substr(0, text.find('/'));
          uint64_t count = 0;
          const std::string prefix = store::EncodeKey(kApplied, subject);
          const auto status = txn.Scan(prefix, "", [&](auto, auto) { return ++count > 0; });
          if (!status.ok()) return status;
          txn.Put(store::EncodeKey(kApplied, subject, count), text);
          return absl::OkStatus();
        },
        prepare);
    return routes;
  }

  std::unique_ptr<ShardSet> OpenService(const std::string& service, EventRoutes routes) {
    const AppDeps deps{clock_,  random,  disk.environment(), *installation_, *log_,
                       metrics, *guard_, read_pool,          pool,           [](const auto&) {}};
    Shard::Options options;
    options.service = service;
    options.consumer = consumer_options;
    options.committer = committer_options;
    auto opened = ShardSet::Open(deps, options, std::move(routes),
                                 [](const store::Timer&, store::Command&) {});
    INFO(opened.status());
    REQUIRE(opened.ok());
    return *std::move(opened);
  }

  EventLog* log_;
  Clock& clock_;
  std::function<void()> pass_time_;
  store::SpaceGuard::Options guard_options_;
  std::unique_ptr<store::SpaceGuard> guard_;
  std::unique_ptr<Installation> installation_;
};

}  // namespace frontdesk::bus::testing
