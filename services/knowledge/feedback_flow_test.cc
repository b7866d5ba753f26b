#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/feedback_store.h"
#include "services/knowledge/outcome_handlers.h"
#include "services/knowledge/testing/feedback_events.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using namespace frontdesk::knowledge::testing;

namespace {

using K = KnowledgeService;

v1::RateAnswerRequest Rating(KnowledgeWorld& world, const std::string& answer,
                             const std::string& article, v1::AnswerRating rating,
                             v1::RatingReason reason = v1::RATING_REASON_UNSPECIFIED) {
  v1::RateAnswerRequest request;
  request.set_parent(kParent);
  request.set_answer_id(answer);
  request.set_rating(rating);
  request.set_reason(reason);
  request.add_article_versions(world.Name(article) + "/versions/1");
  request.set_request_id(world.NewRequestId());
  return request;
}

v1::ArticleUsefulness Figures(KnowledgeWorld& world, const std::string& article) {
  v1::GetArticleUsefulnessRequest request;
  request.set_name(world.Name(article));
  return world.Must(&K::GetArticleUsefulness, request).article_usefulness();
}

void PublishArticle(KnowledgeWorld& world, const std::string& id) {
  world.Create(world.CreateRequest(id, "About " + id, "All about " + id + "."));
  REQUIRE(world.Publish(id).ok());
}

constexpr auto kHelpful = v1::ANSWER_RATING_HELPFUL;
constexpr auto kNotHelpful = v1::ANSWER_RATING_NOT_HELPFUL;

}  // namespace

TEST_CASE("a rating keeps its reason and a masked comment, and a changed one moves the figures") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  auto rate = Rating(world, "a1", "parking", kNotHelpful, v1::RATING_REASON_OUTDATED);
  rate.set_comment("Closed since May, call me: 13812345678");
  CHECK(world.Must(&K::RateAnswer, rate).changed());
  rate.set_request_id(world.NewRequestId());
  CHECK_FALSE(world.Must(&K::RateAnswer, rate).changed());
  auto figures = Figures(world, "parking");
  CHECK(figures.total().not_helpful_count() == 1);
  REQUIRE(figures.total().reasons_size() == 1);
  CHECK(figures.total().reasons(0).reason() == v1::RATING_REASON_OUTDATED);
  REQUIRE(figures.comments_size() == 1);
  CHECK(figures.comments(0).comment().find("13812345678") == std::string::npos);
  CHECK(figures.comments(0).comment().find("Closed since May") == 0);

  world.Advance(absl::Hours(24 * 7));
  world.Must(&K::RateAnswer, Rating(world, "a1", "parking", kHelpful));
  figures = Figures(world, "parking");
  CHECK(figures.total().not_helpful_count() == 0);
  CHECK(figures.total().helpful_count() == 1);
  CHECK(figures.total().reasons_size() == 0);
  REQUIRE(figures.weeks_size() == 2);
  CHECK(figures.weeks(0).helpful_count() == 0);
  CHECK(figures.weeks(1).helpful_count() == 1);
  const auto events = world.Events(v1::KnowledgeEvent::kAnswerRated);
  REQUIRE(events.size() == 2);
  CHECK(events[0].answer_rated().reason() == v1::RATING_REASON_OUTDATED);
}

TEST_CASE("what is wrong with a rating is refused") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  v1::RateAnswerResponse response;
  auto refused = [&](auto change) {
    auto rate = Rating(world, "a1", "parking", kNotHelpful);
    change(rate);
    return absl::IsInvalidArgument(world.RateAnswer(rate, &response));
  };
  using R = v1::RateAnswerRequest;
  CHECK(refused([](R& r) { r.set_reason(static_cast<v1::RatingReason>(99)); }));
  CHECK(refused([](R& r) {
    r.set_rating(kHelpful);
    r.set_reason(v1::RATING_REASON_WRONG);
  }));
  CHECK(refused([](R& r) { r.set_comment(std::string(1001, 'x')); }));
  CHECK(refused([](R& r) { r.set_comment("\xff"); }));
  CHECK(refused([](R& r) { r.set_question(std::string(501, 'x')); }));
  CHECK(refused([](R& r) { r.set_locale("fr"); }));
  CHECK(world.Gaps().empty());
}

