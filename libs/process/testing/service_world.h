#pragma once

#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/topics.h"
#include "libs/bus/embedded_log.h"
#include "libs/bus/installation.h"
#include "libs/bus/prepare_pool.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/rpc/tenants_file.h"
#include "libs/store/read_pool.h"
#include "libs/store/simulated_disk.h"
#include "libs/store/space_guard.h"

namespace frontdesk::process::testing {

inline constexpr const char* kTenant = "acme";
inline constexpr const char* kParent = "tenants/acme";

// One whole service, `AppType`, over a simulated disk and an embedded log, stepped by hand under a
// simulated clock. A crash loses what was not synced. `EventType` is what the service publishes.
// Base of the worlds of the services' tests, which add their calls and the events of others; a
// world that owns a peer of its App calls Close in its destructor.
template <class AppType, class EventType>
class ServiceWorld {
 public:
  using Service = std::remove_reference_t<decltype(std::declval<AppType&>().service())>;
  template <class Request, class Response>
  using Method = void (Service::*)(const rpc::Call&, const Request&, Response*, rpc::Finish);
  using PayloadCase = decltype(std::declval<EventType>().payload_case());

  ServiceWorld(const ServiceWorld&) = delete;
  ServiceWorld& operator=(const ServiceWorld&) = delete;

  void Crash() { CrashFor(absl::ZeroDuration()); }
  // The process dies, and comes back after a while.
  void CrashFor(absl::Duration away) {
    app->shards().Abandon();
    log_->Abandon();
    disk_.Crash();
    Close();
    clock.Advance(away);
    Open(false);
  }
  // A consistent copy of the store as it is now.
  void Backup() {
    disk_.DeleteDirectory("/backup").IgnoreError();
    REQUIRE(app->shards().For(kTenant).store().Backup("/backup").ok());
  }
  // The store is lost; the backup takes its place, and reads again what it had read since.
  void Restore() {
    const std::string directory = installation_->StoreDirectory(app->shards().service(), 0);
    app.reset();
    REQUIRE(disk_.DeleteDirectory(directory).ok());
    const absl::Status restored = ::frontdesk::store::Store::RestoreBackup(
        "/backup", directory, 1, disk_.environment(), clock.Now(), random);
    INFO(restored);
    REQUIRE(restored.ok());
    Close();
    Open(false);
    Wait();
  }

  // Steps until nothing moves.
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
    for (int i = 0; i < 20; ++i) Advance(absl::Milliseconds(10));
  }

  // A call under way; must stay until it has finished.
  template <class Request, class Response>
  struct Running {
    rpc::Call call;
    Request request;
    Response response;
    int finished = 0;
    absl::Status status;
  };
  // Begins a call of `principal` without stepping, so that several run at once.
  template <class Request, class Response>
  std::unique_ptr<Running<Request, Response>> Begin(Method<Request, Response> method,
                                                    const Request& request,
                                                    std::optional<rpc::Role> as = std::nullopt) {
    auto running = std::make_unique<Running<Request, Response>>();
    std::string_view name = Request::descriptor()->name();
    name.remove_suffix(std::string_view("Request").size());
    running->call.tenant = kTenant;
    running->call.caller = {kTenant, principal, as.value_or(role)};
    running->call.method = name;
    running->call.give_up_at = clock.Steady() + absl::Seconds(5);
    running->request = request;
    (app->service().*method)(running->call, running->request, &running->response,
                             [raw = running.get()](absl::Status status) {
                               ++raw->finished;
                               raw->status = std::move(status);
                             });
    return running;
  }
  // Calls a method and steps until it has ended.
  template <class Request, class Response>
  absl::Status Do(Method<Request, Response> method, const Request& request, Response* response,
                  std::optional<rpc::Role> as = std::nullopt) {
    const auto running = Begin(method, request, as);
    Settle();
    CHECK(running->finished == 1);
    *response = std::move(running->response);
    return running->status;
  }
  // Calls a method that must succeed.
  template <class Request, class Response>
  Response Must(Method<Request, Response> method, const Request& request,
                std::optional<rpc::Role> as = std::nullopt) {
    Response response;
    const absl::Status status = Do(method, request, &response, as);
    INFO(status);
    REQUIRE(status.ok());
    return response;
  }
  absl::Status LoadTenants(const rpc::TenantsFile& file) {
    int called = 0;
    absl::Status result;
    app->LoadTenants(file, [&](absl::Status status) {
      ++called;
      result = std::move(status);
    });
    Settle();
    CHECK(called == 1);
    return result;
  }
  std::string NewRequestId() { return fmt::format("r-{}", ++request_ids_); }

  // Everything on the service's topic so far, per partition in order; each event once, as consumers
  // see it: the bus may hold what a crash made the relay send again.
  std::vector<EventType> Events() {
    std::vector<EventType> events;
    std::set<std::string> seen;
    for (const bus::Record& record : Records(EventType::descriptor()->file()->package())) {
      EventType event;
      REQUIRE(event.ParseFromString(record.value));
      if (seen.insert(event.metadata().event_id()).second) events.push_back(std::move(event));
    }
    return events;
  }
  std::vector<EventType> Events(PayloadCase payload) {
    std::vector<EventType> events = Events();
    std::erase_if(events, [&](const auto& event) { return event.payload_case() != payload; });
    return events;
  }
  int CountEvents(PayloadCase payload) { return static_cast<int>(Events(payload).size()); }
  size_t DeadLetters() { return Records(topics::kDeadLetter).size(); }

