#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "frontdesk/billing/v1/billing_events.pb.h"
#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/hash.h"
#include "libs/base/topics.h"
#include "libs/bus/embedded_log.h"
#include "libs/store/simulated_disk.h"
#include "services/billing/app.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing::testing {

inline constexpr const char* kTenant = "acme";
inline constexpr const char* kMain = "tenants/acme/subscriptions/main";

// The whole service over a simulated disk and an embedded log, stepped by hand under a simulated
// clock that begins on 2026-11-10. A crash loses what was not synced.
class BillingWorld {
 public:
  BillingWorld() { Open(true); }
  ~BillingWorld() { Close(); }

  void Crash() {
    app->shards().Abandon();
    log_->Abandon();
    disk_.Crash();
    Close();
    Open(false);
  }
  void Settle() {
    bool moved = true;
    while (moved) {
      moved = log_->Step(clock.Now());
      moved |= prepare_pool_.Step();
      moved |= app->Step(clock.Now());
    }
  }
  void Advance(absl::Duration by) {
    clock.Advance(by);
    Settle();
  }
  // The consumer and the timers look again after a moment.
  void Wait() {
    for (int i = 0; i < 40; ++i) Advance(absl::Milliseconds(10));
  }
  // Far into another month, in steps that are no jump of the clock.
  void AdvanceTo(absl::Time time) {
    while (clock.Now() < time) Advance(std::min(time - clock.Now(), absl::Hours(1)));
  }

