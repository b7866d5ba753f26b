#include "libs/text/seal.h"

#include <set>
#include <string>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "libs/base/error.h"
#include "libs/text/hash.h"
#include "libs/text/key_ring.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

using common::v1::SealedText;

constexpr size_t kNonceSize = 24;
constexpr size_t kOverhead = kNonceSize + 16;

SealContext Context() {
  return {.tenant = "t1",
          .customer = "c1",
          .resource = "tenants/t1/tickets/1",
          .field = "description",
          .version = 3};
}

TenantKey TenantKeyOf(std::string tenant, std::string key_id, uint64_t seed) {
  SeededRandom random(seed);
  return {std::move(tenant), std::move(key_id), SecretKey::Random(random)};
}

DataKey KeyOf(std::string key_id, uint64_t seed) {
  SeededRandom random(seed);
  return NewDataKey(std::move(key_id), random);
}

SealedText MustSeal(const DataKey& key, const SealContext& context, std::string_view text) {
  absl::StatusOr<SealedText> sealed = Seal(key, context, text);
  INFO(sealed.status().ToString());
  REQUIRE(sealed.ok());
  return *sealed;
}

TEST_CASE("what is sealed opens again, and only the masked form can be read") {
  const DataKey key = KeyOf("dk-1", 1);
  const std::string text = "我的手机号是13812345678";
  const SealedText sealed = MustSeal(key, Context(), text);
  REQUIRE(sealed.masked() == "我的手机号是[phone]");
  REQUIRE(sealed.key_id() == "dk-1");
  REQUIRE(sealed.sealed().size() == text.size() + kOverhead);
  REQUIRE(sealed.SerializeAsString().find("13812345678") == std::string::npos);
  REQUIRE(*Open(key, Context(), sealed) == text);
  REQUIRE(*Open(key, Context(), MustSeal(key, Context(), "")) == "");
}

TEST_CASE("every text opens to itself") {
  REQUIRE(rc::check([](const std::string& noise, uint64_t version) {
    const DataKey key = KeyOf("dk-1", version);
    const std::string text = BoundedWellFormed(noise);
    SealContext context = Context();
    context.version = version;
    RC_ASSERT(*Open(key, context, MustSeal(key, context, text)) == text);
  }));
}

TEST_CASE("sealing is deterministic") {
  REQUIRE(MustSeal(KeyOf("dk-1", 1), Context(), "hello").SerializeAsString() ==
          MustSeal(KeyOf("dk-1", 1), Context(), "hello").SerializeAsString());
}

TEST_CASE("different texts, fields, versions, resources and customers never share a nonce") {
  const DataKey key = KeyOf("dk-1", 1);
  std::set<std::string> nonces;
  const auto add = [&](const SealContext& context, std::string_view text) {
    return nonces.insert(MustSeal(key, context, text).sealed().substr(0, kNonceSize)).second;
  };
  REQUIRE(add(Context(), "hello"));
  REQUIRE_FALSE(add(Context(), "hello"));
  REQUIRE(add(Context(), "hellO"));
  REQUIRE(add(Context(), ""));
  SealContext other = Context();
  other.version = 4;
  REQUIRE(add(other, "hello"));
  other = Context();
  other.field = "summary";
  REQUIRE(add(other, "hello"));
  other = Context();
  other.resource += "2";
  REQUIRE(add(other, "hello"));
  other = Context();
  other.customer = "c2";
  REQUIRE(add(other, "hello"));
  // The same bytes cut into fields elsewhere.
  other = Context();
  other.resource += "d";
  other.field = "escription";
  REQUIRE(add(other, "hello"));
}

TEST_CASE("a reader need not know field and version") {
  const DataKey key = KeyOf("dk-1", 1);
  const SealedText sealed = MustSeal(key, Context(), "hello");
  SealContext reader = Context();
  reader.field = "";
  reader.version = 0;
  REQUIRE(*Open(key, reader, sealed) == "hello");
}

