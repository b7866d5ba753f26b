#pragma once

#include "libs/store/table.h"
#include "services/billing/domain/records.h"

// Every key of the service. `tenant`, `plan`, `invoice` and `group` are ids; those of invoices and
// groups are ULIDs, so their order is the order of time. Numbers are never reused.
namespace frontdesk::billing {

namespace db = ::frontdesk::store;

// 0x20 tenant, plan -> PlanRecord. Written by plan_handlers.cc
inline constexpr db::Table<records::PlanRecord> kPlans{0x20, "plan"};
// 0x21 tenant -> SubscriptionRecord: a tenant has one. Written by plan_handlers.cc,
// invoice_handlers.cc, usage_handlers.cc (backlog_generation)
inline constexpr db::Table<records::SubscriptionRecord> kSubscriptions{0x21, "subscription"};
// 0x22 tenant, source, usage id -> UsageRecord. Written by usage_book.cc
inline constexpr db::Table<records::UsageRecord> kUsages{0x22, "usage"};
// 0x23 tenant, u32 day, u8 meter -> MeterDayRecord. Written by usage_book.cc
inline constexpr db::Table<records::MeterDayRecord> kMeterDays{0x23, "meter_day"};
// 0x24 tenant, u32 month (202611) -> PeriodRecord. Written by usage_book.cc, invoice_handlers.cc
inline constexpr db::Table<records::PeriodRecord> kPeriods{0x24, "period"};
// 0x25 tenant, invoice -> InvoiceRecord. Written by invoice_handlers.cc
inline constexpr db::Table<records::InvoiceRecord> kInvoices{0x25, "invoice"};
// 0x26 tenant, group -> LedgerGroupRecord. Written by ledger_store.cc
inline constexpr db::Table<records::LedgerGroupRecord> kLedgerGroups{0x26, "ledger_group"};
// 0x27 tenant -> BalancesRecord. Written by ledger_store.cc
inline constexpr db::Table<records::BalancesRecord> kBalances{0x27, "balances"};
// 0x28 tenant, ULID -> BacklogRecord: usages that wait for a subscription; the rows go when they
// are rated. Written by usage_book.cc, usage_handlers.cc
inline constexpr db::Table<records::BacklogRecord> kBacklog{0x28, "backlog"};

}  // namespace frontdesk::billing