TEST_CASE("a rating that tells the question becomes a label, and a bad one a gap once") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  auto rate = Rating(world, "a1", "parking", kNotHelpful, v1::RATING_REASON_NOT_WHAT_I_ASKED);
  rate.set_question("Can I park my boat?");
  rate.set_conversation("tenants/acme/conversations/c1");
  world.Must(&K::RateAnswer, rate);
  rate.set_request_id(world.NewRequestId());
  rate.set_comment("Really not");
  world.Must(&K::RateAnswer, rate);
  auto good = Rating(world, "a2", "parking", kHelpful);
  good.set_question("Can I park my car?");
  world.Must(&K::RateAnswer, good);
  const auto gaps = world.Gaps();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].question() == "Can I park my boat?");
  CHECK(gaps[0].badly_answered_count() == 1);
  CHECK(gaps[0].unanswered_count() == 0);
  v1::ListLabeledQuestionsRequest list;
  list.set_parent(kParent);
  list.set_source(v1::LABEL_SOURCE_RATING);
  const auto labels = world.Must(&K::ListLabeledQuestions, list).labeled_questions();
  REQUIRE(labels.size() == 2);
  list.set_source(static_cast<v1::LabelSource>(99));
  v1::ListLabeledQuestionsResponse none;
  CHECK(ReasonOf(world.Do(&K::ListLabeledQuestions, list, &none)) == "INVALID_FIELD");
  for (const auto& label : labels) {
    CHECK(label.wrong_article().empty() == (label.question() == "Can I park my car?"));
    CHECK(label.expected_article().empty() == (label.question() == "Can I park my boat?"));
  }
}

TEST_CASE("who changes his mind counts as one pain, and only his last comment stays") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  auto rate = Rating(world, "a1", "parking", kNotHelpful, v1::RATING_REASON_WRONG);
  rate.set_question("Can I park my boat?");
  rate.set_comment("No word of boats");
  world.Must(&K::RateAnswer, rate);
  world.Must(&K::RateAnswer, Rating(world, "a1", "parking", kHelpful));
  CHECK(Figures(world, "parking").comments_size() == 0);
  rate.set_request_id(world.NewRequestId());
  rate.set_comment("Boats are missing");
  world.Must(&K::RateAnswer, rate);
  auto other = Rating(world, "a2", "parking", kNotHelpful);
  other.set_comment("Boats are missing");
  world.Must(&K::RateAnswer, other);
  rate.set_request_id(world.NewRequestId());
  rate.set_comment("Boats are still missing");
  world.Must(&K::RateAnswer, rate);
  const auto figures = Figures(world, "parking");
  REQUIRE(figures.comments_size() == 2);
  CHECK(figures.comments(0).comment() == "Boats are still missing");
  CHECK(figures.comments(1).answer_id() == "a2");
  CHECK(figures.total().not_helpful_count() == 2);
  REQUIRE(world.Gaps().size() == 1);
  CHECK(world.Gaps()[0].count() == 1);
  v1::ListTopicsRequest topics;
  topics.set_parent(kParent);
  topics.set_period(v1::TOPIC_PERIOD_DAY);
  const auto report = world.Must(&K::ListTopics, topics).topic_report();
  REQUIRE(report.pain_points_size() == 2);
  CHECK(report.pain_points(0).resource() == world.Name("parking"));
  CHECK(report.pain_points(0).pain_count() == 2);
}

TEST_CASE("figures and conversations that are too old give way to new ones") {
  KnowledgeWorld world;
  const auto rows = [&](const std::string& prefix) {
    int count = 0;
    const auto& store = world.app->shards().For("acme").store();
    REQUIRE(store
                .Read([&](const engine::Reader& reader) {
                  return reader.Scan(prefix, {}, [&](std::string_view, std::string_view) {
                    ++count;
                    return true;
                  });
                })
                .ok());
    return count;
  };
  for (const char* id : {"a", "b", "c"}) PublishArticle(world, id);
  for (const char* id : {"a", "b", "c"}) PublishBotReply(world, std::string("c") + id, {id});
  CHECK(rows(kUsefulness.Key("acme")) == 3);
  CHECK(rows(kCitedConversations.Key("acme")) == 3);
  world.Advance(kCitedConversationLife - absl::Hours(1));
  PublishBotReply(world, "c4", {"a"});
  CHECK(rows(kCitedConversations.Key("acme")) == 4);
  world.Advance(absl::Hours(2));
  PublishBotReply(world, "c5", {"a"});
  CHECK(rows(kCitedConversations.Key("acme")) == 3);
  CHECK(rows(kUsefulness.Key("acme")) == 4);
  world.Advance(absl::Hours(24 * 7) * kUsefulnessWeeksKept);
  PublishBotReply(world, "c6", {"a"});
  CHECK(rows(kUsefulness.Key("acme")) == 3);
  CHECK(rows(kCitedConversations.Key("acme")) == 2);
  CHECK(rows(kCitedByTime.Key()) == 2);
}

