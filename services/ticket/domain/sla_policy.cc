#include "services/ticket/domain/sla_policy.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

constexpr int32_t kDefaultWarnBps = 8'000;
constexpr absl::Duration kMinTarget = absl::Seconds(1);
constexpr absl::Duration kMaxFirstResponse = absl::Hours(24 * 90);
constexpr absl::Duration kMaxResolution = absl::Hours(24 * 365);

struct DefaultTarget {
  common::v1::Priority priority;
  absl::Duration first_response;
  absl::Duration resolution;
};
const std::array<DefaultTarget, 4> kDefaultTargets = {{
    {common::v1::PRIORITY_P0, absl::Minutes(15), absl::Hours(4)},
    {common::v1::PRIORITY_P1, absl::Hours(1), absl::Hours(8)},
    {common::v1::PRIORITY_P2, absl::Hours(4), absl::Hours(24)},
    {common::v1::PRIORITY_P3, absl::Hours(8), absl::Hours(72)},
}};

bool Names(const std::vector<std::string>& paths, std::string_view path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

std::string TargetField(int index, std::string_view field) {
  return "sla_policy.targets[" + std::to_string(index) + "]." + std::string(field);
}

absl::Status CheckDuration(const google::protobuf::Duration& value, absl::Duration max,
                           const std::string& field) {
  const absl::Duration duration = FromProto(value);
  if (duration >= kMinTarget && duration <= max) return absl::OkStatus();
  return InvalidField(
      field, "must be from 1 second to " + std::to_string(absl::ToInt64Hours(max) / 24) + " days");
}

absl::Status CheckTargets(const v1::SlaPolicy& change) {
  if (change.targets().empty()) return InvalidField("sla_policy.targets", "must not be empty");
  std::set<int> seen;
  for (int i = 0; i < change.targets_size(); ++i) {
    const v1::SlaTarget& target = change.targets(i);
    if (target.priority() == common::v1::PRIORITY_UNSPECIFIED ||
        !common::v1::Priority_IsValid(target.priority())) {
      return InvalidField(TargetField(i, "priority"), "must be one of P0 to P3");
    }
    if (!seen.insert(target.priority()).second) {
      return InvalidField(TargetField(i, "priority"), "stands twice");
    }
    FD_RETURN_IF_ERROR(CheckDuration(target.first_response(), kMaxFirstResponse,
                                     TargetField(i, "first_response")));
    FD_RETURN_IF_ERROR(
        CheckDuration(target.resolution(), kMaxResolution, TargetField(i, "resolution")));
  }
  return absl::OkStatus();
}

}  // namespace

v1::SlaPolicy DefaultSlaPolicy(std::string_view tenant) {
  v1::SlaPolicy policy;
  policy.set_name(ResourceName({{"tenants", tenant}}) + "/slaPolicy");
  for (const DefaultTarget& entry : kDefaultTargets) {
    v1::SlaTarget& target = *policy.add_targets();
    target.set_priority(entry.priority);
    ToProto(entry.first_response, target.mutable_first_response());
    ToProto(entry.resolution, target.mutable_resolution());
  }
  policy.set_warn_bps(kDefaultWarnBps);
  policy.set_etag("0");
  return policy;
}

absl::StatusOr<SlaTargets> DefaultTargetsOf(common::v1::Priority priority) {
  for (const DefaultTarget& entry : kDefaultTargets) {
    if (entry.priority == priority) {
      return SlaTargets{entry.first_response, entry.resolution, kDefaultWarnBps};
    }
  }
  return Error(absl::StatusCode::kInternal, "INTERNAL",
               "no default targets for " + common::v1::Priority_Name(priority));
}

absl::StatusOr<SlaTargets> TargetsOf(const v1::SlaPolicy& policy, common::v1::Priority priority) {
  for (const v1::SlaTarget& target : policy.targets()) {
    if (target.priority() != priority) continue;
    return SlaTargets{FromProto(target.first_response()), FromProto(target.resolution()),
                      policy.warn_bps()};
  }
  return Error(absl::StatusCode::kInternal, "INTERNAL",
               policy.name() + " has no targets for " + common::v1::Priority_Name(priority));
}

absl::Status CheckSlaPolicy(const v1::SlaPolicy& change, const std::vector<std::string>& paths) {
  if (Names(paths, "targets")) FD_RETURN_IF_ERROR(CheckTargets(change));
  if (Names(paths, "warn_bps") && (change.warn_bps() < 1 || change.warn_bps() > 9'999)) {
    return InvalidField("sla_policy.warn_bps", "must be from 1 to 9999");
  }
  return absl::OkStatus();
}

bool ChangeSlaPolicy(const v1::SlaPolicy& change, const std::vector<std::string>& paths,
                     absl::Time now, store::v1::SlaPolicyRecord& record) {
  v1::SlaPolicy policy = record.sla_policy();
  if (Names(paths, "warn_bps")) policy.set_warn_bps(change.warn_bps());
  if (Names(paths, "targets")) {
    for (v1::SlaTarget& target : *policy.mutable_targets()) {
      for (const v1::SlaTarget& wanted : change.targets()) {
        if (wanted.priority() != target.priority()) continue;
        // Field by field: what a newer release keeps in the target survives.
        ToProto(FromProto(wanted.first_response()), target.mutable_first_response());
        ToProto(FromProto(wanted.resolution()), target.mutable_resolution());
      }
    }
  }
  if (policy.SerializeAsString() == record.sla_policy().SerializeAsString()) return false;
  record.set_version(record.version() + 1);
  policy.set_etag(std::to_string(record.version()));
  if (!policy.has_create_time()) ToProto(now, policy.mutable_create_time());
  ToProto(now, policy.mutable_update_time());
  *record.mutable_sla_policy() = std::move(policy);
  return true;
}

}  // namespace frontdesk::ticket
