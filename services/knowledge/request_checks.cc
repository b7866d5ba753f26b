#include "services/knowledge/request_checks.h"

#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/rpc/method.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/product_version.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/query_text.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxReferenceBytes = 256;
constexpr int kMaxAttributeCharacters = 128;

}  // namespace

absl::Status CheckText(std::string_view text, int min, int max, std::string_view field) {
  if (!IsValidUtf8(text)) return InvalidField(field, "must be valid UTF-8");
  const int count = Characters(text);
  if (count < min) return InvalidField(field, "is required");
  if (count > max) return InvalidField(field, fmt::format("must have at most {} characters", max));
  return absl::OkStatus();
}

absl::Status CheckReference(std::string_view name, std::string_view field) {
  if (name.size() > kMaxReferenceBytes) {
    return InvalidField(field, fmt::format("must have at most {} bytes", kMaxReferenceBytes));
  }
  return IsValidUtf8(name) ? absl::OkStatus() : InvalidField(field, "must be valid UTF-8");
}

absl::Status CheckFilter(std::string_view locale, std::string_view tag) {
  if (!locale.empty()) FD_RETURN_IF_ERROR(ValidateLocale(locale, "locale"));
  return CheckText(tag, 0, kMaxTagCharacters, "tag");
}

absl::StatusOr<std::vector<std::string>> ParseName(
    const rpc::Call& call, std::string_view name,
    std::initializer_list<std::string_view> collections, std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, collections, field));
  if (ids[0] != call.tenant) {
    return WithMetadata(Error(absl::StatusCode::kPermissionDenied, "WRONG_TENANT",
                              "the name lies in another tenant than the credential"),
                        "tenant", call.tenant);
  }
  return ids;
}

absl::Status CheckParent(const rpc::Call& call, std::string_view parent) {
  return ParseName(call, parent, {"tenants"}, "parent").status();
}

absl::StatusOr<ArticleKey> ParseArticle(const rpc::Call& call, std::string_view name,
                                        std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseName(call, name, {"tenants", "articles"}, field));
  return ArticleKey{std::move(ids[0]), std::move(ids[1])};
}

absl::StatusOr<VersionKey> ParseVersion(const rpc::Call& call, std::string_view name,
                                        std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseName(call, name, {"tenants", "articles", "versions"}, field));
  FD_ASSIGN_OR_RETURN(const int number, ParseVersionNumber(ids[2], field));
  return VersionKey{{std::move(ids[0]), std::move(ids[1])}, number};
}

absl::Status CheckAudience(const rpc::Call& call, v1::Audience audience, std::string_view field) {
  if (!v1::Audience_IsValid(audience)) {
    return InvalidField(field, "must be PUBLIC, CUSTOMERS or AGENTS");
  }
  if (audience != v1::AUDIENCE_AGENTS || rpc::kReaders.Has(call.caller.role)) {
    return absl::OkStatus();
  }
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                                         "only the tenant's own people may see what is for them"),
                                   "role", rpc::RoleName(call.caller.role)),
                      "method", call.method);
}

absl::Status CheckSingleton(const rpc::Call& call, std::string_view name,
                            std::string_view singleton, std::string_view field) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos || name.substr(slash + 1) != singleton) {
    return InvalidField(field, fmt::format("must be tenants/{{tenant}}/{}", singleton));
  }
  return ParseName(call, name.substr(0, slash), {"tenants"}, field).status();
}

absl::Status CheckNarrowing(const rpc::Call& call, const v1::SearchFilter& filter) {
  const std::pair<const char*, const std::string&> values[] = {
      {"filter.product", filter.product()},
      {"filter.product_module", filter.product_module()},
      {"filter.error_type", filter.error_type()},
      {"filter.solution_kind", filter.solution_kind()}};
  for (const auto& [field, value] : values) {
    FD_RETURN_IF_ERROR(CheckQueryText(value, 0, kMaxAttributeCharacters, field));
  }
  if (!filter.product_version().empty() &&
      !ParseProductVersion(filter.product_version()).has_value()) {
    return InvalidField("filter.product_version", "must be dotted numbers");
  }
  return CheckAudience(call, filter.audience(), "filter.audience");
}

}  // namespace frontdesk::knowledge
