#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/bus/shard.h"
#include "libs/rpc/tenants_file.h"

namespace frontdesk::dialog {

// Makes or updates the agents of the tenants file; `done` is called once, when all are in.
void LoadAgents(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                absl::AnyInvocable<void(absl::Status)> done);

}  // namespace frontdesk::dialog
