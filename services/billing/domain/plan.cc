#include "services/billing/domain/plan.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/rating.h"

namespace frontdesk::billing {
namespace {

constexpr size_t kMaxNameCharacters = 100;
constexpr int64_t kMaxBaseFeeMicros = 1'000'000'000'000'000;
constexpr int64_t kMaxUnitPriceMicros = 1'000'000'000'000;
constexpr int64_t kMaxIncludedUnits = 1'000'000'000'000;

absl::Status CheckName(std::string_view name, std::string_view field) {
  if (!IsValidUtf8(name)) return InvalidField(field, "must be well-formed UTF-8");
  const auto characters = std::count_if(name.begin(), name.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  if (characters >= 1 && static_cast<size_t>(characters) <= kMaxNameCharacters) {
    return absl::OkStatus();
  }
  return InvalidField(field, "must have 1 to 100 characters");
}

absl::Status CheckAmount(const common::v1::Money& amount, int64_t max_micros,
                         std::string_view field) {
  FD_RETURN_IF_ERROR(ValidateMoney(FromProto(amount), fmt::format("{}.currency_code", field)));
  if (amount.micros() >= 0 && amount.micros() <= max_micros) return absl::OkStatus();
  return InvalidField(fmt::format("{}.micros", field), fmt::format("must be 0 to {}", max_micros));
}

bool SamePrice(const v1::MeterPrice* a, const v1::MeterPrice* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return FromProto(a->unit_price()) == FromProto(b->unit_price()) &&
         a->included_units() == b->included_units();
}

}  // namespace

absl::Status CheckPlan(const v1::Plan& plan) {
  FD_RETURN_IF_ERROR(CheckName(plan.display_name(), "plan.display_name"));
  FD_RETURN_IF_ERROR(CheckAmount(plan.base_fee(), kMaxBaseFeeMicros, "plan.base_fee"));
  std::set<v1::Meter> seen;
  for (int i = 0; i < plan.meter_prices_size(); ++i) {
    const v1::MeterPrice& price = plan.meter_prices(i);
    const std::string field = fmt::format("plan.meter_prices[{}]", i);
    if (price.meter() == v1::METER_UNSPECIFIED || !v1::Meter_IsValid(price.meter())) {
      return InvalidField(field + ".meter", "must be a known meter");
    }
    if (!seen.insert(price.meter()).second) {
      return InvalidField(field + ".meter", "has a price already");
    }
    FD_RETURN_IF_ERROR(CheckAmount(price.unit_price(), kMaxUnitPriceMicros, field + ".unit_price"));
    if (price.unit_price().currency_code() != plan.base_fee().currency_code()) {
      return WithField(
          Error(absl::StatusCode::kInvalidArgument, "CURRENCY_MISMATCH", "a plan has one currency"),
          field + ".unit_price.currency_code", "must be that of the base fee");
    }
    if (price.included_units() < 0 || price.included_units() > kMaxIncludedUnits) {
      return InvalidField(field + ".included_units",
                          fmt::format("must be 0 to {}", kMaxIncludedUnits));
    }
  }
  return absl::OkStatus();
}

bool SamePlan(const v1::Plan& a, const v1::Plan& b) {
  if (a.display_name() != b.display_name() || FromProto(a.base_fee()) != FromProto(b.base_fee())) {
    return false;
  }
  for (int meter = v1::Meter_MIN; meter <= v1::Meter_MAX; ++meter) {
    const auto of = [meter](const v1::Plan& plan) {
      return FindPrice(plan, static_cast<v1::Meter>(meter));
    };
    if (!SamePrice(of(a), of(b))) return false;
  }
  return true;
}

}  // namespace frontdesk::billing
