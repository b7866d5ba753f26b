#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "frontdesk/billing/v1/billing_events.pb.h"
#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/process/testing/service_world.h"
#include "services/billing/app.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing::testing {

using process::testing::kParent;
inline constexpr const char* kMain = "tenants/acme/subscriptions/main";

// Begins on 2026-11-10.
class BillingWorld final : public process::testing::ServiceWorld<App, v1::BillingEvent> {
 public:
  BillingWorld()
      : ServiceWorld(rpc::Role::kAdmin, "ann",
                     absl::FromCivil(absl::CivilDay(2026, 11, 10), absl::UTCTimeZone())) {
    Start([](const bus::AppDeps& deps) { return App::Open(deps, Config(), nullptr); });
  }

  // Far into another month, in steps that are no jump of the clock.
  void AdvanceTo(absl::Time time) {
    while (clock.Now() < time) Advance(std::min(time - clock.Now(), absl::Hours(1)));
  }

  FD_SERVICE_CALL(CreatePlan)
  FD_SERVICE_CALL(GetPlan)
  FD_SERVICE_CALL(ListPlans)
  FD_SERVICE_CALL(CreateSubscription)
  FD_SERVICE_CALL(GetSubscription)
  FD_SERVICE_CALL(ListSubscriptions)
  FD_SERVICE_CALL(RecordUsage)
  FD_SERVICE_CALL(ListUsages)
  FD_SERVICE_CALL(GetUsageSummary)
  FD_SERVICE_CALL(PreviewInvoice)
  FD_SERVICE_CALL(IssueInvoice)
  FD_SERVICE_CALL(GetInvoice)
  FD_SERVICE_CALL(ListInvoices)
  FD_SERVICE_CALL(ListLedgerEntries)
  FD_SERVICE_CALL(ListLedgerBalances)

