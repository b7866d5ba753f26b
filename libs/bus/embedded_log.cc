#include "libs/bus/embedded_log.h"

#include <algorithm>
#include <utility>

#include "frontdesk/store/v1/log.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/topics.h"
#include "libs/base/ulid.h"
#include "libs/store/keys.h"
#include "libs/store/table.h"
#include "libs/telemetry/log.h"

namespace frontdesk::bus {
namespace {

namespace rows = ::frontdesk::store::v1;
using store::EncodeKey;
using store::RawDb;

// Keys of the log's own database (encoding: libs/store/keys.h). Numbers are never reused.
// 0x01 identity: no fields -> LogIdentityRow
constexpr store::Table<rows::LogIdentityRow> kIdentity{0x01, "log identity"};
// 0x02 topic: string name -> LogTopicRow
constexpr store::Table<rows::LogTopicRow> kTopics{0x02, "log topic"};
// 0x03 floor: u32 topic number, u32 partition -> LogFloorRow
constexpr store::Table<rows::LogFloorRow> kFloors{0x03, "log floor"};
// 0x04 record: u32 topic number, u32 partition, u64 offset -> LogRecordRow
constexpr store::Table<rows::LogRecordRow> kRecords{0x04, "log record"};

constexpr size_t kPollBytesMax = 1 << 20;

size_t SizeOf(const OutboundRecord& record) {
  size_t size = record.key.size() + record.value.size() + 32;
  for (const auto& [name, value] : record.headers) size += name.size() + value.size();
  return size;
}

absl::Status Mismatch(std::string_view topic, int32_t partition, std::string_view what) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "BUS_MISMATCH",
                            fmt::format("{}/{}: {}", topic, partition, what)),
                      "topic", topic);
}

absl::Status Overtaken(std::string_view topic, int32_t partition, int64_t wanted, int64_t first) {
  return WithMetadata(
      Error(absl::StatusCode::kDataLoss, "POSITION_OVERTAKEN",
            fmt::format("{}/{}: offset {} was removed by retention, the first one is {}", topic,
                        partition, wanted, first)),
      "topic", topic);
}

uint64_t OffsetOf(std::string_view key) {
  store::KeyReader fields(key);
  uint32_t number = 0;
  uint32_t partition = 0;
  uint64_t offset = 0;
  if (!fields.Read(&number) || !fields.Read(&partition) || !fields.Read(&offset)) return 0;
  return offset;
}

}  // namespace

struct EmbeddedLog::Partition {
  uint32_t topic_number = 0;
  int32_t number = 0;
  std::atomic<int64_t> first{0};          // offset of the oldest record kept
  std::atomic<int64_t> end{0};            // offset after the last durable one
  std::atomic<uint64_t> bytes_before{0};  // of records before `first`, since the topic was made
  std::atomic<uint64_t> bytes_total{0};   // of all records, since the topic was made
  std::vector<EmbeddedSubscription*> readers;  // guarded by readers_mu_

  std::string RecordKey(int64_t offset) const {
    return kRecords.Key(topic_number, static_cast<uint32_t>(number), static_cast<uint64_t>(offset));
  }
  std::string FloorKey() const { return kFloors.Key(topic_number, static_cast<uint32_t>(number)); }
  std::string KeysEnd() const {
    return store::PrefixEnd(kRecords.Key(topic_number, static_cast<uint32_t>(number)));
  }
};

struct EmbeddedLog::Topic {
  std::string name;
  std::string id;
  uint32_t number = 0;
  absl::Duration retention;
  std::atomic<bool> deleted{false};
  std::vector<std::unique_ptr<Partition>> partitions;
};

// What one publisher hands over at once.
struct EmbeddedLog::Append {
  std::vector<OutboundRecord> records;
  uint64_t last_seq = 0;
  absl::Status status = absl::UnknownError("not written");  // set under write_mu_
};

// One batch in the making.
struct EmbeddedLog::Staging {
  struct Tail {
    std::shared_ptr<Topic> topic;
    int64_t end;
    uint64_t bytes;
  };
  std::map<Partition*, Tail> partitions;
  RawDb::Batch batch;
  rows::LogRecordRow row;  // reused, as is its serialised form
  std::string bytes;
};

class EmbeddedLog::EmbeddedPublisher final : public Publisher {
 public:
  explicit EmbeddedPublisher(EmbeddedLog& log) : log_(log) {}

