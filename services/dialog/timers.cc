#include "services/dialog/timers.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "services/dialog/domain/speaker.h"

namespace frontdesk::dialog {

void MakeTimerCommand(const HandlerScope& scope, const AskAgain& ask_again,
                      const engine::Timer& timer, engine::Command& command) {
  const size_t slash = timer.subject.find('/');
  ConversationKey key{
      TenantId(timer.subject.substr(0, slash)),
      ConversationId(slash == std::string::npos ? "" : timer.subject.substr(slash + 1))};
  command.tenant = key.tenant.value();
  command.actor = kBotSpeaker;
  command.cause = fmt::format("timer/{}/{}", key.conversation.value(), timer.generation);
  command.correlation = key.Name();
  switch (timer.kind) {
    case ConversationEdit::kIdle:
      command.method = "ReachQuietTime";
      command.handle = [&scope, key = std::move(key)](const engine::Context& ctx, engine::Txn& txn,
                                                      engine::Reply&) {
        return ReachQuietTime(scope, key, ctx, txn);
      };
      return;
    case ConversationEdit::kRetry:
      command.method = "ReachRetry";
      command.handle = [&scope, &ask_again, key = std::move(key)](
                           const engine::Context& ctx, engine::Txn& txn, engine::Reply&) {
        return ReachRetry(scope, ask_again, key, ctx, txn);
      };
      return;
    default:
      command.method = "UnknownTimer";
      command.handle = [kind = timer.kind](const auto&, auto&, auto&) {
        return Error(absl::StatusCode::kInternal, "INTERNAL",
                     fmt::format("there is no timer kind {}", kind));
      };
  }
}

}  // namespace frontdesk::dialog
