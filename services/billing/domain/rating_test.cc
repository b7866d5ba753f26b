#include "services/billing/domain/rating.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/ledger.h"

namespace frontdesk::billing {
namespace {

struct Price {
  int64_t micros;
  int64_t included;
};

v1::Plan PlanOf(const std::string& currency, int64_t base_fee, Price messages, Price resolutions) {
  v1::Plan plan;
  plan.set_name("tenants/acme/plans/basic");
  ToProto(Money{currency, base_fee}, plan.mutable_base_fee());
  const auto add = [&](v1::Meter meter, Price price) {
    v1::MeterPrice& added = *plan.add_meter_prices();
    added.set_meter(meter);
    ToProto(Money{currency, price.micros}, added.mutable_unit_price());
    added.set_included_units(price.included);
  };
  add(v1::METER_MESSAGES, messages);
  add(v1::METER_BOT_RESOLUTIONS, resolutions);
  return plan;
}

records::SubscriptionRecord SubscriptionTo(const v1::Plan& plan) {
  records::SubscriptionRecord record;
  record.mutable_subscription()->set_name("tenants/acme/subscriptions/main");
  *record.mutable_plan() = plan;
  return record;
}

const Period kNovember =
    PeriodOf(absl::FromCivil(absl::CivilDay(2026, 11, 1), absl::UTCTimeZone()));

// Worked by hand, in decimal; the strings are what a person would write on paper.
struct Golden {
  std::string what;
  std::string currency;
  int64_t base_fee;
  Price messages;
  Price resolutions;
  int64_t used_messages;
  int64_t used_resolutions;
  std::string messages_amount;
  std::string resolutions_amount;
  std::string total;
};

const Golden kGolden[] = {
    {"nothing used: 49 + 0 + 0",
     "EUR",
     49'000'000,
     {5'000, 0},
     {990'000, 0},
     0,
     0,
     "0.00 EUR",
     "0.00 EUR",
     "49.00 EUR"},
    {"one message: 49 + 1 x 0.005",
     "EUR",
     49'000'000,
     {5'000, 0},
     {990'000, 0},
     1,
     0,
     "0.005 EUR",
     "0.00 EUR",
     "49.005 EUR"},
    {"one outcome: 49 + 1 x 0.99",
     "EUR",
     49'000'000,
     {5'000, 0},
     {990'000, 0},
     0,
     1,
     "0.00 EUR",
     "0.99 EUR",
     "49.99 EUR"},
    {"1234 x 0.005 = 6.17; 87 x 0.99 = 86.13",
     "EUR",
     49'000'000,
     {5'000, 0},
     {990'000, 0},
     1234,
     87,
     "6.17 EUR",
     "86.13 EUR",
     "141.30 EUR"},
    {"exactly the included units",
     "EUR",
     49'000'000,
     {5'000, 1000},
     {990'000, 10},
     1000,
     10,
     "0.00 EUR",
     "0.00 EUR",
     "49.00 EUR"},
    {"one past the included units",
     "EUR",
     49'000'000,
     {5'000, 1000},
     {990'000, 10},
     1001,
     11,
     "0.005 EUR",
     "0.99 EUR",
     "49.995 EUR"},
    {"(12345 - 10000) x 0.0123 = 28.8435; (310 - 300) x 0.89 = 8.90",
     "USD",
     299'000'000,
     {12'300, 10'000},
     {890'000, 300},
     12'345,
     310,
     "28.8435 USD",
     "8.90 USD",
     "336.7435 USD"},
    {"a third of a cent: 3 x 0.003333 = 0.009999",
     "USD",
     0,
     {3'333, 0},
     {0, 0},
     3,
     5,
     "0.009999 USD",
     "0.00 USD",
     "0.009999 USD"},
    {"a currency without minor unit: 5000 + 777 x 1 + 42 x 15 = 6407",
     "JPY",
     5'000'000'000,
     {1'000'000, 0},
     {15'000'000, 0},
     777,
     42,
     "777 JPY",
     "630 JPY",
     "6407 JPY"},
    {"(250001 - 200000) x 0.02 = 1000.02; 4096 x 3.5 = 14336",
     "CNY",
     1'999'000'000,
     {20'000, 200'000},
     {3'500'000, 0},
     250'001,
     4096,
     "1000.02 CNY",
     "14336.00 CNY",
     "17335.02 CNY"},
    {"one micro a message: 1000000 x 0.000001 = 1",
     "EUR",
     0,
     {1, 0},
     {0, 0},
     1'000'000,
     0,
     "1.00 EUR",
     "0.00 EUR",
     "1.00 EUR"},
    {"free plan", "EUR", 0, {0, 0}, {0, 0}, 987'654, 321, "0.00 EUR", "0.00 EUR", "0.00 EUR"},
    {"three decimals: 10 + 7 x 0.125 + 3 x 1.005 = 13.89",
     "KWD",
     10'000'000,
     {125'000, 0},
     {1'005'000, 0},
     7,
     3,
     "0.875 KWD",
     "3.015 KWD",
     "13.890 KWD"},
    {"large: 1000000 + 900000000000 x 0.000009 = 9100000",
     "USD",
     1'000'000'000'000,
     {9, 0},
     {0, 0},
     900'000'000'000,
     0,
     "8100000.00 USD",
     "0.00 USD",
     "9100000.00 USD"},
};

TEST_CASE("golden invoices, worked by hand in decimal") {
  for (const Golden& golden : kGolden) {
    INFO(golden.what);
    const v1::Plan plan =
        PlanOf(golden.currency, golden.base_fee, golden.messages, golden.resolutions);
    records::PeriodRecord accrued;
    if (golden.used_messages > 0) {
      REQUIRE(Accrue(plan, v1::METER_MESSAGES, golden.used_messages, accrued).ok());
    }
    if (golden.used_resolutions > 0) {
      REQUIRE(Accrue(plan, v1::METER_BOT_RESOLUTIONS, golden.used_resolutions, accrued).ok());
    }
    const auto invoice = DraftInvoice(SubscriptionTo(plan), kNovember, accrued);
    INFO(invoice.status());
    REQUIRE(invoice.ok());
    REQUIRE(invoice->lines_size() == 3);
    CHECK(Format(FromProto(invoice->lines(1).amount())) == golden.messages_amount);
    CHECK(Format(FromProto(invoice->lines(2).amount())) == golden.resolutions_amount);
    CHECK(Format(FromProto(invoice->total())) == golden.total);
    CHECK(invoice->lines(1).quantity() ==
          invoice->lines(1).included() + invoice->lines(1).billable());
  }
}

TEST_CASE("the first units to arrive are the included ones") {
  const v1::Plan plan = PlanOf("EUR", 0, {5'000, 3}, {0, 0});
  records::PeriodRecord period;
  const int64_t expected[] = {0, 0, 0, 5'000, 5'000};
  for (const int64_t micros : expected) {
    const auto amount = Accrue(plan, v1::METER_MESSAGES, 1, period);
    REQUIRE(amount.ok());
    CHECK(amount->micros == micros);
  }
  // 2 of these 4 would have been the second and third: a usage may lie across the border.
  records::PeriodRecord across;
  REQUIRE(Accrue(plan, v1::METER_MESSAGES, 1, across).ok());
  CHECK(Accrue(plan, v1::METER_MESSAGES, 4, across).value().micros == 2 * 5'000);
}

TEST_CASE("a meter without a price is free and has no line") {
  v1::Plan plan = PlanOf("EUR", 1'000'000, {5'000, 0}, {0, 0});
  plan.mutable_meter_prices()->RemoveLast();
  records::PeriodRecord period;
  CHECK(Accrue(plan, v1::METER_BOT_RESOLUTIONS, 9, period).value() == Money{"EUR", 0});
  const auto invoice = DraftInvoice(SubscriptionTo(plan), kNovember, period);
  REQUIRE(invoice.ok());
  CHECK(invoice->lines_size() == 2);
}

TEST_CASE("what leaves 64 bits is refused, never wrapped") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const v1::Plan plan = PlanOf("EUR", 0, {1'000'000'000'000, 0}, {0, 0});
  records::PeriodRecord period;
  CHECK(ReasonOf(Accrue(plan, v1::METER_MESSAGES, 1'000'000'000, period).status()) ==
        "AMOUNT_OVERFLOW");
  CHECK(ReasonOf(Rate(plan, v1::METER_BOT_RESOLUTIONS, kMax, 1).status()) == "AMOUNT_OVERFLOW");
}

TEST_CASE("a month that has its invoice accrues no more") {
  records::PeriodRecord period;
  period.set_invoice("01h");
  const v1::Plan plan = PlanOf("EUR", 0, {5'000, 0}, {0, 0});
  CHECK(Accrue(plan, v1::METER_MESSAGES, 1, period).status().code() == absl::StatusCode::kInternal);
}

TEST_CASE("an invoice over other amounts than were posted is refused") {
  const v1::Plan plan = PlanOf("EUR", 0, {5'000, 0}, {0, 0});
  records::PeriodRecord period;
  REQUIRE(Accrue(plan, v1::METER_MESSAGES, 2, period).ok());
  period.mutable_meters(0)->mutable_amount()->set_micros(10'001);
  CHECK(DraftInvoice(SubscriptionTo(plan), kNovember, period).status().code() ==
        absl::StatusCode::kInternal);
}

TEST_CASE("any plan and any use: order does not matter, and no micro is lost or made") {
  rc::check("accruals, lines, total and receivable agree", [] {
    const auto price = [] {
      return Price{*rc::gen::inRange<int64_t>(0, 5'000'000), *rc::gen::inRange<int64_t>(0, 40)};
    };
    const v1::Plan plan =
        PlanOf("EUR", *rc::gen::inRange<int64_t>(0, 1'000'000'000), price(), price());
    using Use = std::pair<bool, int64_t>;
    const auto uses = *rc::gen::container<std::vector<Use>>(
        rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::inRange<int64_t>(1, 30)));
    auto shuffled = uses;
    for (size_t i = shuffled.size(); i > 1; --i) {
      std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<size_t>(0, i)]);
    }
    const auto run = [&plan](const std::vector<Use>& in, records::BalancesRecord& balances) {
      records::PeriodRecord period;
      for (const auto& [bot, quantity] : in) {
        const v1::Meter meter = bot ? v1::METER_BOT_RESOLUTIONS : v1::METER_MESSAGES;
        const auto amount = Accrue(plan, meter, quantity, period);
        RC_ASSERT(amount.ok());
        const auto group = AccrualGroup({{meter, *amount, ""}});
        RC_ASSERT(group.ok());
        if (!group->postings().empty()) RC_ASSERT(PostGroup(*group, balances).ok());
      }
      const auto invoice = DraftInvoice(SubscriptionTo(plan), kNovember, period);
      RC_ASSERT(invoice.ok());
      const auto group = InvoiceGroup(*invoice, "");
      RC_ASSERT(group.ok());
      if (!group->postings().empty()) RC_ASSERT(PostGroup(*group, balances).ok());
      return *invoice;
    };
    records::BalancesRecord balances;
    records::BalancesRecord other_balances;
    const v1::Invoice invoice = run(uses, balances);
    RC_ASSERT(invoice.SerializeAsString() == run(shuffled, other_balances).SerializeAsString());

    int64_t lines = 0;
    for (const v1::InvoiceLine& line : invoice.lines()) {
      RC_ASSERT(line.amount().micros() == line.billable() * line.unit_price().micros());
      lines += line.amount().micros();
    }
    RC_ASSERT(lines == invoice.total().micros());
    int64_t sum = 0;
    for (const v1::LedgerBalance& balance : balances.balances()) {
      sum += balance.balance().micros();
      if (balance.ledger_account() == "receivable") {
        RC_ASSERT(balance.balance().micros() == invoice.total().micros());
      }
      if (balance.ledger_account() == "unbilled") RC_ASSERT(balance.balance().micros() == 0);
    }
    RC_ASSERT(sum == 0);
    for (const v1::LedgerBalance& balance : other_balances.balances()) {
      bool found = false;
      for (const v1::LedgerBalance& same : balances.balances()) {
        found |= same.ledger_account() == balance.ledger_account() &&
                 same.balance().micros() == balance.balance().micros();
      }
      RC_ASSERT(found);
    }
  });
}

}  // namespace
}  // namespace frontdesk::billing
