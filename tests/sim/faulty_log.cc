#include "tests/sim/faulty_log.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::sim {
namespace {

// How many records of a partition can come again.
constexpr size_t kRememberedRecords = 6;

}  // namespace

absl::Status FaultyLog::Away() {
  return Error(absl::StatusCode::kUnavailable, "BUS_UNAVAILABLE", "the bus is away");
}

class FaultyLog::FaultyPublisher final : public bus::Publisher {
 public:
  FaultyPublisher(FaultyLog& log, std::unique_ptr<bus::Publisher> inner)
      : log_(log), inner_(std::move(inner)) {}

  bool Offer(bus::OutboundRecord&& record, uint64_t seq) override {
    return inner_->Offer(std::move(record), seq);
  }
  absl::StatusOr<uint64_t> Poll() override {
    if (!dead_.ok()) return dead_;
    if (log_.faults.away || log_.Happens(log_.faults.kill_publisher)) {
      ++log_.counts.broken;
      return dead_ = Away();
    }
    auto durable = inner_->Poll();
    if (!durable.ok() || *durable <= acknowledged_) return durable;
    if (log_.Happens(log_.faults.lose_acknowledgement)) {
      ++log_.counts.lost_acknowledgements;
      return dead_ = Away();
    }
    acknowledged_ = *durable;
    return durable;
  }
  void OnReady(std::function<void()> wake) override { inner_->OnReady(std::move(wake)); }

 private:
  FaultyLog& log_;
  std::unique_ptr<bus::Publisher> inner_;
  uint64_t acknowledged_ = 0;
  absl::Status dead_;
};

class FaultyLog::FaultySubscription final : public bus::Subscription {
 public:
  FaultySubscription(FaultyLog& log, std::unique_ptr<bus::Subscription> inner, size_t partitions)
      : log_(log), inner_(std::move(inner)), remembered_(partitions) {}

  absl::StatusOr<std::vector<bus::Record>> Poll(size_t assignment, size_t max) override {
    // As librdkafka does: while the broker is away there is just nothing.
    if (log_.faults.away || log_.Happens(log_.faults.deliver_late)) {
      return std::vector<bus::Record>();
    }
    if (log_.Happens(log_.faults.break_connection)) {
      ++log_.counts.broken;
      return Away();
    }
    std::deque<bus::Record>& earlier = remembered_[assignment];
    std::vector<bus::Record> records;
    const bool again =
        !earlier.empty() && max > 2 * kRememberedRecords && log_.Happens(log_.faults.deliver_again);
    FD_ASSIGN_OR_RETURN(std::vector<bus::Record> next,
                        inner_->Poll(assignment, again ? max - earlier.size() : max));
    // Only before something new: else it would never end.
    if (again && !next.empty()) {
      log_.counts.delivered_again += static_cast<int>(earlier.size());
      records.assign(earlier.begin(), earlier.end());
    }
    for (bus::Record& record : next) {
      earlier.push_back(record);
      if (earlier.size() > kRememberedRecords) earlier.pop_front();
      records.push_back(std::move(record));
    }
    return records;
  }
  int64_t EndOffset(size_t assignment) override { return inner_->EndOffset(assignment); }
  int64_t FirstOffset(size_t assignment) override { return inner_->FirstOffset(assignment); }
  absl::Duration SinceLastPoll() const override { return inner_->SinceLastPoll(); }
  void OnReady(std::function<void()> wake) override { inner_->OnReady(std::move(wake)); }

 private:
  FaultyLog& log_;
  std::unique_ptr<bus::Subscription> inner_;
  std::vector<std::deque<bus::Record>> remembered_;
};

absl::StatusOr<std::string> FaultyLog::Id() {
  if (faults.away) return Away();
  return inner_->Id();
}

absl::StatusOr<bus::TopicInfo> FaultyLog::Describe(std::string_view topic) {
  if (faults.away) return Away();
  return inner_->Describe(topic);
}

absl::Status FaultyLog::EnsureTopics(uint32_t shard_count) {
  return faults.away ? Away() : inner_->EnsureTopics(shard_count);
}

absl::StatusOr<std::unique_ptr<bus::Publisher>> FaultyLog::NewPublisher() {
  if (faults.away) return Away();
  FD_ASSIGN_OR_RETURN(auto publisher, inner_->NewPublisher());
  return std::make_unique<FaultyPublisher>(*this, std::move(publisher));
}

absl::StatusOr<std::unique_ptr<bus::Subscription>> FaultyLog::Subscribe(
    std::string_view name, std::vector<bus::Assignment> assignments) {
  if (faults.away) return Away();
  const size_t partitions = assignments.size();
  FD_ASSIGN_OR_RETURN(auto subscription, inner_->Subscribe(name, std::move(assignments)));
  return std::make_unique<FaultySubscription>(*this, std::move(subscription), partitions);
}

}  // namespace frontdesk::sim
