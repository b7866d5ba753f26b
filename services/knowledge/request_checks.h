#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "services/knowledge/article_edit.h"

// The shape of requests: names, lengths, tenants. INVALID_FIELD and WRONG_TENANT.
namespace frontdesk::knowledge {

// Valid UTF-8 of `min` to `max` characters.
absl::Status CheckText(std::string_view text, int min, int max, std::string_view field);
// A name of something elsewhere: not looked up, of bounded length.
absl::Status CheckReference(std::string_view name, std::string_view field);
// An empty filter, or one that a stored tag or locale could have.
absl::Status CheckFilter(std::string_view locale, std::string_view tag);

// The ids in `name`, and that the tenant is the call's: the simulation calls without rpc's check.
absl::StatusOr<std::vector<std::string>> ParseName(
    const rpc::Call& call, std::string_view name,
    std::initializer_list<std::string_view> collections, std::string_view field);
absl::Status CheckParent(const rpc::Call& call, std::string_view parent);
absl::StatusOr<ArticleKey> ParseArticle(const rpc::Call& call, std::string_view name,
                                        std::string_view field);

struct VersionKey {
  ArticleKey article;
  int number = 0;
};
absl::StatusOr<VersionKey> ParseVersion(const rpc::Call& call, std::string_view name,
                                        std::string_view field);
// For whom a caller may look: PERMISSION_DENIED for one who is not of the tenant's own people (who
// read every article, analysts too) and asks for AGENTS.
absl::Status CheckAudience(const rpc::Call& call, v1::Audience audience, std::string_view field);
// Attributes of bounded length, a product version that is one, and the audience as above.
absl::Status CheckNarrowing(const rpc::Call& call, const v1::SearchFilter& filter);
// "tenants/{tenant}/{singleton}".
absl::Status CheckSingleton(const rpc::Call& call, std::string_view name,
                            std::string_view singleton, std::string_view field);

}  // namespace frontdesk::knowledge
