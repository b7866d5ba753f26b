#include "services/channel/domain/customer.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/utf8.h"

namespace frontdesk::channel {
namespace {

constexpr size_t kMaxValueBytes = 256;
constexpr size_t kMaxEmailBytes = 254;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

absl::StatusOr<std::string> NormalizePhone(std::string_view value, std::string_view field) {
  std::string number;
  for (const char c : value) {
    if (c == ' ' || c == '-' || c == '(' || c == ')' || c == '.') continue;
    number.push_back(c);
  }
  const bool shaped = number.size() >= 8 && number.size() <= 16 && number[0] == '+' &&
                      number[1] != '0' && std::all_of(number.begin() + 1, number.end(), IsDigit);
  if (!shaped) return InvalidField(field, "must be an E.164 number: + and 7 to 15 digits");
  return number;
}

absl::StatusOr<std::string> NormalizeEmail(std::string_view value, std::string_view field) {
  std::string address(value);
  for (char& c : address) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const size_t at = address.find('@');
  const bool shaped = address.size() <= kMaxEmailBytes && at != std::string::npos && at > 0 &&
                      at + 1 < address.size() && address.find('@', at + 1) == std::string::npos &&
                      address.find(' ') == std::string::npos;
  if (!shaped) return InvalidField(field, "must be an e-mail address");
  return address;
}

}  // namespace

std::string_view IdentityKindName(v1::IdentityKind kind) {
  switch (kind) {
    case v1::IDENTITY_KIND_CHANNEL_USER:
      return "channel_user";
    case v1::IDENTITY_KIND_PHONE:
      return "phone";
    case v1::IDENTITY_KIND_EMAIL:
      return "email";
    case v1::IDENTITY_KIND_EXTERNAL:
      return "external";
    default:
      return {};
  }
}

absl::StatusOr<std::string> NormalizeIdentity(v1::IdentityKind kind, std::string_view value,
                                              std::string_view field) {
  if (value.empty() || value.size() > kMaxValueBytes) {
    return InvalidField(field, "must have 1 to 256 bytes");
  }
  if (!IsValidUtf8(value)) return InvalidField(field, "is not UTF-8");
  const bool control = std::any_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control) return InvalidField(field, "must not hold control characters");
  switch (kind) {
    case v1::IDENTITY_KIND_PHONE:
      return NormalizePhone(value, field);
    case v1::IDENTITY_KIND_EMAIL:
      return NormalizeEmail(Trim(value), field);
    case v1::IDENTITY_KIND_CHANNEL_USER:
    case v1::IDENTITY_KIND_EXTERNAL:
      return std::string(value);
    default:
      return InvalidField("kind", "must be CHANNEL_USER, PHONE, EMAIL or EXTERNAL");
  }
}

const v1::Identity* FindIdentity(const v1::Customer& customer, std::string_view identity_id) {
  for (const v1::Identity& identity : customer.identities()) {
    if (identity.identity_id() == identity_id) return &identity;
  }
  return nullptr;
}

bool HasRoute(const v1::Customer& customer, std::string_view channel_account) {
  return std::any_of(customer.identities().begin(), customer.identities().end(),
                     [&](const v1::Identity& identity) {
                       return identity.kind() == v1::IDENTITY_KIND_CHANNEL_USER &&
                              identity.channel_account() == channel_account;
                     });
}

absl::Status CheckRoute(const v1::Customer& customer, std::string_view channel_account) {
  if (HasRoute(customer, channel_account)) return absl::OkStatus();
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "NO_ROUTE",
                            fmt::format("{} has no way to {}", channel_account, customer.name())),
                      "channel_account", channel_account);
}

absl::Status AddIdentity(v1::Identity identity, v1::Customer& customer) {
  if (customer.identities_size() >= kMaxIdentities) {
    return WithField(Error(absl::StatusCode::kFailedPrecondition, "INVALID_FIELD",
                           fmt::format("a customer has at most {} identities", kMaxIdentities)),
                     "value", "is one identity too many");
  }
  *customer.add_identities() = std::move(identity);
  return absl::OkStatus();
}

absl::StatusOr<v1::Identity> RemoveIdentity(std::string_view identity_id, v1::Customer& customer) {
  auto& identities = *customer.mutable_identities();
  const auto found = std::find_if(
      identities.begin(), identities.end(),
      [&](const v1::Identity& identity) { return identity.identity_id() == identity_id; });
  if (found == identities.end()) {
    return NotFound("identity", fmt::format("{}/identities/{}", customer.name(),
                                            TruncateUtf8(identity_id, 64)));
  }
  v1::Identity removed = std::move(*found);
  identities.erase(found);
  return removed;
}

}  // namespace frontdesk::channel
