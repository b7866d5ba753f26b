#include <catch2/catch.hpp>

#include <limits>

#include "absl/strings/ascii.h"
#include "libs/base/error.h"
#include "libs/rpc/page_scan.h"
#include "services/knowledge/domain/calibration.h"
#include "services/knowledge/gap_clusters.h"
#include "services/knowledge/gap_handlers.h"
#include "services/knowledge/testing/feedback_events.h"
#include "services/knowledge/topic_store.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using namespace frontdesk::knowledge::testing;

namespace {

using K = KnowledgeService;

template <class Request>
Request Verb(KnowledgeWorld& world, const std::string& name) {
  Request request;
  request.set_name(name);
  request.set_request_id(world.NewRequestId());
  return request;
}

std::vector<v1::KnowledgeGap> InState(KnowledgeWorld& world, v1::KnowledgeGapState state) {
  v1::ListKnowledgeGapsRequest request;
  request.set_parent(kParent);
  request.set_state(state);
  const auto response = world.Must(&K::ListKnowledgeGaps, request);
  return {response.knowledge_gaps().begin(), response.knowledge_gaps().end()};
}

v1::TopicReport Topics(KnowledgeWorld& world, v1::TopicPeriod period) {
  v1::ListTopicsRequest request;
  request.set_parent(kParent);
  request.set_period(period);
  return world.Must(&K::ListTopics, request).topic_report();
}

// Counts a question without asking the clusters.
void CountWith(KnowledgeWorld& world, const std::string& question, const GapHint& hint) {
  world.Advance(absl::Milliseconds(1));
  world.Change([&](const engine::Context& context, engine::Txn& txn) {
    AskedQuestion asked;
    asked.question = question;
    asked.language = "en";
    return CountIntoGap(asked, hint, nullptr, context, txn).status();
  });
}

// The rows of a table, in lower case.
template <class Table>
std::string RowsOf(KnowledgeWorld& world, const Table& table) {
  std::string rows;
  const auto& store = world.app->shards().For("acme").store();
  REQUIRE(store
              .Read([&](const engine::Reader& reader) {
                return reader.Scan(table.Key("acme"), {},
                                   [&](std::string_view, std::string_view value) {
                                     rows += value;
                                     return true;
                                   });
              })
              .ok());
  return absl::AsciiStrToLower(rows);
}

}  // namespace

TEST_CASE("questions of nearly the same words are one gap, other numbers another one") {
  KnowledgeWorld world;
  world.PublishUnanswered("How do I cancel my subscription plan?", "m1", "c1");
  world.PublishUnanswered("how do i cancel my subscription plans", "m2", "c2");
  world.Crash();
  world.PublishUnanswered("How do I cancel my subscription plan please?", "m3", "c3");
  world.PublishUnanswered("how do i cancel my subscription plans", "m4", "c4");
  world.PublishUnanswered("How do I cancel my subscription plan 2?", "m5", "c5");
  world.PublishUnanswered("Do you sell bread?", "m6", "c6");
  const auto gaps = InState(world, v1::KNOWLEDGE_GAP_STATE_OPEN);
  REQUIRE(gaps.size() == 3);
  CHECK(gaps[0].count() == 4);  // the most asked one first
  CHECK(gaps[0].unanswered_count() == 4);
  CHECK(gaps[0].question() == "How do I cancel my subscription plan?");
  CHECK(gaps[0].variants_size() == 2);
  CHECK(gaps[0].conversations_size() == 4);
  CHECK(world.CountEvents(v1::KnowledgeEvent::kKnowledgeGapFound) == 3);
}

