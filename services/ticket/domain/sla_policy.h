#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/common/v1/priority.pb.h"
#include "frontdesk/ticket/store/v1/ticket_store.pb.h"
#include "frontdesk/ticket/v1/ticket.pb.h"

// Service levels of a tenant: how long a ticket of each priority may take.
namespace frontdesk::ticket {

struct SlaTargets {
  absl::Duration first_response;
  absl::Duration resolution;
  int32_t warn_bps = 0;
};

// What holds until a tenant changes it.
v1::SlaPolicy DefaultSlaPolicy(std::string_view tenant);

// INTERNAL for a priority that the policy lacks: stored policies have all four.
absl::StatusOr<SlaTargets> TargetsOf(const v1::SlaPolicy& policy, common::v1::Priority priority);
// The same of the default policy, without making it. INTERNAL for what is no priority.
absl::StatusOr<SlaTargets> DefaultTargetsOf(common::v1::Priority priority);

// INVALID_ARGUMENT naming the first field of `change` that is out of its limits. Only what `paths`
// ("targets", "warn_bps") name is looked at.
absl::Status CheckSlaPolicy(const v1::SlaPolicy& change, const std::vector<std::string>& paths);

// Takes over what `paths` name; priorities that `change` leaves out keep their targets. False, and
// the record as it was, when nothing differs.
bool ChangeSlaPolicy(const v1::SlaPolicy& change, const std::vector<std::string>& paths,
                     absl::Time now, store::v1::SlaPolicyRecord& record);

}  // namespace frontdesk::ticket
