#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/bus/event_log.h"
#include "libs/store/command.h"
#include "libs/store/committer.h"

namespace frontdesk::bus {

// The form of an event on the bus: CloudEvents in Kafka's binary mode, with our own headers beside
// (DESIGN section 4).

inline constexpr std::string_view kSourceRestoredType = "frontdesk.common.v1.SourceRestored";
inline constexpr size_t kMaxHeaders = 64;
inline constexpr size_t kMaxHeaderBytes = 4 << 10;  // of one value

// What the headers of a record say.
struct EventInfo {
  std::string id;           // ce_id
  std::string source;       // ce_source
  std::string type;         // ce_type
  std::string subject;      // ce_subject
  absl::Time time;          // ce_time
  std::string tenant;       // fd_tenant
  std::string actor;        // fd_actor
  std::string cause;        // fd_cause
  std::string correlation;  // fd_correlation
  std::string traceparent;
  uint64_t epoch = 0;
  uint64_t seq = 0;
  uint64_t prev = 0;
  std::string key;  // of the record
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
};

// Reads the headers. On INVALID_ARGUMENT (EVENT_UNDECODABLE) `info` still holds what could be read:
// the place in the source counts even for a record that nobody can use.
absl::Status ParseHeaders(const Record& record, EventInfo* info);

// The event's place and what a dead letter keeps of it. Consumes key, headers and value.
store::Delivery MakeDelivery(Record&& record, const EventInfo& info, std::string_view bus_id,
                             std::string_view topic_id);

// Fills the command of an event, all but method, handle and done.
void FillCommand(const EventInfo& info, const store::Delivery& delivery, store::Command* command);

// A row of the outbox (serialised frontdesk.store.v1.OutboxRow) as a record of `source`
// (ce_source). DATA_LOSS.
absl::Status ParseOutboxRow(const store::Committer::OutboxEntry& entry, std::string_view source,
                            OutboundRecord* record, absl::Time* appended);

}  // namespace frontdesk::bus
