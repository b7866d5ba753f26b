#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/tenants_file.h"
#include "services/billing/testing/billing_world.h"

namespace frontdesk::billing {
namespace {

using testing::BillingWorld;
using testing::kMain;

using Balances = std::map<std::string, int64_t>;

absl::Time Midnight(int year, int month, int day) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

TEST_CASE("a preview says what the month costs so far, with its postings, and changes nothing") {
  BillingWorld world;
  world.Subscribe(/*included=*/2);
  world.Record(world.Reports("u", 5));
  world.PublishResolved("ada", "c1");
  const auto balances = world.Balances();
  const v1::Invoice preview = world.Preview();
  CHECK(preview.name().empty());
  REQUIRE(preview.lines_size() == 3);
  CHECK(preview.lines(1).quantity() == 5);
  CHECK(preview.lines(1).included() == 2);
  CHECK(preview.lines(1).billable() == 3);
  CHECK(Format(FromProto(preview.total())) == "50.005 EUR");
  REQUIRE(preview.postings_size() == 3);
  CHECK(preview.postings(0).ledger_account() == "receivable");
  CHECK(preview.postings(0).amount().micros() == 50'005'000);
  CHECK(preview.postings(1).ledger_account() == "revenue/base-fee");
  CHECK(preview.postings(1).amount().micros() == -49'000'000);
  CHECK(preview.postings(2).ledger_account() == "unbilled");
  CHECK(preview.postings(2).amount().micros() == -balances.at("unbilled"));
  CHECK(world.Balances() == balances);
}

TEST_CASE("an invoice is issued once a month, never changes, and moves unbilled to receivable") {
  BillingWorld world;
  world.Subscribe();
  world.Record(world.Reports("u", 10));
  v1::IssueInvoiceResponse response;
  const auto november = world.IssueRequest(absl::CivilMonth(2026, 11));
  CHECK(ReasonOf(world.IssueInvoice(november, &response)) == "PERIOD_NOT_BILLABLE");
  world.AdvanceTo(Midnight(2026, 12, 1));
  CHECK(ReasonOf(world.IssueInvoice(world.IssueRequest(absl::CivilMonth(2026, 12)), &response)) ==
        "PERIOD_NOT_BILLABLE");
  const absl::Status issued = world.IssueInvoice(november, &response);
  INFO(issued);
  REQUIRE(issued.ok());
  const v1::Invoice invoice = response.invoice();
  CHECK(Format(FromProto(invoice.total())) == "49.05 EUR");
  CHECK(world.Balances() == Balances{{"unbilled", 0},
                                     {"receivable", 49'050'000},
                                     {"revenue/base-fee", -49'000'000},
                                     {"revenue/messages", -50'000}});
  world.CheckLedger();
  REQUIRE(invoice.postings_size() == 3);
  const auto stored = world.Entries("", invoice.postings(0).group_id());
  REQUIRE(stored.size() == 3);
  for (int i = 0; i < 3; ++i) {
    CHECK(stored[static_cast<size_t>(i)].SerializeAsString() ==
          invoice.postings(i).SerializeAsString());
    CHECK(stored[static_cast<size_t>(i)].source() == invoice.name());
  }

  // The same request: the same invoice. Another: refused, naming it.
  v1::IssueInvoiceResponse again;
  REQUIRE(world.IssueInvoice(november, &again).ok());
  CHECK(again.invoice().SerializeAsString() == invoice.SerializeAsString());
  const absl::Status second =
      world.IssueInvoice(world.IssueRequest(absl::CivilMonth(2026, 11)), &again);
  CHECK(ReasonOf(second) == "PERIOD_NOT_BILLABLE");
  bool named = false;
  for (const auto& [key, value] : DetailsOf(second).metadata) {
    named |= key == "invoice" && value == invoice.name();
  }
  CHECK(named);

  world.Crash();
  v1::GetInvoiceRequest get;
  get.set_name(invoice.name());
  v1::GetInvoiceResponse got;
  REQUIRE(world.GetInvoice(get, &got).ok());
  CHECK(got.invoice().SerializeAsString() == invoice.SerializeAsString());
  CHECK(world.CountEvents(v1::BillingEvent::kInvoiceIssued) == 1);
  world.CheckLedger();
}

TEST_CASE("use that comes after the invoice of its month is billed with the next one") {
  BillingWorld world;
  world.Subscribe(/*included=*/2);
  world.Record(world.Reports("u", 3));
  world.AdvanceTo(Midnight(2026, 12, 1) + absl::Minutes(5));
  v1::IssueInvoiceResponse november;
  REQUIRE(world.IssueInvoice(world.IssueRequest(absl::CivilMonth(2026, 11)), &november).ok());
  CHECK(Format(FromProto(november.invoice().total())) == "49.005 EUR");

  auto late = world.Reports("late", 4);
  for (v1::Usage& usage : *late.mutable_usages()) {
    ToProto(Midnight(2026, 11, 30), usage.mutable_use_time());
  }
  world.Record(late);
  // December's included units cover the first two.
  CHECK(world.Balances().at("unbilled") == 2 * 5'000);
  CHECK(world.Preview().lines(1).quantity() == 4);
  world.AdvanceTo(Midnight(2027, 1, 1));
  v1::IssueInvoiceResponse december;
  REQUIRE(world.IssueInvoice(world.IssueRequest(absl::CivilMonth(2026, 12)), &december).ok());
  CHECK(Format(FromProto(december.invoice().total())) == "49.01 EUR");
  CHECK(world.Balances().at("unbilled") == 0);
  CHECK(world.Balances().at("receivable") == 49'005'000 + 49'010'000);
  world.CheckLedger();

  v1::ListInvoicesRequest list;
  list.set_parent("tenants/acme");
  list.set_page_size(1);
  v1::ListInvoicesResponse page;
  REQUIRE(world.ListInvoices(list, &page).ok());
  REQUIRE(page.invoices_size() == 1);
  CHECK(page.invoices(0).name() == november.invoice().name());
  list.set_page_token(page.next_page_token());
  REQUIRE(world.ListInvoices(list, &page).ok());
  REQUIRE(page.invoices_size() == 1);
  CHECK(page.invoices(0).name() == december.invoice().name());
  CHECK(page.next_page_token().empty());
}

TEST_CASE("ledger entries are listed oldest first, by account and by group, page by page") {
  BillingWorld world;
  world.Subscribe();
  for (int i = 0; i < 5; ++i) world.Record(world.Reports("u" + std::to_string(i), 1));
  const auto all = world.Entries();
  REQUIRE(all.size() == 10);
  const auto paged = world.Entries("", "", 3);
  REQUIRE(paged.size() == 10);
  for (size_t i = 0; i < all.size(); ++i) CHECK(paged[i].name() == all[i].name());
  const auto unbilled = world.Entries("unbilled", "", 2);
  CHECK(unbilled.size() == 5);
  for (const auto& entry : unbilled) CHECK(entry.ledger_account() == "unbilled");
  CHECK(world.Entries("", all[4].group_id()).size() == 2);

  v1::ListLedgerEntriesRequest request;
  request.set_parent("tenants/acme");
  v1::ListLedgerEntriesResponse response;
  request.set_ledger_account("pocket");
  CHECK(DetailsOf(world.ListLedgerEntries(request, &response)).fields.at(0).first ==
        "ledger_account");
  request.clear_ledger_account();
  request.set_group_id("x");
  CHECK(DetailsOf(world.ListLedgerEntries(request, &response)).fields.at(0).first == "group_id");
  request.clear_group_id();
  request.set_page_token("garbage");
  CHECK(ReasonOf(world.ListLedgerEntries(request, &response)) == "PAGE_TOKEN_INVALID");
}

TEST_CASE("plans have their own ids, and a tenant one subscription") {
  BillingWorld world;
  v1::CreateSubscriptionRequest request;
  request.set_parent("tenants/acme");
  request.mutable_subscription()->set_plan("tenants/acme/plans/basic");
  request.set_request_id(world.NewRequestId());
  v1::CreateSubscriptionResponse response;
  CHECK(world.CreateSubscription(request, &response).code() == absl::StatusCode::kNotFound);
  const v1::Subscription made = world.Subscribe();
  CHECK(FromProto(made.next_invoice_start_time()) == Midnight(2026, 11, 1));
  request.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.CreateSubscription(request, &response)) == "ALREADY_EXISTS");
  v1::CreatePlanResponse plan;
  CHECK(ReasonOf(world.CreatePlan(world.PlanRequest(), &plan)) == "ALREADY_EXISTS");

  v1::GetSubscriptionRequest get;
  get.set_name(kMain);
  v1::GetSubscriptionResponse got;
  REQUIRE(world.GetSubscription(get, &got).ok());
  CHECK(got.subscription().SerializeAsString() == made.SerializeAsString());
  get.set_name("tenants/acme/subscriptions/other");
  CHECK(world.GetSubscription(get, &got).code() == absl::StatusCode::kNotFound);
  v1::PreviewInvoiceRequest preview;
  preview.set_subscription("tenants/acme/subscriptions/other");
  v1::PreviewInvoiceResponse previewed;
  CHECK(world.PreviewInvoice(preview, &previewed).code() == absl::StatusCode::kNotFound);
  preview.set_subscription(kMain);
  ToProto(Midnight(2026, 10, 1), preview.mutable_period_start_time());
  CHECK(ReasonOf(world.PreviewInvoice(preview, &previewed)) == "PERIOD_NOT_BILLABLE");
  ToProto(Midnight(2026, 11, 2), preview.mutable_period_start_time());
  CHECK(DetailsOf(world.PreviewInvoice(preview, &previewed)).fields.at(0).first ==
        "period_start_time");

  v1::ListSubscriptionsRequest list;
  list.set_parent("tenants/acme");
  v1::ListSubscriptionsResponse listed;
  REQUIRE(world.ListSubscriptions(list, &listed).ok());
  CHECK(listed.subscriptions_size() == 1);
  v1::ListPlansRequest plans;
  plans.set_parent("tenants/acme");
  v1::ListPlansResponse listed_plans;
  REQUIRE(world.ListPlans(plans, &listed_plans).ok());
  CHECK(listed_plans.plans_size() == 1);
}

rpc::TenantsFile FileWith(int64_t message_micros) {
  rpc::TenantsFile file;
  rpc::TenantEntry& tenant = file.tenants.emplace_back();
  tenant.id = "acme";
  rpc::PlanEntry& plan = tenant.plans.emplace_back();
  plan.id = "basic";
  plan.display_name = "Basic";
  plan.currency = "EUR";
  plan.base_fee_micros = 49'000'000;
  plan.message_micros = message_micros;
  plan.included_messages = 7;
  rpc::SubscriptionEntry& subscription = tenant.subscriptions.emplace_back();
  subscription.id = "main";
  subscription.plan = "basic";
  subscription.start_date = "2026-11-01";
  return file;
}

TEST_CASE("the tenants file makes plans and the subscription once, and never changes them") {
  BillingWorld world;
  const auto load = [&world](const rpc::TenantsFile& file) { return world.LoadTenants(file); };
  REQUIRE(load(FileWith(5'000)).ok());
  world.Crash();
  REQUIRE(load(FileWith(5'000)).ok());
  CHECK(FromProto(world.Preview().period_start_time()) == Midnight(2026, 11, 1));
  v1::GetPlanRequest get;
  get.set_name("tenants/acme/plans/basic");
  v1::GetPlanResponse got;
  REQUIRE(world.GetPlan(get, &got).ok());
  CHECK(got.plan().meter_prices(0).included_units() == 7);

  CHECK(load(FileWith(6'000)).code() == absl::StatusCode::kFailedPrecondition);
  rpc::TenantsFile two = FileWith(5'000);
  two.tenants[0].subscriptions.push_back(two.tenants[0].subscriptions[0]);
  two.tenants[0].subscriptions[1].id = "second";
  CHECK(load(two).code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(world.GetPlan(get, &got).ok());
  CHECK(got.plan().meter_prices(0).unit_price().micros() == 5'000);
  CHECK(load(rpc::TenantsFile()).ok());
}

}  // namespace
}  // namespace frontdesk::billing
