#include "services/billing/billing_rpc.h"

namespace frontdesk::billing {

rpc::Service MakeBillingRpc(rpc::Host& host, BillingService& billing) {
  constexpr rpc::Roles kReaders(rpc::Role::kAdmin, rpc::Role::kService, rpc::Role::kAnalyst);
  rpc::Service service(host, "frontdesk.billing.v1.BillingService");
  const auto change = [&](std::string_view name, auto method, std::string_view tenant_field = {}) {
    service.Unary(billing, method,
                  {.name = name,
                   .roles = rpc::kAdminsAndServices,
                   .mutation = true,
                   .tenant_field = tenant_field});
  };
  const auto read = [&](std::string_view name, auto method, std::string_view tenant_field = {}) {
    service.Unary(billing, method, {.name = name, .roles = kReaders, .tenant_field = tenant_field});
  };
  change("CreatePlan", &BillingService::CreatePlan);
  read("GetPlan", &BillingService::GetPlan);
  read("ListPlans", &BillingService::ListPlans);
  change("CreateSubscription", &BillingService::CreateSubscription);
  read("GetSubscription", &BillingService::GetSubscription);
  read("ListSubscriptions", &BillingService::ListSubscriptions);
  change("RecordUsage", &BillingService::RecordUsage);
  read("ListUsages", &BillingService::ListUsages);
  read("GetUsageSummary", &BillingService::GetUsageSummary);
  read("PreviewInvoice", &BillingService::PreviewInvoice, "subscription");
  change("IssueInvoice", &BillingService::IssueInvoice, "subscription");
  read("GetInvoice", &BillingService::GetInvoice);
  read("ListInvoices", &BillingService::ListInvoices);
  read("ListLedgerEntries", &BillingService::ListLedgerEntries);
  read("ListLedgerBalances", &BillingService::ListLedgerBalances);
  return service;
}

}  // namespace frontdesk::billing
