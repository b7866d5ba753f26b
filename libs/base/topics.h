#pragma once

#include <array>
#include <span>
#include <string_view>

#include "absl/time/time.h"

namespace frontdesk {

// The contract of topics. The partition count of a topic in an installation of S shards is
// S * partitions_per_shard; changing partitions_per_shard moves keys, so it never changes.
struct TopicSpec {
  std::string_view name;
  int partitions_per_shard = 1;
  absl::Duration retention;
  bool compacted = false;
};

namespace topics {
inline constexpr std::string_view kChannel = "frontdesk.channel.v1";
inline constexpr std::string_view kDialog = "frontdesk.dialog.v1";
inline constexpr std::string_view kTicket = "frontdesk.ticket.v1";
inline constexpr std::string_view kKnowledge = "frontdesk.knowledge.v1";
inline constexpr std::string_view kHealth = "frontdesk.health.v1";
inline constexpr std::string_view kBilling = "frontdesk.billing.v1";
inline constexpr std::string_view kDeadLetter = "frontdesk.dead-letter.v1";

// Topics that carry masked customer text keep at most 30 days: erasing a person relies on it.
inline constexpr absl::Duration kMaskedTextRetention = absl::Hours(24 * 30);

inline constexpr std::array<TopicSpec, 7> kAll = {{
    {kChannel, 4, kMaskedTextRetention, false},
    {kDialog, 4, kMaskedTextRetention, false},
    {kTicket, 4, kMaskedTextRetention, false},
    {kKnowledge, 2, kMaskedTextRetention, false},
    {kHealth, 2, absl::Hours(24 * 400), false},
    {kBilling, 2, absl::Hours(24 * 400), false},
    {kDeadLetter, 1, absl::Hours(24 * 90), false},
}};
}  // namespace topics

inline std::span<const TopicSpec> AllTopics() { return topics::kAll; }

// nullptr when no such topic is declared.
inline const TopicSpec* FindTopic(std::string_view name) {
  for (const TopicSpec& topic : topics::kAll) {
    if (topic.name == name) return &topic;
  }
  return nullptr;
}

}  // namespace frontdesk
