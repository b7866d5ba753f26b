#include "libs/rpc/admin_service.h"

#include <thread>
#include <utility>

#include "libs/base/bounded_queue.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_token.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/thread_name.h"

namespace frontdesk::rpc {
namespace {

using common::v1::DeadLetter;

constexpr size_t kWaitingMax = 64;
constexpr size_t kReasonCharactersMax = 500;
constexpr size_t kDirectoryCharactersMax = 1024;

absl::Status CheckReason(const std::string& text) {
  if (!text.empty() && text.size() <= kReasonCharactersMax) return absl::OkStatus();
  return InvalidField("reason", "is required, at most 500 characters: it goes into the audit log");
}

void Audit(const char* action, const std::string& service, uint32_t shard, const AdminActor& actor,
           const absl::Status& status) {
  telemetry::Log(telemetry::Level::kInfo, "admin.change",
                 {{"action", action},
                  {"service", service},
                  {"shard", shard},
                  {"principal", actor.principal},
                  {"request_id", actor.request_id},
                  {"reason", actor.reason},
                  {"status", status}});
}

// Moves the value of an answer into the response.
template <class T>
absl::Status Take(absl::StatusOr<T> answer, T* out) {
  if (!answer.ok()) return std::move(answer).status();
  *out = *std::move(answer);
  return absl::OkStatus();
}

template <class Request>
AdminActor ActorOf(const Call& call, const Request& request) {
  AdminActor actor{call.caller.principal, request.request_id(), {}};
  if constexpr (requires { request.reason(); }) actor.reason = request.reason();
  return actor;
}

}  // namespace

// One thread for work that may block for long (a backup), with a short queue.
class AdminService::Worker {
 public:
  explicit Worker(telemetry::Metrics& metrics)
      : queue_metrics_(metrics, "rpc.admin"), queue_(kWaitingMax, &queue_metrics_) {
    thread_ = std::thread([this] {
      telemetry::NameThread("rpc-admin");
      while (auto job = queue_.PopFor(absl::InfiniteDuration())) Execute(*job);
    });
  }
  ~Worker() {
    stopping_.store(true, std::memory_order_release);
    queue_.Close();
    thread_.join();
  }

  void Run(absl::AnyInvocable<absl::Status()> work, Finish finish) {
    Job job{std::move(work), std::move(finish)};
    if (queue_.TryPush(std::move(job))) return;
    job.finish(WithRetryDelay(
        Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "too many admin calls wait"),
        absl::Seconds(1)));
  }