  bool Offer(OutboundRecord&& record, uint64_t seq) override {
    const size_t size = SizeOf(record);
    if (bytes_ > 0 && bytes_ + size > log_.options_.publisher_buffer_bytes) return false;
    if (next_ == nullptr) next_ = std::make_shared<Append>();
    bytes_ += size;
    next_->last_seq = seq;
    next_->records.push_back(std::move(record));
    return true;
  }

  absl::StatusOr<uint64_t> Poll() override {
    if (!dead_.ok()) return dead_;
    if (next_ == nullptr) return acknowledged_;
    const std::shared_ptr<Append> append = std::exchange(next_, nullptr);
    bytes_ = 0;
    log_.Commit(append);
    dead_ = append->status;
    if (!dead_.ok()) return dead_;
    acknowledged_ = append->last_seq;
    return acknowledged_;
  }

  // Poll waits for the disk itself, so there is never news to be woken for.
  void OnReady(std::function<void()>) override {}

 private:
  EmbeddedLog& log_;
  std::shared_ptr<Append> next_;
  size_t bytes_ = 0;
  uint64_t acknowledged_ = 0;
  absl::Status dead_;
};

class EmbeddedLog::EmbeddedSubscription final : public Subscription {
 public:
  struct Cursor {
    std::shared_ptr<Topic> topic;
    Partition* partition;
    int64_t next;
    absl::Status error;
  };

  EmbeddedSubscription(EmbeddedLog& log, std::vector<Cursor> cursors)
      : log_(log), cursors_(std::move(cursors)), last_poll_(log.in_.clock.Steady()) {
    const std::lock_guard lock(log_.readers_mu_);
    for (Cursor& cursor : cursors_) cursor.partition->readers.push_back(this);
  }

  ~EmbeddedSubscription() override {
    const std::lock_guard lock(log_.readers_mu_);
    for (Cursor& cursor : cursors_) std::erase(cursor.partition->readers, this);
  }

  absl::StatusOr<std::vector<Record>> Poll(size_t assignment, size_t max) override {
    last_poll_ = log_.in_.clock.Steady();
    Cursor& cursor = cursors_[assignment];
    std::vector<Record> records;
    if (cursor.error.ok()) cursor.error = Read(cursor, max, &records);
    if (!cursor.error.ok() && records.empty()) return cursor.error;
    return records;
  }

  int64_t EndOffset(size_t assignment) override {
    return cursors_[assignment].partition->end.load(std::memory_order_acquire);
  }

  int64_t FirstOffset(size_t assignment) override {
    return cursors_[assignment].partition->first.load(std::memory_order_acquire);
  }

  // There is no connection that could go stale: a reader that polls is served.
  absl::Duration SinceLastPoll() const override { return log_.in_.clock.Steady() - last_poll_; }

  void OnReady(std::function<void()> wake) override {
    const std::lock_guard lock(log_.readers_mu_);
    wake_ = std::move(wake);
  }

  // Under readers_mu_.
  void Wake() const {
    if (wake_) wake_();
  }

 private:
  absl::Status Read(Cursor& cursor, size_t max, std::vector<Record>* records) {
    const Partition& partition = *cursor.partition;
    const std::string& name = cursor.topic->name;
    if (cursor.topic->deleted.load()) return Mismatch(name, partition.number, "topic is gone");
    const int64_t end = partition.end.load(std::memory_order_acquire);
    const int64_t first = partition.first.load(std::memory_order_acquire);
    if (cursor.next < first) return Overtaken(name, partition.number, cursor.next, first);
    if (cursor.next > end) {
      return Mismatch(name, partition.number,
                      fmt::format("offset {} is past the end {}", cursor.next, end));
    }
    if (cursor.next == end || max == 0) return absl::OkStatus();
    absl::Status row_status;
    size_t bytes = 0;
    FD_RETURN_IF_ERROR(
        log_.db_->Scan(partition.RecordKey(cursor.next), partition.RecordKey(end),
                       [&](std::string_view key, std::string_view value) {
                         const auto offset = static_cast<int64_t>(OffsetOf(key));
                         if (offset != cursor.next) {  // trimmed since `first` was read
                           row_status = Overtaken(name, partition.number, cursor.next, offset);
                           return false;
                         }
                         row_status = Parse(cursor, value, records);
                         if (!row_status.ok()) return false;
                         ++cursor.next;
                         bytes += value.size();
                         return records->size() < max && bytes < kPollBytesMax;
                       }));
    if (row_status.ok() && records->empty()) {
      row_status = Overtaken(name, partition.number, cursor.next, partition.first.load());
    }
    return row_status;
  }

