#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frontdesk/knowledge/v1/topics.pb.h"

// Which topics are hot and which hurt.
namespace frontdesk::knowledge {

struct TopicFigures {
  v1::TopicKind kind = v1::TOPIC_KIND_UNSPECIFIED;
  std::string id;
  int count = 0;
  int pain = 0;
  int previous_count = 0;
  int previous_pain = 0;

  bool operator==(const TopicFigures&) const = default;
};

// Change from `before` to `now` in basis points of `before`; what is new: of one.
int TrendBps(int now, int before);

// Those that came up (or hurt) in the period, most often first; of equals the one that grew most,
// then by kind and id. At most `max`.
std::vector<TopicFigures> HotTopics(std::vector<TopicFigures> topics, size_t max);
std::vector<TopicFigures> PainPoints(std::vector<TopicFigures> topics, size_t max);

}  // namespace frontdesk::knowledge
