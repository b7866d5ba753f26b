#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace frontdesk {

// Resource names: `tenants/{tenant}/tickets/{ticket}`.

// ResourceName({{"tenants", tenant}, {"tickets", id}}).
std::string ResourceName(
    std::initializer_list<std::pair<std::string_view, std::string_view>> segments);

// The ids of `name`, one for each collection, in order. INVALID_ARGUMENT naming `field` and the
// expected form when the collections differ or a part is not an id.
absl::StatusOr<std::vector<std::string>> ParseResourceName(
    std::string_view name, std::initializer_list<std::string_view> collections,
    std::string_view field);

}  // namespace frontdesk