  // Puts an event of another service on the bus, under a new event id each time, and waits until it
  // was consumed. `key` decides on the partition.
  template <class OtherEvent>
  void PublishEvent(const std::string& key, OtherEvent event) {
    const std::string& topic = OtherEvent::descriptor()->file()->package();
    const auto* payload = event.GetReflection()->GetOneofFieldDescriptor(
        event, OtherEvent::descriptor()->FindOneofByName("payload"));
    REQUIRE(payload != nullptr);
    event.mutable_metadata()->set_event_id(EventId(topic, published_[topic].seq + 1));
    const absl::Time now = clock.Now();
    auto* time = event.mutable_metadata()->mutable_time();
    time->set_seconds(absl::ToUnixSeconds(now));
    time->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(now - absl::FromUnixSeconds(time->seconds()))));
    PublishValue(topic, key, payload->message_type()->full_name(), event.SerializeAsString());
  }
  // The same of any bytes.
  void PublishValue(std::string_view topic, const std::string& key, const std::string& type,
                    std::string value) {
    const TopicSpec* spec = FindTopic(topic);
    REQUIRE(spec != nullptr);
    const int partition = PartitionOf(key, spec->partitions_per_shard);
    Source& source = published_[std::string(topic)];
    const uint64_t seq = ++source.seq;
    const uint64_t prev = std::exchange(source.last[partition], seq);
    bus::OutboundRecord record{
        std::string(topic),
        partition,
        key,
        {{"ce_id", EventId(topic, seq)},
         {"ce_source", fmt::format("/frontdesk/{}/0", ServiceOf(topic))},
         {"ce_type", type},
         {"ce_subject", key},
         {"ce_time", absl::FormatTime(absl::RFC3339_full, clock.Now(), absl::UTCTimeZone())},
         {"ce_specversion", "1.0"},
         {"content-type", "application/protobuf"},
         {"fd_tenant", kTenant},
         {"fd_actor", fmt::format("services/{}", ServiceOf(topic))},
         {"fd_epoch", "1"},
         {"fd_seq", std::to_string(seq)},
         {"fd_prev", std::to_string(prev)}},
        std::move(value)};
    auto publisher = log_->NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE((*publisher)->Offer(std::move(record), seq));
    const auto acknowledged = (*publisher)->Poll();
    REQUIRE(acknowledged.ok());
    REQUIRE(*acknowledged == seq);
    Wait();
  }

  SimulatedClock clock;
  SeededRandom random{7};
  telemetry::Metrics metrics;
  std::unique_ptr<AppType> app;
  // Who calls.
  rpc::Role role;
  std::string principal;

 protected:
  using OpenApp = std::function<absl::StatusOr<std::unique_ptr<AppType>>(const bus::AppDeps&)>;

  ServiceWorld(rpc::Role role, std::string principal,
               absl::Time start = absl::FromUnixSeconds(1'700'000'000))
      : clock(start), role(role), principal(std::move(principal)) {}
  ~ServiceWorld() { Close(); }

  // First start; `open_app` serves after each crash as well.
  void Start(OpenApp open_app) {
    open_app_ = std::move(open_app);
    Open(true);
  }
  void Close() {
    app.reset();
    deps_.reset();
    log_.reset();
    installation_.reset();
  }

 private:
  struct Source {
    uint64_t seq = 0;
    std::map<int, uint64_t> last;  // by partition
  };

  // "dialog" of "frontdesk.dialog.v1".
  static std::string_view ServiceOf(std::string_view topic) {
    topic.remove_prefix(topic.find('.') + 1);
    return topic.substr(0, topic.find('.'));
  }
  static std::string EventId(std::string_view topic, uint64_t seq) {
    return fmt::format("{}-{}", ServiceOf(topic), seq);
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
    auto opened = open_app_(*deps_);
    INFO(opened.status());
    REQUIRE(opened.ok());
    app = *std::move(opened);
    Settle();
  }
  std::vector<bus::Record> Records(std::string_view topic) {
    Settle();
    const TopicSpec* spec = FindTopic(topic);
    REQUIRE(spec != nullptr);
    std::vector<bus::Record> records;
    for (int partition = 0; partition < spec->partitions_per_shard; ++partition) {
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

  OpenApp open_app_;
  ::frontdesk::store::SimulatedDisk disk_;
  ::frontdesk::store::SpaceGuard guard_{
      {.directory = "/data", .free_bytes = [](const std::string&) { return 1ull << 40; }}, metrics};
  ::frontdesk::store::ReadPool read_pool_{{.threads = 0}, metrics};
  bus::PreparePool prepare_pool_{{.threads = 0}, metrics};
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<bus::AppDeps> deps_;
  int request_ids_ = 0;
  std::map<std::string, Source> published_;  // by topic
};

// In a world: the method of the service under its own name, for the tests.
#define FD_SERVICE_CALL(Name)                                                       \
  absl::Status Name(const v1::Name##Request& request, v1::Name##Response* response, \
                    std::optional<rpc::Role> as = std::nullopt) {                   \
    return Do(&Service::Name, request, response, as);                               \
  }

}  // namespace frontdesk::process::testing
