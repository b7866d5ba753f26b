#include "services/health/timers.h"

#include <string>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "services/health/account_handlers.h"

namespace frontdesk::health {
namespace {

constexpr uint8_t kDecay = 1;

}  // namespace

::frontdesk::store::Timer DecayTimer(const AccountRef& ref, absl::Time due, uint64_t generation) {
  return {due, kDecay, ref.tenant + "/" + ref.account, generation};
}

void MakeTimerCommand(const Metrics& metrics, const ::frontdesk::store::Timer& timer,
                      ::frontdesk::store::Command& command) {
  const size_t slash = timer.subject.find('/');
  AccountRef ref{timer.subject.substr(0, slash),
                 slash == std::string::npos ? "" : timer.subject.substr(slash + 1)};
  command.method = "Decay";
  command.tenant = ref.tenant;
  command.actor = "services/health";
  command.cause = fmt::format("timer/{}/{}", ref.account, timer.generation);
  if (timer.kind != kDecay) {
    command.handle = [kind = timer.kind](const auto&, auto&, auto&) {
      return Error(absl::StatusCode::kInternal, "INTERNAL",
                   fmt::format("there is no timer kind {}", kind));
    };
    return;
  }
  command.handle = [&metrics, ref = std::move(ref)](
                       const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                       ::frontdesk::store::Reply&) { return LetDecay(metrics, ref, ctx, txn); };
}

}  // namespace frontdesk::health
