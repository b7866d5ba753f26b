#include "libs/text/secret_key.h"

#include <sodium.h>

#include <algorithm>

#include "libs/base/check.h"
#include "libs/text/errors.h"

namespace frontdesk::text {

static_assert(SecretKey::kSize == crypto_kdf_KEYBYTES);

SecretKey::SecretKey() {
  // Idempotent and thread safe; every use of libsodium in this library starts with a key.
  static const int initialised = sodium_init();
  FD_CHECK(initialised >= 0, "libsodium can't be initialised");
  bytes_.fill(0);
}

SecretKey SecretKey::Random(RandomSource& random) {
  SecretKey key;
  std::string bytes = random.Bytes(kSize);
  std::copy_n(bytes.begin(), kSize, key.bytes_.begin());
  Wipe(bytes);
  return key;
}

absl::StatusOr<SecretKey> SecretKey::FromBytes(std::string_view bytes) {
  if (bytes.size() != kSize) return BadKeyFieldError("key", "must have 32 bytes");
  SecretKey key;
  std::copy_n(bytes.begin(), kSize, key.bytes_.begin());
  return key;
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    sodium_memzero(other.bytes_.data(), other.bytes_.size());
  }
  return *this;
}

SecretKey SecretKey::Clone() const {
  SecretKey copy;
  copy.bytes_ = bytes_;
  return copy;
}

SecretKey SecretKey::Derive(uint64_t id, const char (&context)[9]) const {
  static_assert(crypto_kdf_CONTEXTBYTES == 8);
  SecretKey derived;
  const int failed =
      crypto_kdf_derive_from_key(derived.bytes_.data(), kSize, id, context, bytes_.data());
  FD_CHECK(failed == 0, "crypto_kdf_derive_from_key refuses its sizes");
  return derived;
}

std::string SecretKey::ExposeBytes() const {
  return std::string(reinterpret_cast<const char*>(bytes_.data()), kSize);
}

bool operator==(const SecretKey& a, const SecretKey& b) {
  return sodium_memcmp(a.bytes_.data(), b.bytes_.data(), SecretKey::kSize) == 0;
}

void Wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace frontdesk::text
