#include "services/dialog/derived_id.h"

#include <catch2/catch.hpp>

#include <string>

#include "libs/base/ulid.h"

namespace frontdesk::dialog {
namespace {

TEST_CASE("an id follows from purpose and message alone, and carries the message's time") {
  const std::string message = "tenants/t/customers/c/messages/01hf7yat00r4t9em7hyfepavc1-7";
  const absl::Time now = absl::FromUnixSeconds(1);
  const std::string id = DerivedId("reply", message, now);
  CHECK(IsUlid(id));
  CHECK(UlidTime(id) == UlidTime("01hf7yat00r4t9em7hyfepavc1"));
  CHECK(DerivedId("reply", message, absl::FromUnixSeconds(2)) == id);
  CHECK(DerivedId("conversation", message, now) != id);
  CHECK(DerivedId("reply", message + "1", now) != id);
  CHECK(UlidTime(DerivedId("reply", "tenants/t/customers/c/messages/other", now)) == now);
}

}  // namespace
}  // namespace frontdesk::dialog
