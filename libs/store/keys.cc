#include "libs/store/keys.h"

namespace frontdesk::store {
namespace {

constexpr char kEscape = '\0';
constexpr char kEscapedZero = '\xff';
constexpr char kTerminator = '\x01';

template <class Unsigned>
void AppendBigEndian(Unsigned value, std::string* out) {
  for (int shift = static_cast<int>(sizeof(value)) * 8 - 8; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

template <class Unsigned>
bool ReadBigEndian(std::string_view* rest, Unsigned* value) {
  if (rest->size() < sizeof(Unsigned)) return false;
  uint64_t result = 0;
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    result = result << 8 | static_cast<uint8_t>((*rest)[i]);
  }
  *value = static_cast<Unsigned>(result);
  rest->remove_prefix(sizeof(Unsigned));
  return true;
}

constexpr uint64_t kTimeOffset = uint64_t{1} << 63;

}  // namespace

KeyWriter& KeyWriter::Add(std::string_view field) {
  for (char c : field) {
    key_.push_back(c);
    if (c == kEscape) key_.push_back(kEscapedZero);
  }
  key_.push_back(kEscape);
  key_.push_back(kTerminator);
  return *this;
}

KeyWriter& KeyWriter::Add(uint64_t field) {
  AppendBigEndian(field, &key_);
  return *this;
}

KeyWriter& KeyWriter::Add(uint32_t field) {
  AppendBigEndian(field, &key_);
  return *this;
}

KeyWriter& KeyWriter::Add(uint8_t field) {
  key_.push_back(static_cast<char>(field));
  return *this;
}

KeyWriter& KeyWriter::Add(absl::Time field) {
  return Add(static_cast<uint64_t>(absl::ToUnixMicros(field)) + kTimeOffset);
}

bool KeyReader::Read(std::string* field) {
  field->clear();
  for (size_t i = 0; i + 1 < rest_.size(); ++i) {
    if (rest_[i] != kEscape) {
      field->push_back(rest_[i]);
      continue;
    }
    const char next = rest_[++i];
    if (next == kTerminator) {
      rest_.remove_prefix(i + 1);
      return true;
    }
    if (next != kEscapedZero) return false;
    field->push_back('\0');
  }
  return false;
}

bool KeyReader::Read(uint64_t* field) { return ReadBigEndian(&rest_, field); }
bool KeyReader::Read(uint32_t* field) { return ReadBigEndian(&rest_, field); }
bool KeyReader::Read(uint8_t* field) { return ReadBigEndian(&rest_, field); }

bool KeyReader::Read(absl::Time* field) {
  uint64_t micros = 0;
  if (!ReadBigEndian(&rest_, &micros)) return false;
  *field = absl::FromUnixMicros(static_cast<int64_t>(micros - kTimeOffset));
  return true;
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    const auto last = static_cast<uint8_t>(end.back());
    if (last != 0xff) {
      end.back() = static_cast<char>(last + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

}  // namespace frontdesk::store
