#include "libs/text/keyed_hash.h"

#include "libs/base/check.h"

namespace frontdesk::text {
namespace {

std::array<uint8_t, 8> LittleEndian(uint64_t number) {
  std::array<uint8_t, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(number >> (8 * i));
  return bytes;
}

}  // namespace

KeyedHash::KeyedHash(const SecretKey& key, size_t output_size) : output_size_(output_size) {
  const int failed = crypto_generichash_init(&state_, key.data(), SecretKey::kSize, output_size);
  FD_CHECK(failed == 0, "crypto_generichash refuses {} bytes", output_size);
}

KeyedHash::~KeyedHash() { sodium_memzero(&state_, sizeof(state_)); }

KeyedHash& KeyedHash::Add(std::string_view field) {
  Add(static_cast<uint64_t>(field.size()));
  crypto_generichash_update(&state_, reinterpret_cast<const uint8_t*>(field.data()), field.size());
  return *this;
}

KeyedHash& KeyedHash::Add(uint64_t number) {
  const std::array<uint8_t, 8> bytes = LittleEndian(number);
  crypto_generichash_update(&state_, bytes.data(), bytes.size());
  return *this;
}

std::string KeyedHash::Finish() {
  std::string out(output_size_, '\0');
  crypto_generichash_final(&state_, reinterpret_cast<uint8_t*>(out.data()), out.size());
  return out;
}

std::string EncodeFields(std::initializer_list<std::string_view> fields) {
  std::string out;
  for (std::string_view field : fields) {
    for (uint8_t byte : LittleEndian(field.size())) out += static_cast<char>(byte);
    out += field;
  }
  return out;
}

}  // namespace frontdesk::text
