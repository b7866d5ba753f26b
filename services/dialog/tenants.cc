#include "services/dialog/tenants.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "services/dialog/agent_handlers.h"

namespace frontdesk::dialog {
namespace {

// A command touches few rows; a tenant may have many agents.
constexpr size_t kAgentsPerCommand = 200;

// Calls `done` when the last of several commands has ended, which is when the last copy of the
// pointer to it goes.
class Ending {
 public:
  explicit Ending(absl::AnyInvocable<void(absl::Status)> done) : done_(std::move(done)) {}
  ~Ending() { done_(std::move(status_)); }

  void Add(const absl::Status& status) {
    const std::lock_guard lock(mu_);
    status_.Update(status);
  }

 private:
  absl::AnyInvocable<void(absl::Status)> done_;
  std::mutex mu_;
  absl::Status status_;  // guarded by mu_
};

struct Wanted {
  std::string id;
  v1::Agent agent;
};

engine::Command LoadCommand(const std::string& tenant, std::vector<Wanted> agents) {
  engine::Command command;
  command.method = "LoadAgents";
  command.tenant = tenant;
  command.actor = "services/dialog";
  command.cause = "tenants-file";
  command.handle = [agents = std::move(agents)](const engine::Context& ctx, engine::Txn& txn,
                                                engine::Reply&) -> absl::Status {
    for (const Wanted& wanted : agents) {
      FD_RETURN_IF_ERROR(LoadAgent(wanted.id, wanted.agent, ctx, txn));
    }
    return absl::OkStatus();
  };
  return command;
}

absl::StatusOr<std::vector<Wanted>> AgentsOf(const rpc::TenantEntry& tenant) {
  std::vector<Wanted> agents;
  for (const rpc::AgentEntry& entry : tenant.agents) {
    v1::Agent agent;
    agent.set_display_name(entry.display_name.empty() ? entry.id : entry.display_name);
    agent.mutable_languages()->Assign(entry.languages.begin(), entry.languages.end());
    agent.set_active(true);
    FD_RETURN_IF_ERROR(CheckAgent(agent, "agents." + entry.id + "."));
    agents.push_back({entry.id, std::move(agent)});
  }
  return agents;
}

}  // namespace

void LoadAgents(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                absl::AnyInvocable<void(absl::Status)> done) {
  auto ending = std::make_shared<Ending>(std::move(done));
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    auto agents = AgentsOf(tenant);
    if (!agents.ok()) {
      ending->Add(agents.status());
      continue;
    }
    for (size_t at = 0; at < agents->size(); at += kAgentsPerCommand) {
      const size_t end = std::min(at + kAgentsPerCommand, agents->size());
      const auto begin = agents->begin();
      engine::Command command = LoadCommand(
          tenant.id, {begin + static_cast<ptrdiff_t>(at), begin + static_cast<ptrdiff_t>(end)});
      command.done = [ending](absl::Status status) { ending->Add(status); };
      shards.For(tenant.id).Submit(std::move(command));
    }
  }
}

}  // namespace frontdesk::dialog
