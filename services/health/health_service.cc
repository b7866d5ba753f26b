#include "services/health/health_service.h"

#include <string>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/rpc/finish_macros.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/health/account_handlers.h"
#include "services/health/policy_handlers.h"
#include "services/health/request_checks.h"
#include "services/health/signal_handlers.h"
#include "services/health/store.h"

namespace frontdesk::health {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::Reader;
using ::frontdesk::store::Reply;
using ::frontdesk::store::Txn;

absl::Status CheckParent(std::string_view tenant, std::string_view parent) {
  if (parent == "tenants/" + std::string(tenant)) return absl::OkStatus();
  return InvalidField("parent", "must be tenants/{tenant}");
}

absl::Status CheckPolicyName(std::string_view tenant, std::string_view name,
                             std::string_view field) {
  if (name == PolicyName(tenant)) return absl::OkStatus();
  return InvalidField(field, "must be tenants/{tenant}/healthPolicy");
}

}  // namespace

void HealthService::Submit(const rpc::Call& call, const google::protobuf::Message& request,
                           google::protobuf::Message* response, ::frontdesk::store::Handler handler,
                           rpc::Finish finish) {
  rpc::Submit(in_.shards.For(call.tenant).committer(), call, request, response, std::move(handler),
              std::move(finish));
}

void HealthService::Read(const rpc::Call& call, ::frontdesk::store::ReadPool::ReadFn read,
                         rpc::Finish finish) {
  in_.reads.Read(in_.shards.For(call.tenant).store(), /*snapshot=*/false, std::move(read),
                 std::move(finish));
}

void HealthService::CreateAccount(const rpc::Call& call, const v1::CreateAccountRequest& request,
                                  v1::CreateAccountResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  if (!request.account_id().empty()) {
    FD_FINISH_IF_ERROR(ValidateId(request.account_id(), "account_id"));
  }
  FD_FINISH_IF_ERROR(CheckAccount(request.account()));
  AccountRef ref{call.tenant,
                 request.account_id().empty() ? ids_.Next(in_.clock.Now()) : request.account_id()};
  Submit(
      call, request, response,
      [this, &request, response, ref = std::move(ref)](const Context& ctx, Txn& txn, Reply&) {
        return health::CreateAccount(in_.metrics, ref, request.account(), ctx, txn,
                                     response->mutable_account());
      },
      std::move(finish));
}

void HealthService::GetAccount(const rpc::Call& call, const v1::GetAccountRequest& request,
                               v1::GetAccountResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(AccountRef ref, ParseAccountName(call.tenant, request.name(), "name"));
  Read(
      call,
      [ref = std::move(ref), response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadAccount(reader, ref));
        *response->mutable_account() = std::move(*record.mutable_account());
        return absl::OkStatus();
      },
      std::move(finish));
}

void HealthService::ListAccounts(const rpc::Call& call, const v1::ListAccountsRequest& request,
                                 v1::ListAccountsResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [tenant = call.tenant, alert_only = request.alert_only(), page = std::move(page),
       response](const Reader& reader) {
        return health::ListAccounts(reader, tenant, alert_only, page, response);
      },
      std::move(finish));
}

void HealthService::UpdateAccount(const rpc::Call& call, const v1::UpdateAccountRequest& request,
                                  v1::UpdateAccountResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(AccountRef ref,
                      ParseAccountName(call.tenant, request.account().name(), "account.name"));
  FD_ASSIGN_OR_FINISH(std::vector<std::string> paths, UpdatePaths(request));
  Submit(
      call, request, response,
      [this, &request, response, ref = std::move(ref), paths = std::move(paths)](const Context& ctx,
                                                                                 Txn& txn, Reply&) {
        return ChangeAccount(in_.metrics, ref, request.account(), paths, ctx, txn,
                             response->mutable_account());
      },
      std::move(finish));
}

void HealthService::RecordSignals(const rpc::Call& call, const v1::RecordSignalsRequest& request,
                                  v1::RecordSignalsResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call.tenant, request.parent()));
  FD_FINISH_IF_ERROR(CheckSignals(call.tenant, request));
  Submit(
      call, request, response,
      [this, &request, response](const Context& ctx, Txn& txn, Reply&) {
        return health::RecordSignals(in_.metrics, request, ctx, txn, response);
      },
      std::move(finish));
}

void HealthService::GetHealthScore(const rpc::Call& call, const v1::GetHealthScoreRequest& request,
                                   v1::GetHealthScoreResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(AccountRef ref, ParseAccountName(call.tenant, request.account(), "account"));
  Read(
      call,
      [ref = std::move(ref), response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadAccount(reader, ref));
        *response->mutable_health_score() = std::move(*record.mutable_current());
        return absl::OkStatus();
      },
      std::move(finish));
}

void HealthService::ListHealthScores(const rpc::Call& call,
                                     const v1::ListHealthScoresRequest& request,
                                     v1::ListHealthScoresResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(AccountRef ref, ParseAccountName(call.tenant, request.parent(), "parent"));
  FD_ASSIGN_OR_FINISH(rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [ref = std::move(ref), page = std::move(page), response](const Reader& reader) {
        return ListScores(reader, ref, page, response);
      },
      std::move(finish));
}

void HealthService::GetHealthPolicy(const rpc::Call& call,
                                    const v1::GetHealthPolicyRequest& request,
                                    v1::GetHealthPolicyResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckPolicyName(call.tenant, request.name(), "name"));
  Read(
      call,
      [tenant = call.tenant, response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadPolicy(reader, tenant));
        *response->mutable_health_policy() = std::move(*record.mutable_policy());
        return absl::OkStatus();
      },
      std::move(finish));
}

void HealthService::UpdateHealthPolicy(const rpc::Call& call,
                                       const v1::UpdateHealthPolicyRequest& request,
                                       v1::UpdateHealthPolicyResponse* response,
                                       rpc::Finish finish) {
  FD_FINISH_IF_ERROR(
      CheckPolicyName(call.tenant, request.health_policy().name(), "health_policy.name"));
  FD_ASSIGN_OR_FINISH(std::vector<std::string> paths, UpdatePaths(request));
  Submit(
      call, request, response,
      [&request, response, paths = std::move(paths)](const Context& ctx, Txn& txn, Reply&) {
        return health::UpdateHealthPolicy(request.health_policy(), paths, ctx, txn,
                                          response->mutable_health_policy());
      },
      std::move(finish));
}

}  // namespace frontdesk::health
