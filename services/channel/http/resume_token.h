#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/channel/key_vault.h"

namespace frontdesk::channel {

// Who a chat belongs to: what a page shows to go on with it after a drop or a reload. Signed with a
// key made of the tenant's, so nothing is stored; whoever has the token is the visitor.
struct ChatIdentity {
  std::string tenant;
  std::string channel_account;  // id
  std::string visitor;          // 32 hex digits: the sender id within the channel account
  absl::Time expire_time;
};

// "{payload}.{signature}", both base64url; only characters that may stand in a URL.
absl::StatusOr<std::string> MakeResumeToken(const KeyVault& keys, const ChatIdentity& identity);
// UNAUTHENTICATED, the same for garbled, forged, expired, and another tenant's or account's.
absl::StatusOr<ChatIdentity> ParseResumeToken(const KeyVault& keys, std::string_view tenant,
                                              std::string_view channel_account,
                                              std::string_view token, absl::Time now);

}  // namespace frontdesk::channel
