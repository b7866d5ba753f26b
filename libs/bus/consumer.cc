#include "libs/bus/consumer.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/topics.h"
#include "libs/bus/consumer_inbox.h"
#include "libs/bus/current_bus.h"
#include "libs/bus/partition_window.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/repeat_gate.h"

namespace frontdesk::bus {
namespace {

constexpr absl::Duration kPublishInterval = absl::Milliseconds(200);
constexpr absl::Duration kSteadyConnection = absl::Seconds(10);
// Commands given to the committer and not answered, over all partitions: well below its queue.
constexpr size_t kInFlightMax = 2048;
// Stands for a partition in the answers to commands that set positions.
constexpr size_t kChangeAnswer = SIZE_MAX;
// The same for commands whose refusal does not matter: the next connection gives them again.
constexpr size_t kOptionalAnswer = SIZE_MAX - 1;

// Answers "how long has nobody served the connection" when metrics are read, also when the thread
// that should have said so is the one that is stuck. Outlives the consumer: hooks stay for ever.
struct PollWatch {
  std::atomic<bool> running{true};
  std::atomic<int64_t> stepped_at_us{0};  // steady
  std::atomic<int64_t> since_poll_us{0};  // when it stepped

  absl::Duration Since(const Clock& clock) const {
    const int64_t since_step = absl::ToInt64Microseconds(clock.Steady()) - stepped_at_us.load();
    return absl::Microseconds(std::max(since_step, since_poll_us.load()));
  }
};

}  // namespace

// What stands behind Consumer: the connection to the bus and the windows of its partitions. Step's
// thread only, but for what is marked.
class Consumer::Impl {
 public:
  // A wish to set positions: of one partition, or of all (`topic` empty).
  struct Change {
    std::string topic;
    int32_t partition = 0;
    int64_t offset = 0;
    Done done;
  };

  Impl(Collaborators collaborators, Options options, Notifier& work)
      : in_(collaborators),
        options_(std::move(options)),
        work_(work),
        inbox_(std::make_shared<ConsumerInbox>(&work)),
        connect_backoff_(options_.backoff_min) {
    AddMetrics();
  }
  ~Impl() {
    watch_->running = false;
    inbox_->Detach();
    subscription_.reset();
    if (change_.has_value()) change_->done(absl::CancelledError("the consumer stops"));
    for (Change& change : requests_) change.done(absl::CancelledError("the consumer stops"));
  }

  bool Step(absl::Time now);
  absl::Duration UntilNext(absl::Duration max) const;

  // Thread safe from here on to `private`.
  void StopReading() { stopping_.store(true); }
  bool Idle() const { return in_flight_.load() == 0; }
  absl::Duration SinceLastPoll() const { return watch_->Since(in_.clock); }
  std::vector<PartitionStatus> Status() const {
    const std::lock_guard lock(mu_);
    return status_;
  }
  absl::Status Health() const;
  void Request(Change change) {
    {
      const std::lock_guard lock(mu_);
      requests_.push_back(std::move(change));
    }
    work_.Notify();
  }

 private:
  struct Partition {
    std::unique_ptr<PartitionWindow> window;
    std::optional<size_t> assignment;  // none: stopped from the start
    bool never_read = false;
    telemetry::Gauge lag, paused;
  };

  void AddMetrics();
  void TryConnect();
  absl::Status Connect();
  absl::Status AddTopic(const std::string& topic, std::vector<Assignment>* assignments);
  void AddPartition(const std::string& topic, const TopicInfo& info, int32_t number,
                    const store::Committer::Position& position,
                    std::vector<Assignment>* assignments);
  // Records where a partition that was never read begins.
  void Begin(const Partition& partition);
  bool TakeAnswers();
  bool TakeRecords();
  bool AdvanceAll();
  void OnPollError(PartitionWindow& window, const absl::Status& error);

  // Changes of positions, one at a time, while nothing is in flight.
  bool StepChange();
  absl::Status BeginReposition();
  absl::Status BeginSwitch();
  void SubmitPosition(const std::string& topic, const std::string& topic_id, int32_t partition,
                      int64_t offset);
  void SubmitAnswered(store::Command command, size_t answer);
  void FinishChange();

