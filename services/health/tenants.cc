#include "services/health/tenants.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/health/account_edit.h"
#include "services/health/account_handlers.h"
#include "services/health/domain/dimension.h"
#include "services/health/domain/policy.h"
#include "services/health/policy_handlers.h"
#include "services/health/request_checks.h"

namespace frontdesk::health {
namespace {

// Accounts in one command; each may touch kMaxRowsPerAccount rows.
constexpr size_t kAccountsPerCommand = 50;
static_assert(kAccountsPerCommand * kMaxRowsPerAccount <= ::frontdesk::store::kMaxTxnRows);

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

absl::Status UnknownDimension(std::string_view where, std::string_view name) {
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
               fmt::format("{}: '{}' is no part of the health score", where, name));
}

// Parts that the file leaves out weigh nothing.
absl::StatusOr<v1::HealthPolicy> PolicyOf(const rpc::TenantEntry& tenant) {
  v1::HealthPolicy policy;
  for (const DimensionSpec& spec : kDimensionSpecs) {
    policy.add_weights()->set_dimension(spec.dimension);
  }
  for (const auto& [name, weight_bps] : tenant.health_weights->weights_bps) {
    const auto index = IndexOf(DimensionNamed(name));
    if (!index.has_value()) {
      return UnknownDimension(fmt::format("tenant '{}', health_weights", tenant.id), name);
    }
    policy.mutable_weights(static_cast<int>(*index))
        ->set_weight_bps(static_cast<int32_t>(weight_bps));
  }
  FD_RETURN_IF_ERROR(CheckPolicy(policy, {"weights"}));
  return policy;
}

absl::StatusOr<FileAccount> AccountOf(const rpc::TenantEntry& tenant,
                                      const rpc::AccountEntry& entry) {
  FileAccount account{{tenant.id, entry.id}, entry.display_name, {}};
  FD_RETURN_IF_ERROR(CheckDisplayName(
      entry.display_name,
      fmt::format("tenant '{}', account '{}', display_name", tenant.id, entry.id)));
  for (const auto& [name, value_bps] : entry.signals_bps) {
    const v1::HealthDimension dimension = DimensionNamed(name);
    if (!IndexOf(dimension).has_value()) {
      return UnknownDimension(
          fmt::format("tenant '{}', account '{}', signals", tenant.id, entry.id), name);
    }
    v1::Signal& signal = account.signals.emplace_back();
    signal.set_dimension(dimension);
    signal.set_value_bps(static_cast<int32_t>(value_bps));
  }
  return account;
}

void Submit(bus::ShardSet& shards, const std::string& tenant, std::string_view method,
            ::frontdesk::store::Handler handler, std::shared_ptr<Ending> ending) {
  ::frontdesk::store::Command command;
  command.method = method;
  command.tenant = tenant;
  command.actor = "services/health";
  command.cause = "tenants-file";
  command.handle = std::move(handler);
  command.done = [ending = std::move(ending)](absl::Status status) {
    ending->Add(std::move(status));
  };
  shards.For(tenant).Submit(std::move(command));
}

absl::Status LoadWeights(const rpc::TenantEntry& tenant, bus::ShardSet& shards,
                         const std::shared_ptr<Ending>& ending) {
  FD_ASSIGN_OR_RETURN(v1::HealthPolicy policy, PolicyOf(tenant));
  Submit(
      shards, tenant.id, "LoadHealthPolicy",
      [policy = std::move(policy)](const ::frontdesk::store::Context& ctx,
                                   ::frontdesk::store::Txn& txn, ::frontdesk::store::Reply&) {
        v1::HealthPolicy result;
        return UpdateHealthPolicy(policy, {"weights"}, ctx, txn, &result);
      },
      ending);
  return absl::OkStatus();
}

absl::Status LoadTenant(const Metrics& metrics, const rpc::TenantEntry& tenant,
                        bus::ShardSet& shards, const std::shared_ptr<Ending>& ending) {
  std::vector<FileAccount> accounts;
  for (const rpc::AccountEntry& entry : tenant.accounts) {
    FD_ASSIGN_OR_RETURN(FileAccount account, AccountOf(tenant, entry));
    accounts.push_back(std::move(account));
  }
  // Before the accounts, so that they are scored by it.
  if (tenant.health_weights.has_value()) {
    FD_RETURN_IF_ERROR(LoadWeights(tenant, shards, ending));
  }
  for (size_t i = 0; i < accounts.size(); i += kAccountsPerCommand) {
    const auto first = accounts.begin() + static_cast<std::ptrdiff_t>(i);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(kAccountsPerCommand, accounts.size() - i));
    Submit(
        shards, tenant.id, "LoadAccounts",
        [&metrics, part = std::vector<FileAccount>(std::make_move_iterator(first),
                                                   std::make_move_iterator(last))](
            const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
            ::frontdesk::store::Reply&) -> absl::Status {
          for (const FileAccount& account : part) {
            FD_RETURN_IF_ERROR(LoadFileAccount(metrics, account, ctx, txn));
          }
          return absl::OkStatus();
        },
        ending);
  }
  return absl::OkStatus();
}

}  // namespace

void LoadAccounts(const Metrics& metrics, const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                  absl::AnyInvocable<void(absl::Status)> done) {
  auto ending = std::make_shared<Ending>(std::move(done));
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    ending->Add(LoadTenant(metrics, tenant, shards, ending));
  }
}

}  // namespace frontdesk::health
