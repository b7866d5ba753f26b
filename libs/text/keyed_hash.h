#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sodium.h>

#include "libs/text/secret_key.h"

namespace frontdesk::text {

// BLAKE2b keyed with a secret over a list of fields. Every field is preceded by its length, so that
// no two different lists give the same input. Used once, on one thread.
class KeyedHash {
 public:
  KeyedHash(const SecretKey& key, size_t output_size);
  ~KeyedHash();
  KeyedHash(const KeyedHash&) = delete;
  KeyedHash& operator=(const KeyedHash&) = delete;

  KeyedHash& Add(std::string_view field);
  KeyedHash& Add(uint64_t number);
  std::string Finish();

 private:
  crypto_generichash_state state_;
  size_t output_size_;
};

// The same encoding of a list as one string, for associated data.
std::string EncodeFields(std::initializer_list<std::string_view> fields);

}  // namespace frontdesk::text
