#include "services/health/names.h"

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"

namespace frontdesk::health {

std::string AccountRef::Name() const {
  return ResourceName({{"tenants", tenant}, {"accounts", account}});
}

std::string ScoreName(std::string_view account_name, int64_t sequence) {
  return fmt::format("{}/healthScores/{}", account_name, sequence);
}

std::string PolicyName(std::string_view tenant) {
  return fmt::format("tenants/{}/healthPolicy", tenant);
}

absl::StatusOr<AccountRef> ParseAccountName(std::string_view tenant, std::string_view name,
                                            std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, {"tenants", "accounts"}, field));
  if (ids[0] != tenant) return InvalidField(field, "must be of the tenant of the call");
  return AccountRef{std::move(ids[0]), std::move(ids[1])};
}

}  // namespace frontdesk::health
