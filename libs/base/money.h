#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk {

// An exact amount: millionths of a currency unit. Overflow is OUT_OF_RANGE (AMOUNT_OVERFLOW), two
// currencies in one sum INVALID_ARGUMENT (CURRENCY_MISMATCH). Intermediates have 128 bits. Wherever
// a result must be rounded, a tie goes to the even neighbour.
struct Money {
  std::string currency;  // ISO 4217: three upper-case letters
  int64_t micros = 0;

  friend bool operator==(const Money&, const Money&) = default;
};

// INVALID_ARGUMENT naming `field` when the currency is not three upper-case letters.
absl::Status ValidateMoney(const Money& money, std::string_view field);

absl::StatusOr<Money> Add(const Money& a, const Money& b);
absl::StatusOr<Money> Sub(const Money& a, const Money& b);
absl::StatusOr<Money> Negate(const Money& a);
absl::StatusOr<Money> MultiplyInt(const Money& a, int64_t factor);
// a * bps / 10 000, half to even.
absl::StatusOr<Money> MultiplyBps(const Money& a, int64_t bps);

// Shares of `total` in proportion to `weights` by the largest remainder, ties to the lower index.
// The shares sum exactly to `total`. INVALID_ARGUMENT without a positive weight or with a negative
// one; OUT_OF_RANGE when the weights sum past int64.
absl::StatusOr<std::vector<Money>> Split(const Money& total, std::span<const int64_t> weights);

// Digits after the point of the currency's minor unit: 0 for JPY, 3 for KWD, 2 when not listed.
int MinorUnitDigits(std::string_view currency);
// The nearest amount that can be paid, half to even.
absl::StatusOr<Money> RoundToMinorUnit(const Money& a);

// "12.50 EUR", "-0.000001 USD", "1200 JPY": at least the minor digits, more only if not zero.
std::string Format(const Money& money);

}  // namespace frontdesk
