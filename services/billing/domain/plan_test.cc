#include "services/billing/domain/plan.h"

#include <catch2/catch.hpp>

#include <functional>
#include <string>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing {
namespace {

v1::Plan GoodPlan() {
  v1::Plan plan;
  plan.set_display_name("基础版 Basic");
  ToProto(Money{"EUR", 49'000'000}, plan.mutable_base_fee());
  v1::MeterPrice& price = *plan.add_meter_prices();
  price.set_meter(v1::METER_MESSAGES);
  ToProto(Money{"EUR", 5'000}, price.mutable_unit_price());
  price.set_included_units(1000);
  return plan;
}

TEST_CASE("plans of a wrong shape are refused by the name of the field") {
  REQUIRE(CheckPlan(GoodPlan()).ok());
  struct Case {
    std::function<void(v1::Plan&)> spoil;
    std::string field;
  };
  const Case cases[] = {
      {[](auto& p) { p.clear_display_name(); }, "plan.display_name"},
      {[](auto& p) { p.set_display_name(std::string(101, 'a')); }, "plan.display_name"},
      {[](auto& p) { p.set_display_name("\xff"); }, "plan.display_name"},
      {[](auto& p) { p.clear_base_fee(); }, "plan.base_fee.currency_code"},
      {[](auto& p) { p.mutable_base_fee()->set_currency_code("eur"); },
       "plan.base_fee.currency_code"},
      {[](auto& p) { p.mutable_base_fee()->set_micros(-1); }, "plan.base_fee.micros"},
      {[](auto& p) { p.mutable_base_fee()->set_micros(1'000'000'000'000'001); },
       "plan.base_fee.micros"},
      {[](auto& p) { p.mutable_meter_prices(0)->clear_meter(); }, "plan.meter_prices[0].meter"},
      {[](auto& p) { p.mutable_meter_prices(0)->set_meter(static_cast<v1::Meter>(9)); },
       "plan.meter_prices[0].meter"},
      {[](auto& p) { *p.add_meter_prices() = p.meter_prices(0); }, "plan.meter_prices[1].meter"},
      {[](auto& p) { p.mutable_meter_prices(0)->mutable_unit_price()->set_micros(-5); },
       "plan.meter_prices[0].unit_price.micros"},
      {[](auto& p) { p.mutable_meter_prices(0)->mutable_unit_price()->set_currency_code("CNY"); },
       "plan.meter_prices[0].unit_price.currency_code"},
      {[](auto& p) { p.mutable_meter_prices(0)->set_included_units(-1); },
       "plan.meter_prices[0].included_units"},
  };
  for (const Case& c : cases) {
    v1::Plan plan = GoodPlan();
    c.spoil(plan);
    const absl::Status status = CheckPlan(plan);
    INFO(c.field << ": " << status);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(DetailsOf(status).fields.size() == 1);
    CHECK(DetailsOf(status).fields[0].first == c.field);
  }
}

TEST_CASE("plans are the same when they cost the same, whatever the order of prices") {
  v1::Plan a = GoodPlan();
  v1::MeterPrice& more = *a.add_meter_prices();
  more.set_meter(v1::METER_BOT_RESOLUTIONS);
  ToProto(Money{"EUR", 990'000}, more.mutable_unit_price());
  v1::Plan b = a;
  b.set_name("tenants/acme/plans/basic");
  b.mutable_meter_prices()->SwapElements(0, 1);
  CHECK(SamePlan(a, b));
  b.mutable_meter_prices(0)->mutable_unit_price()->set_micros(990'001);
  CHECK_FALSE(SamePlan(a, b));
  b = a;
  b.mutable_meter_prices(0)->set_included_units(999);
  CHECK_FALSE(SamePlan(a, b));
  b = a;
  b.mutable_meter_prices()->RemoveLast();
  CHECK_FALSE(SamePlan(a, b));
  b = a;
  b.mutable_base_fee()->set_currency_code("USD");
  CHECK_FALSE(SamePlan(a, b));
}

}  // namespace
}  // namespace frontdesk::billing