  // Base fee 49 EUR; 0.005 per message beyond `included`; 0.99 per outcome.
  v1::CreatePlanRequest PlanRequest(int64_t included = 0) {
    v1::CreatePlanRequest request;
    request.set_parent(kParent);
    request.set_plan_id("basic");
    request.mutable_plan()->set_display_name("Basic");
    ToProto(Money{"EUR", 49'000'000}, request.mutable_plan()->mutable_base_fee());
    v1::MeterPrice& messages = *request.mutable_plan()->add_meter_prices();
    messages.set_meter(v1::METER_MESSAGES);
    ToProto(Money{"EUR", 5'000}, messages.mutable_unit_price());
    messages.set_included_units(included);
    v1::MeterPrice& outcomes = *request.mutable_plan()->add_meter_prices();
    outcomes.set_meter(v1::METER_BOT_RESOLUTIONS);
    ToProto(Money{"EUR", 990'000}, outcomes.mutable_unit_price());
    request.set_request_id(NewRequestId());
    return request;
  }
  // `start`: InfinitePast = now.
  v1::Subscription Subscribe(int64_t included = 0, absl::Time start = absl::InfinitePast()) {
    Must(&Service::CreatePlan, PlanRequest(included));
    v1::CreateSubscriptionRequest request;
    request.set_parent(kParent);
    request.set_subscription_id("main");
    request.mutable_subscription()->set_plan("tenants/acme/plans/basic");
    if (start != absl::InfinitePast()) {
      ToProto(start, request.mutable_subscription()->mutable_start_time());
    }
    request.set_request_id(NewRequestId());
    return Must(&Service::CreateSubscription, request).subscription();
  }

  v1::RecordUsageRequest Reports(const std::string& prefix, int count,
                                 v1::Meter meter = v1::METER_MESSAGES, int64_t quantity = 1) {
    v1::RecordUsageRequest request;
    request.set_parent(kParent);
    for (int i = 0; i < count; ++i) {
      v1::Usage& usage = *request.add_usages();
      usage.set_source("app");
      usage.set_usage_id(fmt::format("{}-{}", prefix, i));
      usage.set_meter(meter);
      usage.set_quantity(quantity);
    }
    request.set_request_id(NewRequestId());
    return request;
  }
  v1::RecordUsageResponse Record(const v1::RecordUsageRequest& request) {
    return Must(&Service::RecordUsage, request);
  }

  v1::Invoice Preview() {
    v1::PreviewInvoiceRequest request;
    request.set_subscription(kMain);
    return Must(&Service::PreviewInvoice, request).invoice();
  }
  v1::IssueInvoiceRequest IssueRequest(absl::CivilMonth month) {
    v1::IssueInvoiceRequest request;
    request.set_subscription(kMain);
    ToProto(absl::FromCivil(absl::CivilDay(month), absl::UTCTimeZone()),
            request.mutable_period_start_time());
    request.set_request_id(NewRequestId());
    return request;
  }

  std::vector<v1::LedgerEntry> Entries(const std::string& ledger_account = "",
                                       const std::string& group = "", int page_size = 200) {
    v1::ListLedgerEntriesRequest request;
    request.set_parent(kParent);
    request.set_page_size(page_size);
    request.set_ledger_account(ledger_account);
    request.set_group_id(group);
    return All(&Service::ListLedgerEntries, request,
               &v1::ListLedgerEntriesResponse::ledger_entries);
  }
  // Micros by ledger account, of one currency.
  std::map<std::string, int64_t> Balances() {
    v1::ListLedgerBalancesRequest request;
    request.set_parent(kParent);
    const auto response = Must(&Service::ListLedgerBalances, request);
    std::map<std::string, int64_t> balances;
    for (const v1::LedgerBalance& balance : response.ledger_balances()) {
      CHECK(balance.balance().currency_code() == "EUR");
      balances[balance.ledger_account()] = balance.balance().micros();
    }
    return balances;
  }
  // Balances are the fold of the entries; every group and all together sum to zero.
  void CheckLedger() {
    std::map<std::string, int64_t> folded;
    std::map<std::string, int64_t> groups;
    int64_t sum = 0;
    for (const v1::LedgerEntry& entry : Entries()) {
      folded[entry.ledger_account()] += entry.amount().micros();
      groups[entry.group_id()] += entry.amount().micros();
      sum += entry.amount().micros();
    }
    CHECK(folded == Balances());
    CHECK(sum == 0);
    for (const auto& [group, total] : groups) CHECK(total == 0);
  }
  std::vector<v1::Usage> Usages(const std::string& source = "", int page_size = 200) {
    v1::ListUsagesRequest request;
    request.set_parent(kParent);
    request.set_source(source);
    request.set_page_size(page_size);
    return All(&Service::ListUsages, request, &v1::ListUsagesResponse::usages);
  }

  void PublishReceived(const std::string& customer, const std::string& message) {
    channel::v1::ChannelEvent event;
    channel::v1::MessageReceived& received = *event.mutable_message_received();
    received.set_customer("tenants/acme/customers/" + customer);
    FillMessage(customer, message, received.mutable_message());
    PublishEvent("acme/" + customer, event);
  }
  void PublishDelivered(const std::string& customer, const std::string& message) {
    channel::v1::ChannelEvent event;
    channel::v1::MessageDelivered& delivered = *event.mutable_message_delivered();
    delivered.set_customer("tenants/acme/customers/" + customer);
    FillMessage(customer, message, delivered.mutable_message());
    delivered.mutable_message()->clear_channel_message_id();
    PublishEvent("acme/" + customer, event);
  }
  void PublishResolved(const std::string& customer, const std::string& conversation,
                       bool bot_only = true) {
    dialog::v1::DialogEvent event;
    dialog::v1::ConversationResolved& resolved = *event.mutable_conversation_resolved();
    resolved.set_customer("tenants/acme/customers/" + customer);
    resolved.set_bot_only(bot_only);
    resolved.mutable_conversation()->set_name("tenants/acme/conversations/" + conversation);
    ToProto(clock.Now(), resolved.mutable_conversation()->mutable_resolve_time());
    PublishEvent("acme/" + customer, event);
  }

 private:
  // Page by page.
  template <class Request, class Response, class Item>
  std::vector<Item> All(Method<Request, Response> method, Request request,
                        const google::protobuf::RepeatedPtrField<Item>& (Response::*items)()
                            const) {
    std::vector<Item> all;
    do {
      const Response page = Must(method, request);
      REQUIRE((page.*items)().size() <= request.page_size());
      all.insert(all.end(), (page.*items)().begin(), (page.*items)().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  void FillMessage(const std::string& customer, const std::string& id,
                   channel::v1::Message* message) {
    message->set_name(fmt::format("tenants/acme/customers/{}/messages/{}", customer, id));
    message->set_channel_account("tenants/acme/channelAccounts/web");
    message->set_channel_message_id("client-" + id);
    ToProto(clock.Now(), message->mutable_create_time());
  }
};

}  // namespace frontdesk::billing::testing
