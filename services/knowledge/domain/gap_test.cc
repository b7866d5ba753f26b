#include "services/knowledge/domain/gap.h"

#include <catch2/catch.hpp>

using namespace frontdesk::knowledge;

TEST_CASE("questions compare without punctuation and with single spaces") {
  CHECK(NormalizeQuestion("  where is, my order?? ") == "where is my order");
  CHECK(NormalizeQuestion("怎么退货？！") == "怎么退货");
  CHECK(NormalizeQuestion("“退款”…多久。") == "退款 多久");
  CHECK(NormalizeQuestion("?!。").empty());
  CHECK(NormalizeQuestion("").empty());
}

TEST_CASE("a gap keeps the last conversations, each once") {
  auto gap =
      NewGap("tenants/t1/knowledgeGaps/g", "en", std::string(600, 'x'), "x", absl::UnixEpoch());
  CHECK(gap.gap().question().size() == 500);
  for (int i = 0; i < 12; ++i) {
    CountQuestion(gap, "c" + std::to_string(i), absl::UnixEpoch() + absl::Seconds(i));
    CountQuestion(gap, "c" + std::to_string(i), absl::UnixEpoch() + absl::Seconds(i));
  }
  CHECK(gap.gap().count() == 24);
  REQUIRE(gap.gap().conversations_size() == kMaxGapConversations);
  CHECK(gap.gap().conversations(0) == "c2");
  CHECK(gap.gap().update_time().seconds() == 11);
}

TEST_CASE("a gap's id is an id, and another attempt gives another one") {
  CHECK(GapId("en", "where is my order", 0).size() == 32);
  CHECK(GapId("en", "where is my order", 0) != GapId("zh", "where is my order", 0));
  CHECK(GapId("en", "where is my order", 0) != GapId("en", "where is my order", 1));
}
