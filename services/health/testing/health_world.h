#pragma once

#include <string>

#include <fmt/core.h>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/health/v1/health_events.pb.h"
#include "frontdesk/health/v1/health_service.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/process/testing/service_world.h"
#include "services/health/app.h"

namespace frontdesk::health::testing {

using process::testing::kParent;
using process::testing::kTenant;
inline constexpr const char* kGlobex = "tenants/acme/accounts/globex";

class HealthWorld final : public process::testing::ServiceWorld<App, v1::HealthEvent> {
 public:
  HealthWorld() : ServiceWorld(rpc::Role::kAdmin, "ann", absl::FromUnixSeconds(1'790'000'000)) {
    Start([](const bus::AppDeps& deps) { return App::Open(deps, Config(), nullptr); });
  }

  FD_SERVICE_CALL(CreateAccount)
  FD_SERVICE_CALL(GetAccount)
  FD_SERVICE_CALL(ListAccounts)
  FD_SERVICE_CALL(UpdateAccount)
  FD_SERVICE_CALL(RecordSignals)
  FD_SERVICE_CALL(GetHealthScore)
  FD_SERVICE_CALL(ListHealthScores)
  FD_SERVICE_CALL(GetHealthPolicy)
  FD_SERVICE_CALL(UpdateHealthPolicy)

  v1::CreateAccountRequest CreateRequest(const std::string& id) {
    v1::CreateAccountRequest request;
    request.set_parent(kParent);
    request.set_account_id(id);
    request.mutable_account()->set_display_name("Globex 环球");
    request.set_request_id(NewRequestId());
    return request;
  }
  v1::RecordSignalsRequest SignalsRequest() {
    v1::RecordSignalsRequest request;
    request.set_parent(kParent);
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
    return Must(&Service::RecordSignals, request);
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
    return Must(&Service::GetAccount, request).account();
  }
  v1::HealthScore Score(const std::string& account = kGlobex) {
    v1::GetHealthScoreRequest request;
    request.set_account(account);
    return Must(&Service::GetHealthScore, request).health_score();
  }

  void Wrote(const std::string& message, const std::string& account = kGlobex) {
    channel::v1::ChannelEvent event;
    event.mutable_message_received()->mutable_message()->set_name(message);
    event.mutable_message_received()->set_account(account);
    PublishEvent("acme/ada", event);
  }
  void BotResolved(const std::string& conversation, const std::string& account = kGlobex) {
    dialog::v1::DialogEvent event;
    auto& payload = *event.mutable_conversation_resolved();
    payload.mutable_conversation()->set_name(conversation);
    payload.set_resolved_by(common::v1::AUTHOR_KIND_BOT);
    payload.set_bot_only(true);
    payload.set_account(account);
    PublishEvent("acme/ada", event);
  }
  void HandedOver(const std::string& conversation, const std::string& account = kGlobex) {
    dialog::v1::DialogEvent event;
    auto& payload = *event.mutable_handoff_requested();
    payload.mutable_conversation()->set_name(conversation);
    payload.set_reason(dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST);
    payload.set_account(account);
    PublishEvent("acme/ada", event);
  }
  void Breached(const std::string& ticket, const std::string& account = kGlobex) {
    ticket::v1::TicketEvent event;
    auto& payload = *event.mutable_sla_breached();
    payload.mutable_ticket()->set_name(ticket);
    payload.set_clock(ticket::v1::CLOCK_KIND_RESOLUTION);
    payload.set_account(account);
    PublishEvent("acme/ada", event);
  }
  void TicketMade(const std::string& ticket, const std::string& account = kGlobex) {
    ticket::v1::TicketEvent event;
    event.mutable_ticket_created()->mutable_ticket()->set_name(ticket);
    event.mutable_ticket_created()->set_account(account);
    PublishEvent("acme/ada", event);
  }

 private:
  int signal_ids_ = 0;
};

}  // namespace frontdesk::health::testing
