#include "services/health/health_rpc.h"

namespace frontdesk::health {

rpc::Service MakeHealthRpc(rpc::Host& host, HealthService& health) {
  rpc::Service service(host, "frontdesk.health.v1.HealthService");
  const auto change = [&](std::string_view name, auto method, rpc::Roles roles) {
    service.Unary(health, method, {.name = name, .roles = roles, .mutation = true});
  };
  const auto read = [&](std::string_view name, auto method) {
    service.Unary(health, method, {.name = name, .roles = rpc::kReaders});
  };
  change("CreateAccount", &HealthService::CreateAccount, rpc::kAdminsAndServices);
  read("GetAccount", &HealthService::GetAccount);
  read("ListAccounts", &HealthService::ListAccounts);
  change("UpdateAccount", &HealthService::UpdateAccount, rpc::kAgents);
  change("RecordSignals", &HealthService::RecordSignals, rpc::kAdminsAndServices);
  service.Unary(health, &HealthService::GetHealthScore,
                {.name = "GetHealthScore", .roles = rpc::kReaders, .tenant_field = "account"});
  read("ListHealthScores", &HealthService::ListHealthScores);
  read("GetHealthPolicy", &HealthService::GetHealthPolicy);
  change("UpdateHealthPolicy", &HealthService::UpdateHealthPolicy, rpc::kAdmins);
  return service;
}

}  // namespace frontdesk::health