  static absl::Status Parse(const Cursor& cursor, std::string_view value,
                            std::vector<Record>* records) {
    FD_ASSIGN_OR_RETURN(rows::LogRecordRow row, kRecords.Parse(value));
    Record& record = records->emplace_back();
    record.topic = cursor.topic->name;
    record.partition = cursor.partition->number;
    record.offset = cursor.next;
    record.key = std::move(*row.mutable_key());
    record.value = std::move(*row.mutable_value());
    record.time = absl::FromUnixMicros(row.time_us());
    record.headers.reserve(static_cast<size_t>(row.headers_size()));
    for (rows::LogHeader& header : *row.mutable_headers()) {
      record.headers.emplace_back(std::move(*header.mutable_name()),
                                  std::move(*header.mutable_value()));
    }
    return absl::OkStatus();
  }

  EmbeddedLog& log_;
  std::vector<Cursor> cursors_;
  absl::Duration last_poll_;
  std::function<void()> wake_;  // guarded by readers_mu_
};

EmbeddedLog::EmbeddedLog(Collaborators collaborators, Options options)
    : in_(std::move(collaborators)),
      options_(std::move(options)),
      sync_seconds_(in_.metrics.GetHistogram("frontdesk_log_sync_seconds",
                                             "Time of one synced append to the embedded log")),
      bytes_(in_.metrics.GetGauge("frontdesk_log_bytes", "Bytes kept in the embedded log")),
      next_retention_(in_.clock.Steady() + options_.retention_interval) {}

EmbeddedLog::~EmbeddedLog() = default;

absl::StatusOr<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(Collaborators collaborators,
                                                               Options options) {
  FD_ASSIGN_OR_RETURN(auto db, RawDb::Open(options.directory, options.create_if_missing,
                                           collaborators.environment));
  std::unique_ptr<EmbeddedLog> log(new EmbeddedLog(std::move(collaborators), std::move(options)));
  log->db_ = std::move(db);
  FD_RETURN_IF_ERROR(log->Load());
  return log;
}

absl::Status EmbeddedLog::Load() {
  FD_ASSIGN_OR_RETURN(auto value, db_->Get(kIdentity.Key()));
  rows::LogIdentityRow identity;
  if (value.has_value()) {
    FD_ASSIGN_OR_RETURN(identity, kIdentity.Parse(*value));
  } else {
    identity.set_log_id(NewUlid(in_.clock.Now(), in_.random));
    identity.set_next_topic_number(1);
    RawDb::Batch batch;
    batch.Put(kIdentity.Key(), identity.SerializeAsString());
    FD_RETURN_IF_ERROR(db_->Write(std::move(batch)));
  }
  id_ = identity.log_id();
  next_topic_number_ = identity.next_topic_number();
  return LoadTopics();
}

absl::Status EmbeddedLog::LoadTopics() {
  absl::Status row_status;
  FD_RETURN_IF_ERROR(db_->Scan(kTopics.Key(), store::PrefixEnd(kTopics.Key()),
                               [&](std::string_view key, std::string_view value) {
                                 auto topic = std::make_shared<Topic>();
                                 store::KeyReader fields(key);
                                 auto row = kTopics.Parse(value);
                                 if (!row.ok() || !fields.Read(&topic->name)) {
                                   row_status = store::CorruptRow(kTopics.name);
                                   return false;
                                 }
                                 topic->id = row->topic_id();
                                 topic->number = row->number();
                                 topic->retention = absl::Milliseconds(row->retention_ms());
                                 for (int32_t i = 0; i < row->partitions(); ++i) {
                                   auto& partition = topic->partitions.emplace_back(
                                       std::make_unique<Partition>());
                                   partition->topic_number = topic->number;
                                   partition->number = i;
                                 }
                                 topics_[topic->name] = std::move(topic);
                                 return true;
                               }));
  FD_RETURN_IF_ERROR(row_status);
  for (auto& [name, topic] : topics_) {
    for (auto& partition : topic->partitions) FD_RETURN_IF_ERROR(LoadPartition(*partition));
  }
  return absl::OkStatus();
}

