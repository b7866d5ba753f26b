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
    CountQuestion(gap, GapSign::kUnanswered, "c" + std::to_string(i),
                  absl::UnixEpoch() + absl::Seconds(i));
    CountQuestion(gap, GapSign::kUnanswered, "c" + std::to_string(i),
                  absl::UnixEpoch() + absl::Seconds(i));
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

TEST_CASE("numbers tell questions apart that are alike in all else") {
  CHECK(SameNumbers("error 502 at login", "at login error 502"));
  CHECK_FALSE(SameNumbers("error 502", "error 503"));
  CHECK_FALSE(SameNumbers("error 5 0", "error 50"));
  CHECK(SameNumbers("怎么退货", "如何退货"));
}

TEST_CASE("letters alone must be much alike, with their meaning less so") {
  struct Case {
    double jaccard, cosine;
    bool same;
  };
  const Case cases[] = {{0.6, -1, true},    {0.59, -1, false}, {1, 0.5, false},   {0.5, 0.82, true},
                        {0.4, 0.85, false}, {0, 0.9, true},    {0.9, 0.81, false}};
  for (const Case& one : cases) {
    INFO(one.jaccard << " " << one.cosine);
    CHECK(SameQuestion(one.jaccard, one.cosine) == one.same);
  }
}

TEST_CASE("a gap goes from state to state by its verbs alone") {
  enum Verb { kAssign, kRelease, kResolve, kDismiss, kReopen, kAsk };
  using S = v1::KnowledgeGapState;
  constexpr S kOpen = v1::KNOWLEDGE_GAP_STATE_OPEN, kAssigned = v1::KNOWLEDGE_GAP_STATE_ASSIGNED,
              kResolved = v1::KNOWLEDGE_GAP_STATE_RESOLVED,
              kDismissed = v1::KNOWLEDGE_GAP_STATE_DISMISSED;
  struct Case {
    std::vector<Verb> before;
    Verb verb;
    S state;
    bool ok;
  };
  const Case cases[] = {
      {{}, kAssign, kAssigned, true},
      {{kAssign}, kRelease, kOpen, true},
      {{}, kResolve, kResolved, true},
      {{kAssign}, kDismiss, kDismissed, true},
      {{}, kReopen, kOpen, false},
      {{kResolve}, kAssign, kResolved, false},
      {{kResolve}, kDismiss, kResolved, false},
      {{kDismiss}, kResolve, kDismissed, false},
      {{kResolve}, kReopen, kOpen, true},
      {{kAssign, kResolve}, kReopen, kAssigned, true},
      {{kAssign, kResolve}, kAsk, kAssigned, true},
      {{kDismiss}, kAsk, kDismissed, true},
      {{}, kAsk, kOpen, true},
  };
  for (const Case& one : cases) {
    auto gap = NewGap("tenants/t1/knowledgeGaps/g", "en", "x", "x", absl::UnixEpoch());
    const auto now = absl::UnixEpoch() + absl::Hours(1);
    const auto apply = [&](Verb verb) -> absl::Status {
      switch (verb) {
        case kAssign:
          return AssignGap(gap, "tenants/t1/agents/mia", now);
        case kRelease:
          return AssignGap(gap, "", now);
        case kResolve:
          return ResolveGap(gap, "tenants/t1/articles/a", "", now);
        case kDismiss:
          return DismissGap(gap, "no", now);
        case kReopen:
          return ReopenGap(gap, "", now);
        default:
          CountQuestion(gap, GapSign::kUnanswered, "c", now);
          return absl::OkStatus();
      }
    };
    for (const Verb verb : one.before) REQUIRE(apply(verb).ok());
    const std::string etag = gap.gap().etag();
    CHECK(apply(one.verb).ok() == one.ok);
    CHECK(gap.gap().state() == one.state);
    CHECK((gap.gap().etag() == etag) == (!one.ok || (one.verb == kAsk && one.before.size() < 2)));
    CHECK(gap.gap().article().empty() == (gap.gap().state() != kResolved));
  }
}
