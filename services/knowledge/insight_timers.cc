#include "services/knowledge/insight_timers.h"

#include <string>

#include <fmt/core.h>

#include "services/knowledge/threshold_handlers.h"
#include "services/knowledge/topic_store.h"

namespace frontdesk::knowledge {
namespace {

constexpr uint8_t kThreshold = 20;
constexpr uint8_t kTopics = 21;

}  // namespace

engine::Timer ThresholdTimer(std::string_view tenant, absl::Time due, uint64_t generation) {
  return {due, kThreshold, std::string(tenant), generation};
}

engine::Timer TopicsTimer(std::string_view tenant, absl::Time due, uint64_t generation) {
  return {due, kTopics, std::string(tenant), generation};
}

bool MakeInsightCommand(const engine::Timer& timer, engine::Command& command) {
  if (timer.kind != kThreshold && timer.kind != kTopics) return false;
  const bool threshold = timer.kind == kThreshold;
  command.tenant = timer.subject;
  command.actor = "services/knowledge";
  command.method = threshold ? "CheckThreshold" : "WantTopicReports";
  command.cause = fmt::format("timer/{}/{}", command.method, timer.generation);
  command.handle = [threshold](const engine::Context& context, engine::Txn& txn, engine::Reply&) {
    return threshold ? CheckThreshold(context, txn) : WantTopicReports(context, txn);
  };
  return true;
}

}  // namespace frontdesk::knowledge
