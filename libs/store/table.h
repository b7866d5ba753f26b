#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/error.h"
#include "libs/store/keys.h"
#include "libs/store/reader.h"
#include "libs/store/txn.h"

namespace frontdesk::store {

// A corrupt row is never a default: DATA_LOSS naming the table, and the metric
// frontdesk_store_corrupt_rows.
absl::Status CorruptRow(std::string_view table);
// How many this process has met; exported by the committer.
uint64_t CorruptRowsSeen();

// One kind of record: a prefix byte, a name for errors, and a protobuf message as value. Declared
// as constants in a service's keys.h:
//   // 0x20 ticket: tenant, ticket id -> TicketRecord. Written by ticket_handlers.cc
//   inline constexpr Table<TicketRecord> kTickets{0x20, "ticket"};
// Unknown fields of a newer version survive Find + Put.
template <class Record>
struct Table {
  uint8_t prefix;
  const char* name;

  template <class... Fields>
  std::string Key(const Fields&... fields) const {
    return EncodeKey(prefix, fields...);
  }

  absl::StatusOr<Record> Parse(std::string_view value) const {
    Record record;
    if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return CorruptRow(name);
    }
    return record;
  }

  // nullopt when there is no such row.
  absl::StatusOr<std::optional<Record>> Find(const Reader& reader, std::string_view key) const {
    auto value = reader.Get(key);
    if (!value.ok()) return value.status();
    if (!value->has_value()) return std::optional<Record>();
    auto record = Parse(**value);
    if (!record.ok()) return record.status();
    return std::optional<Record>(*std::move(record));
  }

  // NOT_FOUND with `resource_name` in the details when there is no such row.
  absl::StatusOr<Record> Load(const Reader& reader, std::string_view key,
                              std::string_view resource_name) const {
    auto record = Find(reader, key);
    if (!record.ok()) return record.status();
    if (!record->has_value()) return NotFound(name, resource_name);
    return **std::move(record);
  }

  void Put(Txn& txn, std::string key, const Record& record) const {
    txn.Put(std::move(key), record.SerializeAsString());
  }
};

// A secondary index: only keys, the last field being the id of what it points to; the value is
// empty. The handler that changes an indexed field deletes the old row and puts the new one.
struct Index {
  uint8_t prefix;
  const char* name;

  template <class... Fields>
  std::string Key(const Fields&... fields) const {
    return EncodeKey(prefix, fields...);
  }
  void Put(Txn& txn, std::string key) const { txn.Put(std::move(key), std::string()); }
};

}  // namespace frontdesk::store
