#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/bus/shard.h"
#include "libs/rpc/admin_service.h"

namespace frontdesk::process {

// The engine of one service for rpc::AdminService: what libs/rpc may not know of libs/bus. Owned by
// the process, which also owns the shards. Blocks where the interface says so.
class ShardAdmin final : public rpc::AdminTarget {
 public:
  ShardAdmin(bus::ShardSet& shards, const bus::AppDeps& deps) : shards_(shards), deps_(deps) {}

  std::string service() const override { return shards_.service(); }
  std::vector<common::v1::ShardStatus> Status() override;
  absl::StatusOr<std::vector<common::v1::DeadLetter>> DeadLetters(uint32_t shard,
                                                                  const std::string& after, int max,
                                                                  bool include_replayed) override;
  absl::StatusOr<common::v1::DeadLetter> Replay(uint32_t shard, const std::string& ce_id,
                                                const rpc::AdminActor& actor) override;
  absl::StatusOr<common::v1::CreateBackupResponse> Backup(uint32_t shard,
                                                          const std::string& directory) override;
  absl::StatusOr<common::v1::ConsumerStatus> Reposition(uint32_t shard, const std::string& topic,
                                                        int32_t partition, int64_t next_offset,
                                                        const rpc::AdminActor& actor) override;
  absl::StatusOr<common::v1::SwitchBusResponse> SwitchBus(uint32_t shard,
                                                          const rpc::AdminActor& actor) override;
  absl::StatusOr<std::vector<common::v1::ShardClock>> AcceptClock(
      std::optional<uint32_t> shard, const rpc::AdminActor& actor) override;

 private:
  absl::StatusOr<common::v1::ShardClock> AcceptClockOf(bus::Shard& shard);
  absl::StatusOr<bus::Shard*> Find(uint32_t shard);

  bus::ShardSet& shards_;
  const bus::AppDeps& deps_;
};

}  // namespace frontdesk::process
