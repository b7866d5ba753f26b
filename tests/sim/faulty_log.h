#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/random.h"
#include "libs/bus/event_log.h"

namespace frontdesk::sim {

// An event log with the faults of a real one: it can be away, die under a publisher before or after
// it took the records, lose acknowledgements (the records are there, and come again), deliver late,
// deliver what it has delivered before, and break connections. Owned by the World; the log behind
// it is exchanged by a crash. One thread.
class FaultyLog final : public bus::EventLog {
 public:
  struct Faults {
    bool away = false;
    double lose_acknowledgement = 0;  // per acknowledgement
    double kill_publisher = 0;        // per poll of a publisher, before it writes
    double deliver_late = 0;          // per look at a partition
    double deliver_again = 0;         // per look at a partition that has records
    double break_connection = 0;      // per look at a partition
  };
  struct Counts {
    int lost_acknowledgements = 0;
    int delivered_again = 0;
    int broken = 0;
  };

  explicit FaultyLog(RandomSource& random) : random_(random) {}
  void set_inner(bus::EventLog* inner) { inner_ = inner; }

  Faults faults;
  Counts counts;

  absl::StatusOr<std::string> Id() override;
  absl::StatusOr<bus::TopicInfo> Describe(std::string_view topic) override;
  absl::Status EnsureTopics(uint32_t shard_count) override;
  absl::StatusOr<std::unique_ptr<bus::Publisher>> NewPublisher() override;
  absl::StatusOr<std::unique_ptr<bus::Subscription>> Subscribe(
      std::string_view name, std::vector<bus::Assignment> assignments) override;
  bool Step(absl::Time now) override { return inner_->Step(now); }

 private:
  class FaultyPublisher;
  class FaultySubscription;

  static absl::Status Away();
  bool Happens(double probability) { return probability > 0 && random_.Bool(probability); }

  bus::EventLog* inner_ = nullptr;
  RandomSource& random_;
};

}  // namespace frontdesk::sim
