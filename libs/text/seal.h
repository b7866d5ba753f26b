#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "frontdesk/common/v1/sealed_text.pb.h"
#include "libs/base/random.h"
#include "libs/text/secret_key.h"
#include "libs/text/tenant_key.h"

namespace frontdesk::text {

// Sealing of customer text under the customer's own data key. All functions are pure and thread
// safe. This file keeps no keys: channel stores the wrapped ones, the others cache what channel
// serves.

// SealedText.masked is cut here; what is longer is a preview of the text.
inline constexpr size_t kMaxMaskedBytes = size_t{32} << 10;

// One customer's key. Destroying every copy of it, wrapped and not, erases the customer's texts.
struct DataKey {
  std::string key_id;
  SecretKey key;

  DataKey Clone() const { return {key_id, key.Clone()}; }
};

// A data key as it is stored: nonce and ciphertext under the tenant's key.
struct WrappedDataKey {
  std::string key_id;
  std::string tenant_key_id;
  std::string bytes;
};

// What a sealed text belongs to. None of the first three may be empty; each part has at most 512
// bytes.
struct SealContext {
  std::string tenant;    // id
  std::string customer;  // id or resource name, always in the same form
  std::string resource;  // resource name that holds the text
  std::string field;     // path of the field in it
  uint64_t version = 0;  // of the resource, when the text was written
};

DataKey NewDataKey(std::string key_id, RandomSource& random);

// Deterministic: wrapping the same key again gives the same bytes. The tenant, `customer` and both
// key ids are associated data. INVALID_ARGUMENT for an empty or overlong customer or key id.
absl::StatusOr<WrappedDataKey> WrapDataKey(const TenantKey& tenant_key, std::string_view customer,
                                           const DataKey& key);
// FAILED_PRECONDITION (KEY_MISMATCH) if another tenant key wrapped it, DATA_LOSS if it is forged,
// corrupt or another customer's.
absl::StatusOr<DataKey> UnwrapDataKey(const TenantKey& tenant_key, std::string_view customer,
                                      const WrappedDataKey& wrapped);

// Masks and seals. Associated data: tenant, customer, resource.
//
// The nonce is a hash, keyed with a subkey of the data key, of context and plaintext. Resource,
// field and version alone would do for a well-behaved caller and make a replayed command seal to
// the same bytes; but a caller that seals two texts at one version (a retry with other words, a
// restored backup that counts the same version again) would use one nonce twice, which gives both
// texts away. With the text in the hash (as in SIV modes) a replay is still deterministic and two
// different texts never share a nonce; all that an observer learns is that the same field holds the
// same text at the same version.
//
// INVALID_ARGUMENT for ill-formed UTF-8 or a bad context, RESOURCE_EXHAUSTED above kMaxTextBytes.
absl::StatusOr<common::v1::SealedText> Seal(const DataKey& key, const SealContext& context,
                                            std::string_view plaintext);

// Only masked, for text of which no customer is known: what can't be sealed is not kept. Errors as
// Seal.
absl::StatusOr<common::v1::SealedText> MaskOnly(std::string_view plaintext);

// The original text. Needs tenant, customer and resource of the context it was sealed in; field and
// version only went into the nonce, so a reader need not know at which version a text was written.
// FAILED_PRECONDITION (KEY_MISMATCH) if another key sealed it or nothing is sealed, DATA_LOSS if it
// is forged, corrupt or from another context.
absl::StatusOr<std::string> Open(const DataKey& key, const SealContext& context,
                                 const common::v1::SealedText& sealed);

}  // namespace frontdesk::text
