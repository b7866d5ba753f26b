#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/common/v1/admin_service.pb.h"
#include "libs/rpc/call.h"
#include "libs/rpc/service.h"

namespace frontdesk::rpc {

// Who asks for an audited change, and why.
struct AdminActor {
  std::string principal;
  std::string request_id;
  std::string reason;
};

// The engine of one service as the admin service sees it; implemented over bus::ShardSet. Methods
// may block: they run on the admin service's own thread, one at a time. NOT_FOUND for a shard that
// is not here.
class AdminTarget {
 public:
  virtual ~AdminTarget() = default;

  virtual std::string service() const = 0;  // "ticket"
  // Every shard of this process, in order.
  virtual std::vector<common::v1::ShardStatus> Status() = 0;
  // At most `max`, with ids after `after`, in the order of ce_id.
  virtual absl::StatusOr<std::vector<common::v1::DeadLetter>> DeadLetters(
      uint32_t shard, const std::string& after, int max, bool include_replayed) = 0;
  virtual absl::StatusOr<common::v1::DeadLetter> Replay(uint32_t shard, const std::string& ce_id,
                                                        const AdminActor& actor) = 0;
  virtual absl::StatusOr<common::v1::CreateBackupResponse> Backup(uint32_t shard,
                                                                  const std::string& directory) = 0;
  virtual absl::StatusOr<common::v1::ConsumerStatus> Reposition(uint32_t shard,
                                                                const std::string& topic,
                                                                int32_t partition,
                                                                int64_t next_offset,
                                                                const AdminActor& actor) = 0;
  virtual absl::StatusOr<common::v1::SwitchBusResponse> SwitchBus(uint32_t shard,
                                                                  const AdminActor& actor) = 0;
  // Of one shard, or of all of them.
  virtual absl::StatusOr<std::vector<common::v1::ShardClock>> AcceptClock(
      std::optional<uint32_t> shard, const AdminActor& actor) = 0;
};

// frontdesk.common.v1.AdminService over the targets of a process; platform tokens with role ADMIN
// only. Owned by the process; the targets outlive it. Owns the thread "rpc-admin".
class AdminService {
 public:
  AdminService(Host& host, std::vector<AdminTarget*> targets);
  // Refuses what waits, then joins. Destroy it after the Server has stopped.
  ~AdminService();

  Service& rpc() { return service_; }

  void GetEngineStatus(const Call& call, const common::v1::GetEngineStatusRequest& request,
                       common::v1::GetEngineStatusResponse* response, Finish finish);
  void ListDeadLetters(const Call& call, const common::v1::ListDeadLettersRequest& request,
                       common::v1::ListDeadLettersResponse* response, Finish finish);
  void ReplayDeadLetter(const Call& call, const common::v1::ReplayDeadLetterRequest& request,
                        common::v1::ReplayDeadLetterResponse* response, Finish finish);
  void CreateBackup(const Call& call, const common::v1::CreateBackupRequest& request,
                    common::v1::CreateBackupResponse* response, Finish finish);
  void RepositionConsumer(const Call& call, const common::v1::RepositionConsumerRequest& request,
                          common::v1::RepositionConsumerResponse* response, Finish finish);
  void SwitchBus(const Call& call, const common::v1::SwitchBusRequest& request,
                 common::v1::SwitchBusResponse* response, Finish finish);
  void AcceptClock(const Call& call, const common::v1::AcceptClockRequest& request,
                   common::v1::AcceptClockResponse* response, Finish finish);

 private:
  class Worker;
  absl::StatusOr<AdminTarget*> Find(const std::string& service) const;
  // Every target for an empty name.
  absl::StatusOr<std::vector<AdminTarget*>> FindAll(const std::string& service) const;

  Service service_;
  std::vector<AdminTarget*> targets_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace frontdesk::rpc
