#include "services/billing/invoice_handlers.h"

#include <string>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/ledger.h"
#include "services/billing/domain/rating.h"
#include "services/billing/events.h"
#include "services/billing/ledger_store.h"
#include "services/billing/names.h"
#include "services/billing/usage_handlers.h"

namespace frontdesk::billing {
namespace {

absl::StatusOr<records::PeriodRecord> FindPeriod(const db::Reader& reader, std::string_view tenant,
                                                 const Period& period) {
  FD_ASSIGN_OR_RETURN(auto record,
                      kPeriods.Find(reader, kPeriods.Key(tenant, PeriodNumber(period))));
  return record.has_value() ? *std::move(record) : records::PeriodRecord();
}

// Says which invoice the month has.
absl::Status WithInvoice(absl::Status status, std::string_view tenant,
                         const records::PeriodRecord& period) {
  if (period.invoice().empty()) return status;
  return WithMetadata(std::move(status), "invoice",
                      NameOf(tenant, collection::kInvoices, period.invoice()));
}

}  // namespace

absl::StatusOr<records::SubscriptionRecord> LoadSubscription(const db::Reader& reader,
                                                             std::string_view tenant,
                                                             std::string_view name) {
  FD_ASSIGN_OR_RETURN(auto record, kSubscriptions.Load(reader, kSubscriptions.Key(tenant), name));
  if (record.subscription().name() != name) return NotFound(kSubscriptions.name, name);
  return record;
}

absl::StatusOr<v1::Invoice> PreviewInvoice(const db::Reader& reader, std::string_view tenant,
                                           std::string_view subscription, const Period& period) {
  FD_ASSIGN_OR_RETURN(const auto record, LoadSubscription(reader, tenant, subscription));
  FD_ASSIGN_OR_RETURN(const auto accrued, FindPeriod(reader, tenant, period));
  FD_RETURN_IF_ERROR(WithInvoice(CheckPreviewable(record.subscription(), period), tenant, accrued));
  return DraftInvoice(record, period, accrued);
}

absl::Status IssueInvoice(const Metrics& metrics, std::string_view subscription,
                          const Period& period, const db::Context& ctx, db::Txn& txn,
                          v1::Invoice* result) {
  FD_ASSIGN_OR_RETURN(auto record, LoadSubscription(txn, ctx.tenant, subscription));
  FD_ASSIGN_OR_RETURN(auto accrued, FindPeriod(txn, ctx.tenant, period));
  FD_RETURN_IF_ERROR(
      WithInvoice(CheckIssuable(record.subscription(), period, ctx.now), ctx.tenant, accrued));
  FD_RETURN_IF_ERROR(CheckBacklogDone(record));
  FD_ASSIGN_OR_RETURN(v1::Invoice invoice, DraftInvoice(record, period, accrued));
  const std::string id = ctx.NewId();
  invoice.set_name(NameOf(ctx.tenant, collection::kInvoices, id));
  ToProto(ctx.now, invoice.mutable_create_time());

  FD_ASSIGN_OR_RETURN(auto group, InvoiceGroup(invoice, record.subscription().account()));
  const std::string group_id = ctx.NewId();
  FD_RETURN_IF_ERROR(WriteGroup(ctx, txn, group_id, invoice.name(), group));
  group.set_source(invoice.name());
  *group.mutable_create_time() = invoice.create_time();
  const auto entries = EntriesOf(ctx.tenant, group_id, group);
  invoice.mutable_postings()->Assign(entries.begin(), entries.end());

  records::InvoiceRecord row;
  *row.mutable_invoice() = invoice;
  kInvoices.Put(txn, kInvoices.Key(ctx.tenant, id), row);
  accrued.set_invoice(id);
  kPeriods.Put(txn, kPeriods.Key(ctx.tenant, PeriodNumber(period)), accrued);
  ToProto(period.end, record.mutable_subscription()->mutable_next_invoice_start_time());
  kSubscriptions.Put(txn, kSubscriptions.Key(ctx.tenant), record);
  txn.Append(InvoiceIssuedEvent(ctx, invoice));
  metrics.invoices.Increment();
  *result = std::move(invoice);
  return absl::OkStatus();
}

}  // namespace frontdesk::billing
