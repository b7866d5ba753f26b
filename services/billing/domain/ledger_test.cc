#include "services/billing/domain/ledger.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing {
namespace {

struct Line {
  std::string account;
  std::string currency;
  int64_t micros;
};

records::LedgerGroupRecord GroupOf(const std::vector<Line>& lines) {
  records::LedgerGroupRecord group;
  for (const Line& line : lines) {
    records::Posting& posting = *group.add_postings();
    posting.set_ledger_account(line.account);
    ToProto(Money{line.currency, line.micros}, posting.mutable_amount());
  }
  return group;
}

TEST_CASE("a group that does not balance is refused, and the balances stay") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  struct Case {
    std::string what;
    std::vector<Line> lines;
    std::string reason;
  };
  const Case cases[] = {
      {"balanced", {{"unbilled", "EUR", 5}, {"revenue/messages", "EUR", -5}}, ""},
      {"two currencies, each balanced",
       {{"unbilled", "EUR", 5},
        {"revenue/messages", "EUR", -5},
        {"unbilled", "CNY", 7},
        {"revenue/messages", "CNY", -7}},
       ""},
      {"off by one micro",
       {{"unbilled", "EUR", 5}, {"revenue/messages", "EUR", -4}},
       "LEDGER_UNBALANCED"},
      {"two currencies that balance only together",
       {{"unbilled", "EUR", 5}, {"revenue/messages", "CNY", -5}},
       "LEDGER_UNBALANCED"},
      {"nothing", {}, "LEDGER_UNBALANCED"},
      {"one posting", {{"unbilled", "EUR", 5}}, "LEDGER_UNBALANCED"},
      {"postings of zero",
       {{"unbilled", "EUR", 0}, {"revenue/messages", "EUR", 0}},
       "LEDGER_UNBALANCED"},
      {"an unknown ledger account",
       {{"pocket", "EUR", 5}, {"revenue/messages", "EUR", -5}},
       "LEDGER_UNBALANCED"},
      {"no currency", {{"unbilled", "", 5}, {"revenue/messages", "", -5}}, "INVALID_FIELD"},
      {"past 64 bits",
       {{"unbilled", "EUR", kMax}, {"receivable", "EUR", kMax}, {"revenue/messages", "EUR", -2}},
       "AMOUNT_OVERFLOW"},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    records::BalancesRecord balances;
    const absl::Status status = PostGroup(GroupOf(c.lines), balances);
    CHECK(ReasonOf(status) == c.reason);
    CHECK(status.ok() == c.reason.empty());
    CHECK(balances.balances().empty() == !status.ok());
  }
}

TEST_CASE("a balance that would leave 64 bits refuses the whole group") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  records::BalancesRecord balances;
  REQUIRE(
      PostGroup(GroupOf({{"unbilled", "EUR", kMax}, {"revenue/messages", "EUR", -kMax}}), balances)
          .ok());
  const std::string before = balances.SerializeAsString();
  const absl::Status status =
      PostGroup(GroupOf({{"revenue/messages", "EUR", -5}, {"unbilled", "EUR", 5}}), balances);
  CHECK(ReasonOf(status) == "AMOUNT_OVERFLOW");
  CHECK(balances.SerializeAsString() == before);
}

TEST_CASE("balances are the sums of all postings, and sum to zero per currency") {
  rc::check("any groups", [] {
    records::BalancesRecord balances;
    std::map<std::pair<std::string, std::string>, int64_t> expected;
    std::map<std::pair<std::string, std::string>, int64_t> counts;
    const int groups = *rc::gen::inRange(0, 30);
    for (int i = 0; i < groups; ++i) {
      const int64_t a = *rc::gen::inRange<int64_t>(1, 1'000'000'000'000);
      const int64_t b = *rc::gen::inRange<int64_t>(1, 1'000'000'000'000);
      const std::string currency = *rc::gen::element<std::string>("EUR", "CNY", "JPY");
      const std::vector<Line> lines = {{"receivable", currency, a + b},
                                       {"revenue/base-fee", currency, -a},
                                       {"unbilled", currency, -b}};
      RC_ASSERT(PostGroup(GroupOf(lines), balances).ok());
      for (const Line& line : lines) {
        expected[{line.account, line.currency}] += line.micros;
        ++counts[{line.account, line.currency}];
      }
    }
    RC_ASSERT(static_cast<size_t>(balances.balances_size()) == expected.size());
    std::map<std::string, int64_t> by_currency;
    std::pair<std::string, std::string> last;
    for (const v1::LedgerBalance& balance : balances.balances()) {
      const std::pair<std::string, std::string> key(balance.ledger_account(),
                                                    balance.balance().currency_code());
      RC_ASSERT(last < key);
      last = key;
      RC_ASSERT(balance.balance().micros() == expected.at(key));
      RC_ASSERT(balance.entry_count() == counts.at(key));
      by_currency[key.second] += balance.balance().micros();
    }
    for (const auto& [currency, sum] : by_currency) RC_ASSERT(sum == 0);
  });
}

TEST_CASE("an accrual debits unbilled with all, and credits the revenue of each meter") {
  const auto group = AccrualGroup({{v1::METER_BOT_RESOLUTIONS, {"EUR", 990'000}, "a"},
                                   {v1::METER_MESSAGES, {"EUR", 5'000}, "a"},
                                   {v1::METER_MESSAGES, {"EUR", 5'000}, "a"}});
  REQUIRE(group.ok());
  REQUIRE(CheckGroup(*group).ok());
  REQUIRE(group->postings_size() == 3);
  CHECK(group->postings(0).ledger_account() == "unbilled");
  CHECK(group->postings(0).amount().micros() == 1'000'000);
  CHECK(group->postings(0).account() == "a");
  CHECK(group->postings(1).ledger_account() == "revenue/messages");
  CHECK(group->postings(1).amount().micros() == -10'000);
  CHECK(group->postings(2).ledger_account() == "revenue/bot-resolutions");
  CHECK(group->postings(2).amount().micros() == -990'000);
}

TEST_CASE("use of several accounts names none, and use for nothing posts nothing") {
  const auto mixed =
      AccrualGroup({{v1::METER_MESSAGES, {"EUR", 5}, "a"}, {v1::METER_MESSAGES, {"EUR", 5}, "b"}});
  REQUIRE(mixed.ok());
  CHECK(mixed->postings(0).account().empty());
  CHECK(AccrualGroup({}).value().postings().empty());
  CHECK(AccrualGroup({{v1::METER_MESSAGES, {"EUR", 0}, ""}}).value().postings().empty());
}

}  // namespace
}  // namespace frontdesk::billing
