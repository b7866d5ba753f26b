#include "libs/bus/relay.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/fault_point.h"
#include "libs/base/status_macros.h"
#include "libs/bus/current_bus.h"
#include "libs/bus/wire.h"
#include "libs/telemetry/log.h"

namespace frontdesk::bus {

struct Relay::Metrics {
  Metrics(telemetry::Metrics& metrics, const Options& options) {
    const telemetry::Labels labels = {{"service", options.service},
                                      {"shard", std::to_string(options.shard)}};
    published = metrics.GetCounter("frontdesk_relay_published_total",
                                   "Events that became durable on the bus", labels);
    restarts = metrics.GetCounter("frontdesk_relay_restarts_total",
                                  "Publishers given up after an error", labels);
    age = metrics.GetGauge("frontdesk_outbox_age_seconds",
                           "Age of the oldest event that is not on the bus yet", labels);
  }

  telemetry::Counter published, restarts;
  telemetry::Gauge age;
};

Relay::Relay(Collaborators collaborators, Options options)
    : in_(collaborators),
      options_(std::move(options)),
      source_(fmt::format("/frontdesk/{}/{}", options_.service, options_.shard)),
      metrics_(std::make_unique<Metrics>(in_.metrics, options_)),
      backoff_(options_.backoff_min) {
  acknowledged_ = in_.committer.outbox_trimmed();
  read_to_ = acknowledged_;
  in_.committer.OnOutboxGrown([this] { work_.Notify(); });
}

Relay::~Relay() { in_.committer.OnOutboxGrown(nullptr); }

bool Relay::Step(absl::Time now) {
  bool moved = false;
  absl::Status status = Fill();
  if (in_.clock.Steady() >= retry_at_) {
    if (status.ok() && publisher_ == nullptr) {
      status = Connect();
      moved = status.ok();
    }
    if (status.ok()) status = OfferBuffered(&moved);
    if (status.ok()) status = TakeAcknowledged(&moved);
    if (!status.ok()) Fail(status);
  }
  Observe(now);
  return moved && status.ok();
}

absl::Duration Relay::UntilNext(absl::Duration max) const {
  if (publisher_ != nullptr) return max;
  return std::clamp(retry_at_ - in_.clock.Steady(), absl::ZeroDuration(), max);
}

absl::Status Relay::Fill() {
  if (next_ < rows_.size()) return absl::OkStatus();
  rows_.clear();
  next_ = 0;
  if (read_to_ >= in_.committer.outbox_last()) return absl::OkStatus();
  FD_RETURN_IF_ERROR(in_.committer.ReadOutbox(read_to_, options_.read_rows, &rows_));
  if (rows_.empty()) return absl::OkStatus();
  OutboundRecord first;
  Mark mark;
  FD_RETURN_IF_ERROR(ParseOutboxRow(rows_.front(), source_, &first, &mark.oldest));
  mark.last_seq = read_to_ = rows_.back().seq;
  marks_.push_back(mark);
  return absl::OkStatus();
}

absl::Status Relay::Connect() {
  FD_RETURN_IF_ERROR(in_.log.EnsureTopics(options_.shard_count));
  FD_ASSIGN_OR_RETURN(const std::string bus_id, in_.log.Id());
  FD_ASSIGN_OR_RETURN(const bool recorded, CheckCurrentBus(in_.committer, bus_id));
  if (!recorded) {
    store::Command record = in_.committer.RecordBusCommand(bus_id);
    record.done = [](const absl::Status&) {};  // refused: recorded with the next connection
    in_.committer.Submit(std::move(record));
  }
  FD_ASSIGN_OR_RETURN(publisher_, in_.log.NewPublisher());
  publisher_->OnReady([this] { work_.Notify(); });
  const std::lock_guard lock(health_mu_);
  health_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::Status Relay::OfferBuffered(bool* moved) {
  if (next_ >= rows_.size()) return absl::OkStatus();
  FD_FAULT_POINT("relay.before_publish");
  OutboundRecord record;
  absl::Time appended;
  while (next_ < rows_.size()) {
    const store::Committer::OutboxEntry& entry = rows_[next_];
    FD_RETURN_IF_ERROR(ParseOutboxRow(entry, source_, &record, &appended));
    if (!publisher_->Offer(std::move(record), entry.seq)) break;
    ++next_;
    *moved = true;
  }
  return absl::OkStatus();
}

absl::Status Relay::TakeAcknowledged(bool* moved) {
  FD_ASSIGN_OR_RETURN(const uint64_t durable, publisher_->Poll());
  const uint64_t before = acknowledged_.load(std::memory_order_relaxed);
  if (durable <= before) return absl::OkStatus();
  FD_FAULT_POINT("relay.after_publish");
  metrics_->published.Increment(static_cast<double>(durable - before));
  acknowledged_.store(durable, std::memory_order_release);
  while (!marks_.empty() && marks_.front().last_seq <= durable) marks_.pop_front();
  backoff_ = options_.backoff_min;
  FD_FAULT_POINT("relay.before_trim");
  in_.committer.TrimOutbox(durable);
  *moved = true;
  return absl::OkStatus();
}

void Relay::Fail(const absl::Status& status) {
  const auto repeated = stopped_line_.Pass(telemetry::StateOf(status), in_.clock.Steady());
  if (repeated.has_value()) {
    telemetry::Log(telemetry::Level::kWarn, "relay.stopped",
                   {{"service", options_.service},
                    {"shard", options_.shard},
                    {"acknowledged", acknowledged_.load()},
                    {"retry_in", backoff_},
                    {"repeated", *repeated},
                    {"error", status}});
  }
  if (publisher_ != nullptr) metrics_->restarts.Increment();
  publisher_.reset();
  // What was offered and not acknowledged may or may not be there: all of it goes again.
  rows_.clear();
  next_ = 0;
  if (!marks_.empty()) marks_ = {Mark{read_to_, marks_.front().oldest}};
  read_to_ = acknowledged_.load();
  // Between half and the whole of the backoff, so that relays do not come back in step.
  const int64_t whole_us = absl::ToInt64Microseconds(backoff_);
  const auto jitter = static_cast<int64_t>(in_.random.Uniform(static_cast<uint64_t>(whole_us / 2)));
  retry_at_ = in_.clock.Steady() + absl::Microseconds(whole_us / 2 + jitter);
  backoff_ = std::min(options_.backoff_max, backoff_ * 2);
  const std::lock_guard lock(health_mu_);
  health_ = status;
}

void Relay::Observe(absl::Time now) {
  const absl::Duration age = marks_.empty()
                                 ? absl::ZeroDuration()
                                 : std::max(absl::ZeroDuration(), now - marks_.front().oldest);
  age_us_.store(absl::ToInt64Microseconds(age), std::memory_order_relaxed);
  metrics_->age.Set(absl::ToDoubleSeconds(age));
}

bool Relay::Flushed() const {
  return acknowledged_.load(std::memory_order_acquire) >= in_.committer.outbox_last();
}

absl::Status Relay::Health() const {
  const std::lock_guard lock(health_mu_);
  return health_;
}

}  // namespace frontdesk::bus
