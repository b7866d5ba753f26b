#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/bus/shard.h"
#include "libs/rpc/tenants_file.h"
#include "services/health/metrics.h"

namespace frontdesk::health {

// Brings weights, accounts and their first signals from the tenants file in. Tenants without
// `health_weights` keep what they have. `done` is called once: with the first error, else OK.
void LoadAccounts(const Metrics& metrics, const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                  absl::AnyInvocable<void(absl::Status)> done);

}  // namespace frontdesk::health
