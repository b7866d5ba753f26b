#include "services/billing/billing_service.h"

#include <iterator>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/finish_macros.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/billing/invoice_handlers.h"
#include "services/billing/ledger_store.h"
#include "services/billing/lists.h"
#include "services/billing/names.h"
#include "services/billing/plan_handlers.h"
#include "services/billing/request_checks.h"
#include "services/billing/usage_handlers.h"

namespace frontdesk::billing {

void BillingService::Read(const rpc::Call& call, db::ReadPool::ReadFn read, rpc::Finish finish) {
  in_.reads.Read(in_.shards.For(call.tenant).store(), /*snapshot=*/true, std::move(read),
                 std::move(finish));
}

void BillingService::CreatePlan(const rpc::Call& call, const v1::CreatePlanRequest& request,
                                v1::CreatePlanResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckCreatePlan(call.tenant, request));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [&request, response](const db::Context& ctx, db::Txn& txn, db::Reply&) {
        return billing::CreatePlan(request.plan_id(), request.plan(), ctx, txn,
                                   response->mutable_plan());
      },
      std::move(finish));
}

void BillingService::GetPlan(const rpc::Call& call, const v1::GetPlanRequest& request,
                             v1::GetPlanResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(std::string plan,
                      ParseName(call.tenant, request.name(), collection::kPlans, "name"));
  Read(
      call,
      [key = kPlans.Key(call.tenant, plan), &request,
       response](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, kPlans.Load(reader, key, request.name()));
        *response->mutable_plan() = std::move(*record.mutable_plan());
        return absl::OkStatus();
      },
      std::move(finish));
}

void BillingService::ListPlans(const rpc::Call& call, const v1::ListPlansRequest& request,
                               v1::ListPlansResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [&call, page = std::move(page), response](const db::Reader& reader) {
        return billing::ListPlans(reader, call.tenant, page, response);
      },
      std::move(finish));
}

void BillingService::CreateSubscription(const rpc::Call& call,
                                        const v1::CreateSubscriptionRequest& request,
                                        v1::CreateSubscriptionResponse* response,
                                        rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckCreateSubscription(call.tenant, request));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [&request, response](const db::Context& ctx, db::Txn& txn, db::Reply&) {
        return billing::CreateSubscription(request.subscription_id(), request.subscription(), ctx,
                                           txn, response->mutable_subscription());
      },
      std::move(finish));
}

void BillingService::GetSubscription(const rpc::Call& call,
                                     const v1::GetSubscriptionRequest& request,
                                     v1::GetSubscriptionResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(
      ParseName(call.tenant, request.name(), collection::kSubscriptions, "name").status());
  Read(
      call,
      [&call, &request, response](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadSubscription(reader, call.tenant, request.name()));
        *response->mutable_subscription() = std::move(*record.mutable_subscription());
        return absl::OkStatus();
      },
      std::move(finish));
}

void BillingService::ListSubscriptions(const rpc::Call& call,
                                       const v1::ListSubscriptionsRequest& request,
                                       v1::ListSubscriptionsResponse* response,
                                       rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  FD_FINISH_IF_ERROR(rpc::ParsePage(request).status());
  Read(
      call,
      [&call, response](const db::Reader& reader) -> absl::Status {
        response->Clear();
        FD_ASSIGN_OR_RETURN(auto record,
                            kSubscriptions.Find(reader, kSubscriptions.Key(call.tenant)));
        if (record.has_value()) {
          *response->add_subscriptions() = std::move(*record->mutable_subscription());
        }
        return absl::OkStatus();
      },
      std::move(finish));
}

void BillingService::RecordUsage(const rpc::Call& call, const v1::RecordUsageRequest& request,
                                 v1::RecordUsageResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckRecordUsage(call.tenant, request, in_.clock.Now()));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [this, &request, response](const db::Context& ctx, db::Txn& txn, db::Reply&) {
        return RecordReportedUsage(in_.metrics, request, ctx, txn, response);
      },
      std::move(finish));
}

