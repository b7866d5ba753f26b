#include "services/billing/names.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"

namespace frontdesk::billing {

std::string NameOf(std::string_view tenant, std::string_view collection, std::string_view id) {
  return ResourceName({{"tenants", tenant}, {collection, id}});
}

std::string IdOf(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));  // "" stays ""
}

absl::StatusOr<std::string> ParseName(std::string_view tenant, std::string_view name,
                                      std::string_view collection, std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, {"tenants", collection}, field));
  if (ids[0] != tenant) return InvalidField(field, "must be of the tenant of the call");
  return std::move(ids[1]);
}

absl::Status CheckParent(std::string_view tenant, std::string_view parent) {
  FD_ASSIGN_OR_RETURN(const auto ids, ParseResourceName(parent, {"tenants"}, "parent"));
  if (ids[0] == tenant) return absl::OkStatus();
  return InvalidField("parent", "must be the tenant of the call");
}

}  // namespace frontdesk::billing