TEST_CASE("what a conversation came to says whether its citations solved it") {
  struct Case {
    const char* what;
    std::vector<std::string> events;
    int solved, not_solved;
  };
  const Case cases[] = {
      {"still open", {}, 0, 0},
      {"ended by itself", {"resolved"}, 1, 0},
      {"answered by a person", {"by-agent"}, 0, 1},
      {"handed over", {"handoff"}, 0, 1},
      {"handed over and resolved", {"handoff", "after-handoff"}, 0, 1},
      {"left in silence", {"left"}, 1, 0},
      {"opened again", {"resolved", "reopened"}, 0, 1},
      {"opened again for a goodbye", {"resolved", "reopened", "resolved"}, 1, 0},
      {"opened again and left", {"resolved", "reopened", "left"}, 0, 1},
      {"a ticket came of it", {"resolved", "ticket"}, 0, 1},
      {"cited twice", {"reply", "resolved"}, 1, 0},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    KnowledgeWorld world;
    PublishArticle(world, "parking");
    PublishBotReply(world, "c1", {"parking"});
    for (const std::string& event : one.events) {
      if (event == "reply") PublishBotReply(world, "c1", {"parking"});
      if (event == "resolved") PublishResolved(world, "c1");
      if (event == "by-agent") PublishResolved(world, "c1", 2);
      if (event == "left") PublishResolved(world, "c1", 0, common::v1::AUTHOR_KIND_SYSTEM);
      if (event == "after-handoff") {
        PublishResolved(world, "c1", 0, common::v1::AUTHOR_KIND_CUSTOMER,
                        dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST);
      }
      if (event == "reopened") PublishReopened(world, "c1");
      if (event == "handoff") PublishHandoff(world, "c1");
      if (event == "ticket") PublishTicket(world, "c1");
    }
    const auto total = Figures(world, "parking").total();
    CHECK(total.cited_count() == 1);
    CHECK(total.solved_count() == one.solved);
    CHECK(total.not_solved_count() == one.not_solved);
    CHECK(world.DeadLetters() == 0);
  }
}

TEST_CASE("an outcome counts in the week of the citation, also after a crash") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  PublishBotReply(world, "c1", {"parking"});
  world.Advance(absl::Hours(24 * 8));
  world.Crash();
  PublishResolved(world, "c1");
  const auto figures = Figures(world, "parking");
  REQUIRE(figures.weeks_size() == 1);
  CHECK(figures.weeks(0).cited_count() == 1);
  CHECK(figures.weeks(0).solved_count() == 1);
}

TEST_CASE("weak articles come worst first, and only with enough votes") {
  KnowledgeWorld world;
  for (const char* id : {"bad", "mixed", "good", "few"}) PublishArticle(world, id);
  for (int i = 0; i < 6; ++i) {
    const std::string answer = "a" + std::to_string(i);
    world.Must(&K::RateAnswer, Rating(world, answer + "b", "bad", kNotHelpful));
    world.Must(&K::RateAnswer,
               Rating(world, answer + "m", "mixed", i % 2 == 0 ? kHelpful : kNotHelpful));
    world.Must(&K::RateAnswer, Rating(world, answer + "g", "good", kHelpful));
  }
  world.Must(&K::RateAnswer, Rating(world, "x", "few", kNotHelpful));
  v1::ListWeakArticlesRequest request;
  request.set_parent(kParent);
  auto weak = world.Must(&K::ListWeakArticles, request);
  REQUIRE(weak.articles_size() == 2);
  CHECK(weak.articles(0).article() == world.Name("bad"));
  CHECK(weak.articles(0).title() == "About bad");
  CHECK(weak.articles(0).total().not_helpful_count() == 6);
  CHECK(weak.articles(1).article() == world.Name("mixed"));
  CHECK(weak.articles(0).weakness_bps() > weak.articles(1).weakness_bps());
  request.set_votes_min(1);
  CHECK(world.Must(&K::ListWeakArticles, request).articles_size() == 3);
  REQUIRE(world.Archive("mixed").ok());
  CHECK(world.Must(&K::ListWeakArticles, request).articles_size() == 2);
  request.set_locale("zh");
  CHECK(world.Must(&K::ListWeakArticles, request).articles_size() == 0);
  request.clear_locale();
  world.Advance(absl::Hours(24 * 7 * 9));
  CHECK(world.Must(&K::ListWeakArticles, request).articles_size() == 0);
}
