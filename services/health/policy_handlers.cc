#include "services/health/policy_handlers.h"

#include "libs/base/status_macros.h"
#include "services/health/domain/account.h"
#include "services/health/domain/policy.h"
#include "services/health/domain/proto_time.h"
#include "services/health/keys.h"
#include "services/health/store.h"

namespace frontdesk::health {

absl::Status UpdateHealthPolicy(const v1::HealthPolicy& wanted,
                                const std::vector<std::string>& paths,
                                const ::frontdesk::store::Context& ctx,
                                ::frontdesk::store::Txn& txn, v1::HealthPolicy* result) {
  FD_ASSIGN_OR_RETURN(store::v1::PolicyRecord record, LoadPolicy(txn, ctx.tenant));
  v1::HealthPolicy& policy = *record.mutable_policy();
  FD_RETURN_IF_ERROR(CheckEtag(policy.name(), policy.etag(), wanted.etag()));
  if (UpdatePolicy(wanted, paths, policy)) {
    record.set_version(record.version() + 1);
    policy.set_etag(std::to_string(record.version()));
    if (!policy.has_create_time()) ToProto(ctx.now, policy.mutable_create_time());
    ToProto(ctx.now, policy.mutable_update_time());
    keys::kPolicies.Put(txn, keys::kPolicies.Key(ctx.tenant), record);
  }
  *result = policy;
  return absl::OkStatus();
}

}  // namespace frontdesk::health
