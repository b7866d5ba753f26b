#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/hash.h"
#include "libs/base/topics.h"
#include "libs/bus/embedded_log.h"
#include "libs/process/peers.h"
#include "libs/store/simulated_disk.h"
#include "libs/text/seal.h"
#include "services/ticket/app.h"

namespace frontdesk::ticket::testing {

inline constexpr const char* kTenant = "acme";
inline constexpr const char* kMia = "tenants/acme/agents/mia";
inline constexpr const char* kAda = "tenants/acme/customers/ada";

// Keys for every customer but those whose id begins with "unknown".
class FakeDataKeys final : public process::DataKeys {
 public:
  explicit FakeDataKeys(RandomSource& random) : random_(random) {}
  void Get(std::string_view, std::vector<std::string> customers, absl::Duration,
           Done done) override {
    if (!status.ok()) return done(status);
    std::vector<Key> keys;
    for (const std::string& customer : customers) {
      Key& key = keys_[customer];
      if (key == nullptr && customer.substr(0, 7) != "unknown") {
        key = std::make_shared<text::DataKey>(text::NewDataKey("key-" + customer, random_));
      }
      keys.push_back(key);
    }
    done(std::move(keys));
  }

  absl::Status status;

 private:
  RandomSource& random_;
  std::map<std::string, Key> keys_;
};

// The whole service over a simulated disk and an embedded log, stepped by hand under a simulated
// clock. A crash loses what was not synced.
class TicketWorld {
 public:
  TicketWorld() { Open(true); }
  ~TicketWorld() { Close(); }

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

  rpc::Call CallAs(rpc::Role role, std::string principal, std::string_view method) {
    rpc::Call call;
    call.tenant = kTenant;
    call.caller = {kTenant, std::move(principal), role};
    call.method = method;
    call.give_up_at = clock.Steady() + absl::Seconds(5);
    return call;
  }

