#include "libs/base/resource_name.h"

#include "absl/strings/str_split.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/strong_id.h"

namespace frontdesk {
namespace {

absl::Status WrongForm(std::initializer_list<std::string_view> collections,
                       std::string_view field) {
  std::string description = "must have the form ";
  for (const std::string_view collection : collections) {
    if (description.back() != ' ') description.push_back('/');
    description.append(collection).append("/{id}");
  }
  description.append(", each id 1 to 63 characters of [a-z0-9-]");
  return InvalidField(field, description);
}

}  // namespace

std::string ResourceName(
    std::initializer_list<std::pair<std::string_view, std::string_view>> segments) {
  std::string name;
  for (const auto& [collection, id] : segments) {
    if (!name.empty()) name.push_back('/');
    name.append(collection).append("/").append(id);
  }
  return name;
}

absl::StatusOr<std::vector<std::string>> ParseResourceName(
    std::string_view name, std::initializer_list<std::string_view> collections,
    std::string_view field) {
  // An id has at most 63 characters, so a name past this bound is wrong whatever it says.
  constexpr size_t kMaxLength = 1024;
  if (name.size() > kMaxLength) return WrongForm(collections, field);
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(name), '/');
  if (parts.size() != collections.size() * 2) return WrongForm(collections, field);
  std::vector<std::string> ids;
  ids.reserve(collections.size());
  size_t i = 0;
  for (const std::string_view collection : collections) {
    if (ToStd(parts[i]) != collection || !IsId(ToStd(parts[i + 1])))
      return WrongForm(collections, field);
    ids.emplace_back(parts[i + 1]);
    i += 2;
  }
  return ids;
}

}  // namespace frontdesk
