#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/health/v1/health.pb.h"
#include "frontdesk/health/v1/health_service.pb.h"

// The shape of what comes from outside, before anything is submitted. Every error is
// INVALID_ARGUMENT (INVALID_FIELD) naming the field.
namespace frontdesk::health {

inline constexpr size_t kMaxDisplayNameCharacters = 200;
inline constexpr size_t kMaxOwnerBytes = 200;
inline constexpr size_t kMaxSignalIdCharacters = 128;
inline constexpr size_t kMaxSourceCharacters = 64;
inline constexpr int kMaxSignals = 500;
// One command touches at most 1 000 rows: a row for each signal, and what its accounts need.
inline constexpr size_t kMaxSignalAccounts = 60;

// `field`: of the account, "account".
absl::Status CheckDisplayName(std::string_view display_name, std::string_view field);
absl::Status CheckAccount(const v1::Account& account);
absl::Status CheckSignals(std::string_view tenant, const v1::RecordSignalsRequest& request);

// The fields to change: of the mask, or those that are populated; checked.
absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateAccountRequest& request);
absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateHealthPolicyRequest& request);

}  // namespace frontdesk::health
