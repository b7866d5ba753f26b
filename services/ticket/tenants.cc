#include "services/ticket/tenants.h"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/sla_policy.h"
#include "services/ticket/sla_handlers.h"

namespace frontdesk::ticket {
namespace {

// Calls `done` when the last of several commands has ended, which is when the last copy of the
// pointer to it goes.
class Ending {
 public:
  explicit Ending(absl::AnyInvocable<void(absl::Status)> done) : done_(std::move(done)) {}
  ~Ending() { done_(std::move(status_)); }

  void Add(absl::Status status) {
    const std::lock_guard lock(mu_);
    status_.Update(status);
  }

 private:
  absl::AnyInvocable<void(absl::Status)> done_;
  std::mutex mu_;
  absl::Status status_;  // guarded by mu_
};

v1::SlaPolicy PolicyOf(const rpc::TenantEntry& tenant) {
  v1::SlaPolicy policy;
  for (const rpc::SlaEntry& entry : tenant.sla) {
    common::v1::Priority priority = common::v1::PRIORITY_UNSPECIFIED;
    // An unknown name stays unspecified, which CheckSlaPolicy refuses.
    common::v1::Priority_Parse("PRIORITY_" + entry.priority, &priority);
    v1::SlaTarget& target = *policy.add_targets();
    target.set_priority(priority);
    ToProto(entry.first_response, target.mutable_first_response());
    ToProto(entry.resolution, target.mutable_resolution());
  }
  return policy;
}

}  // namespace

void LoadSlaPolicies(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                     absl::AnyInvocable<void(absl::Status)> done) {
  auto ending = std::make_shared<Ending>(std::move(done));
  const std::vector<std::string> paths = {"targets"};
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    if (tenant.sla.empty()) continue;
    v1::SlaPolicy policy = PolicyOf(tenant);
    if (absl::Status status = CheckSlaPolicy(policy, paths); !status.ok()) {
      ending->Add(status);
      continue;
    }
    ::frontdesk::store::Command command;
    command.method = "LoadSlaPolicy";
    command.tenant = tenant.id;
    command.actor = "services/ticket";
    command.cause = "tenants-file";
    command.handle = [policy = std::move(policy), paths](const ::frontdesk::store::Context& ctx,
                                                         ::frontdesk::store::Txn& txn,
                                                         ::frontdesk::store::Reply&) {
      v1::SlaPolicy result;
      return UpdateSlaPolicy(policy, paths, ctx, txn, &result);
    };
    command.done = [ending](absl::Status status) { ending->Add(std::move(status)); };
    shards.For(tenant.id).Submit(std::move(command));
  }
}

}  // namespace frontdesk::ticket
