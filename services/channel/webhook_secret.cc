#include "services/channel/webhook_secret.h"

#include <charconv>

#include <fmt/core.h>
#include <sodium.h>

#include "absl/strings/escaping.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::channel {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr size_t kSecretBytes = 24;
constexpr size_t kSignaturesMax = 10;

absl::Status NotSigned() {
  return Error(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED",
               "the webhook is not signed with the account's secret, or too old");
}

std::string SigningKey(std::string_view secret) {
  if (secret.starts_with(kPrefix)) secret.remove_prefix(kPrefix.size());
  std::string key;
  if (!absl::Base64Unescape(ToAbsl(secret), &key)) return {};
  return key;
}

std::string Signature(std::string_view key, std::string_view id, std::string_view timestamp,
                      std::string_view body) {
  std::string signed_content = fmt::format("{}.{}.", id, timestamp);
  signed_content.append(body);
  return HmacSha256(key, signed_content);
}

}  // namespace

std::string HmacSha256(std::string_view key, std::string_view message) {
  crypto_auth_hmacsha256_state state;
  std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()),
                              key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                                message.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  return mac;
}

bool SameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::StatusOr<std::string> WebhookSecret(const KeyVault& keys, std::string_view tenant,
                                          std::string_view channel_account) {
  FD_ASSIGN_OR_RETURN(const text::SecretKey key, keys.TenantSecret(tenant, kWebhookSecret));
  std::string bytes = key.ExposeBytes();
  std::string secret = HmacSha256(bytes, fmt::format("webhook/{}/{}", tenant, channel_account));
  text::Wipe(bytes);
  secret.resize(kSecretBytes);
  return std::string(kPrefix) + absl::Base64Escape(ToAbsl(secret));
}

std::string SignWebhook(std::string_view secret, std::string_view id, absl::Time time,
                        std::string_view body) {
  const std::string timestamp = fmt::format("{}", absl::ToUnixSeconds(time));
  return "v1," + absl::Base64Escape(ToAbsl(Signature(SigningKey(secret), id, timestamp, body)));
}

absl::Status VerifyWebhook(std::string_view secret, const WebhookHeaders& headers,
                           std::string_view body, absl::Time now) {
  if (headers.id.empty() || headers.timestamp.empty()) return NotSigned();
  int64_t seconds = 0;
  const char* end = headers.timestamp.data() + headers.timestamp.size();
  const auto parsed = std::from_chars(headers.timestamp.data(), end, seconds);
  if (parsed.ec != std::errc() || parsed.ptr != end) return NotSigned();
  const absl::Duration age = now - absl::FromUnixSeconds(seconds);
  if (age > kWebhookTolerance || age < -kWebhookTolerance) return NotSigned();
  const std::string expected = Signature(SigningKey(secret), headers.id, headers.timestamp, body);
  bool fits = false;
  std::string_view rest = headers.signature;
  for (size_t i = 0; i < kSignaturesMax && !rest.empty(); ++i) {
    const size_t space = rest.find(' ');
    const std::string_view one = rest.substr(0, space);
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    std::string given;
    if (!one.starts_with("v1,") || !absl::Base64Unescape(ToAbsl(one.substr(3)), &given)) continue;
    fits |= SameBytes(given, expected);
  }
  return fits ? absl::OkStatus() : NotSigned();
}

}  // namespace frontdesk::channel