  // Calls a method and steps until it has ended.
  template <class Request, class Response>
  absl::Status Do(void (TicketService::*method)(const rpc::Call&, const Request&, Response*,
                                                rpc::Finish),
                  std::string_view name, const Request& request, Response* response,
                  rpc::Role role = rpc::Role::kAgent) {
    const rpc::Call call = CallAs(role, "mia", name);
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
#define FD_TICKET_CALL(Method)                                                            \
  absl::Status Method(const v1::Method##Request& request, v1::Method##Response* response, \
                      rpc::Role role = rpc::Role::kAgent) {                               \
    return Do(&TicketService::Method, #Method, request, response, role);                  \
  }
  FD_TICKET_CALL(CreateTicket)
  FD_TICKET_CALL(GetTicket)
  FD_TICKET_CALL(ListTickets)
  FD_TICKET_CALL(UpdateTicket)
  FD_TICKET_CALL(AssignTicket)
  FD_TICKET_CALL(AddNote)
  FD_TICKET_CALL(ListNotes)
  FD_TICKET_CALL(ListTicketChanges)
  FD_TICKET_CALL(GetSlaPolicy)
  FD_TICKET_CALL(UpdateSlaPolicy)
#undef FD_TICKET_CALL

  std::string NewRequestId() { return fmt::format("r-{}", ++request_ids_); }

  v1::CreateTicketRequest CreateRequest(common::v1::Priority priority = common::v1::PRIORITY_P0) {
    v1::CreateTicketRequest request;
    request.set_parent("tenants/acme");
    request.set_subject("Printer is on fire");
    request.set_priority(priority);
    request.set_request_id(NewRequestId());
    return request;
  }
  v1::Ticket Create(const v1::CreateTicketRequest& request) {
    v1::CreateTicketResponse response;
    const absl::Status status = CreateTicket(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.ticket();
  }
  v1::Ticket Get(const std::string& name) {
    v1::GetTicketRequest request;
    request.set_name(name);
    v1::GetTicketResponse response;
    REQUIRE(GetTicket(request, &response).ok());
    return response.ticket();
  }
  // StartTicket, HoldTicket …: requests with a name and, perhaps, a text.
  template <class Request, class Response>
  absl::Status Say(void (TicketService::*method)(const rpc::Call&, const Request&, Response*,
                                                 rpc::Finish),
                   const std::string& name, std::string text = "") {
    Request request;
    request.set_name(name);
    request.set_request_id(NewRequestId());
    if constexpr (requires { request.set_reason(text); }) request.set_reason(text);
    if constexpr (requires { request.set_resolution(text); }) request.set_resolution(text);
    Response response;
    return Do(method, "Verb", request, &response);
  }
  absl::Status Note(const std::string& ticket, const std::string& text,
                    v1::NoteVisibility visibility, rpc::Role role = rpc::Role::kAgent) {
    v1::AddNoteRequest request;
    request.set_parent(ticket);
    request.set_text(text);
    request.set_visibility(visibility);
    request.set_request_id(NewRequestId());
    v1::AddNoteResponse response;
    return AddNote(request, &response, role);
  }

  // Everything on the service's topic so far, per partition in order; each event once, as consumers
  // see it: the bus may hold what a crash made the relay send again.
  std::vector<v1::TicketEvent> Events() {
    Settle();
    std::vector<v1::TicketEvent> events;
    std::set<std::string> seen;
    for (const bus::Record& record : Records()) {
      v1::TicketEvent event;
      REQUIRE(event.ParseFromString(record.value));
      if (seen.insert(event.metadata().event_id()).second) events.push_back(std::move(event));
    }
    return events;
  }
  int CountEvents(v1::TicketEvent::PayloadCase payload) {
    int count = 0;
    for (const v1::TicketEvent& event : Events()) count += event.payload_case() == payload;
    return count;
  }

  // Puts an event of dialog on the bus.
  void PublishTicketRequested(const dialog::v1::TicketRequested& requested) {
    dialog::v1::DialogEvent event;
    *event.mutable_ticket_requested() = requested;
    PublishDialog("frontdesk.dialog.v1.TicketRequested", event.SerializeAsString());
  }
  void PublishDialog(const std::string& type, std::string value) {
    constexpr int kPartitions = 4;
    const std::string key = fmt::format("{}/ada", kTenant);
    const uint64_t seq = ++dialog_seq_;
    bus::OutboundRecord record{
        std::string(topics::kDialog),
        PartitionOf(key, kPartitions),
        key,
        {{"ce_id", fmt::format("event-{}", seq)},
         {"ce_source", "/frontdesk/dialog/0"},
         {"ce_type", type},
         {"ce_subject", "tenants/acme/conversations/c1"},
         {"ce_time", absl::FormatTime(absl::RFC3339_full, clock.Now(), absl::UTCTimeZone())},
         {"ce_specversion", "1.0"},
         {"content-type", "application/protobuf"},
         {"fd_tenant", kTenant},
         {"fd_actor", "services/dialog"},
         {"fd_epoch", "1"},
         {"fd_seq", std::to_string(seq)},
         {"fd_prev", std::to_string(seq - 1)}},
        std::move(value)};
    auto publisher = log_->NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE((*publisher)->Offer(std::move(record), seq));
    const auto acknowledged = (*publisher)->Poll();
    REQUIRE(acknowledged.ok());
    REQUIRE(*acknowledged == seq);
    // The consumer looks again after a moment.
    for (int i = 0; i < 20; ++i) Advance(absl::Milliseconds(10));
  }
  size_t DeadLetters() {
    Settle();
    return CountRecords(topics::kDeadLetter, 1);
  }

  SimulatedClock clock;
  SeededRandom random{7};
  telemetry::Metrics metrics;
  FakeDataKeys keys{random};
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
    auto opened = App::Open(*deps_, Config(), keys, nullptr);
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

  std::vector<bus::Record> Records() {
    std::vector<bus::Record> records;
    std::vector<bus::Assignment> assignments;
    for (int partition = 0; partition < 4; ++partition) {
      assignments.push_back({std::string(topics::kTicket), partition, bus::kEarliestOffset});
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
  size_t CountRecords(std::string_view topic, int partitions) {
    size_t count = 0;
    for (int partition = 0; partition < partitions; ++partition) {
      auto subscription =
          log_->Subscribe("test", {{std::string(topic), partition, bus::kEarliestOffset}});
      REQUIRE(subscription.ok());
      for (auto page = (*subscription)->Poll(0, 100); page.ok() && !page->empty();
           page = (*subscription)->Poll(0, 100)) {
        count += page->size();
      }
    }
    return count;
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
  uint64_t dialog_seq_ = 0;
};

}  // namespace frontdesk::ticket::testing
