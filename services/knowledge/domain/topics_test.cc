#include "services/knowledge/domain/topics.h"

#include <catch2/catch.hpp>

using namespace frontdesk::knowledge;

TEST_CASE("a trend is the change against the period before") {
  struct Case {
    int now, before, trend;
  };
  const Case cases[] = {{10, 5, 10'000}, {5, 10, -5000}, {0, 4, -10'000}, {3, 3, 0},
                        {3, 0, 30'000},  {1, 3, -6666},  {0, 0, 0},       {500'000, 1, 1'000'000}};
  for (const Case& one : cases) {
    INFO(one.now << " after " << one.before);
    CHECK(TrendBps(one.now, one.before) == one.trend);
  }
}

TEST_CASE("hot topics came up most, pain points ended badly most") {
  const std::vector<TopicFigures> topics = {
      {v1::TOPIC_KIND_ARTICLE, "a", 5, 1, 9, 0},
      {v1::TOPIC_KIND_ARTICLE, "b", 5, 0, 1, 0},
      {v1::TOPIC_KIND_GAP, "g", 3, 3, 0, 0},
      {v1::TOPIC_KIND_GAP, "old", 0, 0, 8, 8},
  };
  const auto hot = HotTopics(topics, 2);
  REQUIRE(hot.size() == 2);
  CHECK(hot[0].id == "b");  // it grew
  CHECK(hot[1].id == "a");
  const auto pain = PainPoints(topics, 10);
  REQUIRE(pain.size() == 2);
  CHECK(pain[0].id == "g");
  CHECK(pain[1].id == "a");
  CHECK(HotTopics({}, 5).empty());
}
