#include "services/knowledge/timers.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "services/knowledge/article_handlers.h"

namespace frontdesk::knowledge {
namespace {

constexpr uint8_t kPublish = 1;
constexpr uint8_t kVerify = 2;

std::string SubjectOf(const ArticleKey& key) { return key.tenant + "/" + key.article; }

}  // namespace

engine::Timer PublishTimer(const ArticleKey& key, absl::Time due, uint64_t generation) {
  return {due, kPublish, SubjectOf(key), generation};
}

engine::Timer VerifyTimer(const ArticleKey& key, absl::Time due, uint64_t generation) {
  return {due, kVerify, SubjectOf(key), generation};
}

void MakeTimerCommand(const engine::Timer& timer, engine::Command& command) {
  const size_t slash = timer.subject.find('/');
  ArticleKey key{timer.subject.substr(0, slash),
                 slash == std::string::npos ? "" : timer.subject.substr(slash + 1)};
  command.tenant = key.tenant;
  command.actor = "services/knowledge";
  command.cause = fmt::format("timer/{}/{}", key.article, timer.generation);
  const auto handle = [&](std::string_view method, auto handler) {
    command.method = method;
    command.handle = [key, handler](const engine::Context& context, engine::Txn& txn,
                                    engine::Reply&) { return handler(key, context, txn); };
  };
  switch (timer.kind) {
    case kPublish:
      return handle("PublishScheduled", PublishScheduled);
    case kVerify:
      return handle("FlagUnverified", FlagUnverified);
    default:
      command.method = "UnknownTimer";
      command.handle = [kind = timer.kind](const auto&, auto&, auto&) {
        return Error(absl::StatusCode::kInternal, "INTERNAL",
                     fmt::format("there is no timer kind {}", kind));
      };
  }
}

}  // namespace frontdesk::knowledge
