#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/money.h"
#include "services/billing/domain/records.h"

// Double entry: facts become groups of postings that sum to zero per currency, and balances are the
// sums of postings. Debits are positive.
namespace frontdesk::billing {

namespace ledger_account {
// Use that was rated and is not on an invoice.
inline constexpr std::string_view kUnbilled = "unbilled";
// What invoices ask for.
inline constexpr std::string_view kReceivable = "receivable";
inline constexpr std::string_view kBaseFee = "revenue/base-fee";
}  // namespace ledger_account

// "revenue/messages" and the like. `meter` is a known one.
std::string_view RevenueAccount(v1::Meter meter);
bool IsLedgerAccount(std::string_view name);

// Use that was rated by one command, all in one currency.
struct RatedUse {
  v1::Meter meter = v1::METER_UNSPECIFIED;
  Money amount;
  std::string account;  // business account
};
// Debit unbilled, credit the revenue of each meter. No postings when all amounts are zero. Postings
// carry the business account when the use of all is of one.
absl::StatusOr<records::LedgerGroupRecord> AccrualGroup(const std::vector<RatedUse>& uses);
// Debit receivable with the total; credit the base fee's revenue and unbilled. No postings for an
// invoice over nothing.
absl::StatusOr<records::LedgerGroupRecord> InvoiceGroup(const v1::Invoice& invoice,
                                                        std::string_view account);

// INTERNAL (LEDGER_UNBALANCED) unless the postings sum to zero in each currency, there are two of
// them at least, none is zero, and all ledger accounts are known.
absl::Status CheckGroup(const records::LedgerGroupRecord& group);

// Checks the group and adds its postings to the balances; on an error those are as before.
absl::Status PostGroup(const records::LedgerGroupRecord& group, records::BalancesRecord& balances);

}  // namespace frontdesk::billing
