#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "frontdesk/health/store/v1/health_store.pb.h"
#include "frontdesk/health/v1/health.pb.h"

// Accounts as people know them.
namespace frontdesk::health {

// A record that only has a name: a placeholder until somebody describes it.
store::v1::AccountRecord MakePlaceholder(std::string_view name, absl::Time now);

// Makes of a placeholder what was asked for; ALREADY_EXISTS for any other account.
absl::Status DescribeAccount(const v1::Account& wanted, store::v1::AccountRecord& record);

// Takes the values of `paths`: "display_name", "owner".
void UpdateAccount(const v1::Account& wanted, const std::vector<std::string>& paths,
                   v1::Account& account);

// ABORTED (ETAG_MISMATCH) when `etag` is set and not that of the resource.
absl::Status CheckEtag(std::string_view name, std::string_view current, std::string_view etag);

}  // namespace frontdesk::health
