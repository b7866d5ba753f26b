#include "libs/text/tables/json_rows.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "libs/base/utf8.h"

namespace frontdesk::text {
namespace {

// The parser recurses: without a bound a megabyte of brackets would use up the stack.
constexpr int kJsonDepthMax = 64;

bool TooDeep(std::string_view object) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (size_t i = 0; i < object.size(); ++i) {
    const char c = object[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest > kJsonDepthMax;
}

}  // namespace

std::string ReadJsonRow(std::string_view object, const std::vector<std::string>& columns,
                        std::vector<std::string>& fields) {
  if (!IsValidUtf8(object)) return "is not UTF-8";
  if (TooDeep(object)) return "is nested too deeply";
  const auto json = nlohmann::json::parse(object, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return "is no JSON object";
  for (const std::string& column : columns) {
    const auto it = json.find(column);
    if (it == json.end()) return "has no \"" + column + "\"";
    if (it->is_string()) {
      fields.push_back(it->get_ref<const std::string&>());
    } else if (it->is_number() || it->is_boolean()) {
      fields.push_back(it->dump());
    } else {
      return "\"" + column + "\" is neither text, number nor boolean";
    }
  }
  return "";
}

}  // namespace frontdesk::text
