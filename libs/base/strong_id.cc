#include "libs/base/strong_id.h"

#include "libs/base/error.h"

namespace frontdesk {

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= 63 &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

absl::Status ValidateId(std::string_view id, std::string_view field) {
  if (IsId(id)) return absl::OkStatus();
  return InvalidField(field, "must be 1 to 63 characters of [a-z0-9-]");
}

}  // namespace frontdesk
