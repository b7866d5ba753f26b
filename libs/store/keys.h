#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

// The one encoding of keys in every store. A key is a prefix byte followed by fields whose byte
// order is their natural order, so that a scan over a prefix of fields is a scan over a range:
//   prefix  1 byte, names the table. 0x01..0x1f belong to the engine, 0x20..0xef to services
//           (listed in the service's keys.h), 0xf0..0xff live in the column family of sealed keys.
//   string  bytes with 0x00 written as 0x00 0xff, then the terminator 0x00 0x01
//   u64     8 bytes, big endian;  u32: 4 bytes, big endian;  u8: 1 byte
//   time    u64 of microseconds since the epoch plus 2^63
namespace frontdesk::store {

inline constexpr uint8_t kFirstServicePrefix = 0x20;
inline constexpr uint8_t kFirstSealedKeyPrefix = 0xf0;

// Appends fields to a key. Not thread safe; a value type.
class KeyWriter {
 public:
  explicit KeyWriter(uint8_t prefix) { key_.push_back(static_cast<char>(prefix)); }
  explicit KeyWriter(std::string key) : key_(std::move(key)) {}

  KeyWriter& Add(std::string_view field);
  KeyWriter& Add(const std::string& field) { return Add(std::string_view(field)); }
  KeyWriter& Add(const char* field) { return Add(std::string_view(field)); }
  KeyWriter& Add(uint64_t field);
  KeyWriter& Add(uint32_t field);
  KeyWriter& Add(uint8_t field);
  KeyWriter& Add(absl::Time field);
  // Enums are written as u8: their numbers are part of the format.
  template <class Enum>
  requires std::is_enum_v<Enum> KeyWriter& Add(Enum field) {
    return Add(static_cast<uint8_t>(field));
  }

  std::string Take() && { return std::move(key_); }

 private:
  std::string key_;
};

// EncodeKey(0x20, tenant, ticket) and the like.
template <class... Fields>
std::string EncodeKey(uint8_t prefix, const Fields&... fields) {
  KeyWriter writer(prefix);
  (writer.Add(fields), ...);
  return std::move(writer).Take();
}

// Reads fields back in the order in which they were written. Every method returns false, and
// leaves the reader unusable, when the bytes do not fit.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key.substr(key.empty() ? 0 : 1)) {}

  bool Read(std::string* field);
  bool Read(uint64_t* field);
  bool Read(uint32_t* field);
  bool Read(uint8_t* field);
  bool Read(absl::Time* field);
  bool AtEnd() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// The smallest key greater than every key with this prefix; empty when there is none.
std::string PrefixEnd(std::string_view prefix);

}  // namespace frontdesk::store