  void Publish(absl::Time now);
  // Of all partitions while there is no connection.
  std::vector<PartitionStatus> RefusedStatus() const;
  PartitionStatus StatusOf(const Partition& partition, absl::Time now) const;
  int64_t EndOf(const Partition& partition) const;

  Collaborators in_;
  const Options options_;
  Notifier& work_;
  const std::shared_ptr<ConsumerInbox> inbox_;
  PartitionWindow::Metrics metrics_;
  telemetry::Gauge stopped_;

  std::string bus_id_;
  std::unique_ptr<Subscription> subscription_;
  std::vector<Partition> partitions_;
  uint64_t connection_ = 0;
  bool connected_ = false;
  bool reconnect_ = false;  // once nothing is in flight
  absl::Status connect_error_;
  telemetry::RepeatGate not_connected_line_, reconnects_line_;
  absl::Duration connect_backoff_;
  absl::Duration connect_at_ = absl::ZeroDuration();  // steady
  absl::Duration connected_since_;                    // steady
  bool space_low_ = false;
  absl::Duration published_at_ = -absl::InfiniteDuration();  // steady

  std::optional<Change> change_;
  bool change_begun_ = false;
  absl::Status change_status_;

  std::vector<ConsumerInbox::Answer> answers_;  // reused
  std::vector<ConsumerInbox::Result> results_;

