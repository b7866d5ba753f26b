#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/health/store/v1/health_store.pb.h"
#include "frontdesk/health/v1/health.pb.h"
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

// A page of a list: `after` is what the page before ended with, `last` what to go on after, empty
// at the end.
struct PageBounds {
  size_t size = 50;
  std::string after;
};

// By id; with `alert_only` those in alert.
absl::Status ListAccounts(const ::frontdesk::store::Reader& reader, std::string_view tenant,
                          bool alert_only, const PageBounds& bounds,
                          std::vector<v1::Account>* accounts, std::string* last);
// Newest first; `after` and `last` are sequences as decimal numbers. NOT_FOUND for the account.
absl::Status ListScores(const ::frontdesk::store::Reader& reader, const AccountRef& ref,
                        const PageBounds& bounds, std::vector<v1::HealthScore>* scores,
                        std::string* last);

}  // namespace frontdesk::health