  template <class Request, class Response>
  absl::Status Do(void (BillingService::*method)(const rpc::Call&, const Request&, Response*,
                                                 rpc::Finish),
                  std::string_view name, const Request& request, Response* response) {
    rpc::Call call;
    call.tenant = kTenant;
    call.caller = {kTenant, "ann", rpc::Role::kAdmin};
    call.method = name;
    call.give_up_at = clock.Steady() + absl::Seconds(5);
    int finished = 0;
    absl::Status result;
    (app->service().*method)(call, request, response, [&](absl::Status status) {
      ++finished;
      result = std::move(status);
    });
    Settle();
    CHECK(finished == 1);
    return result;
  }
#define FD_BILLING_CALL(Method)                                                             \
  absl::Status Method(const v1::Method##Request& request, v1::Method##Response* response) { \
    return Do(&BillingService::Method, #Method, request, response);                         \
  }
  FD_BILLING_CALL(CreatePlan)
  FD_BILLING_CALL(GetPlan)
  FD_BILLING_CALL(ListPlans)
  FD_BILLING_CALL(CreateSubscription)
  FD_BILLING_CALL(GetSubscription)
  FD_BILLING_CALL(ListSubscriptions)
  FD_BILLING_CALL(RecordUsage)
  FD_BILLING_CALL(ListUsages)
  FD_BILLING_CALL(GetUsageSummary)
  FD_BILLING_CALL(PreviewInvoice)
  FD_BILLING_CALL(IssueInvoice)
  FD_BILLING_CALL(GetInvoice)
  FD_BILLING_CALL(ListInvoices)
  FD_BILLING_CALL(ListLedgerEntries)
  FD_BILLING_CALL(ListLedgerBalances)
#undef FD_BILLING_CALL

  std::string NewRequestId() { return fmt::format("r-{}", ++request_ids_); }

  // Base fee 49 EUR; 0.005 per message beyond `included`; 0.99 per outcome.
  v1::CreatePlanRequest PlanRequest(int64_t included = 0) {
    v1::CreatePlanRequest request;
    request.set_parent("tenants/acme");
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
    v1::CreatePlanResponse plan;
    REQUIRE(CreatePlan(PlanRequest(included), &plan).ok());
    v1::CreateSubscriptionRequest request;
    request.set_parent("tenants/acme");
    request.set_subscription_id("main");
    request.mutable_subscription()->set_plan("tenants/acme/plans/basic");
    if (start != absl::InfinitePast()) {
      ToProto(start, request.mutable_subscription()->mutable_start_time());
    }
    request.set_request_id(NewRequestId());
    v1::CreateSubscriptionResponse response;
    const absl::Status status = CreateSubscription(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.subscription();
  }

  v1::RecordUsageRequest Reports(const std::string& prefix, int count,
                                 v1::Meter meter = v1::METER_MESSAGES, int64_t quantity = 1) {
    v1::RecordUsageRequest request;
    request.set_parent("tenants/acme");
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
    v1::RecordUsageResponse response;
    const absl::Status status = RecordUsage(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response;
  }

  v1::Invoice Preview() {
    v1::PreviewInvoiceRequest request;
    request.set_subscription(kMain);
    v1::PreviewInvoiceResponse response;
    const absl::Status status = PreviewInvoice(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.invoice();
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
    std::vector<v1::LedgerEntry> all;
    v1::ListLedgerEntriesRequest request;
    request.set_parent("tenants/acme");
    request.set_page_size(page_size);
    request.set_ledger_account(ledger_account);
    request.set_group_id(group);
    do {
      v1::ListLedgerEntriesResponse page;
      const absl::Status status = ListLedgerEntries(request, &page);
      INFO(status);
      REQUIRE(status.ok());
      REQUIRE(page.ledger_entries_size() <= page_size);
      all.insert(all.end(), page.ledger_entries().begin(), page.ledger_entries().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  // Micros by ledger account, of one currency.
  std::map<std::string, int64_t> Balances() {
    v1::ListLedgerBalancesRequest request;
    request.set_parent("tenants/acme");
    v1::ListLedgerBalancesResponse response;
    REQUIRE(ListLedgerBalances(request, &response).ok());
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
    std::vector<v1::Usage> all;
    v1::ListUsagesRequest request;
    request.set_parent("tenants/acme");
    request.set_source(source);
    request.set_page_size(page_size);
    do {
      v1::ListUsagesResponse page;
      REQUIRE(ListUsages(request, &page).ok());
      REQUIRE(page.usages_size() <= page_size);
      all.insert(all.end(), page.usages().begin(), page.usages().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  // Each once: after a crash the relay may publish again what it had published, as consumers know.
  std::vector<v1::BillingEvent> Events() {
    Settle();
    std::vector<v1::BillingEvent> events;
    std::set<std::string> seen;
    for (const bus::Record& record : Records(topics::kBilling)) {
      v1::BillingEvent event;
      REQUIRE(event.ParseFromString(record.value));
      if (seen.insert(event.metadata().event_id()).second) events.push_back(std::move(event));
    }
    return events;
  }
  int CountEvents(v1::BillingEvent::PayloadCase payload) {
    int count = 0;
    for (const v1::BillingEvent& event : Events()) count += event.payload_case() == payload;
    return count;
  }
  size_t DeadLetters() {
    Settle();
    return Records(topics::kDeadLetter).size();
  }

  // Events of others; each call is another event, whatever it says.
  void PublishReceived(const std::string& customer, const std::string& message) {
    channel::v1::ChannelEvent event;
    channel::v1::MessageReceived& received = *event.mutable_message_received();
    received.set_customer("tenants/acme/customers/" + customer);
    FillMessage(customer, message, received.mutable_message());
    Publish(topics::kChannel, "frontdesk.channel.v1.MessageReceived", customer,
            event.SerializeAsString());
  }
  void PublishDelivered(const std::string& customer, const std::string& message) {
    channel::v1::ChannelEvent event;
    channel::v1::MessageDelivered& delivered = *event.mutable_message_delivered();
    delivered.set_customer("tenants/acme/customers/" + customer);
    FillMessage(customer, message, delivered.mutable_message());
    delivered.mutable_message()->clear_channel_message_id();
    Publish(topics::kChannel, "frontdesk.channel.v1.MessageDelivered", customer,
            event.SerializeAsString());
  }
  void PublishResolved(const std::string& customer, const std::string& conversation,
                       bool bot_only = true) {
    dialog::v1::DialogEvent event;
    dialog::v1::ConversationResolved& resolved = *event.mutable_conversation_resolved();
    resolved.set_customer("tenants/acme/customers/" + customer);
    resolved.set_bot_only(bot_only);
    resolved.mutable_conversation()->set_name("tenants/acme/conversations/" + conversation);
    ToProto(clock.Now(), resolved.mutable_conversation()->mutable_resolve_time());
    Publish(topics::kDialog, "frontdesk.dialog.v1.ConversationResolved", customer,
            event.SerializeAsString());
  }
  void Publish(std::string_view topic, const std::string& type, const std::string& customer,
               std::string value) {
    constexpr int kPartitions = 4;
    const std::string key = fmt::format("{}/{}", kTenant, customer);
    const int partition = PartitionOf(key, kPartitions);
    const uint64_t seq = ++seqs_[std::string(topic)];
    uint64_t& prev = prevs_[{std::string(topic), partition}];
    bus::OutboundRecord record{
        std::string(topic),
        partition,
        key,
        {{"ce_id", fmt::format("event-{}-{}", topic, seq)},
         {"ce_source", fmt::format("/{}/0", topic)},
         {"ce_type", type},
         {"ce_subject", key},
         {"ce_time", absl::FormatTime(absl::RFC3339_full, clock.Now(), absl::UTCTimeZone())},
         {"ce_specversion", "1.0"},
         {"content-type", "application/protobuf"},
         {"fd_tenant", kTenant},
         {"fd_actor", "services/other"},
         {"fd_epoch", "1"},
         {"fd_seq", std::to_string(seq)},
         {"fd_prev", std::to_string(prev)}},
        std::move(value)};
    prev = seq;
    auto publisher = log_->NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE((*publisher)->Offer(std::move(record), seq));
    REQUIRE((*publisher)->Poll().ok());
    Wait();
  }

  SimulatedClock clock{absl::FromCivil(absl::CivilDay(2026, 11, 10), absl::UTCTimeZone())};
  SeededRandom random{7};
  telemetry::Metrics metrics;
  std::unique_ptr<App> app;

 private:
  void FillMessage(const std::string& customer, const std::string& id,
                   channel::v1::Message* message) {
    message->set_name(fmt::format("tenants/acme/customers/{}/messages/{}", customer, id));
    message->set_channel_account("tenants/acme/channelAccounts/web");
    message->set_channel_message_id("client-" + id);
    ToProto(clock.Now(), message->mutable_create_time());
  }
  void Open(bool first_start) {
    auto installation = bus::Installation::Open({.data_dir = "/data", .first_start = first_start},
                                                disk_.environment(), clock.Now(), random);
    INFO(installation.status());
    REQUIRE(installation.ok());
    installation_ = *std::move(installation);
    auto log = bus::EmbeddedLog::Open(
        {disk_.environment(), clock, random, metrics, [](const absl::Status&) {}},
        {.directory = "/data/bus"});
    INFO(log.status());
    REQUIRE(log.ok());
    log_ = *std::move(log);
    REQUIRE(log_->EnsureTopics(1).ok());
    deps_ = std::make_unique<bus::AppDeps>(
        bus::AppDeps{clock, random, disk_.environment(), *installation_, *log_, metrics, guard_,
                     read_pool_, prepare_pool_, [](const absl::Status& status) { FAIL(status); }});
    auto opened = App::Open(*deps_, Config(), nullptr);
    INFO(opened.status());
    REQUIRE(opened.ok());
    app = *std::move(opened);
    Settle();
  }
  void Close() {
    app.reset();
    deps_.reset();
    log_.reset();
    installation_.reset();
  }
  std::vector<bus::Record> Records(std::string_view topic) {
    std::vector<bus::Record> records;
    std::vector<bus::Assignment> assignments;
    const TopicSpec* spec = FindTopic(topic);
    REQUIRE(spec != nullptr);
    for (int partition = 0; partition < spec->partitions_per_shard; ++partition) {
      assignments.push_back({std::string(topic), partition, bus::kEarliestOffset});
    }
    auto subscription = log_->Subscribe("test", assignments);
    REQUIRE(subscription.ok());
    for (size_t i = 0; i < assignments.size(); ++i) {
      for (auto page = (*subscription)->Poll(i, 100); page.ok() && !page->empty();
           page = (*subscription)->Poll(i, 100)) {
        std::move(page->begin(), page->end(), std::back_inserter(records));
      }
    }
    return records;
  }

  ::frontdesk::store::SimulatedDisk disk_;
  ::frontdesk::store::SpaceGuard guard_{
      {.directory = "/data", .free_bytes = [](const std::string&) { return 1ull << 40; }}, metrics};
  ::frontdesk::store::ReadPool read_pool_{{.threads = 0}, metrics};
  bus::PreparePool prepare_pool_{{.threads = 0}, metrics};
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<bus::AppDeps> deps_;
  int request_ids_ = 0;
  std::map<std::string, uint64_t> seqs_;
  std::map<std::pair<std::string, int>, uint64_t> prevs_;
};

}  // namespace frontdesk::billing::testing