absl::Status EmbeddedLog::LoadPartition(Partition& partition) {
  FD_ASSIGN_OR_RETURN(auto value, db_->Get(partition.FloorKey()));
  if (value.has_value()) {
    FD_ASSIGN_OR_RETURN(const rows::LogFloorRow floor, kFloors.Parse(*value));
    partition.first = floor.first_offset();
    partition.bytes_before = floor.bytes_before();
  }
  partition.end = partition.first.load();
  partition.bytes_total = partition.bytes_before.load();
  absl::Status row_status;
  FD_RETURN_IF_ERROR(db_->ScanBackward(partition.RecordKey(partition.first), partition.KeysEnd(),
                                       [&](std::string_view key, std::string_view bytes) {
                                         auto row = kRecords.Parse(bytes);
                                         row_status = row.status();
                                         if (!row.ok()) return false;
                                         partition.end = static_cast<int64_t>(OffsetOf(key)) + 1;
                                         partition.bytes_total = row->bytes_before() + bytes.size();
                                         return false;
                                       }));
  return row_status;
}

std::shared_ptr<EmbeddedLog::Topic> EmbeddedLog::Find(std::string_view name) const {
  const std::lock_guard lock(topics_mu_);
  const auto it = topics_.find(name);
  return it == topics_.end() ? nullptr : it->second;
}

absl::StatusOr<TopicInfo> EmbeddedLog::Describe(std::string_view topic) {
  const auto found = Find(topic);
  if (found == nullptr) return NotFound("topic", topic);
  return TopicInfo{found->id, static_cast<int>(found->partitions.size())};
}

absl::Status EmbeddedLog::EnsureTopics(uint32_t shard_count) {
  for (const TopicSpec& spec : AllTopics()) {
    const int partitions = static_cast<int>(shard_count) * spec.partitions_per_shard;
    const auto found = Find(spec.name);
    if (found == nullptr) {
      FD_RETURN_IF_ERROR(CreateTopic(spec.name, partitions, spec.retention));
    } else if (static_cast<int>(found->partitions.size()) != partitions) {
      return Mismatch(spec.name, 0,
                      fmt::format("has {} partitions, the contract says {}",
                                  found->partitions.size(), partitions));
    }
  }
  return absl::OkStatus();
}

absl::Status EmbeddedLog::CreateTopic(std::string_view name, int partitions,
                                      absl::Duration retention) {
  const std::lock_guard lock(topics_mu_);
  // Several services of the process may ask for it at once.
  if (topics_.contains(name)) return absl::OkStatus();
  auto topic = std::make_shared<Topic>();
  topic->name = name;
  topic->id = NewUlid(in_.clock.Now(), in_.random);
  topic->number = next_topic_number_;
  topic->retention = retention;
  for (int32_t i = 0; i < partitions; ++i) {
    auto& partition = topic->partitions.emplace_back(std::make_unique<Partition>());
    partition->topic_number = topic->number;
    partition->number = i;
  }
  rows::LogTopicRow row;
  row.set_topic_id(topic->id);
  row.set_number(topic->number);
  row.set_partitions(partitions);
  row.set_retention_ms(absl::ToInt64Milliseconds(retention));
  rows::LogIdentityRow identity;
  identity.set_log_id(id_);
  identity.set_next_topic_number(next_topic_number_ + 1);
  RawDb::Batch batch;
  batch.Put(kTopics.Key(std::string(name)), row.SerializeAsString());
  batch.Put(kIdentity.Key(), identity.SerializeAsString());
  FD_RETURN_IF_ERROR(db_->Write(std::move(batch)));
  ++next_topic_number_;
  topics_[topic->name] = std::move(topic);
  return absl::OkStatus();
}

absl::Status EmbeddedLog::DeleteTopic(std::string_view name) {
  const std::lock_guard writing(write_mu_);
  const std::lock_guard lock(topics_mu_);
  const auto it = topics_.find(name);
  if (it == topics_.end()) return NotFound("topic", name);
  const uint32_t number = it->second->number;
  RawDb::Batch batch;
  batch.Delete(kTopics.Key(std::string(name)));
  batch.DeleteRange(kFloors.Key(number), store::PrefixEnd(kFloors.Key(number)));
  batch.DeleteRange(kRecords.Key(number), store::PrefixEnd(kRecords.Key(number)));
  FD_RETURN_IF_ERROR(db_->Write(std::move(batch)));
  it->second->deleted = true;
  topics_.erase(it);
  return absl::OkStatus();
}

