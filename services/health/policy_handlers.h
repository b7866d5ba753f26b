#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/health/v1/health.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"

namespace frontdesk::health {

// Changes the tenant's policy; values are checked. Accounts are scored by it from their next change
// on. An update that changes nothing leaves no trace. ABORTED for another etag.
absl::Status UpdateHealthPolicy(const v1::HealthPolicy& wanted,
                                const std::vector<std::string>& paths,
                                const ::frontdesk::store::Context& ctx,
                                ::frontdesk::store::Txn& txn, v1::HealthPolicy* result);

}  // namespace frontdesk::health