TEST_CASE("a forged, cut or misplaced text is DATA_LOSS") {
  const DataKey key = KeyOf("dk-1", 1);
  const SealedText sealed = MustSeal(key, Context(), "hello, this is secret");
  const auto code_of = [&](const SealContext& context, const SealedText& text) {
    return Open(key, context, text).status().code();
  };
  for (size_t i = 0; i < sealed.sealed().size(); ++i) {
    SealedText forged = sealed;
    (*forged.mutable_sealed())[i] ^= 1;
    REQUIRE(code_of(Context(), forged) == absl::StatusCode::kDataLoss);
  }
  for (size_t size : {size_t{0}, size_t{1}, kOverhead - 1, sealed.sealed().size() - 1}) {
    SealedText cut = sealed;
    cut.mutable_sealed()->resize(size);
    REQUIRE(code_of(Context(), cut) == absl::StatusCode::kDataLoss);
  }
  for (std::string SealContext::*part :
       {&SealContext::tenant, &SealContext::customer, &SealContext::resource}) {
    SealContext other = Context();
    other.*part += "x";
    REQUIRE(code_of(other, sealed) == absl::StatusCode::kDataLoss);
  }
  const DataKey same_id = KeyOf("dk-1", 2);
  const absl::Status wrong = Open(same_id, Context(), sealed).status();
  REQUIRE(wrong.code() == absl::StatusCode::kDataLoss);
  REQUIRE(ReasonOf(wrong) == "DATA_LOSS");
}

