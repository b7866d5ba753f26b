#include "services/knowledge/domain/topics.h"

#include <algorithm>
#include <tuple>

namespace frontdesk::knowledge {
namespace {

constexpr int64_t kMaxTrend = 1'000'000;

std::vector<TopicFigures> Ranked(std::vector<TopicFigures> topics, size_t max,
                                 int TopicFigures::*now, int TopicFigures::*before) {
  std::erase_if(topics, [&](const TopicFigures& topic) { return topic.*now <= 0; });
  std::sort(topics.begin(), topics.end(), [&](const TopicFigures& a, const TopicFigures& b) {
    return std::forward_as_tuple(b.*now, a.*before, a.kind, a.id) <
           std::forward_as_tuple(a.*now, b.*before, b.kind, b.id);
  });
  if (topics.size() > max) topics.resize(max);
  return topics;
}

}  // namespace

int TrendBps(int now, int before) {
  const int64_t base = std::max(1, before);
  return static_cast<int>(std::min<int64_t>(kMaxTrend, (int64_t{now} - before) * 10'000 / base));
}

std::vector<TopicFigures> HotTopics(std::vector<TopicFigures> topics, size_t max) {
  return Ranked(std::move(topics), max, &TopicFigures::count, &TopicFigures::previous_count);
}

std::vector<TopicFigures> PainPoints(std::vector<TopicFigures> topics, size_t max) {
  return Ranked(std::move(topics), max, &TopicFigures::pain, &TopicFigures::previous_pain);
}

}  // namespace frontdesk::knowledge
