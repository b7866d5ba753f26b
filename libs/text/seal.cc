#include "libs/text/seal.h"

#include <sodium.h>

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/errors.h"
#include "libs/text/keyed_hash.h"
#include "libs/text/limits.h"
#include "libs/text/mask.h"

// Bytes of a sealed text and of a wrapped key:
//   nonce: 24 bytes | ciphertext: as long as the plaintext | tag: 16 bytes
// Purposes of derived keys; never reused for another:
//   data key   "fd-seal_" 1 encryption  2 nonce
//   tenant key "fd-wrap_" 1 encryption  2 nonce      "fd-ident" 1 identity hash (hash.cc)

namespace frontdesk::text {
namespace {

constexpr size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kMaxContextPart = 512;
constexpr uint64_t kEncryption = 1;
constexpr uint64_t kNonce = 2;
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SecretKey::kSize);

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string Encrypt(const SecretKey& key, std::string_view nonce, std::string_view associated,
                    std::string_view plaintext) {
  std::string out(nonce);
  out.resize(kNonceSize + plaintext.size() + kTagSize);
  // Its only failure is a message above 256 GiB.
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<uint8_t*>(out.data()) + kNonceSize, nullptr, Bytes(plaintext),
      plaintext.size(), Bytes(associated), associated.size(), nullptr, Bytes(nonce), key.data());
  return out;
}

absl::StatusOr<std::string> Decrypt(const SecretKey& key, std::string_view what,
                                    std::string_view associated, std::string_view sealed) {
  if (sealed.size() < kNonceSize + kTagSize) return SealBrokenError(what);
  const std::string_view nonce = sealed.substr(0, kNonceSize);
  const std::string_view ciphertext = sealed.substr(kNonceSize);
  std::string plaintext(ciphertext.size() - kTagSize, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<uint8_t*>(plaintext.data()), nullptr, nullptr, Bytes(ciphertext),
      ciphertext.size(), Bytes(associated), associated.size(), Bytes(nonce), key.data());
  if (failed != 0) return SealBrokenError(what);
  return plaintext;
}

absl::Status CheckPart(std::string_view name, std::string_view value, bool required) {
  if (required && value.empty()) return BadKeyFieldError(name, "must not be empty");
  if (value.size() > kMaxContextPart) return BadKeyFieldError(name, "is longer than 512 bytes");
  return absl::OkStatus();
}

absl::Status CheckContext(const SealContext& context) {
  FD_RETURN_IF_ERROR(CheckPart("tenant", context.tenant, true));
  FD_RETURN_IF_ERROR(CheckPart("customer", context.customer, true));
  FD_RETURN_IF_ERROR(CheckPart("resource", context.resource, true));
  return CheckPart("field", context.field, false);
}

std::string TextAssociatedData(const SealContext& context) {
  return EncodeFields({"frontdesk.seal.v1", context.tenant, context.customer, context.resource});
}

std::string WrapAssociatedData(const TenantKey& tenant_key, std::string_view customer,
                               std::string_view key_id) {
  return EncodeFields(
      {"frontdesk.wrap.v1", tenant_key.tenant, customer, tenant_key.key_id, key_id});
}

}  // namespace

DataKey NewDataKey(std::string key_id, RandomSource& random) {
  return {.key_id = std::move(key_id), .key = SecretKey::Random(random)};
}

absl::StatusOr<WrappedDataKey> WrapDataKey(const TenantKey& tenant_key, std::string_view customer,
                                           const DataKey& key) {
  FD_RETURN_IF_ERROR(CheckPart("customer", customer, true));
  FD_RETURN_IF_ERROR(CheckPart("key_id", key.key_id, true));
  const std::string associated = WrapAssociatedData(tenant_key, customer, key.key_id);
  std::string secret = key.key.ExposeBytes();
  const SecretKey nonce_key = tenant_key.key.Derive(kNonce, "fd-wrap_");
  const std::string nonce = KeyedHash(nonce_key, kNonceSize).Add(associated).Add(secret).Finish();
  WrappedDataKey wrapped{
      .key_id = key.key_id,
      .tenant_key_id = tenant_key.key_id,
      .bytes = Encrypt(tenant_key.key.Derive(kEncryption, "fd-wrap_"), nonce, associated, secret)};
  Wipe(secret);
  return wrapped;
}

absl::StatusOr<DataKey> UnwrapDataKey(const TenantKey& tenant_key, std::string_view customer,
                                      const WrappedDataKey& wrapped) {
  if (wrapped.tenant_key_id != tenant_key.key_id) {
    return KeyMismatchError(wrapped.tenant_key_id, tenant_key.key_id);
  }
  const SecretKey encryption_key = tenant_key.key.Derive(kEncryption, "fd-wrap_");
  FD_ASSIGN_OR_RETURN(
      std::string secret,
      Decrypt(encryption_key, "wrapped data key",
              WrapAssociatedData(tenant_key, customer, wrapped.key_id), wrapped.bytes));
  absl::StatusOr<SecretKey> key = SecretKey::FromBytes(secret);
  Wipe(secret);
  if (!key.ok()) return SealBrokenError("wrapped data key");
  return DataKey{.key_id = wrapped.key_id, .key = *std::move(key)};
}

absl::StatusOr<common::v1::SealedText> Seal(const DataKey& key, const SealContext& context,
                                            std::string_view plaintext) {
  FD_RETURN_IF_ERROR(CheckContext(context));
  FD_RETURN_IF_ERROR(CheckPart("key_id", key.key_id, true));
  FD_ASSIGN_OR_RETURN(common::v1::SealedText sealed, MaskOnly(plaintext));
  const SecretKey nonce_key = key.key.Derive(kNonce, "fd-seal_");
  KeyedHash hash(nonce_key, kNonceSize);
  hash.Add("frontdesk.seal.v1").Add(context.tenant).Add(context.customer).Add(context.resource);
  hash.Add(context.field).Add(context.version).Add(plaintext);
  sealed.set_key_id(key.key_id);
  sealed.set_sealed(Encrypt(key.key.Derive(kEncryption, "fd-seal_"), hash.Finish(),
                            TextAssociatedData(context), plaintext));
  return sealed;
}

absl::StatusOr<common::v1::SealedText> MaskOnly(std::string_view plaintext) {
  FD_ASSIGN_OR_RETURN(MaskedText masked, MaskPersonalData(plaintext));
  common::v1::SealedText text;
  text.set_masked(std::string(TruncateUtf8(masked.text, kMaxMaskedBytes)));
  return text;
}

absl::StatusOr<std::string> Open(const DataKey& key, const SealContext& context,
                                 const common::v1::SealedText& sealed) {
  FD_RETURN_IF_ERROR(CheckContext(context));
  if (sealed.key_id().empty() || sealed.key_id() != key.key_id) {
    return KeyMismatchError(sealed.key_id(), key.key_id);
  }
  if (sealed.sealed().size() > kNonceSize + kMaxTextBytes + kTagSize) {
    return SealBrokenError("sealed text");
  }
  return Decrypt(key.key.Derive(kEncryption, "fd-seal_"), "sealed text",
                 TextAssociatedData(context), sealed.sealed());
}

}  // namespace frontdesk::text