TEST_CASE("first questions of one kind that are prepared at the same moment are one gap") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  const auto ask = [&](const std::string& answer, const std::string& question) {
    v1::RateAnswerRequest request;
    request.set_parent(kParent);
    request.set_request_id(world.NewRequestId());
    request.set_answer_id(answer);
    request.set_rating(v1::ANSWER_RATING_NOT_HELPFUL);
    request.set_reason(v1::RATING_REASON_NOT_WHAT_I_ASKED);
    request.set_question(question);
    request.set_locale("en");
    request.add_article_versions(world.Name("parking") + "/versions/1");
    return world.Begin(&K::RateAnswer, request);
  };
  // None of them is counted when the gaps are looked through for the others.
  const auto first = ask("a1", "How do I cancel my subscription plan?");
  const auto second = ask("a2", "how do i cancel my subscription plans");
  const auto other = ask("a3", "How do I cancel my subscription plan 2?");
  const auto third = ask("a4", "How do I cancel my subscription plan please?");
  world.Settle();
  for (const auto* each : {&first, &second, &other, &third}) {
    INFO((*each)->status);
    REQUIRE(((*each)->finished == 1 && (*each)->status.ok()));
  }
  const auto gaps = InState(world, v1::KNOWLEDGE_GAP_STATE_OPEN);
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].count() == 3);
  CHECK(gaps[0].question() == "How do I cancel my subscription plan?");
  CHECK(gaps[0].variants_size() == 2);
  CHECK(gaps[1].count() == 1);
  CHECK(world.CountEvents(v1::KnowledgeEvent::kKnowledgeGapFound) == 2);
  // Each wording leads there by itself from now on.
  world.PublishUnanswered("how do i cancel my subscription plans", "m1", "c1");
  CHECK(InState(world, v1::KNOWLEDGE_GAP_STATE_OPEN)[0].count() == 4);
}

