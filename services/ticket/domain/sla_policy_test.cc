#include "services/ticket/domain/sla_policy.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

v1::SlaTarget Target(common::v1::Priority priority, absl::Duration first,
                     absl::Duration resolution) {
  v1::SlaTarget target;
  target.set_priority(priority);
  ToProto(first, target.mutable_first_response());
  ToProto(resolution, target.mutable_resolution());
  return target;
}

TEST_CASE("by default a critical ticket is answered within 15 minutes and solved within 4 hours") {
  const v1::SlaPolicy policy = DefaultSlaPolicy("acme");
  CHECK(policy.name() == "tenants/acme/slaPolicy");
  const auto targets = TargetsOf(policy, common::v1::PRIORITY_P0);
  REQUIRE(targets.ok());
  CHECK(targets->first_response == absl::Minutes(15));
  CHECK(targets->resolution == absl::Hours(4));
  CHECK(targets->warn_bps == 8'000);
  for (const v1::SlaTarget& target : policy.targets()) {
    const auto of_policy = TargetsOf(policy, target.priority());
    const auto of_default = DefaultTargetsOf(target.priority());
    REQUIRE((of_policy.ok() && of_default.ok()));
    CHECK(of_default->first_response == of_policy->first_response);
    CHECK(of_default->resolution == of_policy->resolution);
    CHECK(of_default->warn_bps == of_policy->warn_bps);
  }
  CHECK_FALSE(DefaultTargetsOf(common::v1::PRIORITY_UNSPECIFIED).ok());
  CHECK_FALSE(TargetsOf(policy, common::v1::PRIORITY_UNSPECIFIED).ok());
}

TEST_CASE("a wrong policy is refused by the name of its field") {
  const std::vector<std::string> paths = {"targets", "warn_bps"};
  struct Case {
    std::function<void(v1::SlaPolicy&)> spoil;
    std::string field;
  };
  const Case cases[] = {
      {[](auto& p) { p.clear_targets(); }, "sla_policy.targets"},
      {[](auto& p) { p.mutable_targets(1)->set_priority(common::v1::PRIORITY_UNSPECIFIED); },
       "sla_policy.targets[1].priority"},
      {[](auto& p) { p.mutable_targets(1)->set_priority(common::v1::PRIORITY_P0); },
       "sla_policy.targets[1].priority"},
      {[](auto& p) { p.mutable_targets(0)->clear_first_response(); },
       "sla_policy.targets[0].first_response"},
      {[](auto& p) { p.mutable_targets(3)->mutable_resolution()->set_seconds(400 * 86'400); },
       "sla_policy.targets[3].resolution"},
      {[](auto& p) { p.mutable_targets(3)->mutable_resolution()->set_seconds(INT64_MIN); },
       "sla_policy.targets[3].resolution"},
      {[](auto& p) { p.set_warn_bps(0); }, "sla_policy.warn_bps"},
      {[](auto& p) { p.set_warn_bps(10'000); }, "sla_policy.warn_bps"},
  };
  for (const Case& c : cases) {
    v1::SlaPolicy policy = DefaultSlaPolicy("acme");
    c.spoil(policy);
    const ErrorDetails details = DetailsOf(CheckSlaPolicy(policy, paths));
    REQUIRE(details.fields.size() == 1);
    CHECK(details.fields[0].first == c.field);
  }
  CHECK(CheckSlaPolicy(DefaultSlaPolicy("acme"), paths).ok());
}

TEST_CASE("a change touches what it names and raises the version only when something differs") {
  store::v1::SlaPolicyRecord record;
  *record.mutable_sla_policy() = DefaultSlaPolicy("acme");
  v1::SlaPolicy change;
  *change.add_targets() = Target(common::v1::PRIORITY_P1, absl::Minutes(5), absl::Hours(1));
  change.set_warn_bps(5'000);

  REQUIRE(ChangeSlaPolicy(change, {"targets"}, kNow, record));
  CHECK(record.version() == 1);
  CHECK(record.sla_policy().etag() == "1");
  CHECK(record.sla_policy().warn_bps() == 8'000);
  CHECK(TargetsOf(record.sla_policy(), common::v1::PRIORITY_P1)->resolution == absl::Hours(1));
  CHECK(TargetsOf(record.sla_policy(), common::v1::PRIORITY_P0)->resolution == absl::Hours(4));

  CHECK_FALSE(ChangeSlaPolicy(change, {"targets"}, kNow + absl::Seconds(9), record));
  CHECK(record.version() == 1);
  REQUIRE(ChangeSlaPolicy(change, {"warn_bps"}, kNow, record));
  CHECK(record.version() == 2);
}

}  // namespace
}  // namespace frontdesk::ticket
