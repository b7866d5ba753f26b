#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/billing/domain/records.h"
#include "services/billing/keys.h"

// Handlers about plans and the subscription. They run on the committer; shapes are checked.
namespace frontdesk::billing {

// `id` is the wished one; empty: a ULID. ALREADY_EXISTS.
absl::Status CreatePlan(std::string_view id, const v1::Plan& draft, const db::Context& ctx,
                        db::Txn& txn, v1::Plan* result);

// NOT_FOUND for the plan; ALREADY_EXISTS when the tenant has a subscription. What was used since
// its start and waits is rated by a timer.
absl::Status CreateSubscription(std::string_view id, const v1::Subscription& draft,
                                const db::Context& ctx, db::Txn& txn, v1::Subscription* result);

}  // namespace frontdesk::billing
