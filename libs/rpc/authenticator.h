#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/tenants_file.h"

namespace frontdesk::rpc {

// What a call brought along to say who it is.
struct Credential {
  std::string_view bearer;     // token of "authorization: Bearer …", or empty
  std::string_view peer_name;  // identity of a verified client certificate, or empty
};

// Finds out who calls. Called on gRPC's handler threads for every call: must be quick and must not
// block. Thread safe. UNAUTHENTICATED, the same for a missing and an unknown credential.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  virtual absl::StatusOr<Caller> Authenticate(const Credential& credential) = 0;
};

// Tokens of the tenants file, kept as SHA-256: found by the hash of what was presented, so neither
// a dump nor the time of a look-up tells a token.
class TokenAuthenticator final : public Authenticator {
 public:
  // INVALID_ARGUMENT when two principals share a token.
  static absl::StatusOr<std::unique_ptr<TokenAuthenticator>> Make(const TenantsFile& file);

  absl::StatusOr<Caller> Authenticate(const Credential& credential) override;
  // Replaces all tokens; calls that run keep their caller. On an error nothing changes.
  absl::Status Reload(const TenantsFile& file);

 private:
  using Digest = std::array<unsigned char, 32>;
  using Tokens = absl::flat_hash_map<Digest, Caller>;
  TokenAuthenticator() = default;
  static absl::StatusOr<std::shared_ptr<const Tokens>> Index(const TenantsFile& file);

  std::mutex mu_;
  std::shared_ptr<const Tokens> tokens_;  // guarded by mu_
};

// Lower-case hex of the SHA-256 of a token, as `token_sha256` of the tenants file wants it.
std::string TokenSha256(std::string_view token);

}  // namespace frontdesk::rpc
