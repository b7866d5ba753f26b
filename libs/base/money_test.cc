#include "libs/base/money.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "libs/base/error.h"

namespace frontdesk {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Money Eur(int64_t micros) { return {"EUR", micros}; }

TEST_CASE("two currencies never meet in one sum") {
  const auto sum = Add(Eur(1), {"USD", 1});
  CHECK(sum.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(sum.status()) == "CURRENCY_MISMATCH");
  CHECK(ReasonOf(Sub(Eur(1), {"USD", 1}).status()) == "CURRENCY_MISMATCH");
}

TEST_CASE("a currency is three upper-case letters") {
  for (const char* bad : {"", "eur", "EU", "EURO", "E1R"}) {
    CHECK_FALSE(ValidateMoney({bad, 1}, "price").ok());
    CHECK_FALSE(Add({bad, 1}, {bad, 1}).ok());
    CHECK_FALSE(Negate({bad, 1}).ok());
  }
}

TEST_CASE("what does not fit is refused, never wrapped") {
  for (const auto& result : {Add(Eur(kMax), Eur(1)), Add(Eur(kMin), Eur(-1)),
                             Sub(Eur(kMin), Eur(1)), Sub(Eur(0), Eur(kMin)), Negate(Eur(kMin)),
                             MultiplyInt(Eur(kMax), 2), MultiplyInt(Eur(kMin), -1),
                             MultiplyBps(Eur(kMax), 10'001), RoundToMinorUnit({"JPY", kMax})}) {
    CHECK(result.status().code() == absl::StatusCode::kOutOfRange);
    CHECK(ReasonOf(result.status()) == "AMOUNT_OVERFLOW");
  }
  CHECK(*MultiplyBps(Eur(kMax), 10'000) == Eur(kMax));
  CHECK(*Add(Eur(kMin), Eur(kMax)) == Eur(-1));
}

TEST_CASE("a rate rounds a tie to the even neighbour") {
  CHECK(*MultiplyBps(Eur(1), 5'000) == Eur(0));    // 0.5
  CHECK(*MultiplyBps(Eur(3), 5'000) == Eur(2));    // 1.5
  CHECK(*MultiplyBps(Eur(5), 5'000) == Eur(2));    // 2.5
  CHECK(*MultiplyBps(Eur(-1), 5'000) == Eur(0));   // -0.5
  CHECK(*MultiplyBps(Eur(-3), 5'000) == Eur(-2));  // -1.5
  CHECK(*MultiplyBps(Eur(-5), 5'000) == Eur(-2));  // -2.5
  CHECK(*MultiplyBps(Eur(1), 5'001) == Eur(1));
  CHECK(*MultiplyBps(Eur(-1), 5'001) == Eur(-1));
  CHECK(*MultiplyBps(Eur(10'000'000), 1'900) == Eur(1'900'000));
}

TEST_CASE("the minor unit follows the currency") {
  CHECK(*RoundToMinorUnit(Eur(12'345'678)) == Eur(12'350'000));
  CHECK(*RoundToMinorUnit(Eur(5'000)) == Eur(0));
  CHECK(*RoundToMinorUnit(Eur(15'000)) == Eur(20'000));
  CHECK(*RoundToMinorUnit(Eur(-15'000)) == Eur(-20'000));
  CHECK(*RoundToMinorUnit({"JPY", 1'500'000}) == Money{"JPY", 2'000'000});
  CHECK(*RoundToMinorUnit({"KWD", 1'234'500}) == Money{"KWD", 1'234'000});
  CHECK(MinorUnitDigits("EUR") == 2);
  CHECK(MinorUnitDigits("JPY") == 0);
  CHECK(MinorUnitDigits("KWD") == 3);
}

TEST_CASE("an amount prints at least its minor digits and never loses one") {
  CHECK(Format(Eur(12'500'000)) == "12.50 EUR");
  CHECK(Format(Eur(0)) == "0.00 EUR");
  CHECK(Format({"USD", -1}) == "-0.000001 USD");
  CHECK(Format({"USD", 1'234'567}) == "1.234567 USD");
  CHECK(Format({"JPY", 1'200'000'000}) == "1200 JPY");
  CHECK(Format({"KWD", 1'000'000}) == "1.000 KWD");
  CHECK(Format({"EUR", kMin}) == "-9223372036854.775808 EUR");
}

TEST_CASE("a split gives the rest to the largest remainders, ties to the first") {
  const int64_t thirds[] = {1, 1, 1};
  CHECK(*Split(Eur(100), thirds) == std::vector<Money>{Eur(34), Eur(33), Eur(33)});
  CHECK(*Split(Eur(-100), thirds) == std::vector<Money>{Eur(-34), Eur(-33), Eur(-33)});
  const int64_t uneven[] = {70, 0, 25, 5};
  CHECK(*Split(Eur(10), uneven) == std::vector<Money>{Eur(7), Eur(0), Eur(3), Eur(0)});
  const int64_t extreme[] = {kMax};
  CHECK(*Split(Eur(kMin), extreme) == std::vector<Money>{Eur(kMin)});
}

TEST_CASE("a split without a positive weight is refused") {
  const int64_t zeros[] = {0, 0};
  const int64_t negative[] = {2, -1};
  const int64_t huge[] = {kMax, kMax};
  CHECK(Split(Eur(1), {}).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Split(Eur(1), zeros).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Split(Eur(1), negative).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Split(Eur(1), huge).status().code() == absl::StatusCode::kOutOfRange);
}

TEST_CASE("property: a split sums exactly and each share is within one of its part") {
  CHECK(rc::check([](int64_t total, std::vector<uint32_t> raw) {
    const std::vector<int64_t> weights(raw.begin(), raw.end());
    const int64_t sum = std::accumulate(weights.begin(), weights.end(), int64_t{0});
    RC_PRE(sum > 0);
    const auto shares = Split(Eur(total), weights);
    RC_ASSERT(shares.ok());
    RC_ASSERT(shares->size() == weights.size());
    int64_t rest = total;
    for (size_t i = 0; i < weights.size(); ++i) {
      const int64_t share = (*shares)[i].micros;
      rest -= share;
      const long double exact = static_cast<long double>(total) * weights[i] / sum;
      RC_ASSERT(std::abs(exact - static_cast<long double>(share)) <= 1.001L);
      if (weights[i] == 0) RC_ASSERT(share == 0);
    }
    RC_ASSERT(rest == 0);
  }));
}

TEST_CASE("property: adding and taking away again changes nothing") {
  CHECK(rc::check([](int64_t a, int64_t b) {
    const auto sum = Add(Eur(a), Eur(b));
    int64_t expected = 0;
    if (__builtin_add_overflow(a, b, &expected)) {
      RC_ASSERT(sum.status().code() == absl::StatusCode::kOutOfRange);
      return;
    }
    RC_ASSERT(sum->micros == expected);
    RC_ASSERT(*Sub(*sum, Eur(b)) == Eur(a));
  }));
}

TEST_CASE("property: a rate and its negation mirror each other") {
  CHECK(rc::check([](int32_t micros, int16_t bps) {
    RC_ASSERT(*MultiplyBps(Eur(-int64_t{micros}), bps) == *Negate(*MultiplyBps(Eur(micros), bps)));
  }));
}

}  // namespace
}  // namespace frontdesk
