#include <catch2/catch.hpp>
#include <type_traits>
#include <unordered_set>

#include "absl/container/flat_hash_set.h"
#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/strong_id.h"

namespace frontdesk {
namespace {

TEST_CASE("ids of different things do not mix") {
  STATIC_REQUIRE_FALSE(std::is_convertible_v<TicketId, TenantId>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<TenantId, TicketId>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, TenantId>);
  const TenantId a("acme");
  CHECK(a == TenantId(std::string("acme")));
  CHECK(a < TenantId("beta"));
  CHECK(fmt::format("{}", a) == "acme");
  CHECK(absl::flat_hash_set<TenantId>{a}.contains(TenantId("acme")));
  CHECK(std::unordered_set<TenantId>{a}.count(TenantId("acme")) == 1);
}

TEST_CASE("an id is 1 to 63 characters of a-z, 0-9 and hyphen") {
  CHECK(ValidateId("a", "id").ok());
  CHECK(ValidateId("tenant-1", "id").ok());
  CHECK(ValidateId(std::string(63, 'x'), "id").ok());
  using namespace std::string_view_literals;
  for (const std::string_view bad :
       {""sv, "A"sv, "a_b"sv, "a/b"sv, "a b"sv, "\xc3\xa4"sv, "a\0"sv}) {
    const absl::Status status = ValidateId(bad, "tenant");
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(DetailsOf(status).fields.at(0).first == "tenant");
  }
  CHECK_FALSE(ValidateId(std::string(64, 'x'), "id").ok());
}

TEST_CASE("a resource name is built and taken apart again") {
  const std::string name = ResourceName({{"tenants", "acme"}, {"tickets", "t-1"}});
  CHECK(name == "tenants/acme/tickets/t-1");
  const auto ids = ParseResourceName(name, {"tenants", "tickets"}, "name");
  REQUIRE(ids.ok());
  CHECK(*ids == std::vector<std::string>{"acme", "t-1"});
}

TEST_CASE("a wrong resource name is refused with the form expected") {
  for (const std::string& name :
       {std::string(), std::string("tenants/acme"), std::string("tenants/acme/tickets"),
        std::string("tenants/acme/tickets/"), std::string("tenants//tickets/1"),
        std::string("/tenants/acme/tickets/1"), std::string("tenants/acme/tickets/1/"),
        std::string("tenants/acme/articles/1"), std::string("tenants/ACME/tickets/1"),
        std::string("tenants/a%2fb/tickets/1"), std::string(100'000, '/')}) {
    CAPTURE(name.substr(0, 40));
    const auto ids = ParseResourceName(name, {"tenants", "tickets"}, "ticket");
    REQUIRE_FALSE(ids.ok());
    CHECK(ids.status().code() == absl::StatusCode::kInvalidArgument);
    const ErrorDetails details = DetailsOf(ids.status());
    CHECK(details.fields.at(0).first == "ticket");
    CHECK(details.fields.at(0).second.find("tenants/{id}/tickets/{id}") != std::string::npos);
  }
}

}  // namespace
}  // namespace frontdesk
