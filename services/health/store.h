#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/health/store/v1/health_store.pb.h"
#include "frontdesk/health/v1/health.pb.h"
#include "frontdesk/health/v1/health_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/reader.h"
#include "services/health/names.h"

// Loading and listing records.
namespace frontdesk::health {

// NOT_FOUND, DATA_LOSS.
absl::StatusOr<store::v1::AccountRecord> LoadAccount(const ::frontdesk::store::Reader& reader,
                                                     const AccountRef& ref);
// The tenant's policy, or the defaults as version 0.
absl::StatusOr<store::v1::PolicyRecord> LoadPolicy(const ::frontdesk::store::Reader& reader,
                                                   std::string_view tenant);

// By id; with `alert_only` those in alert.
absl::Status ListAccounts(const ::frontdesk::store::Reader& reader, std::string_view tenant,
                          bool alert_only, const rpc::Page& page,
                          v1::ListAccountsResponse* response);
// Newest first. NOT_FOUND for the account.
absl::Status ListScores(const ::frontdesk::store::Reader& reader, const AccountRef& ref,
                        const rpc::Page& page, v1::ListHealthScoresResponse* response);

}  // namespace frontdesk::health
