#include "services/health/tenants.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/process/tenants_load.h"
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

absl::Status LoadWeights(const rpc::TenantEntry& tenant, process::TenantsLoad& load) {
  FD_ASSIGN_OR_RETURN(v1::HealthPolicy policy, PolicyOf(tenant));
  load.Submit(
      tenant.id, "LoadHealthPolicy",
      [policy = std::move(policy)](const ::frontdesk::store::Context& ctx,
                                   ::frontdesk::store::Txn& txn, ::frontdesk::store::Reply&) {
        v1::HealthPolicy result;
        return UpdateHealthPolicy(policy, {"weights"}, ctx, txn, &result);
      });
  return absl::OkStatus();
}

absl::Status LoadTenant(const Metrics& metrics, const rpc::TenantEntry& tenant,
                        process::TenantsLoad& load) {
  std::vector<FileAccount> accounts;
  for (const rpc::AccountEntry& entry : tenant.accounts) {
    FD_ASSIGN_OR_RETURN(FileAccount account, AccountOf(tenant, entry));
    accounts.push_back(std::move(account));
  }
  // Before the accounts, so that they are scored by it.
  if (tenant.health_weights.has_value()) {
    FD_RETURN_IF_ERROR(LoadWeights(tenant, load));
  }
  for (size_t i = 0; i < accounts.size(); i += kAccountsPerCommand) {
    const auto first = accounts.begin() + static_cast<std::ptrdiff_t>(i);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(kAccountsPerCommand, accounts.size() - i));
    load.Submit(tenant.id, "LoadAccounts",
                [&metrics, part = std::vector<FileAccount>(std::make_move_iterator(first),
                                                           std::make_move_iterator(last))](
                    const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                    ::frontdesk::store::Reply&) -> absl::Status {
                  for (const FileAccount& account : part) {
                    FD_RETURN_IF_ERROR(LoadFileAccount(metrics, account, ctx, txn));
                  }
                  return absl::OkStatus();
                });
  }
  return absl::OkStatus();
}

}  // namespace

void LoadAccounts(const Metrics& metrics, const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                  absl::AnyInvocable<void(absl::Status)> done) {
  const auto load = process::TenantsLoad::Begin(shards, std::move(done));
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    load->Add(LoadTenant(metrics, tenant, *load));
  }
}

}  // namespace frontdesk::health
