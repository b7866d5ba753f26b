#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/base/random.h"
#include "libs/bus/consumer.h"
#include "libs/bus/dead_letters.h"
#include "libs/bus/event_log.h"
#include "libs/bus/event_routes.h"
#include "libs/bus/installation.h"
#include "libs/bus/prepare_pool.h"
#include "libs/bus/relay.h"
#include "libs/store/committer.h"
#include "libs/store/environment.h"
#include "libs/store/read_pool.h"
#include "libs/store/space_guard.h"
#include "libs/store/timer_scanner.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::bus {

// What a process gives to every service in it. All of it outlives the services.
struct AppDeps {
  Clock& clock;
  RandomSource& random;
  store::Environment& environment;
  Installation& installation;
  EventLog& log;
  telemetry::Metrics& metrics;
  store::SpaceGuard& guard;
  store::ReadPool& read_pool;
  PreparePool& prepare_pool;
  // A sync failed: the process must exit at once.
  std::function<void(const absl::Status&)> on_fatal;
};

// One shard of one service: its store and the classes around it. Owned by ShardSet.
class Shard {
 public:
  struct Options {
    std::string service = "";
    store::Committer::Options committer = {};
    store::TimerScanner::Options timers = {};
    Consumer::Options consumer = {};  // service, shard and shard_count are filled in
    Relay::Options relay = {};        // the same
  };

  static absl::StatusOr<std::unique_ptr<Shard>> Open(const AppDeps& deps, const Options& options,
                                                     uint32_t number, const EventRoutes& routes,
                                                     store::TimerScanner::MakeCommand make_command);
  ~Shard();

  uint32_t number() const { return number_; }
  store::Store& store() { return *store_; }
  store::Committer& committer() { return *committer_; }
  Consumer& consumer() { return *consumer_; }
  Relay& relay() { return *relay_; }
  DeadLetters& dead_letters() { return *dead_letters_; }
  store::TimerScanner& timers() { return *timers_; }

  void Submit(store::Command command) { committer_->Submit(std::move(command)); }

  // OK, or why mutations are refused. Trouble with the bus is not a reason: writes go on.
  absl::Status Ready() const;
  // OK, or why events stand still.
  absl::Status BusHealth() const;

 private:
  friend class ShardSet;
  explicit Shard(uint32_t number) : number_(number) {}
  void Start(const Clock& clock);
  void RunRelay(const Clock& clock);
  void JoinThreads();
  bool Step(absl::Time now);

  uint32_t number_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Committer> committer_;
  std::unique_ptr<store::TimerScanner> timers_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<Consumer> consumer_;
  std::unique_ptr<DeadLetters> dead_letters_;

  std::string service_;
  std::atomic<bool> stop_consumer_{false};
  std::atomic<bool> stop_timers_{false};
  std::atomic<bool> stop_writing_{false};
  std::atomic<bool> stop_relay_{false};
  Notifier timer_wake_;
  Notifier relay_rest_;
  std::vector<std::thread> threads_;
};

// All shards of a service in this process. Owned by the service's App, which also owns the routes'
// and timers' handlers and outlives this.
class ShardSet {
 public:
  // Opens the stores (first start: makes them). FAILED_PRECONDITION: STORE_MISSING,
  // MANIFEST_MISMATCH. Blocks.
  static absl::StatusOr<std::unique_ptr<ShardSet>> Open(
      const AppDeps& deps, const Shard::Options& options, EventRoutes routes,
      store::TimerScanner::MakeCommand make_command);
  ~ShardSet();

  const std::string& service() const { return service_; }
  size_t size() const { return shards_.size(); }
  Shard& shard(size_t number) { return *shards_[number]; }
  Shard& For(std::string_view tenant);

  // Runs the threads: committer, delivery, relay, consumer and timers of each shard.
  void Start();
  // Consumers and timers first, then what was submitted is committed and answered, then the outbox
  // is flushed (5 s at most), then everything closes. Blocks up to about `deadline`.
  void Stop(absl::Duration deadline);

  // Instead of Start: one step of everything, on the caller's thread. False when nothing moved.
  bool Step(absl::Time now);
  // For the simulation: gives the stores up as a crash would. Only destruction may follow.
  void Abandon();

  // OK, or why some shard refuses mutations.
  absl::Status Ready() const;
  // OK, or why events of some shard stand still.
  absl::Status BusHealth() const;

 private:
  ShardSet(const AppDeps& deps, std::string service, EventRoutes routes);
  // False when `deadline` (steady) came first.
  bool WaitUntil(absl::Duration deadline, bool (*reached)(Shard&));

  AppDeps deps_;
  std::string service_;
  EventRoutes routes_;
  std::vector<std::unique_ptr<Shard>> shards_;
  bool started_ = false;
};

}  // namespace frontdesk::bus