  std::atomic<bool> stopping_{false};
  std::atomic<size_t> in_flight_{0};
  const std::shared_ptr<PollWatch> watch_ = std::make_shared<PollWatch>();
  mutable std::mutex mu_;
  std::deque<Change> requests_;          // guarded by mu_
  std::vector<PartitionStatus> status_;  // guarded by mu_
  absl::Status health_;                  // guarded by mu_
};

void Consumer::Impl::AddMetrics() {
  const auto outcome = [this](const char* name) {
    return in_.metrics.GetCounter("frontdesk_consumer_events_total",
                                  "Events taken from the bus, by what became of them",
                                  {{"service", options_.service}, {"outcome", name}});
  };
  metrics_.handled = outcome("handled");
  metrics_.skipped = outcome("skipped");
  metrics_.undecodable = outcome("undecodable");
  metrics_.unprepared = outcome("unprepared");
  metrics_.retried = outcome("retried");
  const telemetry::Labels labels = {{"service", options_.service},
                                    {"shard", std::to_string(options_.shard)}};
  const telemetry::Gauge since_poll =
      in_.metrics.GetGauge("frontdesk_consumer_seconds_since_poll",
                           "Time since the connection to the bus was served", labels);
  watch_->stepped_at_us = absl::ToInt64Microseconds(in_.clock.Steady());
  in_.metrics.BeforeScrape([watch = watch_, since_poll, &clock = in_.clock] {
    if (watch->running) since_poll.Set(absl::ToDoubleSeconds(watch->Since(clock)));
  });
  stopped_ = in_.metrics.GetGauge("frontdesk_consumer_stopped_partitions",
                                  "Partitions that stand still until a person acts", labels);
}

bool Consumer::Impl::Step(absl::Time now) {
  watch_->stepped_at_us = absl::ToInt64Microseconds(in_.clock.Steady());
  bool moved = TakeAnswers();
  moved |= StepChange();
  if (reconnect_ && in_flight_.load() == 0) {
    subscription_.reset();
    connected_ = false;
    reconnect_ = false;
  }
  const bool quiet = stopping_.load() || change_.has_value() || reconnect_;
  if (!quiet && !in_.routes.topics().empty()) {
    if (!connected_) {
      TryConnect();
      moved |= connected_;
    }
    space_low_ = in_.committer.guard().state() != store::SpaceGuard::State::kOk;
    if (connected_ && !space_low_) {
      moved |= TakeRecords();
      moved |= AdvanceAll();
    }
  }
  if (in_.clock.Steady() - published_at_ >= kPublishInterval) Publish(now);
  return moved;
}

absl::Duration Consumer::Impl::UntilNext(absl::Duration max) const {
  if (stopping_.load() || change_.has_value() || space_low_) return max;
  const absl::Duration now = in_.clock.Steady();
  absl::Duration wake = now + max;
  if (!connected_ && !in_.routes.topics().empty()) wake = std::min(wake, connect_at_);
  for (const Partition& partition : partitions_) {
    wake = std::min(wake, partition.window->WakeAt());
  }
  return std::clamp(wake - now, absl::ZeroDuration(), max);
}

void Consumer::Impl::TryConnect() {
  const absl::Duration now = in_.clock.Steady();
  if (now < connect_at_) return;
  connect_error_ = Connect();
  connected_ = connect_error_.ok();
  if (connected_) {
    connected_since_ = in_.clock.Steady();
    published_at_ = -absl::InfiniteDuration();
    return;
  }
  subscription_.reset();
  partitions_.clear();
  connect_at_ = in_.clock.Steady() + connect_backoff_;
  const auto repeated = not_connected_line_.Pass(telemetry::StateOf(connect_error_), now);
  if (repeated.has_value()) {
    telemetry::Log(telemetry::Level::kWarn, "consume.not_connected",
                   {{"service", options_.service},
                    {"shard", options_.shard},
                    {"retry_in", connect_backoff_},
                    {"repeated", *repeated},
                    {"error", connect_error_}});
  }
  connect_backoff_ = std::min(options_.backoff_max, connect_backoff_ * 2);
}

absl::Status Consumer::Impl::Connect() {
  partitions_.clear();
  ++connection_;
  FD_RETURN_IF_ERROR(in_.log.EnsureTopics(options_.shard_count));
  FD_ASSIGN_OR_RETURN(bus_id_, in_.log.Id());
  FD_ASSIGN_OR_RETURN(const bool recorded, CheckCurrentBus(in_.committer, bus_id_));
  if (!recorded) SubmitAnswered(in_.committer.RecordBusCommand(bus_id_), kOptionalAnswer);
  std::vector<Assignment> assignments;
  for (const std::string& topic : in_.routes.topics()) {
    FD_RETURN_IF_ERROR(AddTopic(topic, &assignments));
  }
  if (assignments.empty()) return absl::OkStatus();  // all stand still: nothing to read
  FD_ASSIGN_OR_RETURN(
      subscription_,
      in_.log.Subscribe(fmt::format("frontdesk-{}-{}", options_.service, options_.shard),
                        std::move(assignments)));
  subscription_->OnReady([this] { work_.Notify(); });
  for (const Partition& partition : partitions_) {
    if (partition.assignment.has_value() && partition.never_read) Begin(partition);
  }
  return absl::OkStatus();
}

void Consumer::Impl::Begin(const Partition& partition) {
  const int64_t first = subscription_->FirstOffset(*partition.assignment);
  if (first < 0) return;  // asked again with the next connection
  partition.window->Start(first);
  const auto& options = partition.window->options();
  SubmitAnswered(in_.committer.StartPositionCommand(bus_id_, options.topic, options.topic_id,
                                                    options.partition, first),
                 kOptionalAnswer);
}

absl::Status Consumer::Impl::AddTopic(const std::string& topic,
                                      std::vector<Assignment>* assignments) {
  const TopicSpec* spec = FindTopic(topic);
  if (spec == nullptr) return NotFound("topic", topic);
  FD_ASSIGN_OR_RETURN(const TopicInfo info, in_.log.Describe(topic));
  const int k = spec->partitions_per_shard;
  const int expected = static_cast<int>(options_.shard_count) * k;
  if (info.partitions != expected) {
    return BusMismatch(topic, fmt::format("{} has {} partitions, the contract says {}", topic,
                                          info.partitions, expected));
  }
  const int32_t first = static_cast<int32_t>(options_.shard) * k;
  for (int32_t number = first; number < first + k; ++number) {
    FD_ASSIGN_OR_RETURN(const auto position, in_.committer.FindPosition(bus_id_, topic, number));
    AddPartition(topic, info, number, position, assignments);
  }
  return absl::OkStatus();
}

void Consumer::Impl::AddPartition(const std::string& topic, const TopicInfo& info, int32_t number,
                                  const store::Committer::Position& position,
                                  std::vector<Assignment>* assignments) {
  PartitionWindow::Options options{.topic = topic,
                                   .partition = number,
                                   .bus_id = bus_id_,
                                   .topic_id = info.id,
                                   .index = partitions_.size(),
                                   .first_item = (connection_ << 40) + 1,
                                   .prepare_ahead_max = options_.prepare_ahead_max,
                                   .window_max = options_.window_max,
                                   .window_bytes_max = options_.window_bytes_max,
                                   .prepare_deadline = options_.prepare_deadline,
                                   .backoff_min = options_.backoff_min,
                                   .backoff_max = options_.backoff_max};
  const telemetry::Labels labels = {
      {"service", options_.service}, {"topic", topic}, {"partition", std::to_string(number)}};
  Partition& partition = partitions_.emplace_back();
  partition.lag = in_.metrics.GetGauge("frontdesk_consumer_lag",
                                       "Records on the bus that are not handled yet", labels);
  partition.paused =
      in_.metrics.GetGauge("frontdesk_consumer_paused", "1: backs off, 2: stopped", labels);
  partition.window = std::make_unique<PartitionWindow>(
      PartitionWindow::Collaborators{in_.committer, in_.routes, in_.pool, in_.clock, in_.random,
                                     metrics_, inbox_},
      std::move(options), position);
  if (!position.topic_id.empty() && position.topic_id != info.id) {
    partition.window->Stop(BusMismatch(topic, fmt::format("{} was made again", topic)));
    return;
  }
  partition.assignment = assignments->size();
  partition.never_read = position.next_offset < 0;
  assignments->push_back({topic, number, position.next_offset});
}

bool Consumer::Impl::TakeAnswers() {
  inbox_->Take(&answers_, &results_);
  for (const ConsumerInbox::Result& result : results_) {
    if (result.partition < partitions_.size()) {
      partitions_[result.partition].window->OnPrepared(result);
    }
  }
  for (const ConsumerInbox::Answer& answer : answers_) {
    if (answer.partition == kOptionalAnswer) continue;
    if (answer.partition == kChangeAnswer) {
      if (!answer.status.ok()) change_status_ = answer.status;
    } else {
      partitions_[answer.partition].window->OnAnswer(answer.item, answer.status);
    }
  }
  if (!answers_.empty()) in_flight_.fetch_sub(answers_.size());
  return !answers_.empty() || !results_.empty();
}

bool Consumer::Impl::TakeRecords() {
  if (subscription_ == nullptr) return false;
  bool moved = false;
  for (Partition& partition : partitions_) {
    if (!partition.assignment.has_value()) continue;
    PartitionWindow& window = *partition.window;
    const size_t room = window.Room();
    if (room == 0) continue;
    auto records = subscription_->Poll(*partition.assignment, room);
    if (!records.ok()) {
      OnPollError(window, records.status());
      continue;
    }
    for (Record& record : *records) window.Take(std::move(record));
    moved |= !records->empty();
  }
  return moved;
}

void Consumer::Impl::OnPollError(PartitionWindow& window, const absl::Status& error) {
  const std::string reason = ReasonOf(error);
  if (error.code() == absl::StatusCode::kDataLoss || reason == "BUS_MISMATCH") {
    window.Stop(error);
    return;
  }
  // A connection that held for a while earns a quick new one; one that did not, a longer pause.
  const absl::Duration now = in_.clock.Steady();
  const auto repeated = reconnects_line_.Pass(telemetry::StateOf(error), now);
  if (repeated.has_value()) {
    telemetry::Log(telemetry::Level::kWarn, "consume.reconnects",
                   {{"service", options_.service},
                    {"shard", options_.shard},
                    {"repeated", *repeated},
                    {"error", error}});
  }
  if (now - connected_since_ > kSteadyConnection) connect_backoff_ = options_.backoff_min;
  if (!reconnect_) connect_at_ = now + connect_backoff_;
  if (!reconnect_) connect_backoff_ = std::min(options_.backoff_max, connect_backoff_ * 2);
  reconnect_ = true;
}

bool Consumer::Impl::AdvanceAll() {
  bool moved = false;
  const size_t used = in_flight_.load();
  size_t budget = kInFlightMax - std::min(kInFlightMax, used);
  for (Partition& partition : partitions_) {
    const size_t before = budget;
    // Counted first: an answer may come before Advance returns.
    in_flight_.fetch_add(before);
    moved |= partition.window->Advance(&budget);
    in_flight_.fetch_sub(budget);
  }
  return moved;
}

bool Consumer::Impl::StepChange() {
  if (!change_.has_value()) {
    const std::lock_guard lock(mu_);
    if (requests_.empty()) return false;
    change_ = std::move(requests_.front());
    requests_.pop_front();
    change_begun_ = false;
    change_status_ = absl::OkStatus();
  }
  if (in_flight_.load() > 0) return false;
  if (!change_begun_) {
    change_begun_ = true;
    change_status_ = change_->topic.empty() ? BeginSwitch() : BeginReposition();
    if (!change_status_.ok()) FinishChange();
    return true;
  }
  FinishChange();
  return true;
}

absl::Status Consumer::Impl::BeginReposition() {
  for (const Partition& partition : partitions_) {
    const auto& options = partition.window->options();
    if (options.topic != change_->topic || options.partition != change_->partition) continue;
    if (!partition.assignment.has_value()) return partition.window->stop_reason();
    int64_t offset = change_->offset;
    if (offset == kToEnd) {
      offset = EndOf(partition);
      if (offset < 0) return absl::UnavailableError("the end of the partition is not known yet");
    } else if (offset == kToEarliest) {
      offset = kEarliestOffset;
    }
    SubmitPosition(options.topic, options.topic_id, options.partition, offset);
    return absl::OkStatus();
  }
  if (!connected_) return absl::UnavailableError("not connected to the bus");
  return NotFound("partition", fmt::format("{}/{}", change_->topic, change_->partition));
}

absl::Status Consumer::Impl::BeginSwitch() {
  FD_ASSIGN_OR_RETURN(bus_id_, in_.log.Id());
  // Also a service that hears nothing publishes to this one from now on.
  SubmitAnswered(in_.committer.RecordBusCommand(bus_id_), kChangeAnswer);
  for (const std::string& topic : in_.routes.topics()) {
    FD_ASSIGN_OR_RETURN(const TopicInfo info, in_.log.Describe(topic));
    const TopicSpec* spec = FindTopic(topic);
    if (spec == nullptr) return NotFound("topic", topic);
    const int32_t first = static_cast<int32_t>(options_.shard) * spec->partitions_per_shard;
    for (int32_t i = 0; i < spec->partitions_per_shard; ++i) {
      SubmitPosition(topic, info.id, first + i, kEarliestOffset);
    }
  }
  return absl::OkStatus();
}

void Consumer::Impl::SubmitPosition(const std::string& topic, const std::string& topic_id,
                                    int32_t partition, int64_t offset) {
  telemetry::Log(telemetry::Level::kWarn, "consume.position_set",
                 {{"service", options_.service},
                  {"shard", options_.shard},
                  {"bus", bus_id_},
                  {"topic", topic},
                  {"partition", partition},
                  {"offset", offset}});
  SubmitAnswered(in_.committer.RepositionCommand(bus_id_, topic, topic_id, partition, offset),
                 kChangeAnswer);
}

void Consumer::Impl::SubmitAnswered(store::Command command, size_t answer) {
  command.done = [inbox = inbox_, answer](absl::Status status) {
    inbox->Add(ConsumerInbox::Answer{answer, 0, std::move(status)});
  };
  in_flight_.fetch_add(1);
  in_.committer.Submit(std::move(command));
}

void Consumer::Impl::FinishChange() {
  // Also after a failure: some positions may have been set.
  reconnect_ = true;
  connect_at_ = absl::ZeroDuration();
  Done done = std::move(change_->done);
  change_.reset();
  done(change_status_);
}

int64_t Consumer::Impl::EndOf(const Partition& partition) const {
  if (subscription_ == nullptr || !partition.assignment.has_value()) return -1;
  return subscription_->EndOffset(*partition.assignment);
}

PartitionStatus Consumer::Impl::StatusOf(const Partition& partition, absl::Time now) const {
  const PartitionWindow& window = *partition.window;
  PartitionStatus status;
  status.topic = window.options().topic;
  status.partition = window.options().partition;
  status.next_offset = window.next_offset();
  status.end_offset = EndOf(partition);
  status.epoch = window.epoch();
  status.seq = window.seq();
  if (window.stopped()) {
    status.state = PartitionStatus::State::kStopped;
    status.reason = window.stop_reason();
  } else if (!window.wait_reason().ok()) {
    status.state = PartitionStatus::State::kPaused;
    status.reason = window.wait_reason();
    const absl::Duration wake = window.WakeAt();
    if (wake < absl::InfiniteDuration()) status.retry_at = now + (wake - in_.clock.Steady());
  } else if (space_low_) {
    status.state = PartitionStatus::State::kPaused;
    status.reason = in_.committer.guard().CheckWritable();
  }
  return status;
}

std::vector<PartitionStatus> Consumer::Impl::RefusedStatus() const {
  std::vector<PartitionStatus> all;
  for (const std::string& topic : in_.routes.topics()) {
    const TopicSpec* spec = FindTopic(topic);
    const int k = spec == nullptr ? 0 : spec->partitions_per_shard;
    for (int i = 0; i < k; ++i) {
      PartitionStatus& status = all.emplace_back();
      status.topic = topic;
      status.partition = static_cast<int32_t>(options_.shard) * k + i;
      status.state = ReasonOf(connect_error_) == "BUS_MISMATCH" ? PartitionStatus::State::kStopped
                                                                : PartitionStatus::State::kPaused;
      status.reason = connect_error_;
      status.next_offset = -1;
    }
  }
  return all;
}

void Consumer::Impl::Publish(absl::Time now) {
  published_at_ = in_.clock.Steady();
  std::vector<PartitionStatus> all;
  absl::Status health = connected_ ? absl::OkStatus() : connect_error_;
  size_t stopped = 0;
  for (const Partition& partition : partitions_) {
    PartitionStatus status = StatusOf(partition, now);
    if (status.state == PartitionStatus::State::kStopped) {
      ++stopped;
      if (health.ok()) health = status.reason;
    }
    partition.paused.Set(static_cast<double>(status.state));
    if (status.end_offset >= 0) {
      const int64_t lag = std::max<int64_t>(0, status.end_offset - status.next_offset);
      partition.lag.Set(static_cast<double>(lag));
    }
    all.push_back(std::move(status));
  }
  if (!connected_ && !connect_error_.ok()) all = RefusedStatus();
  if (!all.empty() && partitions_.empty() && all[0].state == PartitionStatus::State::kStopped) {
    stopped = all.size();
  }
  stopped_.Set(static_cast<double>(stopped));
  const absl::Duration since =
      subscription_ == nullptr ? absl::ZeroDuration() : subscription_->SinceLastPoll();
  watch_->since_poll_us = absl::ToInt64Microseconds(since);
  const std::lock_guard lock(mu_);
  status_ = std::move(all);
  health_ = std::move(health);
}

absl::Status Consumer::Impl::Health() const {
  const std::lock_guard lock(mu_);
  return health_;
}

Consumer::Consumer(Collaborators collaborators, Options options)
    : impl_(std::make_unique<Impl>(collaborators, std::move(options), work_)) {}
Consumer::~Consumer() = default;

bool Consumer::Step(absl::Time now) { return impl_->Step(now); }
absl::Duration Consumer::UntilNext(absl::Duration max) const { return impl_->UntilNext(max); }
void Consumer::StopReading() {
  impl_->StopReading();
  work_.Notify();
}
bool Consumer::Idle() const { return impl_->Idle(); }
std::vector<PartitionStatus> Consumer::Status() const { return impl_->Status(); }
absl::Status Consumer::Health() const { return impl_->Health(); }
absl::Duration Consumer::SinceLastPoll() const { return impl_->SinceLastPoll(); }

void Consumer::Reposition(std::string topic, int32_t partition, int64_t next_offset, Done done) {
  if (topic.empty()) return done(InvalidField("topic", "must not be empty"));
  if (next_offset < kToEarliest) return done(InvalidField("next_offset", "must be -2 or more"));
  impl_->Request({std::move(topic), partition, next_offset, std::move(done)});
}

void Consumer::SwitchBus(Done done) { impl_->Request({"", 0, 0, std::move(done)}); }

}  // namespace frontdesk::bus
