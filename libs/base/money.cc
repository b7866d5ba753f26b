#include "libs/base/money.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk {
namespace {

__extension__ using Int128 = __int128;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int kMicroDigits = 6;

absl::Status Overflow(std::string_view operation) {
  return WithMetadata(
      Error(absl::StatusCode::kOutOfRange, reason::kAmountOverflow,
            fmt::format("the result of an operation ({}) does not fit into 64 bits", operation)),
      "operation", operation);
}

absl::StatusOr<Money> Fit(const std::string& currency, Int128 micros, std::string_view operation) {
  if (micros < kMin || micros > kMax) return Overflow(operation);
  return Money{currency, static_cast<int64_t>(micros)};
}

absl::Status SameCurrency(const Money& a, const Money& b) {
  FD_RETURN_IF_ERROR(ValidateMoney(a, "currency_code"));
  FD_RETURN_IF_ERROR(ValidateMoney(b, "currency_code"));
  if (a.currency == b.currency) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kCurrencyMismatch,
               fmt::format("{} and {} cannot be in one sum", a.currency, b.currency));
}

// numerator / denominator (positive), a tie to the even neighbour.
Int128 DivideHalfEven(Int128 numerator, Int128 denominator) {
  Int128 quotient = numerator / denominator;
  Int128 remainder = numerator % denominator;
  if (remainder < 0) {
    remainder += denominator;
    --quotient;
  }
  const Int128 twice = remainder * 2;
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) ++quotient;
  return quotient;
}

constexpr int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

struct MinorUnit {
  std::string_view currency;
  int digits;
};

// ISO 4217, the currencies in use whose minor unit does not have two digits.
constexpr std::array<MinorUnit, 25> kMinorUnits = {{
    {"BHD", 3}, {"BIF", 0}, {"CLF", 4}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"IQD", 3},
    {"ISK", 0}, {"JOD", 3}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0}, {"KWD", 3}, {"LYD", 3},
    {"OMR", 3}, {"PYG", 0}, {"RWF", 0}, {"TND", 3}, {"UGX", 0}, {"UYI", 0}, {"UYW", 4},
    {"VND", 0}, {"VUV", 0}, {"XAF", 0}, {"XPF", 0},
}};

absl::StatusOr<Int128> SumOfWeights(std::span<const int64_t> weights) {
  Int128 sum = 0;
  for (const int64_t weight : weights) {
    if (weight < 0) return InvalidField("weights", "must not be negative");
    sum += weight;
  }
  if (sum == 0) return InvalidField("weights", "must have at least one that is positive");
  if (sum > kMax) return Overflow("sum_weights");
  return sum;
}

}  // namespace

absl::Status ValidateMoney(const Money& money, std::string_view field) {
  const bool letters = std::all_of(money.currency.begin(), money.currency.end(),
                                   [](char c) { return c >= 'A' && c <= 'Z'; });
  if (money.currency.size() == 3 && letters) return absl::OkStatus();
  return InvalidField(field, "must be the three upper-case letters of an ISO 4217 currency");
}

absl::StatusOr<Money> Add(const Money& a, const Money& b) {
  FD_RETURN_IF_ERROR(SameCurrency(a, b));
  return Fit(a.currency, Int128{a.micros} + b.micros, "add");
}

absl::StatusOr<Money> Sub(const Money& a, const Money& b) {
  FD_RETURN_IF_ERROR(SameCurrency(a, b));
  return Fit(a.currency, Int128{a.micros} - b.micros, "subtract");
}

absl::StatusOr<Money> Negate(const Money& a) {
  FD_RETURN_IF_ERROR(ValidateMoney(a, "currency_code"));
  return Fit(a.currency, -Int128{a.micros}, "negate");
}

absl::StatusOr<Money> MultiplyInt(const Money& a, int64_t factor) {
  FD_RETURN_IF_ERROR(ValidateMoney(a, "currency_code"));
  return Fit(a.currency, Int128{a.micros} * factor, "multiply");
}

absl::StatusOr<Money> MultiplyBps(const Money& a, int64_t bps) {
  FD_RETURN_IF_ERROR(ValidateMoney(a, "currency_code"));
  return Fit(a.currency, DivideHalfEven(Int128{a.micros} * bps, 10'000), "rate");
}

absl::StatusOr<std::vector<Money>> Split(const Money& total, std::span<const int64_t> weights) {
  FD_RETURN_IF_ERROR(ValidateMoney(total, "currency_code"));
  FD_ASSIGN_OR_RETURN(const Int128 sum, SumOfWeights(weights));

  // The size is shared and the sign put back, so that a refund splits as its charge did.
  const bool negative = total.micros < 0;
  const Int128 amount = negative ? -Int128{total.micros} : Int128{total.micros};
  std::vector<Int128> shares(weights.size());
  std::vector<Int128> remainders(weights.size());
  Int128 left = amount;
  for (size_t i = 0; i < weights.size(); ++i) {
    const Int128 exact = amount * weights[i];
    shares[i] = exact / sum;
    remainders[i] = exact % sum;
    left -= shares[i];
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t i = 0; left > 0; ++i, --left) ++shares[order[i]];

  std::vector<Money> result;
  result.reserve(weights.size());
  for (const Int128 share : shares) {
    result.push_back({total.currency, static_cast<int64_t>(negative ? -share : share)});
  }
  return result;
}

int MinorUnitDigits(std::string_view currency) {
  for (const MinorUnit& unit : kMinorUnits) {
    if (unit.currency == currency) return unit.digits;
  }
  return 2;
}

absl::StatusOr<Money> RoundToMinorUnit(const Money& a) {
  FD_RETURN_IF_ERROR(ValidateMoney(a, "currency_code"));
  const int64_t unit = PowerOfTen(kMicroDigits - MinorUnitDigits(a.currency));
  return Fit(a.currency, DivideHalfEven(a.micros, unit) * unit, "round");
}

std::string Format(const Money& money) {
  constexpr uint64_t kMicros = PowerOfTen(kMicroDigits);
  const uint64_t size = money.micros < 0 ? uint64_t{0} - static_cast<uint64_t>(money.micros)
                                         : static_cast<uint64_t>(money.micros);
  std::string fraction = fmt::format("{:06}", size % kMicros);
  const size_t digits = static_cast<size_t>(MinorUnitDigits(money.currency));
  while (fraction.size() > digits && fraction.back() == '0') fraction.pop_back();
  return fmt::format("{}{}{}{} {}", money.micros < 0 ? "-" : "", size / kMicros,
                     fraction.empty() ? "" : ".", fraction, money.currency);
}

}  // namespace frontdesk