TEST_CASE("another key's text, or none at all, is FAILED_PRECONDITION") {
  const DataKey key = KeyOf("dk-1", 1);
  const SealedText sealed = MustSeal(KeyOf("dk-2", 2), Context(), "hello");
  REQUIRE(Open(key, Context(), sealed).status().code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(ReasonOf(Open(key, Context(), sealed).status()) == "KEY_MISMATCH");
  const absl::StatusOr<SealedText> masked = MaskOnly("call 13812345678");
  REQUIRE(masked.ok());
  REQUIRE(masked->masked() == "call [phone]");
  REQUIRE(masked->sealed().empty());
  REQUIRE(Open(key, Context(), *masked).status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("bad contexts and texts are refused before anything is sealed") {
  const DataKey key = KeyOf("dk-1", 1);
  for (std::string SealContext::*part :
       {&SealContext::tenant, &SealContext::customer, &SealContext::resource}) {
    SealContext bad = Context();
    bad.*part = "";
    REQUIRE(Seal(key, bad, "x").status().code() == absl::StatusCode::kInvalidArgument);
    bad.*part = std::string(513, 'x');
    REQUIRE(Seal(key, bad, "x").status().code() == absl::StatusCode::kInvalidArgument);
  }
  REQUIRE(Seal(key, Context(), "\xff").status().code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(Seal(key, Context(), std::string(kMaxTextBytes + 1, 'x')).status().code() ==
          absl::StatusCode::kResourceExhausted);
  REQUIRE(Seal(KeyOf("", 1), Context(), "x").status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("the masked form of a long text is a preview") {
  const DataKey key = KeyOf("dk-1", 1);
  std::string text;
  while (text.size() < 2 * kMaxMaskedBytes) text += "退款";
  const SealedText sealed = MustSeal(key, Context(), text);
  REQUIRE(sealed.masked().size() <= kMaxMaskedBytes);
  REQUIRE(sealed.masked().size() > kMaxMaskedBytes - 3);
  REQUIRE(*Open(key, Context(), sealed) == text);
}

TEST_CASE("a wrapped data key unwraps for its tenant key and customer only") {
  const TenantKey tenant_key = TenantKeyOf("t1", "tk-1", 7);
  const DataKey key = KeyOf("dk-1", 1);
  const absl::StatusOr<WrappedDataKey> wrapped = WrapDataKey(tenant_key, "c1", key);
  REQUIRE(wrapped.ok());
  REQUIRE(wrapped->bytes.size() == SecretKey::kSize + kOverhead);
  REQUIRE(wrapped->bytes.find(key.key.ExposeBytes()) == std::string::npos);
  REQUIRE(WrapDataKey(tenant_key, "c1", key)->bytes == wrapped->bytes);

  const absl::StatusOr<DataKey> unwrapped = UnwrapDataKey(tenant_key, "c1", *wrapped);
  REQUIRE(unwrapped.ok());
  REQUIRE(unwrapped->key_id == "dk-1");
  REQUIRE((unwrapped->key == key.key));

  const auto code_of = [&](const TenantKey& with, std::string_view customer,
                           const WrappedDataKey& w) {
    return UnwrapDataKey(with, customer, w).status().code();
  };
  REQUIRE(code_of(tenant_key, "c2", *wrapped) == absl::StatusCode::kDataLoss);
  REQUIRE(code_of(TenantKeyOf("t2", "tk-1", 7), "c1", *wrapped) == absl::StatusCode::kDataLoss);
  REQUIRE(code_of(TenantKeyOf("t1", "tk-1", 8), "c1", *wrapped) == absl::StatusCode::kDataLoss);
  REQUIRE(code_of(TenantKeyOf("t1", "tk-2", 7), "c1", *wrapped) ==
          absl::StatusCode::kFailedPrecondition);
  WrappedDataKey renamed = *wrapped;
  renamed.key_id = "dk-2";
  REQUIRE(code_of(tenant_key, "c1", renamed) == absl::StatusCode::kDataLoss);
  WrappedDataKey cut = *wrapped;
  cut.bytes.pop_back();
  REQUIRE(code_of(tenant_key, "c1", cut) == absl::StatusCode::kDataLoss);
  REQUIRE(WrapDataKey(tenant_key, "", key).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("golden bytes: what was sealed and wrapped opens in every release") {
  std::string raw;
  for (int i = 0; i < 32; ++i) raw += static_cast<char>(i);
  const DataKey key{"dk-1", *SecretKey::FromBytes(raw)};
  const TenantKey tenant_key{"t1", "tk-1", *SecretKey::FromBytes(raw)};
  CHECK(
      absl::BytesToHexString(MustSeal(key, Context(), "hello").sealed()) ==
      "9286d551521dd633efd5be9edb70c5dc8e6ed891179b06655bcf210a87265e75f024ce19188f80e3cb90d069ab");
  CHECK(absl::BytesToHexString(WrapDataKey(tenant_key, "c1", key)->bytes) ==
        "f767cf774a7632e3d01b55359388ff7ed10193386362c77df19629c3697f4fcdb7c84b0e7bd605616008aeb752"
        "ae32d7"
        "23bf6cf12bbb672fb65182552f5b6299149d8b58cd6ed87e");
  CHECK(IdentityHash(tenant_key, "email", "web", "jane@example.com") ==
        "41704bd09dd031f530895fa543313b7c948e37e111aceeab048729a82bd1e4c9");
}

TEST_CASE("an identity hash depends on key, tenant, kind, scope and value, and on nothing else") {
  const TenantKey key = TenantKeyOf("t1", "tk-1", 7);
  const std::string hash = IdentityHash(key, "email", "web", "jane@example.com");
  REQUIRE(hash.size() == 64);
  REQUIRE(hash.find_first_not_of("0123456789abcdef") == std::string::npos);
  REQUIRE(IdentityHash(key, "email", "web", "jane@example.com") == hash);
  std::set<std::string> all = {
      hash,
      IdentityHash(key, "email", "web", "jane@example.org"),
      IdentityHash(key, "email", "mail", "jane@example.com"),
      IdentityHash(key, "login", "web", "jane@example.com"),
      IdentityHash(key, "emailweb", "", "jane@example.com"),
      IdentityHash(key, "email", "webj", "ane@example.com"),
      IdentityHash(TenantKeyOf("t2", "tk-1", 7), "email", "web", "jane@example.com"),
      IdentityHash(TenantKeyOf("t1", "tk-1", 8), "email", "web", "jane@example.com")};
  REQUIRE(all.size() == 8);
}

TEST_CASE("a secret key leaves nothing behind when it is moved") {
  SeededRandom random(5);
  SecretKey key = SecretKey::Random(random);
  const std::string bytes = key.ExposeBytes();
  const SecretKey moved = std::move(key);
  REQUIRE(moved.ExposeBytes() == bytes);
  REQUIRE(key.ExposeBytes() == std::string(SecretKey::kSize, '\0'));
  REQUIRE_FALSE(SecretKey::FromBytes("short").ok());
  std::string secret = "secret";
  Wipe(secret);
  REQUIRE(secret.empty());
}

}  // namespace
}  // namespace frontdesk::text
