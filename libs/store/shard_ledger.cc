#include "libs/store/shard_ledger.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/fault_point.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/topics.h"

namespace frontdesk::store {
namespace {

absl::StatusOr<int32_t> PartitionFor(const StoreIdentity& identity, const OutgoingEvent& event) {
  const TopicSpec* topic = FindTopic(event.topic);
  if (topic == nullptr) {
    return Error(absl::StatusCode::kInternal, "INTERNAL",
                 fmt::format("the topic {} is not declared in libs/base/topics.h", event.topic));
  }
  const int k = topic->partitions_per_shard;
  return static_cast<int32_t>(identity.shard) * k + PartitionOf(event.key, k);
}

}  // namespace

bool IsTransient(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

absl::Status ShardLedger::Load(const Reader& reader) {
  FD_ASSIGN_OR_RETURN(auto state, kShardState.Find(reader, kShardState.Key()));
  if (state.has_value()) state_ = *std::move(state);
  if (state_.next_seq() == 0) state_.set_next_seq(1);
  timer_floor_ = absl::FromUnixMicros(state_.timer_floor_us());
  trim_mark.store(state_.trimmed_seq());
  absl::Status row_status;
  FD_RETURN_IF_ERROR(
      reader.Scan(kTails.Key(), "", [&](std::string_view key, std::string_view value) {
        KeyReader fields(key);
        std::string topic;
        uint32_t partition = 0;
        auto row = kTails.Parse(value);
        if (!row.ok() || !fields.Read(&topic) || !fields.Read(&partition)) {
          row_status = CorruptRow(kTails.name);
          return false;
        }
        tails_[{std::move(topic), static_cast<int32_t>(partition)}] = row->last_seq();
        return true;
      }));
  return row_status;
}

absl::Status ShardLedger::AppendEvent(OutgoingEvent event, const Command& cause, absl::Time now,
                                      CommitBatch& batch) {
  FD_ASSIGN_OR_RETURN(const int32_t partition, PartitionFor(identity_, event));
  const uint64_t seq = state_.next_seq();
  const PartitionId id{event.topic, partition};
  uint64_t& tail = tails_[id];

  rows::OutboxRow& row = scratch_row_;
  row.Clear();
  row.set_topic(std::move(event.topic));
  row.set_partition(partition);
  row.set_key(std::move(event.key));
  row.set_value(std::move(event.value));
  row.set_time_us(absl::ToUnixMicros(now));
  row.set_id(std::move(event.id));
  row.set_type(std::move(event.type));
  row.set_subject(std::move(event.subject));
  row.set_tenant(std::move(event.tenant));
  row.set_epoch(epoch_);
  row.set_prev(tail);
  row.set_actor(cause.actor);
  row.set_cause(cause.cause);
  row.set_correlation(std::move(event.correlation));
  row.set_traceparent(cause.traceparent);
  for (auto& [name, text] : event.extra_headers) {
    rows::Header* header = row.add_extra_headers();
    header->set_name(std::move(name));
    header->set_value(std::move(text));
  }
  row.SerializeToString(&scratch_bytes_);
  batch.PutUnread(kOutbox.Key(seq), scratch_bytes_);

  if (std::find(dirty_tails_.begin(), dirty_tails_.end(), id) == dirty_tails_.end()) {
    dirty_tails_.push_back(id);
  }
  tail = seq;
  state_.set_next_seq(seq + 1);
  state_.set_outbox_bytes(state_.outbox_bytes() + scratch_bytes_.size());
  return absl::OkStatus();
}

bool ShardLedger::Trim(size_t max, CommitBatch& batch) {
  const uint64_t mark = std::min(trim_mark.load(std::memory_order_acquire), state_.next_seq() - 1);
  const uint64_t from = state_.trimmed_seq();
  if (mark <= from) return false;
  const uint64_t to = std::min<uint64_t>(mark, from + max);
  for (uint64_t seq = from + 1; seq <= to; ++seq) batch.SingleDelete(kOutbox.Key(seq));
  // Rows are not read to be trimmed: what is left counts as its share.
  const double left = static_cast<double>(state_.next_seq() - 1 - to) /
                      static_cast<double>(state_.next_seq() - 1 - from);
  state_.set_outbox_bytes(static_cast<uint64_t>(static_cast<double>(state_.outbox_bytes()) * left));
  state_.set_trimmed_seq(to);
  return true;
}

absl::StatusOr<ShardLedger::Position*> ShardLedger::LoadPosition(const Delivery& delivery,
                                                                 const Reader& reader) {
  const PartitionId id{delivery.topic, delivery.partition};
  const auto it = positions_.find(id);
  const bool known = it != positions_.end() && it->second.row.bus_id() == delivery.bus_id;
  if (known && !it->second.unread) return &it->second;
  const int64_t blocked = known ? it->second.blocked_offset : -1;
  FD_ASSIGN_OR_RETURN(
      auto row, kPositions.Find(reader, kPositions.Key(delivery.bus_id, delivery.topic,
                                                       static_cast<uint32_t>(delivery.partition))));
  Position& position = positions_[id];
  position = Position();
  position.blocked_offset = blocked;
  if (row.has_value()) {
    position.row = *std::move(row);
  } else {
    position.row.set_bus_id(delivery.bus_id);
    position.row.set_topic(delivery.topic);
    position.row.set_partition(delivery.partition);
    position.row.set_next_offset(-1);
  }
  return &position;
}

absl::StatusOr<ShardLedger::Verdict> ShardLedger::Judge(const Delivery& delivery,
                                                        const Reader& reader) {
  const absl::StatusOr<Position*> position = LoadPosition(delivery, reader);
  if (!position.ok()) {
    // Without it the one behind this could pass as the first of a new consumer.
    Block(delivery);
    return position.status();
  }
  const Verdict verdict = Compare(delivery, **position);
  if (verdict == Verdict::kDuplicate && FD_RULE_IS_BROKEN("events.seen")) return Verdict::kApply;
  return verdict;
}

ShardLedger::Verdict ShardLedger::Compare(const Delivery& delivery, const Position& position) {
  const rows::PositionRow& row = position.row;
  if (delivery.offset < row.next_offset()) return Verdict::kDuplicate;
  if (position.blocked_offset >= 0 && delivery.offset > position.blocked_offset) {
    return Verdict::kOutOfOrder;
  }
  // A record that none of our services wrote has no sequence to check.
  if (delivery.epoch == 0) return Verdict::kApply;
  // Nothing known of this source yet: a new consumer, or one that was repositioned.
  if (row.epoch() == 0) return Verdict::kApply;
  if (delivery.epoch < row.epoch()) return Verdict::kStaleEpoch;
  if (delivery.epoch > row.epoch()) {
    return delivery.source_restored ? Verdict::kApply : Verdict::kGap;
  }
  if (delivery.seq <= row.seq()) return Verdict::kDuplicate;
  return delivery.prev == row.seq() ? Verdict::kApply : Verdict::kGap;
}

void ShardLedger::Advance(const Delivery& delivery) {
  Position& position = positions_[{delivery.topic, delivery.partition}];
  // A duplicate of what came before the blocked one lets nothing pass.
  if (delivery.offset >= position.blocked_offset) position.blocked_offset = -1;
  position.dirty = true;
  if (state_.bus_id().empty()) SetBus(delivery.bus_id);
  rows::PositionRow& row = position.row;
  row.set_topic_id(delivery.topic_id);
  row.set_next_offset(std::max(row.next_offset(), delivery.offset + 1));
  const bool newer =
      delivery.epoch > row.epoch() || (delivery.epoch == row.epoch() && delivery.seq > row.seq());
  if (delivery.epoch != 0 && newer) {
    row.set_epoch(delivery.epoch);
    row.set_seq(delivery.seq);
    row.set_source(delivery.source);
  }
}

void ShardLedger::Block(const Delivery& delivery) {
  Position& position = positions_[{delivery.topic, delivery.partition}];
  if (position.row.bus_id() != delivery.bus_id) {
    position = Position();
    position.row.set_bus_id(delivery.bus_id);
    position.unread = true;
  }
  const bool first = position.blocked_offset < 0 || delivery.offset < position.blocked_offset;
  if (first) position.blocked_offset = delivery.offset;
}

void ShardLedger::SetPosition(rows::PositionRow row) {
  SetBus(row.bus_id());
  Position& position = positions_[{row.topic(), row.partition()}];
  position = Position();
  position.row = std::move(row);
  position.dirty = true;
}

void ShardLedger::StartPosition(rows::PositionRow row) {
  Position& position = positions_[{row.topic(), row.partition()}];
  if (position.row.bus_id() != row.bus_id()) return SetPosition(std::move(row));
  if (position.unread || position.row.next_offset() >= 0) return;
  position.row.set_topic_id(row.topic_id());
  position.row.set_next_offset(row.next_offset());
  position.dirty = true;
}

void ShardLedger::SetBus(const std::string& bus_id) {
  if (state_.bus_id() == bus_id) return;
  state_.set_bus_id(bus_id);
  bus_dirty_ = true;
}

bool ShardLedger::Dirty() const {
  if (!dirty_tails_.empty() || bus_dirty_) return true;
  for (const auto& [id, position] : positions_) {
    if (position.dirty) return true;
  }
  return false;
}

void ShardLedger::WriteTo(absl::Time first_timer, CommitBatch& batch) {
  for (const PartitionId& id : dirty_tails_) {
    rows::PartitionTailRow row;
    row.set_last_seq(tails_[id]);
    batch.PutUnread(kTails.Key(id.first, static_cast<uint32_t>(id.second)),
                    row.SerializeAsString());
  }
  dirty_tails_.clear();
  bus_dirty_ = false;
  for (auto& [id, position] : positions_) {
    if (!position.dirty) continue;
    position.dirty = false;
    batch.PutUnread(
        kPositions.Key(position.row.bus_id(), id.first, static_cast<uint32_t>(id.second)),
        position.row.SerializeAsString());
  }
  {
    const std::lock_guard lock(floor_mu_);
    state_.set_timer_floor_us(absl::ToUnixMicros(std::min(timer_floor_, first_timer)));
  }
  batch.PutUnread(kShardState.Key(), state_.SerializeAsString());
}

absl::Time ShardLedger::timer_floor() const {
  const std::lock_guard lock(floor_mu_);
  return timer_floor_;
}

absl::Time ShardLedger::BeginTimerScan() {
  const std::lock_guard lock(floor_mu_);
  set_since_scan_ = absl::InfiniteFuture();
  return timer_floor_;
}

void ShardLedger::RaiseTimerFloor(absl::Time floor) {
  const std::lock_guard lock(floor_mu_);
  timer_floor_ = std::max(timer_floor_, std::min(floor, set_since_scan_));
}

void ShardLedger::NoteTimerSet(absl::Time due) {
  const std::lock_guard lock(floor_mu_);
  timer_floor_ = std::min(timer_floor_, due);
  set_since_scan_ = std::min(set_since_scan_, due);
}

}  // namespace frontdesk::store
