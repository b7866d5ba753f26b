#include "services/health/request_checks.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "google/protobuf/field_mask.pb.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "services/health/account_edit.h"
#include "services/health/domain/dimension.h"
#include "services/health/domain/policy.h"
#include "services/health/names.h"

namespace frontdesk::health {
namespace {

static_assert(kMaxSignals + kMaxSignalAccounts * kMaxRowsPerAccount <=
              ::frontdesk::store::kMaxTxnRows);

constexpr std::array<std::string_view, 2> kAccountPaths = {"display_name", "owner"};

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

absl::Status CheckCharacters(std::string_view text, size_t min, size_t max,
                             std::string_view field) {
  if (!IsValidUtf8(text)) return InvalidField(field, "must be well-formed UTF-8");
  const size_t count = CountCharacters(text);
  if (count >= min && count <= max) return absl::OkStatus();
  return InvalidField(field, min == 0 ? fmt::format("must have at most {} characters", max)
                                      : fmt::format("must have {} to {} characters", min, max));
}

absl::Status CheckOwner(std::string_view owner) {
  if (owner.size() <= kMaxOwnerBytes && IsValidUtf8(owner)) return absl::OkStatus();
  return InvalidField("account.owner",
                      fmt::format("must be a name of at most {} bytes", kMaxOwnerBytes));
}

bool IsPossibleTime(const google::protobuf::Timestamp& time) {
  // The years 1 to 9999, as of the type's definition.
  return time.seconds() >= -62'135'596'800 && time.seconds() <= 253'402'300'799 &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
}

absl::Status CheckSignal(std::string_view tenant, const v1::Signal& signal, int index) {
  const auto field = [index](std::string_view name) {
    return fmt::format("signals[{}].{}", index, name);
  };
  FD_RETURN_IF_ERROR(
      CheckCharacters(signal.signal_id(), 1, kMaxSignalIdCharacters, field("signal_id")));
  FD_RETURN_IF_ERROR(ParseAccountName(tenant, signal.account(), field("account")).status());
  if (!IndexOf(signal.dimension()).has_value()) {
    return InvalidField(field("dimension"), "must be a dimension of the score");
  }
  if (signal.value_bps() < 0 || signal.value_bps() > kAllBps) {
    return InvalidField(field("value_bps"), "must be 0 to 10000");
  }
  if (signal.has_observe_time() && !IsPossibleTime(signal.observe_time())) {
    return InvalidField(field("observe_time"), "must be a time of the years 1 to 9999");
  }
  return CheckCharacters(signal.source(), 0, kMaxSourceCharacters, field("source"));
}

// The mask's paths, each once; `all` stands for "*". `known` says what may be changed.
template <class IsKnown>
absl::StatusOr<std::vector<std::string>> MaskPaths(const google::protobuf::FieldMask& mask,
                                                   const std::vector<std::string>& all,
                                                   IsKnown known) {
  std::vector<std::string> paths;
  for (const std::string& path : mask.paths()) {
    if (path == "*" && mask.paths_size() == 1) return all;
    if (!known(path)) {
      return InvalidField("update_mask", "\"" + path.substr(0, 64) + "\" can't be changed here");
    }
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  return paths;
}

}  // namespace

absl::Status CheckDisplayName(std::string_view display_name, std::string_view field) {
  return CheckCharacters(display_name, 1, kMaxDisplayNameCharacters, field);
}

absl::Status CheckAccount(const v1::Account& account) {
  FD_RETURN_IF_ERROR(CheckDisplayName(account.display_name(), "account.display_name"));
  return CheckOwner(account.owner());
}

absl::Status CheckSignals(std::string_view tenant, const v1::RecordSignalsRequest& request) {
  if (request.signals().empty() || request.signals_size() > kMaxSignals) {
    return InvalidField("signals", fmt::format("must be 1 to {}", kMaxSignals));
  }
  std::set<std::string_view> accounts;
  for (int i = 0; i < request.signals_size(); ++i) {
    FD_RETURN_IF_ERROR(CheckSignal(tenant, request.signals(i), i));
    accounts.insert(request.signals(i).account());
  }
  if (accounts.size() <= kMaxSignalAccounts) return absl::OkStatus();
  return InvalidField("signals", fmt::format("must be of at most {} accounts; these are of {}",
                                             kMaxSignalAccounts, accounts.size()));
}

absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateAccountRequest& request) {
  const v1::Account& account = request.account();
  std::vector<std::string> paths;
  if (request.update_mask().paths().empty()) {
    if (!account.display_name().empty()) paths.emplace_back(kAccountPaths[0]);
    if (!account.owner().empty()) paths.emplace_back(kAccountPaths[1]);
  } else {
    FD_ASSIGN_OR_RETURN(
        paths, MaskPaths(request.update_mask(), {kAccountPaths.begin(), kAccountPaths.end()},
                         [](std::string_view path) {
                           return path == kAccountPaths[0] || path == kAccountPaths[1];
                         }));
  }
  for (const std::string& path : paths) {
    FD_RETURN_IF_ERROR(path == kAccountPaths[0]
                           ? CheckDisplayName(account.display_name(), "account.display_name")
                           : CheckOwner(account.owner()));
  }
  return paths;
}

absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateHealthPolicyRequest& request) {
  const v1::HealthPolicy& policy = request.health_policy();
  std::vector<std::string> paths = PopulatedPaths(policy);
  if (!request.update_mask().paths().empty()) {
    FD_ASSIGN_OR_RETURN(paths, MaskPaths(request.update_mask(), PolicyPaths(), IsPolicyPath));
  }
  FD_RETURN_IF_ERROR(CheckPolicy(policy, paths));
  return paths;
}

}  // namespace frontdesk::health
