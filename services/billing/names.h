#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Resource names of the service.
namespace frontdesk::billing {

namespace collection {
inline constexpr std::string_view kPlans = "plans";
inline constexpr std::string_view kSubscriptions = "subscriptions";
inline constexpr std::string_view kUsages = "usages";
inline constexpr std::string_view kInvoices = "invoices";
inline constexpr std::string_view kLedgerEntries = "ledgerEntries";
inline constexpr std::string_view kAccounts = "accounts";
}  // namespace collection

// "tenants/{tenant}/{collection}/{id}".
std::string NameOf(std::string_view tenant, std::string_view collection, std::string_view id);
// The last segment; "" of an empty name.
std::string IdOf(std::string_view name);

// The id. INVALID_ARGUMENT naming `field` for any other form or another tenant.
absl::StatusOr<std::string> ParseName(std::string_view tenant, std::string_view name,
                                      std::string_view collection, std::string_view field);
// INVALID_ARGUMENT unless it is "tenants/{tenant}" of the call.
absl::Status CheckParent(std::string_view tenant, std::string_view parent);

}  // namespace frontdesk::billing
