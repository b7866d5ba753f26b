#include "libs/process/topic_check.h"

#include <memory>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/notifier.h"
#include "libs/base/topics.h"
#include "libs/telemetry/log.h"

namespace frontdesk::process {
namespace {

absl::Status UsedTopic(std::string_view topic, const bus::Shard& shard) {
  return WithMetadata(
      Error(absl::StatusCode::kFailedPrecondition, "BUS_MISMATCH",
            fmt::format("topic {} holds events of an earlier store of shard {}, and this one is "
                        "new: restore the store from its backup, or use another broker, or delete "
                        "the frontdesk.* topics there",
                        topic, shard.number())),
      "topic", topic);
}

// True when one of the partitions holds, or held, a record. UNAVAILABLE after `longest`.
absl::StatusOr<bool> HoldsRecords(bus::EventLog& log, std::vector<bus::Assignment> assignments,
                                  absl::Duration longest) {
  const size_t count = assignments.size();
  auto subscription = log.Subscribe("start", std::move(assignments));
  if (!subscription.ok()) return subscription.status();
  auto news = std::make_shared<Notifier>();
  (*subscription)->OnReady([news] { news->Notify(); });
  const SystemClock clock;
  const absl::Duration until = clock.Steady() + longest;
  while (true) {
    size_t empty = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto records = (*subscription)->Poll(i, 1);
      // Retention has removed what there was.
      if (absl::IsDataLoss(records.status())) return true;
      if (!records.ok()) return records.status();
      const int64_t end = (*subscription)->EndOffset(i);
      if (!records->empty() || end > 0) return true;
      if (end == 0) ++empty;
    }
    if (empty == count) return false;
    if (clock.Steady() >= until) return absl::UnavailableError("no answer in time");
    news->WaitFor(absl::Milliseconds(10));
  }
}

}  // namespace

absl::Status CheckOwnTopic(bus::EventLog& log, bus::ShardSet& shards, absl::Duration longest) {
  const std::string topic = fmt::format("frontdesk.{}.v1", shards.service());
  const TopicSpec* spec = FindTopic(topic);
  if (spec == nullptr) return absl::OkStatus();
  for (size_t i = 0; i < shards.size(); ++i) {
    bus::Shard& shard = shards.shard(i);
    if (shard.committer().outbox_last() > 0) continue;
    std::vector<bus::Assignment> assignments;
    for (int n = 0; n < spec->partitions_per_shard; ++n) {
      const int partition = static_cast<int>(shard.number()) * spec->partitions_per_shard + n;
      assignments.push_back({topic, partition, bus::kEarliestOffset});
    }
    const auto used = HoldsRecords(log, std::move(assignments), longest);
    if (!used.ok()) {
      telemetry::Log(telemetry::Level::kWarn, "bus.topic_not_checked",
                     {{"topic", topic}, {"error", used.status()}});
      continue;
    }
    if (*used) return UsedTopic(topic, shard);
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::process
