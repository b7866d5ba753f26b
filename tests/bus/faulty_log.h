#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/bus/event_log.h"

namespace frontdesk::bus::testing {

// An event log with the faults of a real one, for tests and the simulation: it can be away, lose
// acknowledgements (the records are there, and come again), and deliver late. One thread.
class FaultyLog final : public EventLog {
 public:
  struct Faults {
    bool down = false;
    double lose_acknowledgement = 0;  // probability per acknowledgement
    double deliver_late = 0;          // probability per look at a partition
    double break_connection = 0;      // probability per look at a partition: subscribe again
  };

  FaultyLog(EventLog& inner, RandomSource& random) : inner_(&inner), random_(random) {}
  // After a crash: the log that was opened again.
  void set_inner(EventLog& inner) { inner_ = &inner; }

  Faults faults;
  int lost_acknowledgements = 0;

  absl::StatusOr<std::string> Id() override {
    return Reach([&] { return inner_->Id(); });
  }
  absl::StatusOr<TopicInfo> Describe(std::string_view topic) override {
    return Reach([&] { return inner_->Describe(topic); });
  }
  absl::Status EnsureTopics(uint32_t shard_count) override {
    return faults.down ? Away() : inner_->EnsureTopics(shard_count);
  }
  absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher() override {
    if (faults.down) return Away();
    auto publisher = inner_->NewPublisher();
    if (!publisher.ok()) return publisher.status();
    return std::make_unique<FaultyPublisher>(*this, *std::move(publisher));
  }
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      std::string_view name, std::vector<Assignment> assignments) override {
    if (faults.down) return Away();
    auto subscription = inner_->Subscribe(name, std::move(assignments));
    if (!subscription.ok()) return subscription.status();
    return std::make_unique<FaultySubscription>(*this, *std::move(subscription));
  }
  bool Step(absl::Time now) override { return inner_->Step(now); }

 private:
  static absl::Status Away() {
    return Error(absl::StatusCode::kUnavailable, "BUS_UNAVAILABLE", "the bus is away");
  }
  template <class Call>
  auto Reach(Call call) -> decltype(call()) {
    if (faults.down) return Away();
    return call();
  }

  class FaultyPublisher final : public Publisher {
   public:
    FaultyPublisher(FaultyLog& log, std::unique_ptr<Publisher> inner)
        : log_(log), inner_(std::move(inner)) {}
    bool Offer(OutboundRecord&& record, uint64_t seq) override {
      return inner_->Offer(std::move(record), seq);
    }
    absl::StatusOr<uint64_t> Poll() override {
      if (!dead_.ok()) return dead_;
      if (log_.faults.down) return dead_ = Away();
      auto durable = inner_->Poll();
      if (durable.ok() && *durable > acknowledged_ &&
          log_.random_.Bool(log_.faults.lose_acknowledgement)) {
        ++log_.lost_acknowledgements;
        return dead_ = Away();
      }
      if (durable.ok()) acknowledged_ = *durable;
      return durable;
    }
    void OnReady(std::function<void()> wake) override { inner_->OnReady(std::move(wake)); }

   private:
    FaultyLog& log_;
    std::unique_ptr<Publisher> inner_;
    uint64_t acknowledged_ = 0;
    absl::Status dead_;
  };

  class FaultySubscription final : public Subscription {
   public:
    FaultySubscription(FaultyLog& log, std::unique_ptr<Subscription> inner)
        : log_(log), inner_(std::move(inner)) {}
    absl::StatusOr<std::vector<Record>> Poll(size_t assignment, size_t max) override {
      // As librdkafka does: while the broker is away there is just nothing.
      if (log_.faults.down || log_.random_.Bool(log_.faults.deliver_late)) {
        return std::vector<Record>();
      }
      if (log_.random_.Bool(log_.faults.break_connection)) return Away();
      return inner_->Poll(assignment, max);
    }
    int64_t EndOffset(size_t assignment) override { return inner_->EndOffset(assignment); }
    int64_t FirstOffset(size_t assignment) override { return inner_->FirstOffset(assignment); }
    absl::Duration SinceLastPoll() const override { return inner_->SinceLastPoll(); }
    void OnReady(std::function<void()> wake) override { inner_->OnReady(std::move(wake)); }

   private:
    FaultyLog& log_;
    std::unique_ptr<Subscription> inner_;
  };

  EventLog* inner_;
  RandomSource& random_;
};

}  // namespace frontdesk::bus::testing
