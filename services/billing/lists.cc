#include "services/billing/lists.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "services/billing/names.h"

namespace frontdesk::billing {
namespace {

// Rows of `table` under `prefix`, a page of what `take` makes of them. Tokens are whole keys
// without `prefix`, so a token of one list can't lead out of it.
template <class Record, class Item>
absl::Status ListRows(const db::Reader& reader, const db::Table<Record>& table,
                      const std::string& prefix, const PageBounds& bounds, Item* (Record::*take)(),
                      std::vector<Item>* items, std::string* last) {
  // The first key behind the last one: nothing sorts between a key and itself with a zero byte.
  const std::string start =
      bounds.after.empty() ? std::string() : prefix + bounds.after + std::string(1, '\0');
  size_t bytes = 0;
  bool more = false;
  std::string last_key;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, [&](std::string_view key, std::string_view value) {
    more = items->size() >= bounds.size || bytes >= kMaxPageBytes;
    if (more) return false;
    auto record = table.Parse(value);
    if (!record.ok()) {
      row_status = record.status();
      return false;
    }
    bytes += value.size();
    last_key = std::string(key.substr(prefix.size()));
    items->push_back(std::move(*((*record).*take)()));
    return true;
  }));
  FD_RETURN_IF_ERROR(row_status);
  *last = more ? last_key : std::string();
  return absl::OkStatus();
}

}  // namespace

absl::Status ListPlans(const db::Reader& reader, std::string_view tenant, const PageBounds& bounds,
                       std::vector<v1::Plan>* plans, std::string* last) {
  return ListRows(reader, kPlans, kPlans.Key(tenant), bounds, &records::PlanRecord::mutable_plan,
                  plans, last);
}

absl::Status ListInvoices(const db::Reader& reader, std::string_view tenant,
                          const PageBounds& bounds, std::vector<v1::Invoice>* invoices,
                          std::string* last) {
  return ListRows(reader, kInvoices, kInvoices.Key(tenant), bounds,
                  &records::InvoiceRecord::mutable_invoice, invoices, last);
}

absl::Status ListUsages(const db::Reader& reader, std::string_view tenant, std::string_view source,
                        const PageBounds& bounds, std::vector<v1::Usage>* usages,
                        std::string* last) {
  const std::string prefix = source.empty() ? kUsages.Key(tenant) : kUsages.Key(tenant, source);
  return ListRows(reader, kUsages, prefix, bounds, &records::UsageRecord::mutable_usage, usages,
                  last);
}

absl::Status SumDays(const db::Reader& reader, std::string_view tenant, const Days& days,
                     std::vector<v1::MeterSummary>* meters) {
  for (int meter = v1::METER_MESSAGES; meter <= v1::Meter_MAX; ++meter) {
    meters->emplace_back().set_meter(static_cast<v1::Meter>(meter));
  }
  absl::Status row_status;
  FD_RETURN_IF_ERROR(reader.Scan(
      kMeterDays.Key(tenant), kMeterDays.Key(tenant, days.first),
      [&](std::string_view key, std::string_view value) {
        db::KeyReader fields(key);
        std::string skipped;
        uint32_t day = 0;
        uint8_t meter = 0;
        auto record = kMeterDays.Parse(value);
        if (!record.ok() || !fields.Read(&skipped) || !fields.Read(&day) || !fields.Read(&meter)) {
          row_status = db::CorruptRow(kMeterDays.name);
          return false;
        }
        if (day >= days.end) return false;
        for (v1::MeterSummary& summary : *meters) {
          if (summary.meter() != static_cast<v1::Meter>(meter)) continue;
          summary.set_quantity(summary.quantity() + record->quantity());
          summary.set_usage_count(summary.usage_count() + record->usage_count());
        }
        return true;
      }));
  return row_status;
}

}  // namespace frontdesk::billing
