#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "services/billing/testing/billing_world.h"

namespace frontdesk::billing {
namespace {

using testing::BillingWorld;

using Balances = std::map<std::string, int64_t>;

TEST_CASE("messages both ways and outcomes are metered, rated and posted as they come") {
  BillingWorld world;
  world.Subscribe();
  world.PublishReceived("ada", "m1");
  world.PublishDelivered("ada", "m2");
  world.PublishResolved("ada", "c1");
  world.PublishResolved("bob", "c2", /*bot_only=*/false);
  CHECK(world.Balances() == Balances{{"unbilled", 1'000'000},
                                     {"revenue/messages", -10'000},
                                     {"revenue/bot-resolutions", -990'000}});
  world.CheckLedger();
  const auto usages = world.Usages("frontdesk.dialog.v1.ConversationResolved");
  REQUIRE(usages.size() == 1);
  CHECK(usages[0].evidence(0) == "tenants/acme/conversations/c1");
  CHECK(usages[0].amount().micros() == 990'000);
  const auto postings = world.Entries("", usages[0].ledger_group());
  REQUIRE(postings.size() == 2);
  CHECK(postings[0].source() == usages[0].name());
  CHECK(world.CountEvents(v1::BillingEvent::kUsageRecorded) == 3);
  CHECK(world.CountEvents(v1::BillingEvent::kOutcomeBilled) == 1);
  CHECK(world.DeadLetters() == 0);
}

TEST_CASE("any order and any number of deliveries under new event ids give the same totals") {
  std::vector<std::function<void(BillingWorld&)>> events;
  for (int i = 0; i < 4; ++i) {
    const std::string id = std::to_string(i);
    events.push_back([id](BillingWorld& w) { w.PublishReceived("ada", "in" + id); });
    events.push_back([id](BillingWorld& w) { w.PublishDelivered("bob", "out" + id); });
    events.push_back([id](BillingWorld& w) { w.PublishResolved("ada", "c" + id); });
  }
  Balances expected;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    auto order = events;
    if (seed > 1) {
      order.insert(order.end(), events.begin(), events.end());
      SeededRandom random(seed);
      for (size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random.Next64() % i]);
      }
    }
    BillingWorld world;
    world.Subscribe(/*included=*/3);
    for (size_t i = 0; i < order.size(); ++i) {
      order[i](world);
      if (seed == 3 && i % 5 == 0) world.Crash();
    }
    world.CheckLedger();
    CHECK(world.Usages().size() == events.size());
    CHECK(world.CountEvents(v1::BillingEvent::kOutcomeBilled) == 4);
    if (seed == 1) expected = world.Balances();
    CHECK(world.Balances() == expected);
    CHECK(Format(FromProto(world.Preview().total())) == "52.985 EUR");
  }
  CHECK(expected["unbilled"] == 4 * 990'000 + 5 * 5'000);
}

TEST_CASE("the same id with another payload changes nothing and is reported") {
  BillingWorld world;
  world.Subscribe();
  auto request = world.Reports("u", 3);
  CHECK(world.Record(request).recorded_count() == 3);
  // Under another request id: a repeat, a conflict, a new one, and one twice in one batch.
  auto mixed = world.Reports("u", 2);
  mixed.mutable_usages(1)->set_quantity(7);
  *mixed.add_usages() = mixed.usages(0);
  mixed.mutable_usages(2)->set_usage_id("new");
  *mixed.add_usages() = mixed.usages(2);
  const auto response = world.Record(mixed);
  CHECK(response.recorded_count() == 1);
  CHECK(response.duplicate_count() == 2);
  REQUIRE(response.conflicts_size() == 1);
  CHECK(response.conflicts(0).usage_id() == "u-1");
  CHECK(response.conflicts(0).existing().quantity() == 1);
  CHECK(world.Balances().at("unbilled") == 4 * 5'000);
  // The same request again: the same answer.
  const auto again = world.Record(mixed);
  CHECK(again.SerializeAsString() == response.SerializeAsString());
  world.CheckLedger();
}

TEST_CASE("the largest batch fits one command, and posts one group") {
  BillingWorld world;
  world.Subscribe(/*included=*/100);
  auto request = world.Reports(std::string(120, 'u'), 500, v1::METER_MESSAGES, 2);
  for (int i = 0; i < request.usages_size(); ++i) {
    v1::Usage& usage = *request.mutable_usages(i);
    usage.set_customer("tenants/acme/customers/" + std::string(63, 'c'));
    usage.set_account("tenants/acme/accounts/" + std::string(63, 'a'));
    ToProto(world.clock.Now() - absl::Hours(i % 200), usage.mutable_use_time());
  }
  request.mutable_usages(3)->set_meter(v1::METER_BOT_RESOLUTIONS);
  const auto response = world.Record(request);
  CHECK(response.recorded_count() == 500);
  // Use from before the subscription is metered and not rated; the first 100 units are included.
  int covered = 0;
  for (const v1::Usage& usage : world.Usages()) covered += usage.has_amount();
  CHECK(covered == 3);
  CHECK(world.CountEvents(v1::BillingEvent::kUsageRecorded) == 5);
  world.CheckLedger();
}

TEST_CASE("requests of a wrong shape are refused whole") {
  BillingWorld world;
  v1::RecordUsageResponse response;
  auto request = world.Reports("u", 501);
  CHECK(DetailsOf(world.RecordUsage(request, &response)).fields.at(0).first == "usages");
  request = world.Reports("u", 0);
  CHECK(DetailsOf(world.RecordUsage(request, &response)).fields.at(0).first == "usages");
  request = world.Reports("u", 2);
  request.mutable_usages(1)->set_quantity(0);
  CHECK(DetailsOf(world.RecordUsage(request, &response)).fields.at(0).first ==
        "usages[1].quantity");
  request = world.Reports("u", 1);
  request.set_parent("tenants/other");
  CHECK(DetailsOf(world.RecordUsage(request, &response)).fields.at(0).first == "parent");
  CHECK(world.Usages().empty());
}

TEST_CASE("use without a subscription is kept, and rated once a subscription covers it") {
  BillingWorld world;
  const absl::Time before = world.clock.Now();
  world.PublishReceived("ada", "early");
  world.Advance(absl::Hours(1));
  const absl::Time start = world.clock.Now();
  world.PublishReceived("ada", "late");
  world.PublishResolved("ada", "c1");
  world.Record(world.Reports("u", 20));
  CHECK(world.Balances().empty());
  CHECK(world.CountEvents(v1::BillingEvent::kOutcomeBilled) == 0);
  world.Crash();
  world.Subscribe(/*included=*/0, start);
  world.Wait();
  CHECK(world.Balances() == Balances{{"unbilled", 21 * 5'000 + 990'000},
                                     {"revenue/messages", -21 * 5'000},
                                     {"revenue/bot-resolutions", -990'000}});
  CHECK(world.CountEvents(v1::BillingEvent::kOutcomeBilled) == 1);
  world.CheckLedger();
  // What was before the start is never billed.
  for (const v1::Usage& usage : world.Usages()) {
    CHECK(usage.has_amount() == (FromProto(usage.use_time()) >= start));
    CHECK(FromProto(usage.use_time()) >= before);
  }
  // Nothing is rated twice: a delivery, a crash, more time.
  world.PublishReceived("ada", "late");
  world.Crash();
  world.Wait();
  CHECK(world.Balances().at("unbilled") == 21 * 5'000 + 990'000);
}

TEST_CASE("an event of another tenant's resources is a dead letter, and the next one counts") {
  BillingWorld world;
  world.Subscribe();
  channel::v1::ChannelEvent event;
  event.mutable_message_received()->mutable_message()->set_name(
      "tenants/other/customers/ada/messages/m1");
  world.PublishEvent("acme/ada", event);
  world.PublishReceived("ada", "m2");
  CHECK(world.DeadLetters() == 1);
  CHECK(world.Usages().size() == 1);
}

TEST_CASE("usages are listed in the order of source and id, page by page") {
  BillingWorld world;
  world.Record(world.Reports("u", 7));
  world.PublishReceived("ada", "m1");
  const auto all = world.Usages();
  REQUIRE(all.size() == 8);
  const auto paged = world.Usages("", 3);
  REQUIRE(paged.size() == 8);
  for (size_t i = 0; i < all.size(); ++i) CHECK(paged[i].name() == all[i].name());
  CHECK(world.Usages("app", 2).size() == 7);
  CHECK(world.Usages("ap").empty());
}

TEST_CASE("a summary counts whole days, covered or not") {
  BillingWorld world;
  world.Record(world.Reports("a", 2, v1::METER_MESSAGES, 5));
  world.AdvanceTo(world.clock.Now() + absl::Hours(24));
  world.Record(world.Reports("b", 1, v1::METER_MESSAGES, 7));
  world.Record(world.Reports("c", 1, v1::METER_BOT_RESOLUTIONS, 3));
  const auto sum = [&world](int first_day, int end_day) {
    v1::GetUsageSummaryRequest request;
    request.set_parent("tenants/acme");
    ToProto(absl::FromCivil(absl::CivilDay(2026, 11, first_day), absl::UTCTimeZone()),
            request.mutable_start_time());
    ToProto(absl::FromCivil(absl::CivilDay(2026, 11, end_day), absl::UTCTimeZone()),
            request.mutable_end_time());
    v1::GetUsageSummaryResponse response;
    REQUIRE(world.GetUsageSummary(request, &response).ok());
    REQUIRE(response.meters_size() == 2);
    return std::vector<int64_t>{response.meters(0).quantity(), response.meters(0).usage_count(),
                                response.meters(1).quantity()};
  };
  CHECK(sum(10, 11) == std::vector<int64_t>{10, 2, 0});
  CHECK(sum(11, 12) == std::vector<int64_t>{7, 1, 3});
  CHECK(sum(1, 30) == std::vector<int64_t>{17, 3, 3});
  CHECK(sum(12, 30) == std::vector<int64_t>{0, 0, 0});
}

}  // namespace
}  // namespace frontdesk::billing
