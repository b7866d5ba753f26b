#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/bus/embedded_log.h"
#include "libs/bus/installation.h"
#include "libs/bus/prepare_pool.h"
#include "libs/bus/shard.h"
#include "libs/process/transcript_reader.h"
#include "libs/rpc/call.h"
#include "libs/store/read_pool.h"
#include "libs/store/simulated_disk.h"
#include "libs/store/space_guard.h"
#include "libs/telemetry/metrics.h"
#include "libs/text/key_ring.h"
#include "services/billing/app.h"
#include "services/channel/app.h"
#include "services/dialog/app.h"
#include "services/health/app.h"
#include "services/knowledge/app.h"
#include "services/suite/local_transcripts.h"
#include "services/ticket/app.h"
#include "tests/sim/faulty_log.h"

namespace frontdesk::sim {

enum class ServiceId : uint8_t { kChannel, kKnowledge, kDialog, kTicket, kHealth, kBilling };
inline constexpr size_t kServiceCount = 6;
inline constexpr std::array<std::string_view, kServiceCount> kServiceNames = {
    "channel", "knowledge", "dialog", "ticket", "health", "billing"};
inline std::string_view NameOf(ServiceId id) { return kServiceNames[static_cast<size_t>(id)]; }

inline constexpr std::array<const char*, 2> kTenants = {"acme", "globex"};

// What can be broken on purpose, to see that the simulation notices.
enum class Sabotage : uint8_t {
  kNone,
  kDedupe,  // a repeated request reaches the services under another id, as if they forgot ids
  kSync,    // the disk says that it has synced, and has not
  kEvents,  // consumers handle events that they have handled before (development builds only)
};

struct Caller {
  std::string tenant;
  std::string principal;
  rpc::Role role = rpc::Role::kAdmin;
};

// What a caller is told whose process died before it answered.
inline bool IsOutcomeUnknown(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnknown ||
         (status.code() == absl::StatusCode::kUnavailable && ReasonOf(status) == "COMMIT_UNKNOWN");
}

// One process with all six services on a simulated disk, driven step by step on one thread under a
// simulated clock. Everything that is left to chance comes from the seed. Owned by a run of the
// simulation.
class World {
 public:
  struct Options {
    uint64_t seed = 1;
    uint32_t shard_count = 1;
    Sabotage sabotage = Sabotage::kNone;
  };

  explicit World(const Options& options);
  ~World();

  // First start: makes the stores, loads the tenants, publishes the articles.
  absl::Status Start();

  // Steps parts of the process in an order of chance, `count` times; time creeps on. An error is a
  // process that can't be opened again.
  absl::Status Steps(int count);
  // Steps everything until nothing moves at this moment of the clock.
  absl::Status Settle();
  absl::Status Advance(absl::Duration by);
  // Ends all faults and lets everything arrive: the bus is back, the clock is right, queues are
  // empty, pauses are over.
  absl::Status Quiesce();

  // The machine loses power and comes back after `away`.
  absl::Status Crash(absl::Duration away);
  absl::Status Backup(ServiceId service);
  bool HasBackup(ServiceId service) const { return !backups_[Index(service)].empty(); }
  // The machine stops, the volume of one service is lost, its backup takes its place.
  absl::Status Restore(ServiceId service);
  void JumpClock(absl::Duration by);

  // Sends a call; `done` is told of its end once, with Unknown when the process died before.
  template <class Service, class Request, class Response>
  void Send(void (Service::*method)(const rpc::Call&, const Request&, Response*, rpc::Finish),
            const char* name, const Caller& caller, const Request& request,
            std::function<void(absl::Status, const Response&)> done);
  // A read, answered at once.
  template <class Service, class Request, class Response>
  absl::StatusOr<Response> Read(void (Service::*method)(const rpc::Call&, const Request&, Response*,
                                                        rpc::Finish),
                                const char* name, const std::string& tenant,
                                const Request& request);
  size_t outstanding() const { return outstanding_.size(); }

  process::App& app(ServiceId id) { return *apps_[Index(id)]; }
  absl::StatusOr<std::vector<bus::Record>> ReadTopic(std::string_view topic);

  telemetry::Metrics metrics;  // of all six, over all their lives
  SimulatedClock clock;
  // The seed's own stream for the world: ids, order of steps, torn writes, faults.
  SeededRandom random;
  FaultyLog log;
  store::SimulatedDisk disk;
  uint64_t free_bytes = kPlenty;
  int crashes = 0;
  int restores = 0;
  int proposed = 0;  // sources that knowledge drafted from, as the last check saw them