absl::Status EmbeddedLog::DeleteRecordsBefore(std::string_view name, int32_t number,
                                              int64_t offset) {
  const auto topic = Find(name);
  if (topic == nullptr) return NotFound("topic", name);
  Partition& partition = *topic->partitions[static_cast<size_t>(number)];
  const int64_t end = partition.end.load();
  offset = std::min(offset, end);
  if (offset <= partition.first.load()) return absl::OkStatus();
  uint64_t bytes_before = partition.bytes_total.load();
  if (offset < end) {
    FD_ASSIGN_OR_RETURN(auto value, db_->Get(partition.RecordKey(offset)));
    if (!value.has_value()) return store::CorruptRow(kRecords.name);
    FD_ASSIGN_OR_RETURN(const rows::LogRecordRow row, kRecords.Parse(*value));
    bytes_before = row.bytes_before();
  }
  return Trim(partition, offset, bytes_before);
}

absl::StatusOr<std::unique_ptr<Publisher>> EmbeddedLog::NewPublisher() {
  if (failed_.load()) return absl::UnavailableError("the embedded log has failed");
  return std::make_unique<EmbeddedPublisher>(*this);
}

absl::StatusOr<std::unique_ptr<Subscription>> EmbeddedLog::Subscribe(
    std::string_view, std::vector<Assignment> assignments) {
  std::vector<EmbeddedSubscription::Cursor> cursors;
  for (const Assignment& assignment : assignments) {
    const auto topic = Find(assignment.topic);
    const auto number = static_cast<size_t>(assignment.partition);
    if (topic == nullptr || number >= topic->partitions.size()) {
      return NotFound("topic", assignment.topic);
    }
    Partition* partition = topic->partitions[number].get();
    const int64_t next =
        assignment.offset == kEarliestOffset ? partition->first.load() : assignment.offset;
    cursors.push_back({topic, partition, next, absl::OkStatus()});
  }
  return std::make_unique<EmbeddedSubscription>(*this, std::move(cursors));
}

void EmbeddedLog::Commit(const std::shared_ptr<Append>& append) {
  {
    const std::lock_guard lock(pending_mu_);
    pending_.push_back(append);
  }
  // Whoever comes next while a batch is being written finds, when it is its turn, that another
  // publisher has taken its records along, or takes along all that have queued up.
  const std::lock_guard writing(write_mu_);
  std::vector<std::shared_ptr<Append>> appends;
  {
    const std::lock_guard lock(pending_mu_);
    appends.swap(pending_);
  }
  if (!appends.empty()) Write(appends);
}

absl::Status EmbeddedLog::Stage(const OutboundRecord& record, int64_t now_us, Staging& staging) {
  const auto topic = Find(record.topic);
  const auto number = static_cast<size_t>(record.partition);
  if (topic == nullptr || number >= topic->partitions.size()) {
    return NotFound("topic", record.topic);
  }
  Partition* partition = topic->partitions[number].get();
  const auto [it, fresh] = staging.partitions.try_emplace(partition);
  Staging::Tail& tail = it->second;
  if (fresh) tail = {topic, partition->end.load(), partition->bytes_total.load()};
  rows::LogRecordRow& row = staging.row;
  row.Clear();
  row.set_key(record.key);
  row.set_value(record.value);
  row.set_time_us(now_us);
  row.set_bytes_before(tail.bytes);
  for (const auto& [name, value] : record.headers) {
    rows::LogHeader* header = row.add_headers();
    header->set_name(name);
    header->set_value(value);
  }
  row.SerializeToString(&staging.bytes);
  staging.batch.Put(partition->RecordKey(tail.end), staging.bytes);
  ++tail.end;
  tail.bytes += staging.bytes.size();
  return absl::OkStatus();
}

