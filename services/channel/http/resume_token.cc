#include "services/channel/http/resume_token.h"

#include <charconv>
#include <vector>

#include <fmt/core.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/channel/webhook_secret.h"

namespace frontdesk::channel {
namespace {

constexpr std::string_view kVersion = "1";
constexpr size_t kTokenBytesMax = 1024;

absl::Status BadToken() {
  return WithField(Error(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED",
                         "the chat can't be resumed with this token: begin a new one"),
                   "resume_token", "is not valid (any more)");
}

std::string Encode(std::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(ToAbsl(bytes), &text);
  return text;
}

absl::StatusOr<std::string> Sign(const KeyVault& keys, std::string_view tenant,
                                 std::string_view payload) {
  FD_ASSIGN_OR_RETURN(const text::SecretKey key, keys.TenantSecret(tenant, kResumeTokenSecret));
  std::string bytes = key.ExposeBytes();
  std::string signature = HmacSha256(bytes, payload);
  text::Wipe(bytes);
  return signature;
}

}  // namespace

absl::StatusOr<std::string> MakeResumeToken(const KeyVault& keys, const ChatIdentity& identity) {
  const std::string payload =
      fmt::format("{}|{}|{}|{}|{}", kVersion, identity.tenant, identity.channel_account,
                  identity.visitor, absl::ToUnixSeconds(identity.expire_time));
  FD_ASSIGN_OR_RETURN(const std::string signature, Sign(keys, identity.tenant, payload));
  return Encode(payload) + "." + Encode(signature);
}

absl::StatusOr<ChatIdentity> ParseResumeToken(const KeyVault& keys, std::string_view tenant,
                                              std::string_view channel_account,
                                              std::string_view token, absl::Time now) {
  const size_t dot = token.find('.');
  if (token.size() > kTokenBytesMax || dot == std::string_view::npos) return BadToken();
  std::string payload;
  std::string signature;
  if (!absl::WebSafeBase64Unescape(ToAbsl(token.substr(0, dot)), &payload) ||
      !absl::WebSafeBase64Unescape(ToAbsl(token.substr(dot + 1)), &signature)) {
    return BadToken();
  }
  FD_ASSIGN_OR_RETURN(const std::string expected, Sign(keys, tenant, payload));
  if (!SameBytes(signature, expected)) return BadToken();
  const std::vector<std::string> parts = absl::StrSplit(payload, '|');
  if (parts.size() != 5 || parts[0] != kVersion || parts[1] != tenant ||
      parts[2] != channel_account) {
    return BadToken();
  }
  int64_t expire = 0;
  std::from_chars(parts[4].data(), parts[4].data() + parts[4].size(), expire);
  if (absl::FromUnixSeconds(expire) <= now) return BadToken();
  return ChatIdentity{parts[1], parts[2], parts[3], absl::FromUnixSeconds(expire)};
}

}  // namespace frontdesk::channel
