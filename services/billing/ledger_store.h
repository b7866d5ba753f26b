#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/billing/v1/billing_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/command.h"
#include "libs/store/reader.h"
#include "libs/store/txn.h"
#include "services/billing/domain/records.h"
#include "services/billing/keys.h"

// The one place where postings are written and balances change.
namespace frontdesk::billing {

// Writes the group under `id` and adds it to the balances; nothing for a group without postings.
// INTERNAL (LEDGER_UNBALANCED): then nothing is written. The caller makes sure that it posts a fact
// once: by the usage or the invoice that names the group.
absl::Status WriteGroup(const db::Context& ctx, db::Txn& txn, std::string_view id,
                        std::string_view source, records::LedgerGroupRecord group);

// The postings of a group as the API shows them.
std::vector<v1::LedgerEntry> EntriesOf(std::string_view tenant, std::string_view group_id,
                                       const records::LedgerGroupRecord& group);

struct LedgerFilter {
  std::string ledger_account;  // empty: all
  std::string group_id;        // empty: all
};
// Oldest first. INVALID_ARGUMENT when page.after is no entry.
absl::Status ListEntries(const db::Reader& reader, std::string_view tenant,
                         const LedgerFilter& filter, const rpc::Page& page,
                         v1::ListLedgerEntriesResponse* response);
// By ledger account and currency.
absl::Status ListBalances(const db::Reader& reader, std::string_view tenant, const rpc::Page& page,
                          v1::ListLedgerBalancesResponse* response);

}  // namespace frontdesk::billing
