#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/channel/key_vault.h"

// Signatures of webhooks in both directions, after the Standard Webhooks specification: the headers
// webhook-id, webhook-timestamp and webhook-signature; HMAC-SHA256 over "id.timestamp.body".
namespace frontdesk::channel {

inline constexpr absl::Duration kWebhookTolerance = absl::Minutes(5);

// "whsec_" and base64 of 24 bytes, made of the tenant's key and the account: stored nowhere.
absl::StatusOr<std::string> WebhookSecret(const KeyVault& keys, std::string_view tenant,
                                          std::string_view channel_account);

struct WebhookHeaders {
  std::string_view id;
  std::string_view timestamp;  // seconds since 1970 UTC
  std::string_view signature;  // "v1,base64", several with spaces between
};

// "v1,base64".
std::string SignWebhook(std::string_view secret, std::string_view id, absl::Time time,
                        std::string_view body);
// UNAUTHENTICATED, the same for every way to fail: a missing header, a timestamp further than the
// tolerance from `now`, no signature that fits. Compares in constant time.
absl::Status VerifyWebhook(std::string_view secret, const WebhookHeaders& headers,
                           std::string_view body, absl::Time now);

// HMAC-SHA256.
std::string HmacSha256(std::string_view key, std::string_view message);
// In constant time, false for different lengths.
bool SameBytes(std::string_view a, std::string_view b);

}  // namespace frontdesk::channel
