#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/bus/shard.h"
#include "libs/rpc/tenants_file.h"

namespace frontdesk::billing {

// Makes the plans and the subscription that the tenants file has and the tenant has not, by the
// rules of CreatePlan and CreateSubscription, one command for each tenant. Neither ever changes: a
// file that says otherwise under the same id is FAILED_PRECONDITION, as is a second subscription.
// `done` is called once: with the first error, else OK.
void LoadBilling(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                 absl::AnyInvocable<void(absl::Status)> done);

}  // namespace frontdesk::billing
