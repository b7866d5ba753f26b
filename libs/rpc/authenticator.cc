#include "libs/rpc/authenticator.h"

#include <sodium.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::rpc {
namespace {

// A token longer than this is not one of ours; hashing it would be work for a stranger.
constexpr size_t kMaxTokenBytes = 512;

std::array<unsigned char, 32> Sha256(std::string_view text) {
  static_assert(crypto_hash_sha256_BYTES == 32);
  std::array<unsigned char, 32> digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return digest;
}

absl::Status Unauthenticated() {
  return Error(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED",
               "a valid credential is needed: metadata \"authorization: Bearer TOKEN\"");
}

}  // namespace

std::string TokenSha256(std::string_view token) {
  const auto digest = Sha256(token);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

absl::StatusOr<std::unique_ptr<TokenAuthenticator>> TokenAuthenticator::Make(
    const TenantsFile& file) {
  std::unique_ptr<TokenAuthenticator> authenticator(new TokenAuthenticator());
  FD_RETURN_IF_ERROR(authenticator->Reload(file));
  return authenticator;
}

absl::StatusOr<std::shared_ptr<const TokenAuthenticator::Tokens>> TokenAuthenticator::Index(
    const TenantsFile& file) {
  auto tokens = std::make_shared<Tokens>();
  const auto add = [&](const std::string& tenant, const TokenEntry& entry) -> absl::Status {
    const std::string bytes = absl::HexStringToBytes(entry.sha256);
    Digest digest;
    if (bytes.size() != digest.size()) {
      return Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                   "token of " + entry.principal + " is not a SHA-256");
    }
    std::memcpy(digest.data(), bytes.data(), digest.size());
    if (!tokens->emplace(digest, Caller{tenant, entry.principal, entry.role}).second) {
      return Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                   "the token of " + entry.principal + " is also someone else's");
    }
    return absl::OkStatus();
  };
  for (const TokenEntry& entry : file.platform_tokens) {
    FD_RETURN_IF_ERROR(add(std::string(kAnyTenant), entry));
  }
  for (const TenantEntry& tenant : file.tenants) {
    for (const TokenEntry& entry : tenant.tokens) FD_RETURN_IF_ERROR(add(tenant.id, entry));
  }
  return std::shared_ptr<const Tokens>(std::move(tokens));
}

absl::Status TokenAuthenticator::Reload(const TenantsFile& file) {
  FD_ASSIGN_OR_RETURN(auto tokens, Index(file));
  std::lock_guard lock(mu_);
  tokens_ = std::move(tokens);
  return absl::OkStatus();
}

absl::StatusOr<Caller> TokenAuthenticator::Authenticate(const Credential& credential) {
  if (credential.bearer.empty() || credential.bearer.size() > kMaxTokenBytes) {
    return Unauthenticated();
  }
  std::shared_ptr<const Tokens> tokens;
  {
    std::lock_guard lock(mu_);
    tokens = tokens_;
  }
  const auto found = tokens->find(Sha256(credential.bearer));
  if (found == tokens->end()) return Unauthenticated();
  return found->second;
}

}  // namespace frontdesk::rpc
