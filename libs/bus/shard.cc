#include "libs/bus/shard.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/thread_name.h"

namespace frontdesk::bus {
namespace {

// How long a thread sleeps when nothing wakes it.
constexpr absl::Duration kIdleWait = absl::Seconds(1);
constexpr absl::Duration kTimerWait = absl::Milliseconds(500);
// Published rows are trimmed by a committer that is otherwise idle.
constexpr absl::Duration kTrimWait = absl::Milliseconds(200);
constexpr absl::Duration kFlushMax = absl::Seconds(5);
constexpr absl::Duration kStopPoll = absl::Milliseconds(2);
// Answers that the committer's thread gives itself, see Committer::DeliverWithin. An answer to an RPC
// is a system call of some 15 µs.
constexpr size_t kDeliverWithin = 4;
// Rows published at once between which the relay rests before the next, see RunRelay.
constexpr uint64_t kRelayRestsFrom = 8;
constexpr uint64_t kRelayRestsBelow = 256;
constexpr absl::Duration kRelayRestMax = absl::Milliseconds(5);

// 15 bytes are kept: "fd-commit-tick0".
std::string ThreadName(std::string_view role, std::string_view service, uint32_t shard) {
  const std::string number = std::to_string(shard);
  std::string name = fmt::format("fd-{}-", role);
  const size_t room = 15 - std::min<size_t>(15, name.size() + number.size());
  return name + std::string(service.substr(0, room)) + number;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Shard>> Shard::Open(const AppDeps& deps, const Options& options,
                                                   uint32_t number, const EventRoutes& routes,
                                                   store::TimerScanner::MakeCommand make_command) {
  std::unique_ptr<Shard> shard(new Shard(number));
  Installation& installation = deps.installation;
  shard->service_ = options.service;
  const bool made = installation.Made(options.service, number);
  store::Store::Options store_options;
  store_options.directory = installation.StoreDirectory(options.service, number);
  store_options.identity = {installation.id(), options.service, number, installation.shard_count()};
  store_options.create_if_missing = !made;
  auto store = store::Store::Open(store_options, deps.environment, deps.clock.Now(), deps.random);
  if (made && store.status().code() == absl::StatusCode::kNotFound) {
    return WithMetadata(
        Error(absl::StatusCode::kFailedPrecondition, "STORE_MISSING",
              fmt::format("the store in {} was made and is gone: restore it from a backup",
                          store_options.directory)),
        "path", store_options.directory);
  }
  if (!store.ok()) return store.status();
  shard->store_ = *std::move(store);
  if (!made) FD_RETURN_IF_ERROR(installation.RecordMade(options.service, number));

  FD_ASSIGN_OR_RETURN(shard->committer_,
                      store::Committer::Open({*shard->store_, deps.clock, deps.random, deps.metrics,
                                              deps.guard, deps.on_fatal},
                                             options.committer));
  shard->timers_ = std::make_unique<store::TimerScanner>(*shard->committer_,
                                                         std::move(make_command), options.timers);
  Relay::Options relay = options.relay;
  relay.service = options.service;
  relay.shard = number;
  relay.shard_count = installation.shard_count();
  shard->relay_ = std::make_unique<Relay>(
      Relay::Collaborators{*shard->committer_, deps.log, deps.clock, deps.random, deps.metrics},
      relay);
  Consumer::Options consumer = options.consumer;
  consumer.service = options.service;
  consumer.shard = number;
  consumer.shard_count = installation.shard_count();
  shard->consumer_ = std::make_unique<Consumer>(
      Consumer::Collaborators{*shard->committer_, deps.log, routes, deps.prepare_pool, deps.clock,
                              deps.random, deps.metrics},
      consumer);
  shard->dead_letters_ =
      std::make_unique<DeadLetters>(*shard->committer_, routes, deps.prepare_pool);
  return shard;
}

Shard::~Shard() { JoinThreads(); }

void Shard::Start(const Clock& clock) {
  const auto run = [this](std::string_view role, auto loop) {
    threads_.emplace_back([name = ThreadName(role, service_, number_), loop = std::move(loop)] {
      telemetry::NameThread(name);
      loop();
    });
  };
  committer_->DeliverWithin(kDeliverWithin);
  run("commit", [this] {
    while (!stop_writing_.load()) {
      if (committer_->Step()) continue;
      const bool trims = committer_->outbox_trimmed() < committer_->outbox_last();
      committer_->work().WaitFor(trims ? kTrimWait : kIdleWait);
    }
  });
  run("deliver", [this] {
    while (!stop_writing_.load()) {
      if (!committer_->DeliverStep()) committer_->deliveries().WaitFor(kIdleWait);
    }
  });
  run("relay", [this, &clock] { RunRelay(clock); });
  run("consume", [this, &clock] {
    while (!stop_relay_.load()) {
      if (!consumer_->Step(clock.Now())) {
        consumer_->work().WaitFor(consumer_->UntilNext(kTimerWait));
      }
    }
  });
  run("timers", [this, &clock] {
    while (!stop_timers_.load()) {
      if (!timers_->Step(clock.Now())) {
        timer_wake_.WaitFor(
            std::max(absl::Milliseconds(1), timers_->UntilNext(clock.Now(), kTimerWait)));
      }
    }
  });
}

void Shard::RunRelay(const Clock& clock) {
  while (!stop_relay_.load()) {
    const absl::Duration start = clock.Steady();
    const uint64_t before = relay_->acknowledged();
    if (!relay_->Step(clock.Now())) {
      relay_->work().WaitFor(relay_->UntilNext(kIdleWait));
      continue;
    }
    // Under load it rests as long as it has worked, so that its syncs become fewer and leave the disk
    // to the committer's. A lone event goes at once, and a backlog is drained at full speed.
    const uint64_t published = relay_->acknowledged() - before;
    if (published < kRelayRestsFrom || published >= kRelayRestsBelow) continue;
    relay_rest_.WaitFor(std::min(clock.Steady() - start, kRelayRestMax));
  }
}

bool Shard::Step(absl::Time now) {
  bool moved = committer_->Step();
  moved |= committer_->DeliverStep();
  moved |= relay_->Step(now);
  moved |= consumer_->Step(now);
  moved |= timers_->Step(now);
  return moved;
}

void Shard::JoinThreads() {
  stop_timers_ = true;
  stop_writing_ = true;
  stop_relay_ = true;
  timer_wake_.Notify();
  if (committer_ != nullptr) {
    committer_->work().Notify();
    committer_->deliveries().Notify();
  }
  if (relay_ != nullptr) relay_->work().Notify();
  relay_rest_.Notify();
  if (consumer_ != nullptr) consumer_->work().Notify();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

absl::Status Shard::Ready() const {
  if (committer_->failed()) {
    return Error(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN", "a sync has failed");
  }
  FD_RETURN_IF_ERROR(committer_->guard().CheckWritable());
  if (committer_->clock_jumped()) {
    return Error(absl::StatusCode::kUnavailable, "CLOCK_JUMPED",
                 "the wall clock jumped: timers pause until it is back or accepted");
  }
  return absl::OkStatus();
}

absl::Status Shard::BusHealth() const {
  FD_RETURN_IF_ERROR(consumer_->Health());
  return relay_->Health();
}

ShardSet::ShardSet(const AppDeps& deps, std::string service, EventRoutes routes)
    : deps_(deps), service_(std::move(service)), routes_(std::move(routes)) {}

absl::StatusOr<std::unique_ptr<ShardSet>> ShardSet::Open(
    const AppDeps& deps, const Shard::Options& options, EventRoutes routes,
    store::TimerScanner::MakeCommand make_command) {
  std::unique_ptr<ShardSet> set(new ShardSet(deps, options.service, std::move(routes)));
  for (uint32_t number = 0; number < deps.installation.shard_count(); ++number) {
    FD_ASSIGN_OR_RETURN(auto shard, Shard::Open(deps, options, number, set->routes_, make_command));
    set->shards_.push_back(std::move(shard));
  }
  return set;
}

ShardSet::~ShardSet() = default;

Shard& ShardSet::For(std::string_view tenant) {
  return *shards_[ShardOf(tenant, static_cast<uint32_t>(shards_.size()))];
}

void ShardSet::Start() {
  started_ = true;
  for (auto& shard : shards_) shard->Start(deps_.clock);
}

bool ShardSet::WaitUntil(absl::Duration deadline, bool (*reached)(Shard&)) {
  const auto all = [&] {
    return std::all_of(shards_.begin(), shards_.end(),
                       [&](const auto& shard) { return reached(*shard); });
  };
  Notifier never;
  while (!all()) {
    if (deps_.clock.Steady() >= deadline) return false;
    never.WaitFor(kStopPoll);
  }
  return true;
}

void ShardSet::Stop(absl::Duration deadline) {
  if (!started_) return;
  started_ = false;
  const absl::Duration end = deps_.clock.Steady() + deadline;
  for (auto& shard : shards_) {
    shard->stop_timers_ = true;
    shard->timer_wake_.Notify();
    shard->consumer_->StopReading();
  }
  bool clean = WaitUntil(end, [](Shard& shard) { return shard.consumer_->Idle(); });
  for (auto& shard : shards_) shard->committer_->StopAccepting();
  clean &= WaitUntil(end, [](Shard& shard) { return shard.committer_->Idle(); });
  const absl::Duration flush_end = std::min(end, deps_.clock.Steady() + kFlushMax);
  const bool flushed = WaitUntil(flush_end, [](Shard& shard) { return shard.relay_->Flushed(); });
  for (auto& shard : shards_) shard->JoinThreads();
  telemetry::Log(telemetry::Level::kInfo, "shards.stopped",
                 {{"service", service_}, {"drained", clean}, {"flushed", flushed}});
}

bool ShardSet::Step(absl::Time now) {
  bool moved = deps_.prepare_pool.Step();
  for (auto& shard : shards_) moved |= shard->Step(now);
  return moved;
}

void ShardSet::Abandon() {
  for (auto& shard : shards_) shard->store_->Abandon();
}

absl::Status ShardSet::Ready() const {
  for (const auto& shard : shards_) FD_RETURN_IF_ERROR(shard->Ready());
  return absl::OkStatus();
}

absl::Status ShardSet::BusHealth() const {
  for (const auto& shard : shards_) FD_RETURN_IF_ERROR(shard->BusHealth());
  return absl::OkStatus();
}

}  // namespace frontdesk::bus
