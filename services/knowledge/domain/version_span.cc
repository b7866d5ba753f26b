#include "services/knowledge/domain/version_span.h"

#include <charconv>

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxDigits = 9;

}  // namespace

std::optional<ProductVersion> ParseProductVersion(std::string_view text) {
  ProductVersion version;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size() || part.size() > kMaxDigits) {
      return std::nullopt;
    }
    version.push_back(number);
    if (version.size() > kMaxVersionParts) return std::nullopt;
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  while (version.size() > 1 && version.back() == 0) version.pop_back();
  return version;
}

bool Contains(const VersionSpan& span, const ProductVersion& version) {
  if (span.min.has_value() && version < *span.min) return false;
  return !span.max.has_value() || version <= *span.max;
}

}  // namespace frontdesk::knowledge
