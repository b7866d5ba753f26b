#include "libs/base/topics.h"

#include <catch2/catch.hpp>
#include <set>

namespace frontdesk {
namespace {

TEST_CASE("the partition counts of the contract never change") {
  const std::pair<std::string_view, int> golden[] = {
      {"frontdesk.channel.v1", 4},     {"frontdesk.dialog.v1", 4}, {"frontdesk.ticket.v1", 4},
      {"frontdesk.knowledge.v1", 2},   {"frontdesk.health.v1", 2}, {"frontdesk.billing.v1", 2},
      {"frontdesk.dead-letter.v1", 1},
  };
  for (const auto& [name, partitions] : golden) {
    CAPTURE(name);
    const TopicSpec* topic = FindTopic(name);
    REQUIRE(topic != nullptr);
    CHECK(topic->partitions_per_shard == partitions);
  }
  CHECK(AllTopics().size() == std::size(golden));
}

TEST_CASE("a topic with masked text keeps at most 30 days") {
  for (const std::string_view name :
       {topics::kChannel, topics::kDialog, topics::kTicket, topics::kKnowledge}) {
    CHECK(FindTopic(name)->retention <= absl::Hours(24 * 30));
  }
}

TEST_CASE("topic names are unique and unknown ones are not found") {
  std::set<std::string_view> names;
  for (const TopicSpec& topic : AllTopics()) CHECK(names.insert(topic.name).second);
  CHECK(FindTopic("frontdesk.ticket.v2") == nullptr);
  CHECK(FindTopic("") == nullptr);
}

}  // namespace
}  // namespace frontdesk
