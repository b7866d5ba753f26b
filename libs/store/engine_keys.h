#pragma once

#include "frontdesk/store/v1/engine.pb.h"
#include "libs/store/table.h"

// Rows of the engine. Numbers are never reused; 0x01..0x1f are the engine's.
namespace frontdesk::store {

namespace rows = ::frontdesk::store::v1;

// 0x01 manifest: no fields -> Manifest. Store
inline constexpr Table<rows::Manifest> kManifest{0x01, "manifest"};
// 0x02 outbox: u64 sequence -> OutboxRow. Committer; trimmed once published
inline constexpr Table<rows::OutboxRow> kOutbox{0x02, "outbox row"};
// 0x03 timer: time due, u8 kind, string subject -> TimerRow. Committer
inline constexpr Table<rows::TimerRow> kTimers{0x03, "timer"};
// 0x04 position: string bus id, string topic, u32 partition -> PositionRow. Committer
inline constexpr Table<rows::PositionRow> kPositions{0x04, "consumer position"};
// 0x05 tail: string topic, u32 partition -> PartitionTailRow. Committer
inline constexpr Table<rows::PartitionTailRow> kTails{0x05, "partition tail"};
// 0x06 request: string tenant, actor, method, request id -> IdempotencyRow. Committer. Its own
// column family, where a compaction filter drops expired rows
inline constexpr Table<rows::IdempotencyRow> kRequests{0x06, "request"};
// 0x07 shard state: no fields -> ShardStateRow. Committer, with each batch
inline constexpr Table<rows::ShardStateRow> kShardState{0x07, "shard state"};
// 0x08 dead letter: string event id -> DeadLetterRow. Committer
inline constexpr Table<rows::DeadLetterRow> kDeadLetters{0x08, "dead letter"};
// 0x09 dead letter by age: time of the first refusal, string event id -> empty. Committer
inline constexpr Index kDeadLetterAges{0x09, "dead letter by age"};

// Version of keys and records. Rises only in a release after one that reads the new form.
inline constexpr uint32_t kFormat = 1;

}  // namespace frontdesk::store
