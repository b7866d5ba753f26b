#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/billing/domain/records.h"

// The shape of plans and subscriptions. Errors are INVALID_ARGUMENT naming the field.
namespace frontdesk::billing {

absl::Status CheckPlan(const v1::Plan& plan);

// True when both cost the same and are called the same: the tenants file may be loaded again.
bool SamePlan(const v1::Plan& a, const v1::Plan& b);

}  // namespace frontdesk::billing