void EmbeddedLog::Write(const std::vector<std::shared_ptr<Append>>& appends) {
  Staging staging;
  const int64_t now_us = absl::ToUnixMicros(in_.clock.Now());
  for (const auto& append : appends) {
    append->status = absl::OkStatus();
    for (const OutboundRecord& record : append->records) {
      append->status = Stage(record, now_us, staging);
      if (!append->status.ok()) break;  // that publisher dies; what it staged is published twice
    }
  }
  const absl::Duration started = in_.clock.Steady();
  const absl::Status status = failed_.load() ? absl::UnavailableError("the embedded log has failed")
                                             : db_->Write(std::move(staging.batch));
  sync_seconds_.Observe(in_.clock.Steady() - started);
  if (!status.ok()) {
    for (const auto& append : appends) append->status = status;
    // A failed sync is never retried: what is on the disk is unknown.
    if (!failed_.exchange(true) && in_.on_fatal) in_.on_fatal(status);
    return;
  }
  for (auto& [partition, tail] : staging.partitions) {
    partition->bytes_total.store(tail.bytes, std::memory_order_relaxed);
    partition->end.store(tail.end, std::memory_order_release);
  }
  const std::lock_guard lock(readers_mu_);
  for (auto& [partition, tail] : staging.partitions) {
    for (const EmbeddedSubscription* reader : partition->readers) reader->Wake();
  }
}

absl::Status EmbeddedLog::Trim(Partition& partition, int64_t first_offset, uint64_t bytes_before) {
  const std::lock_guard writing(write_mu_);
  rows::LogFloorRow floor;
  floor.set_first_offset(first_offset);
  floor.set_bytes_before(bytes_before);
  RawDb::Batch batch;
  batch.Put(partition.FloorKey(), floor.SerializeAsString());
  batch.DeleteRange(partition.RecordKey(partition.first), partition.RecordKey(first_offset));
  // Readers that look now must find the floor before the rows are gone.
  partition.first.store(first_offset, std::memory_order_release);
  partition.bytes_before.store(bytes_before, std::memory_order_release);
  return db_->Write(std::move(batch));
}

absl::StatusOr<bool> EmbeddedLog::Retain(const Topic& topic, Partition& partition, absl::Time now) {
  const absl::Time oldest = now - topic.retention;
  const uint64_t total = partition.bytes_total.load();
  const int64_t end = partition.end.load(std::memory_order_acquire);
  int64_t first_kept = partition.first.load();
  uint64_t bytes_before = partition.bytes_before.load();
  size_t seen = 0;
  bool more = false;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(db_->Scan(partition.RecordKey(first_kept), partition.RecordKey(end),
                               [&](std::string_view key, std::string_view value) {
                                 if (seen++ == options_.retention_rows_per_step)
                                   return !(more = true);
                                 auto row = kRecords.Parse(value);
                                 row_status = row.status();
                                 if (!row.ok()) return false;
                                 const bool too_much =
                                     total - row->bytes_before() > options_.retention_bytes;
                                 if (!too_much && absl::FromUnixMicros(row->time_us()) >= oldest)
                                   return false;
                                 first_kept = static_cast<int64_t>(OffsetOf(key)) + 1;
                                 bytes_before = row->bytes_before() + value.size();
                                 return true;
                               }));
  FD_RETURN_IF_ERROR(row_status);
  if (first_kept > partition.first.load()) {
    FD_RETURN_IF_ERROR(Trim(partition, first_kept, bytes_before));
  }
  return more;
}

std::vector<std::pair<std::shared_ptr<EmbeddedLog::Topic>, size_t>> EmbeddedLog::AllPartitions()
    const {
  std::vector<std::pair<std::shared_ptr<Topic>, size_t>> all;
  const std::lock_guard lock(topics_mu_);
  for (const auto& [name, topic] : topics_) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) all.emplace_back(topic, i);
  }
  return all;
}

bool EmbeddedLog::Step(absl::Time now) {
  if (in_.clock.Steady() < next_retention_ || failed_.load()) return false;
  const auto all = AllPartitions();
  if (retention_cursor_ < all.size()) {
    const auto& [topic, number] = all[retention_cursor_];
    const auto more = Retain(*topic, *topic->partitions[number], now);
    if (!more.ok()) {
      telemetry::Log(telemetry::Level::kError, "log.retention_failed",
                     {{"topic", topic->name}, {"error", more.status()}});
    }
    if (!more.ok() || !*more) ++retention_cursor_;
    return true;
  }
  uint64_t bytes = 0;
  for (const auto& [topic, number] : all) {
    const Partition& partition = *topic->partitions[number];
    bytes += partition.bytes_total.load() - partition.bytes_before.load();
  }
  bytes_.Set(static_cast<double>(bytes));
  retention_cursor_ = 0;
  next_retention_ = in_.clock.Steady() + options_.retention_interval;
  return false;
}

void EmbeddedLog::Abandon() {
  failed_ = true;
  db_->Abandon();
}

}  // namespace frontdesk::bus
