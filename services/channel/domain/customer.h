#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/channel/store/v1/channel_store.pb.h"
#include "frontdesk/channel/v1/channel.pb.h"

// Rules of customers and the addresses by which they are known.
namespace frontdesk::channel {

inline constexpr int kMaxIdentities = 20;

// "channel_user", "phone" …: part of the keyed hash, so it never changes. Empty for UNSPECIFIED.
std::string_view IdentityKindName(v1::IdentityKind kind);

// The one form of an address under which it is found again: e-mail in lower case, telephone number
// as + and digits, others as they are. INVALID_ARGUMENT naming `field`.
absl::StatusOr<std::string> NormalizeIdentity(v1::IdentityKind kind, std::string_view value,
                                              std::string_view field);

// nullptr when the customer has no such identity.
const v1::Identity* FindIdentity(const v1::Customer& customer, std::string_view identity_id);

// True when messages to the customer can leave through this channel account (its resource name).
bool HasRoute(const v1::Customer& customer, std::string_view channel_account);

// FAILED_PRECONDITION (NO_ROUTE) otherwise.
absl::Status CheckRoute(const v1::Customer& customer, std::string_view channel_account);

// Adds one; FAILED_PRECONDITION past kMaxIdentities.
absl::Status AddIdentity(v1::Identity identity, v1::Customer& customer);
// Removes it and returns what it was; NOT_FOUND.
absl::StatusOr<v1::Identity> RemoveIdentity(std::string_view identity_id, v1::Customer& customer);

}  // namespace frontdesk::channel
