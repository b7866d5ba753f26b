#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "frontdesk/billing/v1/billing_service.pb.h"
#include "libs/base/clock.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/store/command.h"
#include "libs/store/read_pool.h"
#include "services/billing/keys.h"
#include "services/billing/metrics.h"

namespace frontdesk::billing {

// The RPCs, free of gRPC: shape checks, then a command to the tenant's committer; or a read from
// the store, memory first. No rule lives here. Owned by the App, thread safe, never blocks.
// Requests and responses live until `finish`.
class BillingService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    db::ReadPool& reads;
    const Clock& clock;
    const Metrics& metrics;
  };
  explicit BillingService(const Collaborators& in) : in_(in) {}

  void CreatePlan(const rpc::Call& call, const v1::CreatePlanRequest& request,
                  v1::CreatePlanResponse* response, rpc::Finish finish);
  void GetPlan(const rpc::Call& call, const v1::GetPlanRequest& request,
               v1::GetPlanResponse* response, rpc::Finish finish);
  void ListPlans(const rpc::Call& call, const v1::ListPlansRequest& request,
                 v1::ListPlansResponse* response, rpc::Finish finish);
  void CreateSubscription(const rpc::Call& call, const v1::CreateSubscriptionRequest& request,
                          v1::CreateSubscriptionResponse* response, rpc::Finish finish);
  void GetSubscription(const rpc::Call& call, const v1::GetSubscriptionRequest& request,
                       v1::GetSubscriptionResponse* response, rpc::Finish finish);
  void ListSubscriptions(const rpc::Call& call, const v1::ListSubscriptionsRequest& request,
                         v1::ListSubscriptionsResponse* response, rpc::Finish finish);
  void RecordUsage(const rpc::Call& call, const v1::RecordUsageRequest& request,
                   v1::RecordUsageResponse* response, rpc::Finish finish);
  void ListUsages(const rpc::Call& call, const v1::ListUsagesRequest& request,
                  v1::ListUsagesResponse* response, rpc::Finish finish);
  void GetUsageSummary(const rpc::Call& call, const v1::GetUsageSummaryRequest& request,
                       v1::GetUsageSummaryResponse* response, rpc::Finish finish);
  void PreviewInvoice(const rpc::Call& call, const v1::PreviewInvoiceRequest& request,
                      v1::PreviewInvoiceResponse* response, rpc::Finish finish);
  void IssueInvoice(const rpc::Call& call, const v1::IssueInvoiceRequest& request,
                    v1::IssueInvoiceResponse* response, rpc::Finish finish);
  void GetInvoice(const rpc::Call& call, const v1::GetInvoiceRequest& request,
                  v1::GetInvoiceResponse* response, rpc::Finish finish);
  void ListInvoices(const rpc::Call& call, const v1::ListInvoicesRequest& request,
                    v1::ListInvoicesResponse* response, rpc::Finish finish);
  void ListLedgerEntries(const rpc::Call& call, const v1::ListLedgerEntriesRequest& request,
                         v1::ListLedgerEntriesResponse* response, rpc::Finish finish);
  void ListLedgerBalances(const rpc::Call& call, const v1::ListLedgerBalancesRequest& request,
                          v1::ListLedgerBalancesResponse* response, rpc::Finish finish);

 private:
  // Reads on the calling thread when it is in memory, else on the read pool. All of one read sees
  // one state.
  void Read(const rpc::Call& call, db::ReadPool::ReadFn read, rpc::Finish finish);

  const Collaborators in_;
};

}  // namespace frontdesk::billing
