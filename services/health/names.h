#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Resource names of the service.
namespace frontdesk::health {

struct AccountRef {
  std::string tenant;
  std::string account;

  std::string Name() const;
  friend auto operator<=>(const AccountRef&, const AccountRef&) = default;
};

std::string ScoreName(std::string_view account_name, int64_t sequence);
std::string PolicyName(std::string_view tenant);

// INVALID_ARGUMENT naming `field` unless it is "tenants/{tenant}/accounts/{account}" of this
// tenant.
absl::StatusOr<AccountRef> ParseAccountName(std::string_view tenant, std::string_view name,
                                            std::string_view field);

}  // namespace frontdesk::health
