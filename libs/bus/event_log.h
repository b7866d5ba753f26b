#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace frontdesk::bus {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A record as it stands on the bus.
struct Record {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  std::string key;
  Headers headers;
  std::string value;
  absl::Time time;  // when the bus took it
};

// A record on its way to the bus. We choose the partition (libs/base/hash.h), never the bus.
struct OutboundRecord {
  std::string topic;
  int32_t partition = 0;
  std::string key;
  Headers headers;
  std::string value;
};

struct TopicInfo {
  std::string id;  // changes when the topic is made again
  int partitions = 0;
};

inline constexpr int64_t kEarliestOffset = -1;

// Where a subscription begins to read.
struct Assignment {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = kEarliestOffset;
};

// Sends records in order. Owned by a relay and used by its thread only. Dead after its first error:
// drop it and make another one, beginning again with what was not acknowledged.
class Publisher {
 public:
  virtual ~Publisher() = default;

  // Takes a record. `seq` rises from call to call. False: the buffer is full, nothing was taken.
  // Never blocks.
  virtual bool Offer(OutboundRecord&& record, uint64_t seq) = 0;

  // The highest seq at and below which everything offered is durable on the bus (0: nothing yet).
  // An error kills the publisher. The embedded log blocks here: one fsync.
  virtual absl::StatusOr<uint64_t> Poll() = 0;

  // `wake` is called, on any thread, when Poll may have news. Set it before the first Offer.
  virtual void OnReady(std::function<void()> wake) = 0;
};

// Reads partitions from given positions. Owned by a consumer and used by its thread only. It holds
// a bounded number of records per partition; one that is not polled pauses by itself and holds up
// no other.
class Subscription {
 public:
  virtual ~Subscription() = default;

  // At most `max` next records of the n-th assignment; empty when there are none now. Never blocks.
  // Errors concern that partition alone and stay:
  //   DATA_LOSS POSITION_OVERTAKEN        retention has removed records not read yet
  //   FAILED_PRECONDITION BUS_MISMATCH    the position lies beyond the end: the topic was made
  //                                       again or truncated
  //   UNAVAILABLE BUS_UNAVAILABLE         subscribe again
  virtual absl::StatusOr<std::vector<Record>> Poll(size_t assignment, size_t max) = 0;

  // Offset after the last record of the n-th assignment; -1 when unknown. Never blocks.
  virtual int64_t EndOffset(size_t assignment) = 0;

  // Offset of the oldest record of the n-th assignment, or of the next one when it has none; -1 when
  // unknown. May ask the bus and block.
  virtual int64_t FirstOffset(size_t assignment) = 0;

  // How long ago the connection was last served; above a second something is stuck.
  virtual absl::Duration SinceLastPoll() const = 0;

  // `wake` is called, on any thread, when a partition that was empty may have records.
  virtual void OnReady(std::function<void()> wake) = 0;
};

// The bus as an ordered, durable, partitioned log. Owned by the process, outlives publishers and
// subscriptions. Thread safe. Everything may block except where a class above says otherwise.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // Identity of this bus: a cluster id, or the embedded log's ULID. UNAVAILABLE while it was never
  // reached.
  virtual absl::StatusOr<std::string> Id() = 0;

  // NOT_FOUND, UNAVAILABLE.
  virtual absl::StatusOr<TopicInfo> Describe(std::string_view topic) = 0;

  // Makes the missing topics of libs/base/topics.h for an installation of `shard_count` shards.
  // FAILED_PRECONDITION (BUS_MISMATCH) when one has another number of partitions than the contract;
  // UNAVAILABLE when the bus can't be reached: writes go on, and relay and consumer try again.
  virtual absl::Status EnsureTopics(uint32_t shard_count) = 0;

  // UNAVAILABLE.
  virtual absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher() = 0;

  // `name` says who reads, for logs of both sides. UNAVAILABLE, NOT_FOUND.
  virtual absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      std::string_view name, std::vector<Assignment> assignments) = 0;

  // Retention and the like; bounded work. True when there is more to do.
  virtual bool Step(absl::Time now) = 0;
};

}  // namespace frontdesk::bus
