#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/random.h"

namespace frontdesk::text {

// 32 secret bytes, wiped when they are destroyed or moved from. Not copyable by accident, not
// comparable in variable time, and without any way to print it: keys never reach a log.
class SecretKey {
 public:
  static constexpr size_t kSize = 32;

  static SecretKey Random(RandomSource& random);
  // INVALID_ARGUMENT unless `bytes` has kSize bytes. The caller wipes its copy.
  static absl::StatusOr<SecretKey> FromBytes(std::string_view bytes);

  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  SecretKey Clone() const;
  // A key of its own for one purpose (BLAKE2b, crypto_kdf). `context` has eight characters; the
  // pair of context and id names the purpose for ever.
  SecretKey Derive(uint64_t id, const char (&context)[9]) const;

  const uint8_t* data() const { return bytes_.data(); }
  // For handing a key to another service over an internal RPC, and for nothing else. The caller
  // wipes it.
  std::string ExposeBytes() const;

  // In constant time.
  friend bool operator==(const SecretKey& a, const SecretKey& b);

 private:
  SecretKey();

  std::array<uint8_t, kSize> bytes_;
};

// Overwrites the bytes in a way that the compiler keeps, then clears the string.
void Wipe(std::string& secret);

}  // namespace frontdesk::text
