#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "libs/store/command.h"
#include "services/knowledge/article_edit.h"

// Timer kinds and the commands they become. Kinds are never reused: 1 publishes what is scheduled,
// 2 flags an article that was not verified in time.
namespace frontdesk::knowledge {

engine::Timer PublishTimer(const ArticleKey& key, absl::Time due, uint64_t generation);
engine::Timer VerifyTimer(const ArticleKey& key, absl::Time due, uint64_t generation);

// Fills method, tenant, actor, cause and handler of the command for a fired timer.
void MakeTimerCommand(const engine::Timer& timer, engine::Command& command);

}  // namespace frontdesk::knowledge