void BillingService::ListUsages(const rpc::Call& call, const v1::ListUsagesRequest& request,
                                v1::ListUsagesResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckListUsages(call.tenant, request));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [&call, &request, page = std::move(page), response](const db::Reader& reader) {
        return billing::ListUsages(reader, call.tenant, request.source(), page, response);
      },
      std::move(finish));
}

void BillingService::GetUsageSummary(const rpc::Call& call,
                                     const v1::GetUsageSummaryRequest& request,
                                     v1::GetUsageSummaryResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  FD_ASSIGN_OR_FINISH(const Days days, ParseDays(request.start_time(), request.end_time()));
  Read(
      call,
      [&call, days, response](const db::Reader& reader) -> absl::Status {
        std::vector<v1::MeterSummary> meters;
        FD_RETURN_IF_ERROR(SumDays(reader, call.tenant, days, &meters));
        response->mutable_meters()->Assign(std::make_move_iterator(meters.begin()),
                                           std::make_move_iterator(meters.end()));
        return absl::OkStatus();
      },
      std::move(finish));
}

void BillingService::PreviewInvoice(const rpc::Call& call, const v1::PreviewInvoiceRequest& request,
                                    v1::PreviewInvoiceResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const Period period, PreviewedPeriod(call.tenant, request, in_.clock.Now()));
  Read(
      call,
      [&call, &request, period, response](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            *response->mutable_invoice(),
            billing::PreviewInvoice(reader, call.tenant, request.subscription(), period));
        return absl::OkStatus();
      },
      std::move(finish));
}

void BillingService::IssueInvoice(const rpc::Call& call, const v1::IssueInvoiceRequest& request,
                                  v1::IssueInvoiceResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const Period period, IssuedPeriod(call.tenant, request));
  auto command = rpc::MakeCommand(call, request, response);
  command.handle = [this, &request, period, response](const db::Context& ctx, db::Txn& txn,
                                                      db::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(billing::IssueInvoice(in_.metrics, request.subscription(), period, ctx, txn,
                                             response->mutable_invoice()));
    reply.resource = response->invoice().name();
    return absl::OkStatus();
  };
  command.rebuild = [tenant = call.tenant](const db::Reader& reader, std::string_view name,
                                           google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(auto record,
                        kInvoices.Load(reader, kInvoices.Key(tenant, IdOf(name)), name));
    *static_cast<v1::IssueInvoiceResponse*>(message)->mutable_invoice() =
        std::move(*record.mutable_invoice());
    return absl::OkStatus();
  };
  command.done = std::move(finish);
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void BillingService::GetInvoice(const rpc::Call& call, const v1::GetInvoiceRequest& request,
                                v1::GetInvoiceResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(std::string invoice,
                      ParseName(call.tenant, request.name(), collection::kInvoices, "name"));
  Read(
      call,
      [key = kInvoices.Key(call.tenant, invoice), &request,
       response](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, kInvoices.Load(reader, key, request.name()));
        *response->mutable_invoice() = std::move(*record.mutable_invoice());
        return absl::OkStatus();
      },
      std::move(finish));
}

void BillingService::ListInvoices(const rpc::Call& call, const v1::ListInvoicesRequest& request,
                                  v1::ListInvoicesResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [&call, page = std::move(page), response](const db::Reader& reader) {
        return billing::ListInvoices(reader, call.tenant, page, response);
      },
      std::move(finish));
}

void BillingService::ListLedgerEntries(const rpc::Call& call,
                                       const v1::ListLedgerEntriesRequest& request,
                                       v1::ListLedgerEntriesResponse* response,
                                       rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckListLedgerEntries(call.tenant, request));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [&call, filter = LedgerFilter{request.ledger_account(), request.group_id()},
       page = std::move(page), response](const db::Reader& reader) {
        return ListEntries(reader, call.tenant, filter, page, response);
      },
      std::move(finish));
}

void BillingService::ListLedgerBalances(const rpc::Call& call,
                                        const v1::ListLedgerBalancesRequest& request,
                                        v1::ListLedgerBalancesResponse* response,
                                        rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [&call, page = std::move(page), response](const db::Reader& reader) {
        return ListBalances(reader, call.tenant, page, response);
      },
      std::move(finish));
}

}  // namespace frontdesk::billing