TEST_CASE("a day that no report can be of is refused") {
  KnowledgeWorld world;
  const auto ask = [&](int64_t seconds, int32_t nanos, v1::ListTopicsResponse* response) {
    v1::ListTopicsRequest request;
    request.set_parent(kParent);
    request.set_period(v1::TOPIC_PERIOD_DAY);
    request.mutable_time()->set_seconds(seconds);
    request.mutable_time()->set_nanos(nanos);
    return world.Do(&K::ListTopics, request, response);
  };
  constexpr int64_t kYear1 = -62'135'596'800;
  constexpr int64_t kDecember31Of9999 = 253'402'214'400;
  v1::ListTopicsResponse response;
  for (const int64_t seconds :
       {kYear1, int64_t{-1}, kDecember31Of9999, kDecember31Of9999 + 86'399,
        std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    INFO(seconds);
    CHECK(ReasonOf(ask(seconds, 0, &response)) == "INVALID_FIELD");
  }
  CHECK(ReasonOf(ask(0, -1, &response)) == "INVALID_FIELD");
  CHECK(ReasonOf(ask(0, 1'000'000'000, &response)) == "INVALID_FIELD");
  REQUIRE(ask(0, 0, &response).ok());
  CHECK(response.topic_report().start_time().seconds() == 0);
  REQUIRE(ask(kDecember31Of9999 - 1, 999'999'999, &response).ok());
  CHECK(response.topic_report().end_time().seconds() == kDecember31Of9999);
}

TEST_CASE("new gaps are noted for minutes, not for ever") {
  KnowledgeWorld world;
  const auto notes = [&] {
    int count = 0;
    const auto& store = world.app->shards().For("acme").store();
    REQUIRE(store
                .Read([&](const engine::Reader& reader) {
                  return reader.Scan(kNewGaps.Key("acme"), {},
                                     [&](std::string_view, std::string_view) {
                                       ++count;
                                       return true;
                                     });
                })
                .ok());
    return count;
  };
  for (const char* question : {"Do you sell bread?", "Where is the moon?", "Who won the match?"}) {
    world.PublishUnanswered(question, question, "c1");
  }
  CHECK(notes() == 3);
  world.Advance(absl::Minutes(11));
  world.PublishUnanswered("Can I bring my dog?", "m4", "c2");
  CHECK(notes() == 2);
  world.PublishUnanswered("Is it raining in Paris?", "m5", "c3");
  CHECK(notes() == 2);
}

TEST_CASE("a question is compared with the newest gaps once more, with a few of them") {
  for (const int others : {10, 20}) {
    KnowledgeWorld world;
    CountWith(world, "How do I cancel my subscription plan?", GapHint());
    for (int i = 0; i < others; ++i) {
      CountWith(world, fmt::format("What is the meaning of message {}?", i), GapHint());
    }
    CountWith(world, "how do i cancel my subscription plans", GapHint());
    CHECK(world.Gaps().size() == (others == 10 ? 11 : 22));
  }
}

TEST_CASE("who a customer is does not become part of a gap, nor of its label") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  world.PublishUnanswered(
      "My name is Ada Lovelace, I live at 12 Blackheath Lane, order number LS-48213, where is it?",
      "m1", "c1");
  world.PublishUnanswered(
      "My name is Bob Miller, I live at 7 Baker Street, order number LS-99170, where is it now?",
      "m2", "c2");
  v1::RateAnswerRequest rate;
  rate.set_parent(kParent);
  rate.set_request_id(world.NewRequestId());
  rate.set_answer_id("a1");
  rate.set_rating(v1::ANSWER_RATING_NOT_HELPFUL);
  rate.set_reason(v1::RATING_REASON_UNCLEAR);
  rate.set_question("My name is Grace Hopper, why is the parking of order number LS-11223 closed?");
  rate.set_locale("en");
  rate.add_article_versions(world.Name("parking") + "/versions/1");
  world.Must(&K::RateAnswer, rate);
  // Without a hint.
  CountWith(world, "My name is Alan Turing, does the lamp float?", GapHint());

  auto gaps = InState(world, v1::KNOWLEDGE_GAP_STATE_OPEN);
  REQUIRE(gaps.size() == 3);
  CHECK(gaps[0].count() == 2);
  CHECK(gaps[0].question() ==
        "My name is [name], I live at [address], order number [order], where is it?");
  REQUIRE(gaps[0].variants_size() == 1);
  CHECK(gaps[0].variants(0) ==
        "My name is [name], I live at [address], order number [order], where is it now?");
  for (const auto& gap : gaps) {
    auto dismiss = Verb<v1::DismissKnowledgeGapRequest>(world, gap.name());
    dismiss.set_note("no");
    world.Must(&K::DismissKnowledgeGap, dismiss);
  }
  std::string kept = RowsOf(world, kGaps) + RowsOf(world, kGapAliases) + RowsOf(world, kLabels);
  for (const auto& event : world.Events(v1::KnowledgeEvent::kKnowledgeGapFound)) {
    kept += absl::AsciiStrToLower(event.ShortDebugString());
  }
  CHECK(kept.find("where is it") != std::string::npos);
  for (const char* personal : {"lovelace", "blackheath", "48213", "miller", "baker", "99170",
                               "hopper", "11223", "turing"}) {
    INFO(personal);
    CHECK(kept.find(personal) == std::string::npos);
  }
}

TEST_CASE("of a long question the beginning is kept and compared") {
  KnowledgeWorld world;
  std::string beginning;
  while (beginning.size() < 500) beginning += "The lamp in the hall flickers and hums. ";
  std::string other;
  while (other.size() < 7500) other += "Can I open a window of the app? ";
  world.PublishUnanswered(beginning + "So where is my refund?", "m1", "c1");
  world.PublishUnanswered(beginning + other, "m2", "c2");
  const auto gaps = world.Gaps();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].count() == 2);
  CHECK(gaps[0].variants().empty());
  CHECK(RowsOf(world, kGaps).size() < 2000);
}

TEST_CASE("a gap that is counted makes no room for a language that nobody has asked in") {
  KnowledgeWorld world;
  int reads = 0;
  GapClusters clusters(
      [&](std::string_view tenant) -> const engine::Store& {
        ++reads;
        return world.app->shards().For(tenant).store();
      },
      nullptr, world.clock);
  std::optional<GapHint> found;
  const auto find = [&](const std::string& question) {
    clusters.Find("acme", "en", question, absl::Seconds(1),
                  [&](GapHint hint) { found = std::move(hint); });
    return found->gap;
  };
  CHECK(find("Where is my parcel?").empty());
  REQUIRE(found->question.has_value());
  CHECK(found->question->text == "Where is my parcel?");
  CHECK(found->question->normalized == "where is my parcel");
  CHECK(reads == 1);
  for (int i = 0; i < 100; ++i) {
    clusters.Add(fmt::format("tenant-{}", i), "en", "g0", "where is my parcel", "", "");
  }
  clusters.Add("acme", "en", "g1", "where is my parcel", "", "");
  CHECK(find("Where is my parcel now?") == "g1");
  CHECK(reads == 1);
}

TEST_CASE("a question of other words and the same meaning is found by its vector") {
  KnowledgeWorld world;
  process::Encoding encoding(process::EncodingConfig{.models_dir = ""}, world.clock, world.metrics,
                             process::Encoding::Threads::kNone);
  REQUIRE(encoding.Load().ok());
  GapClusters clusters(
      [&](std::string_view tenant) -> const engine::Store& {
        return world.app->shards().For(tenant).store();
      },
      &encoding, world.clock);
  const auto find = [&](const std::string& question) {
    std::optional<GapHint> found;
    clusters.Find("acme", "en", question, absl::Seconds(1),
                  [&](GapHint hint) { found = std::move(hint); });
    for (int i = 0; i < 100 && !found.has_value(); ++i) {
      encoding.Step();
      world.clock.Advance(absl::Milliseconds(1));
    }
    REQUIRE(found.has_value());
    return *found;
  };
  const GapHint first = find("where is my parcel");
  CHECK(first.gap.empty());
  REQUIRE_FALSE(first.encoder.empty());
  // As if another question meant just the same.
  clusters.Add("acme", "en", "g1", "has the shipment gone missing", first.encoder, first.vector);
  CHECK(find("where is my parcel").gap == "g1");
  CHECK(find("opening hours on sunday").gap.empty());
  clusters.Add("acme", "en", "g2", "opening hours on holidays", "another-encoder", first.vector);
  CHECK(find("opening hours on sundays then").gap.empty());
}

TEST_CASE(
    "a gap is a task: assigned, resolved by a published article, opened when it comes again") {
  KnowledgeWorld world;
  world.PublishUnanswered("Do you sell bread?", "m1", "c1");
  const std::string name = world.Gaps().at(0).name();
  auto assign = Verb<v1::AssignKnowledgeGapRequest>(world, name);
  assign.set_owner("tenants/acme/agents/mia");
  auto gap = world.Must(&K::AssignKnowledgeGap, assign).knowledge_gap();
  CHECK(gap.state() == v1::KNOWLEDGE_GAP_STATE_ASSIGNED);
  CHECK(gap.owner() == "tenants/acme/agents/mia");

  auto resolve = Verb<v1::ResolveKnowledgeGapRequest>(world, name);
  resolve.set_article(world.Name("bread"));
  v1::ResolveKnowledgeGapResponse refused;
  CHECK(absl::IsNotFound(world.Do(&K::ResolveKnowledgeGap, resolve, &refused)));
  world.Create(world.CreateRequest("bread", "Bread", "We sell no bread."));
  resolve.set_request_id(world.NewRequestId());
  CHECK(absl::IsFailedPrecondition(world.Do(&K::ResolveKnowledgeGap, resolve, &refused)));
  REQUIRE(world.Publish("bread").ok());
  resolve.set_request_id(world.NewRequestId());
  resolve.set_etag("old");
  CHECK(ReasonOf(world.Do(&K::ResolveKnowledgeGap, resolve, &refused)) == "ETAG_MISMATCH");
  resolve.set_request_id(world.NewRequestId());
  resolve.set_etag(gap.etag());
  gap = world.Must(&K::ResolveKnowledgeGap, resolve).knowledge_gap();
  CHECK(gap.state() == v1::KNOWLEDGE_GAP_STATE_RESOLVED);
  CHECK(gap.article() == world.Name("bread"));
  CHECK(InState(world, v1::KNOWLEDGE_GAP_STATE_ASSIGNED).empty());
  CHECK(InState(world, v1::KNOWLEDGE_GAP_STATE_RESOLVED).size() == 1);

  v1::ListLabeledQuestionsRequest labels;
  labels.set_parent(kParent);
  labels.set_source(v1::LABEL_SOURCE_GAP);
  const auto listed = world.Must(&K::ListLabeledQuestions, labels);
  REQUIRE(listed.labeled_questions_size() == 1);
  CHECK(listed.labeled_questions(0).expected_article() == world.Name("bread"));

  auto events = world.Events(v1::KnowledgeEvent::kKnowledgeGapChanged);
  REQUIRE(events.size() == 2);
  CHECK(events[1].knowledge_gap_changed().previous_state() == v1::KNOWLEDGE_GAP_STATE_ASSIGNED);

  // Long after, when the log has forgotten: it was not forgotten, and it still finds no answer.
  world.Advance(absl::Hours(24 * 90));
  world.PublishUnanswered("do you sell bread", "m2", "c2");
  v1::GetKnowledgeGapRequest get;
  get.set_name(name);
  gap = world.Must(&K::GetKnowledgeGap, get).knowledge_gap();
  CHECK(gap.state() == v1::KNOWLEDGE_GAP_STATE_ASSIGNED);
  CHECK(gap.count() == 2);
  CHECK(gap.reopen_count() == 1);
  CHECK(gap.article().empty());
  events = world.Events(v1::KnowledgeEvent::kKnowledgeGapChanged);
  REQUIRE_FALSE(events.empty());
  CHECK(events.back().knowledge_gap_changed().previous_state() == v1::KNOWLEDGE_GAP_STATE_RESOLVED);
  CHECK(events.back().knowledge_gap_changed().gap().state() == v1::KNOWLEDGE_GAP_STATE_ASSIGNED);
}

TEST_CASE("a page of gaps with a filter that leaves out thousands ends early and has a token") {
  KnowledgeWorld world;
  world.PublishUnanswered("Do you sell bread?", "m1", "c1");
  const std::string owned = world.Gaps().at(0).name();
  auto assign = Verb<v1::AssignKnowledgeGapRequest>(world, owned);
  assign.set_owner("tenants/acme/agents/mia");
  world.Must(&K::AssignKnowledgeGap, assign);
  constexpr int kAtOnce = 500;
  for (int i = 0; i < 2 * rpc::kMaxRowsLookedAt; i += kAtOnce) {
    world.Change([i](const engine::Context& context, engine::Txn& txn) {
      for (int j = i; j < i + kAtOnce; ++j) {
        // In front of ids, which are hexadecimal digits.
        const std::string id = fmt::format("-{:05}", j);
        records::GapRecord record;
        record.mutable_gap()->set_name(fmt::format("{}/knowledgeGaps/{}", kParent, id));
        kGaps.Put(txn, kGaps.Key(context.tenant, id), record);
      }
      return absl::OkStatus();
    });
  }
  v1::ListKnowledgeGapsRequest request;
  request.set_parent(kParent);
  request.set_owner("tenants/acme/agents/mia");
  int pages = 0;
  std::vector<std::string> found;
  do {
    const auto page = world.Must(&K::ListKnowledgeGaps, request);
    for (const auto& gap : page.knowledge_gaps()) found.push_back(gap.name());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  CHECK(pages == 3);
  CHECK(found == std::vector{owned});
}

TEST_CASE("gathered labels leave room for those that people give") {
  KnowledgeWorld world;
  const auto with_labels = [&](int count) {
    world.Change([count](const engine::Context& context, engine::Txn& txn) {
      records::LabelStatsRecord stats;
      stats.set_questions(count);
      kLabelStats.Put(txn, kLabelStats.Key(context.tenant), stats);
      return absl::OkStatus();
    });
  };
  const auto dismiss = [&](const std::string& question, const std::string& message) {
    world.PublishUnanswered(question, message, message);
    for (const auto& gap : InState(world, v1::KNOWLEDGE_GAP_STATE_OPEN)) {
      auto request = Verb<v1::DismissKnowledgeGapRequest>(world, gap.name());
      request.set_note("no");
      world.Must(&K::DismissKnowledgeGap, request);
    }
  };
  v1::ListLabeledQuestionsRequest labels;
  labels.set_parent(kParent);
  with_labels(kLabelsGatheredMax - 1);
  dismiss("Do you sell bread?", "m1");
  CHECK(world.Must(&K::ListLabeledQuestions, labels).labeled_questions_size() == 1);
  dismiss("Where is the moon tonight?", "m2");
  CHECK(world.Must(&K::ListLabeledQuestions, labels).labeled_questions_size() == 1);
  v1::CreateLabeledQuestionRequest create;
  create.set_parent(kParent);
  create.mutable_labeled_question()->set_question("Who won the match?");
  create.mutable_labeled_question()->set_no_answer(true);
  create.set_request_id(world.NewRequestId());
  world.Must(&K::CreateLabeledQuestion, create);
  CHECK(world.Must(&K::ListLabeledQuestions, labels).labeled_questions_size() == 2);
  with_labels(kLabelsMax);
  create.mutable_labeled_question()->set_question("Who lost the match?");
  create.set_request_id(world.NewRequestId());
  v1::CreateLabeledQuestionResponse response;
  CHECK(absl::IsFailedPrecondition(world.Do(&K::CreateLabeledQuestion, create, &response)));
}

TEST_CASE("a dismissed gap stays dismissed while it is asked, until somebody opens it") {
  KnowledgeWorld world;
  world.PublishUnanswered("Will you marry me?", "m1", "c1");
  const std::string name = world.Gaps().at(0).name();
  auto dismiss = Verb<v1::DismissKnowledgeGapRequest>(world, name);
  v1::DismissKnowledgeGapResponse refused;
  CHECK(absl::IsInvalidArgument(world.Do(&K::DismissKnowledgeGap, dismiss, &refused)));
  dismiss.set_note("not our business");
  world.Must(&K::DismissKnowledgeGap, dismiss);
  world.PublishUnanswered("Will you marry me?", "m2", "c2");
  auto dismissed = InState(world, v1::KNOWLEDGE_GAP_STATE_DISMISSED);
  REQUIRE(dismissed.size() == 1);
  CHECK(dismissed[0].count() == 2);
  CHECK(dismissed[0].note() == "not our business");
  auto assign = Verb<v1::AssignKnowledgeGapRequest>(world, name);
  v1::AssignKnowledgeGapResponse response;
  CHECK(ReasonOf(world.Do(&K::AssignKnowledgeGap, assign, &response)) == "FAILED_TRANSITION");
  v1::ListLabeledQuestionsRequest labels;
  labels.set_parent(kParent);
  REQUIRE(world.Must(&K::ListLabeledQuestions, labels).labeled_questions_size() == 1);
  const auto opened =
      world.Must(&K::ReopenKnowledgeGap, Verb<v1::ReopenKnowledgeGapRequest>(world, name));
  CHECK(opened.knowledge_gap().state() == v1::KNOWLEDGE_GAP_STATE_OPEN);
  CHECK(world.Must(&K::ListLabeledQuestions, labels).labeled_questions_size() == 0);
  assign = Verb<v1::AssignKnowledgeGapRequest>(world, name);
  assign.set_owner("tenants/other/agents/eve");
  CHECK(ReasonOf(world.Do(&K::AssignKnowledgeGap, assign, &response)) == "WRONG_TENANT");
  CHECK(absl::IsNotFound(world.Do(
      &K::AssignKnowledgeGap,
      Verb<v1::AssignKnowledgeGapRequest>(world, std::string(kParent) + "/knowledgeGaps/none"),
      &response)));
}

TEST_CASE("topics of a day have a trend, and each day that has ended is reported once") {
  KnowledgeWorld world;
  for (const char* id : {"parking", "refunds"}) {
    world.Create(world.CreateRequest(id, "About " + std::string(id), "All about it."));
    REQUIRE(world.Publish(id).ok());
  }
  // 14 November 2023, a Tuesday.
  PublishBotReply(world, "c1", {"parking"});
  PublishBotReply(world, "c2", {"parking"});
  PublishHandoff(world, "c2");
  world.PublishUnanswered("Do you sell bread?", "m1", "c3");
  auto today = Topics(world, v1::TOPIC_PERIOD_DAY);
  REQUIRE(today.hot_topics_size() == 2);
  CHECK(today.hot_topics(0).resource() == world.Name("parking"));
  CHECK(today.hot_topics(0).title() == "About parking");
  CHECK(today.hot_topics(0).count() == 2);
  CHECK(today.hot_topics(0).pain_count() == 1);
  CHECK(today.hot_topics(0).is_new());
  REQUIRE(today.pain_points_size() == 2);
  CHECK(world.CountEvents(v1::KnowledgeEvent::kTopicsReported) == 0);

  world.Advance(absl::Hours(24));
  world.Wait();
  PublishBotReply(world, "c4", {"refunds"});
  world.PublishUnanswered("Do you sell bread?", "m2", "c5");
  world.PublishUnanswered("do you sell bread", "m3", "c6");
  today = Topics(world, v1::TOPIC_PERIOD_DAY);
  REQUIRE(today.hot_topics_size() == 2);
  CHECK(today.hot_topics(0).kind() == v1::TOPIC_KIND_GAP);
  CHECK(today.hot_topics(0).count() == 2);
  CHECK(today.hot_topics(0).previous_count() == 1);
  CHECK(today.hot_topics(0).trend_bps() == 10'000);
  const auto week = Topics(world, v1::TOPIC_PERIOD_WEEK);
  CHECK(week.hot_topics_size() == 3);
  CHECK(week.hot_topics(0).count() == 3);

  auto reports = world.Events(v1::KnowledgeEvent::kTopicsReported);
  REQUIRE(reports.size() == 1);
  const v1::TopicReport& first = reports[0].topics_reported().report();
  CHECK(first.period() == v1::TOPIC_PERIOD_DAY);
  CHECK(first.hot_topics(0).resource() == world.Name("parking"));
  CHECK(first.end_time().seconds() - first.start_time().seconds() == 24 * 60 * 60);

  // Away over the Sunday: each day is reported all the same, and the week.
  world.CrashFor(absl::Hours(24 * 6));
  for (int i = 0; i < 10; ++i) world.Wait();
  reports = world.Events(v1::KnowledgeEvent::kTopicsReported);
  int days = 0, weeks = 0;
  for (const auto& report : reports) {
    const auto& one = report.topics_reported().report();
    (one.period() == v1::TOPIC_PERIOD_DAY ? days : weeks) += 1;
    if (one.period() == v1::TOPIC_PERIOD_WEEK) {
      CHECK(one.hot_topics(0).count() == 3);
      CHECK(one.pain_points(0).kind() == v1::TOPIC_KIND_GAP);
    }
  }
  CHECK(days == 7);
  CHECK(weeks == 1);
}

TEST_CASE("the daily timer reads no topics: reports are made outside of commands, crash or not") {
  KnowledgeWorld world;
  PublishBotReply(world, "c1", {"parking"});
  world.clock.Advance(absl::Hours(24));
  const auto wanted = [&] {
    bool found = false;
    const auto& store = world.app->shards().For("acme").store();
    REQUIRE(store
                .Read([&](const engine::Reader& reader) {
                  return reader.Scan(kTopicReportsWanted.Key("acme"), {},
                                     [&](std::string_view, std::string_view) {
                                       found = true;
                                       return false;
                                     });
                })
                .ok());
    return found;
  };
  // The shards alone run the timer.
  for (int i = 0; i < 1000 && !wanted(); ++i) {
    world.clock.Advance(absl::Milliseconds(10));
    while (world.app->shards().Step(world.clock.Now())) {
    }
  }
  REQUIRE(wanted());
  world.Crash();
  world.Wait();
  CHECK_FALSE(wanted());
  const auto reports = world.Events(v1::KnowledgeEvent::kTopicsReported);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].topics_reported().report().period() == v1::TOPIC_PERIOD_DAY);
}

TEST_CASE("a gap is a pain point however many articles were cited that day") {
  KnowledgeWorld world;
  world.PublishUnanswered("Do you sell bread?", "m1", "c1");
  const uint32_t day = static_cast<uint32_t>(absl::ToUnixSeconds(world.clock.Now()) / 86'400);
  constexpr int kAtOnce = 1000;
  for (int i = 0; i < 20'000; i += kAtOnce) {
    world.Change([i, day](const engine::Context& context, engine::Txn& txn) {
      records::TopicCountRecord record;
      record.set_count(1);
      for (int j = i; j < i + kAtOnce; ++j) {
        const auto kind = static_cast<uint8_t>(v1::TOPIC_KIND_ARTICLE);
        kTopicCounts.Put(txn, kTopicCounts.Key(context.tenant, day, kind, fmt::format("a{}", j)),
                         record);
      }
      return absl::OkStatus();
    });
  }
  const v1::TopicReport report = Topics(world, v1::TOPIC_PERIOD_WEEK);
  REQUIRE(report.pain_points_size() == 1);
  CHECK(report.pain_points(0).kind() == v1::TOPIC_KIND_GAP);
}

TEST_CASE("topics are kept for 400 days") {
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
  for (int i = 0; i < 4; ++i) {
    PublishBotReply(world, "c" + std::to_string(i), {"article" + std::to_string(i)});
  }
  CHECK(rows(kTopicCounts.Key("acme")) == 4);
  // A new row makes room for itself and another one; the daily timer sees to the rest.
  world.clock.Advance(absl::Hours(24) * (kTopicDaysKept + 1));
  PublishBotReply(world, "c9", {"article"});
  world.Wait();
  CHECK(rows(kTopicCounts.Key("acme")) == 3);
  world.Advance(absl::Hours(24));
  world.Wait();
  CHECK(rows(kTopicCounts.Key("acme")) == 1);
}
