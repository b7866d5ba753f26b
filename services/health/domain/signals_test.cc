#include "services/health/domain/signals.h"

#include <catch2/catch.hpp>
#include <set>

#include "libs/base/random.h"
#include "services/health/domain/policy.h"
#include "services/health/domain/proto_time.h"

namespace frontdesk::health {
namespace {

using store::v1::AccountRecord;

constexpr v1::HealthDimension kFeedback = v1::HEALTH_DIMENSION_FEEDBACK_RESPONSE;
constexpr size_t kFeedbackIndex = 4;
const absl::Time kNow = StartOfDay(20'000) + absl::Hours(12);

v1::Signal SignalOf(v1::HealthDimension dimension, int32_t value_bps, absl::Time time) {
  v1::Signal signal;
  signal.set_dimension(dimension);
  signal.set_value_bps(value_bps);
  ToProto(time, signal.mutable_observe_time());
  return signal;
}

int32_t FeedbackAt(const AccountRecord& record, absl::Time now) {
  return ValuesAt(record, now)[kFeedbackIndex].value_bps;
}

TEST_CASE("days are UTC days, before 1970, too") {
  CHECK(DayOf(absl::UnixEpoch()) == 0);
  CHECK(DayOf(absl::UnixEpoch() + absl::Hours(24) - absl::Microseconds(1)) == 0);
  CHECK(DayOf(absl::UnixEpoch() + absl::Hours(24)) == 1);
  CHECK(DayOf(absl::UnixEpoch() - absl::Microseconds(1)) == -1);
  CHECK(StartOfDay(DayOf(kNow)) == kNow - absl::Hours(12));
}

TEST_CASE("every outcome has exactly one rule, and every rule a reason") {
  std::set<store::v1::OutcomeKind> seen;
  for (const EventRule& rule : EventRules()) {
    CAPTURE(rule.event);
    CHECK_FALSE(rule.reason.empty());
    if (rule.outcome == store::v1::OUTCOME_KIND_UNSPECIFIED) {
      CHECK(rule.dimension == v1::HEALTH_DIMENSION_UNSPECIFIED);
      CHECK(rule.good + rule.bad == 0);
      continue;
    }
    CHECK(seen.insert(rule.outcome).second);
    CHECK(IndexOf(rule.dimension).has_value());
    CHECK(rule.good + rule.bad > 0);
    CHECK(rule.good * rule.bad == 0);
  }
  CHECK(seen.size() == store::v1::OutcomeKind_ARRAYSIZE - 1);
}

TEST_CASE("what a conversation's end says depends on who ended it") {
  struct Case {
    common::v1::AuthorKind by;
    bool bot_only;
    store::v1::OutcomeKind kind;  // UNSPECIFIED: says nothing
  };
  const Case cases[] = {
      {common::v1::AUTHOR_KIND_BOT, true, store::v1::OUTCOME_KIND_BOT_RESOLVED},
      {common::v1::AUTHOR_KIND_SYSTEM, true, store::v1::OUTCOME_KIND_BOT_RESOLVED},
      {common::v1::AUTHOR_KIND_CUSTOMER, true, store::v1::OUTCOME_KIND_BOT_RESOLVED},
      {common::v1::AUTHOR_KIND_CUSTOMER, false, store::v1::OUTCOME_KIND_PERSON_RESOLVED},
      {common::v1::AUTHOR_KIND_AGENT, false, store::v1::OUTCOME_KIND_PERSON_RESOLVED},
      {common::v1::AUTHOR_KIND_SYSTEM, false, store::v1::OUTCOME_KIND_UNSPECIFIED},
  };
  for (const Case& c : cases) {
    dialog::v1::ConversationResolved event;
    event.mutable_conversation()->set_name("tenants/t1/conversations/c1");
    event.set_resolved_by(c.by);
    event.set_bot_only(c.bot_only);
    const auto outcome = OutcomeOf(event);
    CAPTURE(c.by, c.bot_only);
    REQUIRE(outcome.has_value() == (c.kind != store::v1::OUTCOME_KIND_UNSPECIFIED));
    if (outcome.has_value()) {
      CHECK(outcome->kind == c.kind);
      CHECK(outcome->key == "tenants/t1/conversations/c1#resolved");
    }
  }
}

TEST_CASE("handoffs, breaches, tickets and ratings say what the table says") {
  dialog::v1::HandoffRequested handoff;
  handoff.set_reason(dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST);
  CHECK(OutcomeOf(handoff)->kind == store::v1::OUTCOME_KIND_HANDED_OVER);
  handoff.set_reason(dialog::v1::HANDOFF_REASON_AGENT_TAKEOVER);
  CHECK_FALSE(OutcomeOf(handoff).has_value());

  ticket::v1::SlaBreached breach;
  breach.mutable_ticket()->set_name("tenants/t1/tickets/x");
  breach.set_clock(ticket::v1::CLOCK_KIND_FIRST_RESPONSE);
  const Outcome first = *OutcomeOf(breach);
  breach.set_clock(ticket::v1::CLOCK_KIND_RESOLUTION);
  CHECK(first.kind == store::v1::OUTCOME_KIND_SLA_BREACHED);
  CHECK(first.key != OutcomeOf(breach)->key);

  ticket::v1::TicketResolved resolved;
  CHECK_FALSE(OutcomeOf(resolved).has_value());
  resolved.set_within_sla(true);
  CHECK(OutcomeOf(resolved)->kind == store::v1::OUTCOME_KIND_TICKET_IN_TIME);
  CHECK_FALSE(OutcomeOf(ticket::v1::TicketCreated()).has_value());

  knowledge::v1::AnswerRated rated;
  CHECK_FALSE(OutcomeOf(rated).has_value());
  rated.set_rating(knowledge::v1::ANSWER_RATING_NOT_HELPFUL);
  CHECK(OutcomeOf(rated)->kind == store::v1::OUTCOME_KIND_ANSWER_UNHELPFUL);
}

TEST_CASE("the feedback value is the share of good outcomes, a measured value among them") {
  AccountRecord record;
  CHECK_FALSE(ValuesAt(record, kNow)[kFeedbackIndex].known);
  AddOutcome(store::v1::OUTCOME_KIND_BOT_RESOLVED, kNow, kNow, record);
  CHECK(FeedbackAt(record, kNow) == 10'000);
  AddOutcome(store::v1::OUTCOME_KIND_SLA_BREACHED, kNow, kNow, record);
  CHECK(FeedbackAt(record, kNow) == 3'333);  // 1 good, 2 bad
  TakeSignal(SignalOf(kFeedback, 8'000, kNow), record);
  CHECK(FeedbackAt(record, kNow) == 6'250);  // (5 * 8000 + 10000) / 8
  CHECK(ValuesAt(record, kNow)[kFeedbackIndex].outcome_count == 2);
  // Events say nothing about the other parts.
  for (size_t i = 0; i < kFeedbackIndex; ++i) CHECK_FALSE(ValuesAt(record, kNow)[i].known);
}

TEST_CASE("a bad outcome never raises the score, a good one never lowers it") {
  SeededRandom random(11);
  const v1::HealthPolicy policy = DefaultPolicy("t1");
  for (int round = 0; round < 300; ++round) {
    AccountRecord record;
    for (const DimensionSpec& spec : kDimensionSpecs) {
      if (random.Bool(0.4)) continue;
      TakeSignal(SignalOf(spec.dimension, static_cast<int32_t>(random.Uniform(10'001)), kNow),
                 record);
    }
    // The first outcome makes the part known, which may go either way; from then on it holds.
    AddOutcome(store::v1::OUTCOME_KIND_BOT_RESOLVED, kNow, kNow, record);
    for (int step = 0; step < 30; ++step) {
      const auto kind = static_cast<store::v1::OutcomeKind>(1 + random.Uniform(7));
      const int32_t before = ComputeScore(ValuesAt(record, kNow), policy).score_bps();
      AddOutcome(kind, kNow - absl::Hours(24) * random.Uniform(30), kNow, record);
      const int32_t after = ComputeScore(ValuesAt(record, kNow), policy).score_bps();
      for (const EventRule& rule : EventRules()) {
        if (rule.outcome != kind) continue;
        CAPTURE(rule.event, before, after);
        REQUIRE((rule.good > 0 ? after >= before : after <= before));
      }
    }
  }
}

TEST_CASE("a first bad outcome does not raise a score that knew no feedback") {
  AccountRecord record;
  TakeSignal(SignalOf(v1::HEALTH_DIMENSION_INTEGRATIONS, 1, kNow), record);
  const v1::HealthPolicy policy = DefaultPolicy("t1");
  const int32_t before = ComputeScore(ValuesAt(record, kNow), policy).score_bps();
  AddOutcome(store::v1::OUTCOME_KIND_HANDED_OVER, kNow, kNow, record);
  CHECK(ComputeScore(ValuesAt(record, kNow), policy).score_bps() <= before);
}

TEST_CASE("outcomes count today and on the 29 days before, by their own time") {
  const absl::Time oldest = StartOfDay(DayOf(kNow) - 29);
  AccountRecord record;
  CHECK_FALSE(AddOutcome(store::v1::OUTCOME_KIND_HANDED_OVER, oldest - absl::Microseconds(1), kNow,
                         record));
  CHECK(AddOutcome(store::v1::OUTCOME_KIND_HANDED_OVER, oldest, kNow, record));
  CHECK(AddOutcome(store::v1::OUTCOME_KIND_BOT_RESOLVED, kNow, kNow, record));
  CHECK(FeedbackAt(record, kNow) == 5'000);

  const absl::Time gone = StartOfDay(DayOf(kNow) + 1);
  CHECK(NextDecay(record, kNow) == gone);
  CHECK(FeedbackAt(record, gone - absl::Microseconds(1)) == 5'000);
  CHECK(FeedbackAt(record, gone) == 10'000);
  DropOldDays(gone, record);
  CHECK(record.days_size() == 1);
  CHECK(NextDecay(record, gone) == StartOfDay(DayOf(kNow) + 30));
}

TEST_CASE("the order in which outcomes arrive makes no difference") {
  AccountRecord forwards;
  AccountRecord backwards;
  const std::pair<store::v1::OutcomeKind, int> seen[] = {{store::v1::OUTCOME_KIND_HANDED_OVER, 20},
                                                         {store::v1::OUTCOME_KIND_BOT_RESOLVED, 3},
                                                         {store::v1::OUTCOME_KIND_HANDED_OVER, 3},
                                                         {store::v1::OUTCOME_KIND_SLA_BREACHED, 0}};
  for (size_t i = 0; i < std::size(seen); ++i) {
    const auto& a = seen[i];
    const auto& b = seen[std::size(seen) - 1 - i];
    AddOutcome(a.first, kNow - a.second * absl::Hours(24), kNow, forwards);
    AddOutcome(b.first, kNow - b.second * absl::Hours(24), kNow, backwards);
  }
  CHECK(forwards.SerializeAsString() == backwards.SerializeAsString());
  CHECK(forwards.days_size() == 3);
}

TEST_CASE("an event from a clock that is ahead counts for today") {
  AccountRecord record;
  AddOutcome(store::v1::OUTCOME_KIND_HANDED_OVER, kNow + absl::Hours(30), kNow, record);
  AddContact(kNow + absl::Hours(30), kNow, record);
  CHECK(record.days(0).day() == DayOf(kNow));
  CHECK(record.contact_days(0) == DayOf(kNow));
  CHECK(FromProto(record.last_outcome_time()) == kNow);
}

TEST_CASE("the newest measured value of a part counts, for 30 days") {
  AccountRecord record;
  const auto dimension = v1::HEALTH_DIMENSION_INTEGRATIONS;
  CHECK(TakeSignal(SignalOf(dimension, 100, kNow), record));
  CHECK_FALSE(TakeSignal(SignalOf(dimension, 200, kNow - absl::Seconds(1)), record));
  CHECK(TakeSignal(SignalOf(dimension, 300, kNow), record));
  CHECK(ValuesAt(record, kNow)[3].value_bps == 300);
  CHECK(NextDecay(record, kNow) == kNow + kSignalLife);
  CHECK(ValuesAt(record, kNow + kSignalLife - absl::Microseconds(1))[3].known);
  CHECK_FALSE(ValuesAt(record, kNow + kSignalLife)[3].known);
  CHECK(NextDecay(record, kNow + kSignalLife) == absl::InfiniteFuture());

  // Kept in the order of the enum, whatever came first.
  TakeSignal(SignalOf(v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE, 1, kNow), record);
  CHECK(record.latest(0).dimension() == v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE);
}

TEST_CASE("a contact day is one however many messages it had") {
  AccountRecord record;
  CHECK(AddContact(kNow, kNow, record));
  CHECK_FALSE(AddContact(kNow + absl::Seconds(1), kNow, record));
  CHECK(AddContact(kNow - absl::Hours(24), kNow, record));
  CHECK_FALSE(AddContact(kNow - absl::Hours(24 * 30), kNow, record));
  CHECK(record.contact_days_size() == 2);
  for (const DimensionValue& value : ValuesAt(record, kNow)) CHECK_FALSE(value.known);
}

}  // namespace
}  // namespace frontdesk::health
