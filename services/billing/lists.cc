#include "services/billing/lists.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"

namespace frontdesk::billing {
namespace {

// A page of what `add` makes of the rows of `table` under `prefix`.
template <class Record, class Response, class Add>
absl::Status ListRows(const db::Reader& reader, const db::Table<Record>& table,
                      const std::string& prefix, const rpc::Page& page, Response* response,
                      Add add) {
  response->Clear();
  return rpc::ScanPage(
      reader, prefix, page,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(Record record, table.Parse(value));
        add(record);
        return true;
      },
      response->mutable_next_page_token());
}

}  // namespace

absl::Status ListPlans(const db::Reader& reader, std::string_view tenant, const rpc::Page& page,
                       v1::ListPlansResponse* response) {
  return ListRows(reader, kPlans, kPlans.Key(tenant), page, response, [&](auto& record) {
    *response->add_plans() = std::move(*record.mutable_plan());
  });
}

absl::Status ListInvoices(const db::Reader& reader, std::string_view tenant, const rpc::Page& page,
                          v1::ListInvoicesResponse* response) {
  return ListRows(reader, kInvoices, kInvoices.Key(tenant), page, response, [&](auto& record) {
    *response->add_invoices() = std::move(*record.mutable_invoice());
  });
}

absl::Status ListUsages(const db::Reader& reader, std::string_view tenant, std::string_view source,
                        const rpc::Page& page, v1::ListUsagesResponse* response) {
  const std::string prefix = source.empty() ? kUsages.Key(tenant) : kUsages.Key(tenant, source);
  return ListRows(reader, kUsages, prefix, page, response, [&](auto& record) {
    *response->add_usages() = std::move(*record.mutable_usage());
  });
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
