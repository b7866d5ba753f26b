#include <catch2/catch.hpp>
#include <string>

#include "services/health/testing/health_world.h"

namespace frontdesk::health {
namespace {

using testing::HealthWorld;
using testing::kGlobex;

constexpr const char* kC1 = "tenants/acme/conversations/c1";
constexpr const char* kC2 = "tenants/acme/conversations/c2";
constexpr const char* kT1 = "tenants/acme/tickets/x1";

TEST_CASE("a handoff and a breach lower the score, a conversation the bot resolved does not") {
  HealthWorld world;
  world.RecordAll(8'000);
  const int32_t start = world.Score().score_bps();
  world.BotResolved(kC1);
  const int32_t resolved = world.Score().score_bps();
  CHECK(resolved > start);
  CHECK(world.Score().cause() == "frontdesk.dialog.v1.ConversationResolved");
  world.HandedOver(kC2);
  const int32_t handed_over = world.Score().score_bps();
  CHECK(handed_over < resolved);
  world.Breached(kT1);
  CHECK(world.Score().score_bps() < handed_over);
  CHECK(world.Score().contributions(4).outcome_count() == 3);
  CHECK(world.DeadLetters() == 0);
}

TEST_CASE("an outcome counts once, also when it comes under another event id, and after a crash") {
  HealthWorld world;
  world.RecordAll(8'000);
  world.HandedOver(kC1);
  world.Breached(kT1);
  const std::string before = world.Account().SerializeAsString();
  for (int i = 0; i < 3; ++i) {
    world.HandedOver(kC1);
    world.Breached(kT1);
    if (i == 1) world.CrashFor(absl::Seconds(1));
  }
  CHECK(world.Account().SerializeAsString() == before);
  CHECK(world.CountEvents(v1::HealthEvent::kHealthChanged) == 3);
}

TEST_CASE("HealthChanged tells both scores, and its parts sum to the new one") {
  HealthWorld world;
  world.RecordAll(8'000);
  world.HandedOver(kC1);
  const auto events = world.Events();
  REQUIRE(events.size() == 2);
  CHECK_FALSE(events[0].health_changed().scored_before());
  const v1::HealthChanged& changed = events[1].health_changed();
  CHECK(changed.account() == kGlobex);
  CHECK(changed.scored_before());
  CHECK(changed.score_before_bps() == 8'000);
  CHECK(changed.score_after_bps() == world.Score().score_bps());
  int32_t sum = 0;
  for (const v1::Contribution& part : changed.score().contributions()) {
    sum += part.contribution_bps();
  }
  CHECK(sum == changed.score_after_bps());
  CHECK(events[1].metadata().tenant() == "tenants/acme");
  CHECK(events[1].metadata().cause() == "dialog-1");
}

TEST_CASE("an alert is raised once for each fall, not for each waver") {
  HealthWorld world;
  const auto alerts = [&] { return world.CountEvents(v1::HealthEvent::kHealthAlerted); };
  world.RecordAll(6'000);
  CHECK(alerts() == 0);
  world.RecordAll(5'990);
  CHECK(alerts() == 1);
  CHECK(world.Account().alert());
  world.RecordAll(6'100);  // within the hysteresis
  world.RecordAll(5'000);
  CHECK(alerts() == 1);
  CHECK(world.Account().alert());
  world.RecordAll(6'300);
  CHECK_FALSE(world.Account().alert());
  world.RecordAll(5'990);
  CHECK(alerts() == 2);
}

TEST_CASE("events of an unknown account make a placeholder, those of nobody's have no effect") {
  HealthWorld world;
  world.TicketMade(kT1, "tenants/acme/accounts/initech");
  CHECK(world.Account("tenants/acme/accounts/initech").display_name().empty());
  CHECK_FALSE(world.Score("tenants/acme/accounts/initech").scored());
  world.HandedOver(kC1, "");
  world.Wrote("tenants/acme/customers/ada/messages/1", "");
  CHECK(world.Events().empty());
  CHECK(world.DeadLetters() == 0);
  world.HandedOver(kC2, "tenants/other/accounts/globex");
  CHECK(world.DeadLetters() == 1);
}

TEST_CASE("messages are contact days, and no part of the score") {
  HealthWorld world;
  world.RecordAll(8'000);
  for (int i = 0; i < 3; ++i) world.Wrote(fmt::format("tenants/acme/customers/ada/messages/{}", i));
  CHECK(world.Account().contact_days() == 1);
  world.Advance(absl::Hours(24));
  world.Wrote("tenants/acme/customers/ada/messages/4");
  CHECK(world.Account().contact_days() == 2);
  CHECK(world.Score().score_bps() == 8'000);
  CHECK(world.Score().sequence() == 1);
}

TEST_CASE("what is too old stops counting by itself, also over a stop") {
  HealthWorld world;
  world.RecordAll(8'000);
  // The clock goes in steps, as the machine would: a jump pauses timers.
  const auto days = [&](int count) {
    for (int i = 0; i < count * 24; ++i) world.Advance(absl::Hours(1));
  };
  days(15);
  v1::RecordSignalsRequest request = world.SignalsRequest();
  world.AddSignal(request, "fresh", v1::HEALTH_DIMENSION_INTEGRATIONS, 5'000);
  world.Record(request);
  world.HandedOver(kC1);
  const int32_t all = world.Score().score_bps();
  CHECK(world.Score().known_weight_bps() == 10'000);
  days(15);
  world.Advance(absl::Seconds(2));
  // The values of the first day are gone; the fresh one and the handoff stay.
  CHECK(world.Score().known_weight_bps() == 2'500);
  CHECK(world.Score().score_bps() == 3'000);  // (1500 * 5000 + 1000 * 0) / 2500
  CHECK(world.Score().score_bps() < all);
  CHECK(world.Score().cause() == "passage of time");
  CHECK(world.Account().alert());

  world.CrashFor(absl::Hours(24 * 16));
  world.Advance(absl::Seconds(2));
  CHECK_FALSE(world.Score().scored());
  CHECK_FALSE(world.Account().alert());
  CHECK_FALSE(world.Account().scored());
  CHECK(world.Score().known_weight_bps() == 0);
}

}  // namespace
}  // namespace frontdesk::health
