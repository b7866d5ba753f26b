#include <map>

#include "frontdesk/billing/v1/billing_service.pb.h"
#include "services/billing/app.h"
#include "tests/component/fixture.h"

using namespace frontdesk;
using namespace frontdesk::component;

namespace {

common::v1::Money Dollars(int64_t micros) {
  common::v1::Money money;
  money.set_currency_code("USD");
  money.set_micros(micros);
  return money;
}

}  // namespace

TEST_CASE("billing: use is taken once, priced, in balance, and still there after a restart") {
  ServiceUnderTest billing("frontdesk.billing.v1.BillingService",
                           [](const bus::AppDeps& deps, rpc::Host* host) {
                             return billing::App::Open(deps, billing::Config{}, host);
                           });
  billing::v1::CreatePlanRequest plan;
  plan.set_parent("tenants/acme");
  plan.set_plan_id("basic");
  plan.mutable_plan()->set_display_name("Basic");
  *plan.mutable_plan()->mutable_base_fee() = Dollars(10'000'000);
  auto* price = plan.mutable_plan()->add_meter_prices();
  price->set_meter(billing::v1::METER_MESSAGES);
  *price->mutable_unit_price() = Dollars(2'000);
  CHECK(billing.Refusal<billing::v1::CreatePlanResponse>(kAdmin, "CreatePlan", plan) ==
        "MISSING_REQUEST_ID");
  plan.set_request_id("r-1");
  CHECK(billing.Refusal<billing::v1::CreatePlanResponse>(kAnalyst, "CreatePlan", plan) ==
        "PERMISSION_DENIED");
  billing.Must<billing::v1::CreatePlanResponse>(kAdmin, "CreatePlan", plan);
  billing::v1::CreateSubscriptionRequest subscribe;
  subscribe.set_parent("tenants/acme");
  subscribe.set_subscription_id("main");
  subscribe.mutable_subscription()->set_plan("tenants/acme/plans/basic");
  subscribe.set_request_id("r-2");
  billing.Must<billing::v1::CreateSubscriptionResponse>(kAdmin, "CreateSubscription", subscribe);

  billing::v1::RecordUsageRequest record;
  record.set_parent("tenants/acme");
  auto* usage = record.add_usages();
  usage->set_source("app");
  usage->set_usage_id("u-1");
  usage->set_meter(billing::v1::METER_MESSAGES);
  usage->set_quantity(7);
  record.set_request_id("r-3");
  CHECK(billing.Must<billing::v1::RecordUsageResponse>(kAdmin, "RecordUsage", record)
            .recorded_count() == 1);

  billing.Restart();
  usage->set_quantity(8);
  record.set_request_id("r-4");
  CHECK(billing.Must<billing::v1::RecordUsageResponse>(kAdmin, "RecordUsage", record)
            .conflicts_size() == 1);
  billing::v1::PreviewInvoiceRequest preview;
  preview.set_subscription("tenants/acme/subscriptions/main");
  const auto invoice =
      billing.Must<billing::v1::PreviewInvoiceResponse>(kAnalyst, "PreviewInvoice", preview)
          .invoice();
  CHECK(invoice.total().micros() == 10'000'000 + 7 * 2'000);
  billing::v1::ListLedgerBalancesRequest list;
  list.set_parent("tenants/acme");
  const auto ledger =
      billing.Must<billing::v1::ListLedgerBalancesResponse>(kAdmin, "ListLedgerBalances", list);
  int64_t sum = 0;
  for (const auto& balance : ledger.ledger_balances()) sum += balance.balance().micros();
  CHECK(ledger.ledger_balances_size() == 2);
  CHECK(sum == 0);
  list.set_parent("tenants/other");
  CHECK(billing.Refusal<billing::v1::ListLedgerBalancesResponse>(kAdmin, "ListLedgerBalances",
                                                                 list) == "WRONG_TENANT");
}
