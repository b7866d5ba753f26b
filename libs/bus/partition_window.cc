#include "libs/bus/partition_window.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/fault_point.h"
#include "libs/base/hash.h"
#include "libs/telemetry/log.h"

namespace frontdesk::bus {
namespace {

constexpr absl::Duration kPoolRetry = absl::Milliseconds(5);
constexpr std::string_view kSkippedMethod = "event.skipped";
constexpr std::string_view kUndecodableMethod = "event.undecodable";

}  // namespace

PartitionWindow::PartitionWindow(Collaborators collaborators, Options options,
                                 store::Committer::Position position)
    : in_(std::move(collaborators)),
      options_(std::move(options)),
      first_id_(options_.first_item),
      next_offset_(std::max<int64_t>(position.next_offset, 0)),
      epoch_(position.epoch),
      seq_(position.seq),
      backoff_(options_.backoff_min) {}

size_t PartitionWindow::Room() const {
  if (stopped() || retrying_ || bytes_ >= options_.window_bytes_max) return 0;
  return options_.window_max - std::min(options_.window_max, items_.size());
}

void PartitionWindow::Take(Record&& record) {
  Item item;
  auto info = std::make_shared<EventInfo>();
  item.undecodable = ParseHeaders(record, info.get());
  item.key_hash = Fingerprint64(record.key);
  if (item.undecodable.ok()) {
    item.route = in_.routes.Find(record.topic, info->type);
    if (item.route != nullptr) {
      auto event = DecodeEvent(*item.route, record.value);
      item.undecodable = event.status();
      if (event.ok()) item.event = *std::move(event);
    }
  }
  if (item.event != nullptr && item.route->prepare) item.state = Item::State::kWaiting;
  item.delivery = MakeDelivery(std::move(record), *info, options_.bus_id, options_.topic_id);
  item.info = std::move(info);
  bytes_ += item.delivery.value->size();
  items_.push_back(std::move(item));
}

PartitionWindow::Item* PartitionWindow::Find(uint64_t id) {
  if (id < first_id_ || id - first_id_ >= items_.size()) return nullptr;
  return &items_[id - first_id_];
}

bool PartitionWindow::Advance(size_t* budget) {
  if (stopped()) return false;
  const absl::Duration now = in_.clock.Steady();
  if (retrying_) {
    if (in_flight_ > 0 || now < resume_at_) return false;
    retrying_ = false;
    refused_->store(false);
    wait_reason_ = absl::OkStatus();
  }
  bool moved = Prepare(now);
  moved |= Submit(budget);
  return moved;
}

bool PartitionWindow::Prepare(absl::Duration now) {
  pool_retry_at_ = absl::InfiniteDuration();
  bool moved = false;
  const size_t ahead = std::min(items_.size(), submitted_ + options_.prepare_ahead_max);
  for (size_t i = submitted_; i < ahead; ++i) {
    Item& item = items_[i];
    if (item.state == Item::State::kPreparing && now >= item.deadline) {
      item.state = Item::State::kReady;
      item.unprepared = true;
      ++item.attempt;  // a late result has no effect
      --preparing_;
      in_.metrics.unprepared.Increment();
      moved = true;
    }
    if (item.state != Item::State::kWaiting || KeyBusyBefore(i)) continue;
    if (!StartPrepare(item, first_id_ + i, now)) {
      pool_retry_at_ = now + kPoolRetry;
      break;
    }
    moved = true;
  }
  return moved;
}

bool PartitionWindow::KeyBusyBefore(size_t index) const {
  for (size_t i = 0; i < index; ++i) {
    if (items_[i].key_hash == items_[index].key_hash && items_[i].state != Item::State::kDone) {
      return true;
    }
  }
  return false;
}

bool PartitionWindow::StartPrepare(Item& item, uint64_t id, absl::Duration now) {
  const absl::Duration deadline = now + options_.prepare_deadline;
  PrepareDone done = [inbox = in_.inbox, partition = options_.index, id,
                      attempt = item.attempt](Prepared prepared) {
    inbox->Add(ConsumerInbox::Result{partition, id, attempt, std::move(prepared)});
  };
  PreparePool::Job job = [route = item.route, event = item.event, info = item.info, deadline,
                          &clock = in_.clock, inbox = in_.inbox, done = std::move(done)]() mutable {
    const auto visit = inbox->Enter();
    if (!visit.has_value()) return;  // the service is gone, and the route with it
    const absl::Duration left = deadline - clock.Steady();
    if (left <= absl::ZeroDuration()) return;  // the consumer sees the deadline itself
    try {
      route->prepare(std::move(event), *info, left, std::move(done));
    } catch (const std::exception& error) {
      telemetry::Log(telemetry::Level::kError, "consume.prepare_threw",
                     {{"type", route->type}, {"event", info->id}, {"error", error.what()}});
    }
  };
  if (!in_.pool.TrySubmit(std::move(job))) return false;
  item.state = Item::State::kPreparing;
  item.deadline = deadline;
  ++preparing_;
  return true;
}

void PartitionWindow::OnPrepared(const ConsumerInbox::Result& result) {
  Item* item = Find(result.item);
  if (item == nullptr || item->state != Item::State::kPreparing) return;
  if (item->attempt != result.attempt) return;
  item->state = Item::State::kReady;
  item->prepared = result.prepared;
  item->unprepared = result.prepared.empty();
  if (item->unprepared) in_.metrics.unprepared.Increment();
  --preparing_;
}

bool PartitionWindow::Submit(size_t* budget) {
  bool moved = false;
  while (submitted_ < items_.size() && *budget > 0 && !refused_->load()) {
    Item& item = items_[submitted_];
    if (item.state == Item::State::kDone) {  // of an earlier round, behind the one that failed
      ++submitted_;
      continue;
    }
    if (item.state != Item::State::kReady) break;
    item.state = Item::State::kSubmitted;
    const uint64_t id = first_id_ + submitted_;
    ++submitted_;
    ++in_flight_;
    --*budget;
    SubmitItem(item, id);
    moved = true;
  }
  return moved;
}

void PartitionWindow::SubmitItem(Item& item, uint64_t id) {
  store::Command command;
  FillCommand(*item.info, item.delivery, &command);
  command.unprepared = item.unprepared;
  if (!item.undecodable.ok()) {
    command.method = kUndecodableMethod;
    command.handle = [status = item.undecodable](const store::Context&, store::Txn&,
                                                 store::Reply&) { return status; };
  } else if (item.route == nullptr) {
    command.method = kSkippedMethod;
  } else {
    command.method = item.route->type;
    command.handle = [route = item.route, event = item.event, prepared = item.prepared](
                         const store::Context& context, store::Txn& txn, store::Reply&) {
      return route->handle(*event, prepared, context, txn);
    };
  }
  command.done = [inbox = in_.inbox, refused = refused_, partition = options_.index,
                  id](absl::Status status) {
    if (!status.ok()) refused->store(true);
    inbox->Add(ConsumerInbox::Answer{partition, id, std::move(status)});
  };
  FD_FAULT_POINT("consume.before_submit");
  in_.committer.Submit(std::move(command));
}

void PartitionWindow::OnAnswer(uint64_t id, const absl::Status& status) {
  Item* item = Find(id);
  if (item == nullptr || item->state != Item::State::kSubmitted) return;
  --in_flight_;
  if (status.ok()) {
    item->state = Item::State::kDone;
    PopDone();
    return;
  }
  // Submitted again with all that follows it.
  const std::string reason = ReasonOf(status);
  const bool first = item == &items_.front();
  item->state = Item::State::kReady;
  if (first && reason == "SEQUENCE_GAP") {
    Stop(status);
    return;
  }
  // What stood behind a failed event was refused for that alone and keeps what was prepared.
  if (first && item->event != nullptr && item->route->prepare) {
    item->state = Item::State::kWaiting;
    item->unprepared = false;
    item->prepared = Prepared();
    ++item->attempt;
  }
  if (!retrying_ || first) wait_reason_ = status;
  BeginRetry(in_.clock.Steady());
}

void PartitionWindow::BeginRetry(absl::Duration now) {
  if (!retrying_) {
    in_.metrics.retried.Increment();
    const auto whole_us = static_cast<uint64_t>(absl::ToInt64Microseconds(backoff_));
    const auto jitter_us = static_cast<int64_t>(in_.random.Uniform(whole_us / 2));
    resume_at_ = now + absl::Microseconds(static_cast<int64_t>(whole_us / 2) + jitter_us);
    backoff_ = std::min(options_.backoff_max, backoff_ * 2);
  }
  retrying_ = true;
  submitted_ = 0;
  // Not yet answered ones count as submitted until they are: Advance waits for in_flight_ == 0.
}

void PartitionWindow::PopDone() {
  while (!items_.empty() && items_.front().state == Item::State::kDone) {
    Item& item = items_.front();
    const store::Delivery& delivery = item.delivery;
    next_offset_ = delivery.offset + 1;
    if (delivery.epoch > epoch_ || (delivery.epoch == epoch_ && delivery.seq > seq_)) {
      epoch_ = delivery.epoch;
      seq_ = delivery.seq;
    }
    if (!item.undecodable.ok()) {
      in_.metrics.undecodable.Increment();
    } else if (item.route == nullptr) {
      in_.metrics.skipped.Increment();
    } else {
      in_.metrics.handled.Increment();
    }
    bytes_ -= delivery.value->size();
    items_.pop_front();
    ++first_id_;
    if (submitted_ > 0) --submitted_;
    backoff_ = options_.backoff_min;
  }
}

void PartitionWindow::Stop(absl::Status reason) {
  stop_reason_ = std::move(reason);
  telemetry::Log(telemetry::Level::kError, "consume.partition_stopped",
                 {{"topic", options_.topic},
                  {"partition", options_.partition},
                  {"next_offset", next_offset_},
                  {"reason", stop_reason_}});
}

absl::Duration PartitionWindow::WakeAt() const {
  if (stopped()) return absl::InfiniteDuration();
  if (retrying_) return in_flight_ > 0 ? absl::InfiniteDuration() : resume_at_;
  absl::Duration wake = pool_retry_at_;
  if (preparing_ > 0) {
    const size_t ahead = std::min(items_.size(), submitted_ + options_.prepare_ahead_max);
    for (size_t i = submitted_; i < ahead; ++i) {
      if (items_[i].state == Item::State::kPreparing) wake = std::min(wake, items_[i].deadline);
    }
  }
  return wake;
}

}  // namespace frontdesk::bus
