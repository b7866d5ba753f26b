#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/billing/v1/billing_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/reader.h"
#include "services/billing/domain/period.h"
#include "services/billing/domain/records.h"
#include "services/billing/keys.h"

// Lists of plans, use and invoices; those of the ledger are in ledger_store.h.
namespace frontdesk::billing {

// By id.
absl::Status ListPlans(const db::Reader& reader, std::string_view tenant, const rpc::Page& page,
                       v1::ListPlansResponse* response);
// Oldest first.
absl::Status ListInvoices(const db::Reader& reader, std::string_view tenant, const rpc::Page& page,
                          v1::ListInvoicesResponse* response);
// By source and id; `source` empty: all.
absl::Status ListUsages(const db::Reader& reader, std::string_view tenant, std::string_view source,
                        const rpc::Page& page, v1::ListUsagesResponse* response);
// One for each known meter, in the order of the enum.
absl::Status SumDays(const db::Reader& reader, std::string_view tenant, const Days& days,
                     std::vector<v1::MeterSummary>* meters);

}  // namespace frontdesk::billing
