#include "services/billing/domain/rating.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/ledger.h"

namespace frontdesk::billing {
namespace {

absl::Status TooMuch(std::string_view operation) {
  return WithMetadata(
      Error(absl::StatusCode::kOutOfRange, "AMOUNT_OVERFLOW", "more units than 64 bits can count"),
      "operation", operation);
}

absl::Status Broken(std::string_view why) {
  return Error(absl::StatusCode::kInternal, "INTERNAL", why);
}

int64_t BeyondIncluded(const v1::MeterPrice* price, int64_t quantity) {
  return price == nullptr ? 0 : std::max<int64_t>(quantity - price->included_units(), 0);
}

// The meter's place in the month, in the order of the enum; made when it is not there.
records::MeterAccrual& AccrualOf(const v1::Plan& plan, v1::Meter meter,
                                 records::PeriodRecord& period) {
  auto& list = *period.mutable_meters();
  int place = 0;
  while (place < list.size() && list[place].meter() < meter) ++place;
  if (place < list.size() && list[place].meter() == meter) return list[place];
  records::MeterAccrual& made = *list.Add();
  made.set_meter(meter);
  made.mutable_amount()->set_currency_code(plan.base_fee().currency_code());
  for (int i = list.size() - 1; i > place; --i) list.SwapElements(i, i - 1);
  return list[place];
}

const records::MeterAccrual* FindAccrual(const records::PeriodRecord& period, v1::Meter meter) {
  for (const records::MeterAccrual& accrual : period.meters()) {
    if (accrual.meter() == meter) return &accrual;
  }
  return nullptr;
}

std::string_view MeterNoun(v1::Meter meter) {
  return meter == v1::METER_BOT_RESOLUTIONS ? "Conversations resolved by the bot" : "Messages";
}

void AddBaseFee(const v1::Plan& plan, v1::Invoice& invoice) {
  v1::InvoiceLine& line = *invoice.add_lines();
  line.set_description("Base fee");
  line.set_quantity(1);
  line.set_billable(1);
  *line.mutable_unit_price() = plan.base_fee();
  *line.mutable_amount() = plan.base_fee();
}

absl::Status AddMeterLine(const v1::Plan& plan, const v1::MeterPrice& price,
                          const records::PeriodRecord& accrued, v1::Invoice& invoice) {
  const records::MeterAccrual* accrual = FindAccrual(accrued, price.meter());
  const int64_t quantity = accrual == nullptr ? 0 : accrual->quantity();
  v1::InvoiceLine& line = *invoice.add_lines();
  line.set_meter(price.meter());
  line.set_description(
      price.included_units() == 0
          ? std::string(MeterNoun(price.meter()))
          : fmt::format("{} beyond {}", MeterNoun(price.meter()), price.included_units()));
  line.set_quantity(quantity);
  line.set_billable(BeyondIncluded(&price, quantity));
  line.set_included(quantity - line.billable());
  *line.mutable_unit_price() = price.unit_price();
  FD_ASSIGN_OR_RETURN(const Money amount, Rate(plan, price.meter(), 0, quantity));
  ToProto(amount, line.mutable_amount());
  if (accrual != nullptr && accrual->amount().micros() != amount.micros) {
    return Broken("a line of an invoice is not what its use was posted at");
  }
  return absl::OkStatus();
}

}  // namespace

const v1::MeterPrice* FindPrice(const v1::Plan& plan, v1::Meter meter) {
  for (const v1::MeterPrice& price : plan.meter_prices()) {
    if (price.meter() == meter) return &price;
  }
  return nullptr;
}

absl::StatusOr<Money> Rate(const v1::Plan& plan, v1::Meter meter, int64_t before,
                           int64_t quantity) {
  int64_t after = 0;
  if (__builtin_add_overflow(before, quantity, &after)) return TooMuch("count");
  const v1::MeterPrice* price = FindPrice(plan, meter);
  if (price == nullptr) return Money{plan.base_fee().currency_code(), 0};
  return MultiplyInt(FromProto(price->unit_price()),
                     BeyondIncluded(price, after) - BeyondIncluded(price, before));
}

absl::StatusOr<Money> Accrue(const v1::Plan& plan, v1::Meter meter, int64_t quantity,
                             records::PeriodRecord& period) {
  if (!period.invoice().empty()) return Broken("a month that has its invoice accrues no more");
  records::MeterAccrual& accrual = AccrualOf(plan, meter, period);
  FD_ASSIGN_OR_RETURN(const Money amount, Rate(plan, meter, accrual.quantity(), quantity));
  FD_ASSIGN_OR_RETURN(const Money sum, Add(FromProto(accrual.amount()), amount));
  accrual.set_quantity(accrual.quantity() + quantity);
  accrual.set_usage_count(accrual.usage_count() + 1);
  ToProto(sum, accrual.mutable_amount());
  return amount;
}

absl::StatusOr<v1::Invoice> DraftInvoice(const records::SubscriptionRecord& subscription,
                                         const Period& period,
                                         const records::PeriodRecord& accrued) {
  const v1::Plan& plan = subscription.plan();
  v1::Invoice invoice;
  invoice.set_subscription(subscription.subscription().name());
  invoice.set_plan(plan.name());
  ToProto(period.start, invoice.mutable_period_start_time());
  ToProto(period.end, invoice.mutable_period_end_time());
  AddBaseFee(plan, invoice);
  for (int meter = v1::Meter_MIN; meter <= v1::Meter_MAX; ++meter) {
    const v1::MeterPrice* price = FindPrice(plan, static_cast<v1::Meter>(meter));
    if (price != nullptr) FD_RETURN_IF_ERROR(AddMeterLine(plan, *price, accrued, invoice));
  }
  Money total{plan.base_fee().currency_code(), 0};
  for (const v1::InvoiceLine& line : invoice.lines()) {
    FD_ASSIGN_OR_RETURN(total, Add(total, FromProto(line.amount())));
  }
  ToProto(total, invoice.mutable_total());
  FD_ASSIGN_OR_RETURN(const auto group,
                      InvoiceGroup(invoice, subscription.subscription().account()));
  for (const records::Posting& posting : group.postings()) {
    v1::LedgerEntry& entry = *invoice.add_postings();
    entry.set_ledger_account(posting.ledger_account());
    *entry.mutable_amount() = posting.amount();
    entry.set_account(posting.account());
  }
  return invoice;
}

}  // namespace frontdesk::billing
