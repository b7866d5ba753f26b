#include "services/ticket/timers.h"

#include <string>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "services/ticket/sla_handlers.h"

namespace frontdesk::ticket {
namespace {

constexpr uint8_t kClockMark = 1;

}  // namespace

::frontdesk::store::Timer ClockTimer(const TicketRef& ref, absl::Time due, uint64_t generation) {
  return {due, kClockMark, ref.tenant + "/" + ref.ticket, generation};
}

void MakeTimerCommand(const Metrics& metrics, const ::frontdesk::store::Timer& timer,
                      ::frontdesk::store::Command& command) {
  const size_t slash = timer.subject.find('/');
  TicketRef ref{timer.subject.substr(0, slash),
                slash == std::string::npos ? "" : timer.subject.substr(slash + 1)};
  command.method = "ClockMark";
  command.tenant = ref.tenant;
  command.actor = "services/ticket";
  command.cause = fmt::format("timer/{}/{}", ref.ticket, timer.generation);
  if (timer.kind != kClockMark) {
    command.handle = [kind = timer.kind](const auto&, auto&, auto&) {
      return Error(absl::StatusCode::kInternal, "INTERNAL",
                   fmt::format("there is no timer kind {}", kind));
    };
    return;
  }
  command.handle = [&metrics, ref = std::move(ref)](const ::frontdesk::store::Context& ctx,
                                                    ::frontdesk::store::Txn& txn,
                                                    ::frontdesk::store::Reply&) {
    return ReachClockMark(metrics, ref, ctx, txn);
  };
}

}  // namespace frontdesk::ticket
