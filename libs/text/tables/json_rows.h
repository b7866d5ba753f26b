#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace frontdesk::text {

// Appends the values of `columns` in one JSON object to `fields`; numbers and booleans as they are
// written in JSON. Returns why the row can't be taken, or nothing. Internal to ParseTable.
std::string ReadJsonRow(std::string_view object, const std::vector<std::string>& columns,
                        std::vector<std::string>& fields);

}  // namespace frontdesk::text