 private:
  struct Job {
    absl::AnyInvocable<absl::Status()> work;
    Finish finish;
  };
  void Execute(Job& job) {
    if (stopping_.load(std::memory_order_acquire)) {
      job.finish(Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the process stops"));
    } else {
      job.finish(job.work());
    }
  }

  telemetry::QueueMetrics queue_metrics_;
  BoundedQueue<Job> queue_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

AdminService::AdminService(Host& host, std::vector<AdminTarget*> targets)
    : service_(host, "frontdesk.common.v1.AdminService"),
      targets_(std::move(targets)),
      worker_(std::make_unique<Worker>(host.metrics())) {
  const auto policy = [](std::string_view name, bool mutation) {
    return MethodPolicy{
        .name = name, .roles = kAdmins, .mutation = mutation, .tenant_from = TenantFrom::kPlatform};
  };
  service_.Unary(*this, &AdminService::GetEngineStatus, policy("GetEngineStatus", false));
  service_.Unary(*this, &AdminService::ListDeadLetters, policy("ListDeadLetters", false));
  service_.Unary(*this, &AdminService::ReplayDeadLetter, policy("ReplayDeadLetter", true));
  service_.Unary(*this, &AdminService::CreateBackup, policy("CreateBackup", true));
  service_.Unary(*this, &AdminService::RepositionConsumer, policy("RepositionConsumer", true));
  service_.Unary(*this, &AdminService::SwitchBus, policy("SwitchBus", true));
  service_.Unary(*this, &AdminService::AcceptClock, policy("AcceptClock", true));
}

AdminService::~AdminService() = default;

absl::StatusOr<AdminTarget*> AdminService::Find(const std::string& service) const {
  for (AdminTarget* target : targets_) {
    if (target->service() == service) return target;
  }
  if (service.empty()) return InvalidField("service", "is required");
  return NotFound("service", service);
}

absl::StatusOr<std::vector<AdminTarget*>> AdminService::FindAll(const std::string& service) const {
  if (service.empty()) return targets_;
  FD_ASSIGN_OR_RETURN(AdminTarget * target, Find(service));
  return std::vector<AdminTarget*>{target};
}

void AdminService::GetEngineStatus(const Call&, const common::v1::GetEngineStatusRequest& request,
                                   common::v1::GetEngineStatusResponse* response, Finish finish) {
  worker_->Run(
      [this, &request, response]() -> absl::Status {
        FD_ASSIGN_OR_RETURN(const auto targets, FindAll(request.service()));
        for (AdminTarget* target : targets) {
          for (common::v1::ShardStatus& shard : target->Status()) {
            if (request.has_shard() && shard.shard() != request.shard()) continue;
            *response->add_shards() = std::move(shard);
          }
        }
        return absl::OkStatus();
      },
      std::move(finish));
}

void AdminService::ListDeadLetters(const Call&, const common::v1::ListDeadLettersRequest& request,
                                   common::v1::ListDeadLettersResponse* response, Finish finish) {
  auto target = Find(request.service());
  auto page = ParsePage(request);
  if (!target.ok() || !page.ok()) {
    finish(!target.ok() ? target.status() : page.status());
    return;
  }
  worker_->Run(
      [target = *target, page = *std::move(page), &request, response]() -> absl::Status {
        auto letters = target->DeadLetters(request.shard(), page.after, page.size + 1,
                                           request.include_replayed());
        if (!letters.ok()) return letters.status();
        const bool more = letters->size() > static_cast<size_t>(page.size);
        if (more) letters->resize(static_cast<size_t>(page.size));
        for (DeadLetter& letter : *letters) *response->add_dead_letters() = std::move(letter);
        if (more) {
          response->set_next_page_token(
              MakePageToken(response->dead_letters().rbegin()->ce_id(), page.filter_hash));
        }
        return absl::OkStatus();
      },
      std::move(finish));
}

void AdminService::ReplayDeadLetter(const Call& call,
                                    const common::v1::ReplayDeadLetterRequest& request,
                                    common::v1::ReplayDeadLetterResponse* response, Finish finish) {
  auto target = Find(request.service());
  if (!target.ok() || request.ce_id().empty()) {
    finish(!target.ok() ? target.status() : InvalidField("ce_id", "is required"));
    return;
  }
  worker_->Run(
      [target = *target, actor = ActorOf(call, request), &request, response] {
        absl::Status status = Take(target->Replay(request.shard(), request.ce_id(), actor),
                                   response->mutable_dead_letter());
        Audit("replay", target->service(), request.shard(), actor, status);
        return status;
      },
      std::move(finish));
}

void AdminService::CreateBackup(const Call& call, const common::v1::CreateBackupRequest& request,
                                common::v1::CreateBackupResponse* response, Finish finish) {
  auto target = Find(request.service());
  const std::string& directory = request.directory();
  if (!target.ok()) {
    finish(target.status());
    return;
  }
  if (directory.empty() || directory[0] != '/' || directory.size() > kDirectoryCharactersMax) {
    finish(InvalidField("directory", "must be an absolute path of at most 1024 characters"));
    return;
  }
  worker_->Run(
      [target = *target, actor = ActorOf(call, request), &request, response] {
        absl::Status status = Take(target->Backup(request.shard(), request.directory()), response);
        Audit("backup", target->service(), request.shard(), actor, status);
        return status;
      },
      std::move(finish));
}

void AdminService::RepositionConsumer(const Call& call,
                                      const common::v1::RepositionConsumerRequest& request,
                                      common::v1::RepositionConsumerResponse* response,
                                      Finish finish) {
  auto target = Find(request.service());
  absl::Status checked = target.ok() ? CheckReason(request.reason()) : target.status();
  if (checked.ok() && request.next_offset() < -2) {
    checked = InvalidField("next_offset", "is an offset, -1 (the end) or -2 (the earliest)");
  }
  if (!checked.ok()) {
    finish(std::move(checked));
    return;
  }
  worker_->Run(
      [target = *target, actor = ActorOf(call, request), &request, response] {
        absl::Status status =
            Take(target->Reposition(request.shard(), request.topic(), request.partition(),
                                    request.next_offset(), actor),
                 response->mutable_consumer());
        Audit("reposition", target->service(), request.shard(), actor, status);
        return status;
      },
      std::move(finish));
}

void AdminService::SwitchBus(const Call& call, const common::v1::SwitchBusRequest& request,
                             common::v1::SwitchBusResponse* response, Finish finish) {
  auto target = Find(request.service());
  absl::Status checked = target.ok() ? CheckReason(request.reason()) : target.status();
  if (!checked.ok()) {
    finish(std::move(checked));
    return;
  }
  worker_->Run(
      [target = *target, actor = ActorOf(call, request), &request, response] {
        absl::Status status = Take(target->SwitchBus(request.shard(), actor), response);
        Audit("switch-bus", target->service(), request.shard(), actor, status);
        return status;
      },
      std::move(finish));
}

void AdminService::AcceptClock(const Call& call, const common::v1::AcceptClockRequest& request,
                               common::v1::AcceptClockResponse* response, Finish finish) {
  auto targets = FindAll(request.service());
  absl::Status checked = targets.ok() ? CheckReason(request.reason()) : targets.status();
  if (!checked.ok()) {
    finish(std::move(checked));
    return;
  }
  worker_->Run(
      [targets = *std::move(targets), actor = ActorOf(call, request), &request,
       response]() -> absl::Status {
        const auto shard = request.has_shard() ? std::optional<uint32_t>(request.shard())
                                               : std::optional<uint32_t>();
        for (AdminTarget* target : targets) {
          auto clocks = target->AcceptClock(shard, actor);
          Audit("accept-clock", target->service(), request.shard(), actor, clocks.status());
          if (!clocks.ok()) return clocks.status();
          for (common::v1::ShardClock& clock : *clocks) *response->add_clocks() = std::move(clock);
        }
        return absl::OkStatus();
      },
      std::move(finish));
}

}  // namespace frontdesk::rpc
