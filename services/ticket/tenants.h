#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/bus/shard.h"
#include "libs/rpc/tenants_file.h"

namespace frontdesk::ticket {

// Brings the service levels of the tenants file in, by the command of UpdateSlaPolicy. Tenants
// without `sla` keep what they have. `done` is called once: with the first error, else OK.
void LoadSlaPolicies(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                     absl::AnyInvocable<void(absl::Status)> done);

}  // namespace frontdesk::ticket