  static constexpr uint64_t kPlenty = 100ull << 30;
  static constexpr uint64_t kNearlyFull = 300ull << 20;

 private:
  static size_t Index(ServiceId id) { return static_cast<size_t>(id); }
  template <class Service>
  Service& ServiceOf();
  void Sabotaged(google::protobuf::Message& request);
  rpc::Call MakeCall(const char* name, const Caller& caller);

  absl::Status Open(bool first_start);
  absl::Status OpenApps();
  absl::Status LoadTenants();
  absl::Status PublishArticles();
  // Power is cut: stores and log are given up, callers learn nothing.
  void Close();
  bool StepEverything();
  bool StepOne();
  // After a failed sync the process must exit: it does, and starts again.
  absl::Status DieIfFatal();
  void AcceptClocks();
  absl::Status CheckAtRest();

  const Options options_;
  std::unique_ptr<text::KeyRing> ring_;
  store::SpaceGuard guard_;
  store::ReadPool read_pool_;
  std::unique_ptr<bus::PreparePool> prepare_pool_;
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> embedded_;
  std::unique_ptr<bus::AppDeps> deps_;
  std::unique_ptr<channel::App> channel_;
  std::unique_ptr<suite::LocalTranscripts>
      local_transcripts_;  // of dialog and ticket, for knowledge
  std::unique_ptr<process::TranscriptReader> transcripts_;
  std::unique_ptr<knowledge::App> knowledge_;
  std::unique_ptr<dialog::App> dialog_;
  std::unique_ptr<ticket::App> ticket_;
  std::unique_ptr<health::App> health_;
  std::unique_ptr<billing::App> billing_;
  std::array<process::App*, kServiceCount> apps_ = {};
  bool fatal_ = false;
  uint64_t life_ = 0;
  absl::Duration clock_error_;  // what jumps have added to the wall clock
  std::array<std::vector<std::string>, kServiceCount> backups_;  // a folder per shard
  int backup_number_ = 0;
  uint64_t next_call_ = 0;
  std::map<uint64_t, std::function<void()>> outstanding_;  // tells the caller that it is lost
  std::map<std::string, int> attempts_;                    // by request id, for the sabotage
};

template <class Service>
Service& World::ServiceOf() {
  if constexpr (std::is_same_v<Service, channel::ChannelService>) {
    return channel_->service();
  } else if constexpr (std::is_same_v<Service, knowledge::KnowledgeService>) {
    return knowledge_->service();
  } else if constexpr (std::is_same_v<Service, dialog::DialogService>) {
    return dialog_->service();
  } else if constexpr (std::is_same_v<Service, ticket::TicketService>) {
    return ticket_->service();
  } else if constexpr (std::is_same_v<Service, health::HealthService>) {
    return health_->service();
  } else {
    static_assert(std::is_same_v<Service, billing::BillingService>);
    return billing_->service();
  }
}

template <class Service, class Request, class Response>
void World::Send(void (Service::*method)(const rpc::Call&, const Request&, Response*, rpc::Finish),
                 const char* name, const Caller& caller, const Request& request,
                 std::function<void(absl::Status, const Response&)> done) {
  struct Exchange {
    rpc::Call call;
    Request request;
    Response response;
    std::function<void(absl::Status, const Response&)> done;
  };
  auto exchange = std::make_shared<Exchange>();
  exchange->call = MakeCall(name, caller);
  exchange->request = request;
  exchange->done = std::move(done);
  Sabotaged(exchange->request);
  const uint64_t number = ++next_call_;
  // Keeps request and response alive until the process is gone.
  outstanding_[number] = [exchange] {
    exchange->done(absl::UnknownError("the process died"), Response());
  };
  (ServiceOf<Service>().*method)(exchange->call, exchange->request, &exchange->response,
                                 [this, exchange, number, life = life_](absl::Status status) {
                                   if (life != life_ || outstanding_.erase(number) == 0) return;
                                   exchange->done(std::move(status), exchange->response);
                                 });
}

template <class Service, class Request, class Response>
absl::StatusOr<Response> World::Read(void (Service::*method)(const rpc::Call&, const Request&,
                                                             Response*, rpc::Finish),
                                     const char* name, const std::string& tenant,
                                     const Request& request) {
  const rpc::Call call = MakeCall(name, {tenant, "checker", rpc::Role::kAdmin});
  Response response;
  absl::Status result = absl::InternalError("a read did not end at once");
  (ServiceOf<Service>().*method)(call, request, &response,
                                 [&result](absl::Status status) { result = std::move(status); });
  if (!result.ok()) return result;
  return response;
}

}  // namespace frontdesk::sim
