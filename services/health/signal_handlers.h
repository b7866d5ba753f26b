#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "frontdesk/health/v1/health_service.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/health/metrics.h"

namespace frontdesk::health {

// How far ahead of our clock a measurement may claim to be.
inline constexpr absl::Duration kMaxClockSkew = absl::Minutes(5);

// Takes measured values in, each once per signal id, and scores each account once. Names are
// checked. INVALID_ARGUMENT for a measurement of the future; then none is taken in.
absl::Status RecordSignals(const Metrics& metrics, const v1::RecordSignalsRequest& request,
                           const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                           v1::RecordSignalsResponse* response);

}  // namespace frontdesk::health
