#pragma once

#include <any>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/ulid.h"
#include "libs/store/txn.h"

namespace google::protobuf {
class Message;
}

namespace frontdesk::store {

// What a handler may know besides the command and the state. Everything that could differ between
// two runs (time, ids) comes from here, so a handler is a function of its arguments.
struct Context {
  absl::Time now;   // never before the last one of this shard
  UlidSource& ids;  // new resource and event ids
  std::string_view tenant;
  std::string_view actor;                 // principal, or "system"
  std::string_view cause;                 // request id, event id or timer behind this command
  std::string_view correlation;           // conversation name, or empty
  std::string_view traceparent;           // W3C, or empty
  bool unprepared = false;                // prepare missed its deadline
  absl::Time due = absl::InfinitePast();  // timers: when it should have fired
  uint64_t generation = 0;                // timers: the generation it was set with

  std::string NewId() const { return ids.Next(now); }
};

// The answer of a command. `message` is the caller's response object (null for events and timers);
// what a handler writes there is kept with the request id and given again to a repeated request.
struct Reply {
  google::protobuf::Message* message = nullptr;
  std::string resource;  // name from which Command::rebuild makes a reply over kMaxStoredReply
};

inline constexpr size_t kMaxStoredReplyBytes = 2 << 10;
inline constexpr absl::Duration kRequestIdLife = absl::Hours(24 * 7);

using Handler = absl::AnyInvocable<absl::Status(const Context&, Txn&, Reply&)>;

// Where an event stands on the bus and in its source. The committer compares it with the consumer
// position and writes the new position in the batch of the effect.
struct Delivery {
  std::string bus_id;
  std::string topic;
  std::string topic_id;  // changes when a topic is made again
  int32_t partition = 0;
  int64_t offset = 0;
  std::string source;  // ce_source
  uint64_t epoch = 0;  // fd_epoch; 0: not one of ours
  uint64_t seq = 0;    // fd_seq
  uint64_t prev = 0;   // fd_prev
  bool source_restored = false;
  // What a dead letter keeps of it.
  std::string event_id;
  std::string key;
  std::shared_ptr<const std::string> value;
  std::shared_ptr<const std::vector<std::pair<std::string, std::string>>> headers;
};

// A wish: an RPC, an event that arrived or a timer that fired. Submit it to a Committer; `done` is
// called exactly once, after the sync that made its effect durable (or its refusal certain).
struct Command {
  enum class Source : uint8_t { kRpc, kEvent, kTimer };

  Source source = Source::kRpc;
  std::string_view method;  // static storage: metric label and part of the request-id key
  std::string tenant;
  std::string actor;
  std::string request_id;     // RPC mutations: 1 to 64 characters
  uint64_t payload_hash = 0;  // of the request without its id
  std::string cause;
  std::string correlation;
  std::string traceparent;
  bool unprepared = false;
  bool frees_space = false;  // allowed while the disk is nearly full: deletes, retention
  size_t bytes = 0;          // about what it holds in memory; counts against the batch
  absl::Duration give_up_at = absl::InfiniteDuration();  // steady clock; past it: not handled

  Handler handle;                                 // null: only move the position (a skipped event)
  google::protobuf::Message* response = nullptr;  // outlives `done`
  // Makes the reply again from the resource when it was too large to keep. May be null when the
  // replies of this method are small.
  absl::AnyInvocable<absl::Status(const Reader&, std::string_view resource,
                                  google::protobuf::Message*)>
      rebuild;
  absl::AnyInvocable<void(absl::Status)> done;
  // For the committer: what the handler asked for with Txn::AfterCommit.
  std::vector<absl::AnyInvocable<void()>> after_commit;

  std::optional<Delivery> delivery;  // events
  std::optional<Timer> timer;        // timers
};

}  // namespace frontdesk::store
