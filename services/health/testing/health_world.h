#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/health/v1/health_events.pb.h"
#include "frontdesk/health/v1/health_service.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/hash.h"
#include "libs/base/topics.h"
#include "libs/bus/embedded_log.h"
#include "libs/store/simulated_disk.h"
#include "services/health/app.h"
#include "services/health/domain/proto_time.h"

namespace frontdesk::health::testing {

inline constexpr const char* kTenant = "acme";
inline constexpr const char* kGlobex = "tenants/acme/accounts/globex";

// The whole service over a simulated disk and an embedded log, stepped by hand under a simulated
// clock. A crash loses what was not synced.
class HealthWorld {
 public:
  HealthWorld() { Open(true); }
  ~HealthWorld() { Close(); }

  // The process dies, and comes back after a while.
  void CrashFor(absl::Duration away) {
    app->shards().Abandon();
    log_->Abandon();
    disk_.Crash();
    Close();
    clock.Advance(away);
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

  // Calls a method and steps until it has ended.
  template <class Request, class Response>
  absl::Status Do(void (HealthService::*method)(const rpc::Call&, const Request&, Response*,
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
#define FD_HEALTH_CALL(Method)                                                              \
  absl::Status Method(const v1::Method##Request& request, v1::Method##Response* response) { \
    return Do(&HealthService::Method, #Method, request, response);                          \
  }
  FD_HEALTH_CALL(CreateAccount)
  FD_HEALTH_CALL(GetAccount)
  FD_HEALTH_CALL(ListAccounts)
  FD_HEALTH_CALL(UpdateAccount)
  FD_HEALTH_CALL(RecordSignals)
  FD_HEALTH_CALL(GetHealthScore)
  FD_HEALTH_CALL(ListHealthScores)
  FD_HEALTH_CALL(GetHealthPolicy)
  FD_HEALTH_CALL(UpdateHealthPolicy)
#undef FD_HEALTH_CALL

  std::string NewRequestId() { return fmt::format("r-{}", ++request_ids_); }

  v1::CreateAccountRequest CreateRequest(const std::string& id) {
    v1::CreateAccountRequest request;
    request.set_parent("tenants/acme");
    request.set_account_id(id);
    request.mutable_account()->set_display_name("Globex 环球");
    request.set_request_id(NewRequestId());
    return request;
  }
  v1::RecordSignalsRequest SignalsRequest() {
    v1::RecordSignalsRequest request;
    request.set_parent("tenants/acme");
    request.set_request_id(NewRequestId());
    return request;
  }
  static v1::Signal& AddSignal(v1::RecordSignalsRequest& request, const std::string& id,
                               v1::HealthDimension dimension, int32_t value_bps,
                               const std::string& account = kGlobex) {
    v1::Signal& signal = *request.add_signals();
    signal.set_signal_id(id);
    signal.set_account(account);
    signal.set_dimension(dimension);
    signal.set_value_bps(value_bps);
    return signal;
  }
  v1::RecordSignalsResponse Record(const v1::RecordSignalsRequest& request) {
    v1::RecordSignalsResponse response;
    const absl::Status status = RecordSignals(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response;
  }
  // One value for each dimension.
  void RecordAll(int32_t value_bps, const std::string& account = kGlobex) {
    v1::RecordSignalsRequest request = SignalsRequest();
    for (int dimension = 1; dimension <= 5; ++dimension) {
      AddSignal(request, fmt::format("s-{}", ++signal_ids_),
                static_cast<v1::HealthDimension>(dimension), value_bps, account);
    }
    Record(request);
  }
  v1::Account Account(const std::string& name = kGlobex) {
    v1::GetAccountRequest request;
    request.set_name(name);
    v1::GetAccountResponse response;
    const absl::Status status = GetAccount(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.account();
  }
  v1::HealthScore Score(const std::string& account = kGlobex) {
    v1::GetHealthScoreRequest request;
    request.set_account(account);
    v1::GetHealthScoreResponse response;
    const absl::Status status = GetHealthScore(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.health_score();
  }
  absl::Status Load(const rpc::TenantsFile& file) {
    std::optional<absl::Status> result;
    app->LoadTenants(file, [&](absl::Status status) { result = std::move(status); });
    Settle();
    REQUIRE(result.has_value());
    return *result;
  }

  // Everything on the service's topic so far, per partition in order; each event once, as consumers
  // see it: the bus may hold what a crash made the relay send again.
  std::vector<v1::HealthEvent> Events() {
    Settle();
    std::vector<v1::HealthEvent> events;
    std::set<std::string> seen;
    for (const bus::Record& record : Records(topics::kHealth, 2)) {
      v1::HealthEvent event;
      REQUIRE(event.ParseFromString(record.value));
      if (seen.insert(event.metadata().event_id()).second) events.push_back(std::move(event));
    }
    return events;
  }
  int CountEvents(v1::HealthEvent::PayloadCase payload) {
    int count = 0;
    for (const v1::HealthEvent& event : Events()) count += event.payload_case() == payload;
    return count;
  }
  size_t DeadLetters() {
    Settle();
    return Records(topics::kDeadLetter, 1).size();
  }

  // Puts events of the others on the bus; each time under a new event id.
  void Wrote(const std::string& message, const std::string& account = kGlobex) {
    channel::v1::ChannelEvent event;
    event.mutable_message_received()->mutable_message()->set_name(message);
    event.mutable_message_received()->set_account(account);
    Publish(topics::kChannel, "MessageReceived", event);
  }
  void BotResolved(const std::string& conversation, const std::string& account = kGlobex) {
    dialog::v1::DialogEvent event;
    auto& payload = *event.mutable_conversation_resolved();
    payload.mutable_conversation()->set_name(conversation);
    payload.set_resolved_by(common::v1::AUTHOR_KIND_BOT);
    payload.set_bot_only(true);
    payload.set_account(account);
    Publish(topics::kDialog, "ConversationResolved", event);
  }
  void HandedOver(const std::string& conversation, const std::string& account = kGlobex) {
    dialog::v1::DialogEvent event;
    auto& payload = *event.mutable_handoff_requested();
    payload.mutable_conversation()->set_name(conversation);
    payload.set_reason(dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST);
    payload.set_account(account);
    Publish(topics::kDialog, "HandoffRequested", event);
  }
  void Breached(const std::string& ticket, const std::string& account = kGlobex) {
    ticket::v1::TicketEvent event;
    auto& payload = *event.mutable_sla_breached();
    payload.mutable_ticket()->set_name(ticket);
    payload.set_clock(ticket::v1::CLOCK_KIND_RESOLUTION);
    payload.set_account(account);
    Publish(topics::kTicket, "SlaBreached", event);
  }
  void TicketMade(const std::string& ticket, const std::string& account = kGlobex) {
    ticket::v1::TicketEvent event;
    event.mutable_ticket_created()->mutable_ticket()->set_name(ticket);
    event.mutable_ticket_created()->set_account(account);
    Publish(topics::kTicket, "TicketCreated", event);
  }

  SimulatedClock clock{absl::FromUnixSeconds(1'790'000'000)};
  SeededRandom random{7};
  telemetry::Metrics metrics;
  std::unique_ptr<App> app;

 private:
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

  template <class Event>
  void Publish(std::string_view topic, const std::string& payload, Event event) {
    const std::string package(topic);
    const std::string service = package.substr(10, package.size() - 13);  // frontdesk.….v1
    const uint64_t seq = ++seqs_[package];
    event.mutable_metadata()->set_event_id(fmt::format("{}-{}", service, seq));
    ToProto(clock.Now(), event.mutable_metadata()->mutable_time());
    const std::string key = fmt::format("{}/ada", kTenant);
    const int partitions = FindTopic(topic)->partitions_per_shard;
    bus::OutboundRecord record{
        package,
        PartitionOf(key, partitions),
        key,
        {{"ce_id", event.metadata().event_id()},
         {"ce_source", fmt::format("/frontdesk/{}/0", service)},
         {"ce_type", package + "." + payload},
         {"ce_subject", "tenants/acme/customers/ada"},
         {"ce_time", absl::FormatTime(absl::RFC3339_full, clock.Now(), absl::UTCTimeZone())},
         {"ce_specversion", "1.0"},
         {"content-type", "application/protobuf"},
         {"fd_tenant", kTenant},
         {"fd_actor", "services/" + service},
         {"fd_epoch", "1"},
         {"fd_seq", std::to_string(seq)},
         {"fd_prev", std::to_string(seq - 1)}},
        event.SerializeAsString()};
    auto publisher = log_->NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE((*publisher)->Offer(std::move(record), seq));
    const auto acknowledged = (*publisher)->Poll();
    REQUIRE(acknowledged.ok());
    REQUIRE(*acknowledged == seq);
    // The consumer looks again after a moment.
    for (int i = 0; i < 20; ++i) Advance(absl::Milliseconds(10));
  }

  std::vector<bus::Record> Records(std::string_view topic, int partitions) {
    std::vector<bus::Record> records;
    for (int partition = 0; partition < partitions; ++partition) {
      auto subscription =
          log_->Subscribe("test", {{std::string(topic), partition, bus::kEarliestOffset}});
      REQUIRE(subscription.ok());
      for (auto page = (*subscription)->Poll(0, 100); page.ok() && !page->empty();
           page = (*subscription)->Poll(0, 100)) {
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
  int signal_ids_ = 0;
  std::map<std::string, uint64_t> seqs_;
};

}  // namespace frontdesk::health::testing
