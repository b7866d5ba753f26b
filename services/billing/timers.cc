#include "services/billing/timers.h"

#include <string>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "services/billing/usage_handlers.h"

namespace frontdesk::billing {
namespace {

constexpr uint8_t kBacklogPiece = 1;

}  // namespace

db::Timer BacklogTimer(std::string_view tenant, absl::Time due, uint64_t generation) {
  return {due, kBacklogPiece, std::string(tenant), generation};
}

void MakeTimerCommand(const Metrics& metrics, const db::Timer& timer, db::Command& command) {
  command.method = "RateBacklog";
  command.tenant = timer.subject;
  command.actor = "services/billing";
  command.cause = fmt::format("timer/backlog/{}", timer.generation);
  if (timer.kind != kBacklogPiece) {
    command.handle = [kind = timer.kind](const auto&, auto&, auto&) {
      return Error(absl::StatusCode::kInternal, "INTERNAL",
                   fmt::format("there is no timer kind {}", kind));
    };
    return;
  }
  command.handle = [&metrics](const db::Context& ctx, db::Txn& txn, db::Reply&) {
    return RateBacklog(metrics, ctx, txn);
  };
}

}  // namespace frontdesk::billing
