#include "services/channel/channel_service.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/process/sealing.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_scan.h"
#include "services/channel/account_handlers.h"
#include "services/channel/domain/channel_account.h"
#include "services/channel/domain/customer.h"
#include "services/channel/domain/message.h"
#include "services/channel/domain/names.h"
#include "services/channel/message_service.h"
#include "services/channel/webhook_secret.h"

// Accounts and customers; the RPCs of messages are in message_service.cc.
namespace frontdesk::channel {
namespace {

constexpr int kPrepareAttempts = 5;

bool IsStale(const absl::Status& status) {
  return absl::IsAborted(status) && ReasonOf(status) == "STALE_RESULT";
}

}  // namespace

void ChannelService::CreateChannelAccount(const rpc::Call& call,
                                          const v1::CreateChannelAccountRequest& request,
                                          v1::CreateChannelAccountResponse* response,
                                          rpc::Finish finish) {
  absl::Status shape = CheckChannelAccount(request.channel_account(), "channel_account");
  if (shape.ok() && !request.channel_account_id().empty()) {
    shape = ValidateId(request.channel_account_id(), "channel_account_id");
  }
  if (!shape.ok()) return finish(std::move(shape));
  // The secret is added after the commit: what is kept with the request id never holds it.
  auto reveal = [this, tenant = call.tenant, response,
                 finish = std::move(finish)](absl::Status status) mutable {
    if (status.ok() && response->channel_account().kind() == v1::CHANNEL_KIND_WEBHOOK) {
      const std::string& name = response->channel_account().name();
      auto secret = WebhookSecret(in_.keys, tenant, name.substr(name.rfind('/') + 1));
      if (!secret.ok()) return finish(secret.status());
      response->set_webhook_secret(*std::move(secret));
    }
    finish(std::move(status));
  };
  rpc::Submit(
      CommitterOf(call.tenant), call, request, response,
      [&request, response](const db::Context& ctx, db::Txn& txn, db::Reply&) {
        return channel::CreateChannelAccount(request, ctx, txn, response);
      },
      std::move(reveal));
}

void ChannelService::UpdateChannelAccount(const rpc::Call& call,
                                          const v1::UpdateChannelAccountRequest& request,
                                          v1::UpdateChannelAccountResponse* response,
                                          rpc::Finish finish) {
  auto paths = ChannelAccountPaths(
      request.channel_account(),
      {request.update_mask().paths().begin(), request.update_mask().paths().end()});
  if (!paths.ok()) return finish(paths.status());
  rpc::Submit(
      CommitterOf(call.tenant), call, request, response,
      [&request, response, paths = *std::move(paths)](const db::Context& ctx, db::Txn& txn,
                                                      db::Reply&) {
        return channel::UpdateChannelAccount(request, paths, ctx, txn, response);
      },
      std::move(finish));
}

void ChannelService::GetChannelAccount(const rpc::Call& call,
                                       const v1::GetChannelAccountRequest& request,
                                       v1::GetChannelAccountResponse* response,
                                       rpc::Finish finish) {
  auto id = ParseChannelAccountName(call.tenant, request.name(), "name");
  if (!id.ok()) return finish(id.status());
  in_.read_pool.Read(
      StoreOf(call.tenant), /*snapshot=*/false,
      [&call, &request, response, id = *id](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            auto record,
            kChannelAccounts.Load(reader, kChannelAccounts.Key(call.tenant, id), request.name()));
        *response->mutable_channel_account() = std::move(*record.mutable_channel_account());
        return absl::OkStatus();
      },
      std::move(finish));
}

void ChannelService::ListChannelAccounts(const rpc::Call& call,
                                         const v1::ListChannelAccountsRequest& request,
                                         v1::ListChannelAccountsResponse* response,
                                         rpc::Finish finish) {
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  in_.read_pool.Read(
      StoreOf(call.tenant), /*snapshot=*/true,
      [&call, response, page = *page](const db::Reader& reader) {
        response->Clear();
        return rpc::ScanPage(
            reader, kChannelAccounts.Key(call.tenant), page,
            [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
              FD_ASSIGN_OR_RETURN(auto record, kChannelAccounts.Parse(value));
              *response->add_channel_accounts() = std::move(*record.mutable_channel_account());
              return true;
            },
            response->mutable_next_page_token());
      },
      std::move(finish));
}

void ChannelService::GetCustomer(const rpc::Call& call, const v1::GetCustomerRequest& request,
                                 v1::GetCustomerResponse* response, rpc::Finish finish) {
  auto id = ParseCustomerName(call.tenant, request.name(), "name");
  if (!id.ok()) return finish(id.status());
  auto opened = [this, &call, response, id = *id,
                 finish = std::move(finish)](absl::Status status) mutable {
    if (!status.ok() || !MaySeePlainText(call)) return finish(std::move(status));
    in_.keys.Get(call.tenant, {id},
                 [&call, response, id,
                  finish = std::move(finish)](absl::StatusOr<KeyVault::CustomerKeys> keys) mutable {
                   if (keys.ok() && keys->keys[0] != nullptr) {
                     OpenCustomer(*keys->keys[0], call.tenant, id, response->customer(),
                                  *response->mutable_opened());
                   }
                   finish(keys.status());
                 });
  };
  in_.read_pool.Read(
      StoreOf(call.tenant), /*snapshot=*/false,
      [&call, &request, response, id = *id](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            auto record, kCustomers.Load(reader, kCustomers.Key(call.tenant, id), request.name()));
        *response->mutable_customer() = std::move(*record.mutable_customer());
        return absl::OkStatus();
      },
      std::move(opened));
}

void ChannelService::ListCustomers(const rpc::Call& call, const v1::ListCustomersRequest& request,
                                   v1::ListCustomersResponse* response, rpc::Finish finish) {
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  in_.read_pool.Read(
      StoreOf(call.tenant), /*snapshot=*/true,
      [&call, response, page = *page](const db::Reader& reader) {
        response->Clear();
        return rpc::ScanPage(
            reader, kCustomers.Key(call.tenant), page,
            [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
              FD_ASSIGN_OR_RETURN(auto record, kCustomers.Parse(value));
              *response->add_customers() = std::move(*record.mutable_customer());
              return true;
            },
            response->mutable_next_page_token());
      },
      std::move(finish));
}

// Everything a link needs while it is prepared, and prepared again.
struct ChannelService::Link {
  const rpc::Call& call;
  const v1::LinkIdentityRequest& request;
  v1::LinkIdentityResponse* response;
  rpc::Finish finish;
  std::string value;
  PreparedCustomer prepared;
  int attempts = 0;
};

void ChannelService::LinkIdentity(const rpc::Call& call, const v1::LinkIdentityRequest& request,
                                  v1::LinkIdentityResponse* response, rpc::Finish finish) {
  auto work = std::make_shared<Link>(Link{call, request, response, std::move(finish), {}, {}, 0});
  const auto check = [&]() -> absl::Status {
    FD_ASSIGN_OR_RETURN(work->prepared.customer,
                        ParseCustomerName(call.tenant, request.name(), "name"));
    FD_ASSIGN_OR_RETURN(work->value, NormalizeIdentity(request.kind(), request.value(), "value"));
    const bool of_account = request.kind() == v1::IDENTITY_KIND_CHANNEL_USER;
    if (of_account) {
      FD_ASSIGN_OR_RETURN(
          work->prepared.identity_scope,
          ParseChannelAccountName(call.tenant, request.channel_account(), "channel_account"));
    } else if (!request.channel_account().empty()) {
      return InvalidField("channel_account", "is for kind CHANNEL_USER only");
    }
    v1::Identity& identity = work->prepared.identity;
    identity.set_identity_id(ids_.Next(in_.clock.Now()));
    identity.set_kind(request.kind());
    identity.set_channel_account(request.channel_account());
    FD_ASSIGN_OR_RETURN(*identity.mutable_value_hash(),
                        in_.keys.IdentityHash(call.tenant, request.kind(),
                                              work->prepared.identity_scope, work->value));
    return absl::OkStatus();
  };
  if (absl::Status status = check(); !status.ok()) return work->finish(std::move(status));
  PrepareLink(std::move(work));
}

void ChannelService::PrepareLink(std::shared_ptr<Link> work) {
  ++work->attempts;
  in_.keys.Get(work->call.tenant, {work->prepared.customer},
               [this, work](absl::StatusOr<KeyVault::CustomerKeys> keys) {
                 if (!keys.ok()) return work->finish(keys.status());
                 PreparedCustomer& prepared = work->prepared;
                 const text::DataKey* key = keys->keys[0].get();
                 prepared.key_id = key == nullptr ? std::string() : key->key_id;
                 auto sealed = process::SealText(key,
                                                 {.tenant = work->call.tenant,
                                                  .customer = prepared.customer,
                                                  .resource = work->request.name(),
                                                  .field = "identities.value"},
                                                 work->value);
                 if (!sealed.ok()) return work->finish(sealed.status());
                 *prepared.identity.mutable_value() = *std::move(sealed);
                 db::Command command = rpc::MakeCommand(work->call, work->request, work->response);
                 command.handle = [work](const db::Context& ctx, db::Txn& txn, db::Reply& reply) {
                   return channel::LinkIdentity(work->request, work->prepared, ctx, txn, reply,
                                                work->response);
                 };
                 command.rebuild = RebuildCustomer<v1::LinkIdentityResponse>(work->call.tenant);
                 command.done = [this, work](absl::Status status) {
                   if (IsStale(status) && work->attempts < kPrepareAttempts)
                     return PrepareLink(work);
                   work->finish(std::move(status));
                 };
                 CommitterOf(work->call.tenant).Submit(std::move(command));
               });
}

void ChannelService::UnlinkIdentity(const rpc::Call& call, const v1::UnlinkIdentityRequest& request,
                                    v1::UnlinkIdentityResponse* response, rpc::Finish finish) {
  auto id = ParseCustomerName(call.tenant, request.name(), "name");
  if (!id.ok()) return finish(id.status());
  if (request.identity_id().empty()) return finish(InvalidField("identity_id", "is required"));
  db::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [&request, response](const db::Context& ctx, db::Txn& txn, db::Reply& reply) {
    return channel::UnlinkIdentity(request, ctx, txn, reply, response);
  };
  command.rebuild = RebuildCustomer<v1::UnlinkIdentityResponse>(call.tenant);
  command.done = std::move(finish);
  CommitterOf(call.tenant).Submit(std::move(command));
}

absl::Status ChannelService::ReadSender(const db::Reader& reader, const std::string& tenant,
                                        PreparedCustomer& sender, KeyVault::Key& key) {
  FD_ASSIGN_OR_RETURN(
      auto index,
      kIdentities.Find(reader, IdentityKey(tenant, sender.identity.kind(), sender.identity_scope,
                                           sender.identity.value_hash())));
  sender.customer.clear();
  key = nullptr;
  if (!index.has_value()) return absl::OkStatus();
  sender.customer = index->customer();
  key = in_.keys.Cached(tenant, sender.customer);
  if (key != nullptr) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(auto row, kDataKeys.Find(reader, kDataKeys.Key(tenant, sender.customer)));
  if (row.has_value()) {
    FD_ASSIGN_OR_RETURN(key, in_.keys.Unwrap(tenant, sender.customer, *row));
  }
  return absl::OkStatus();
}

absl::Status ChannelService::CompleteSender(const std::string& tenant, std::string_view value,
                                            PreparedCustomer& sender, KeyVault::Key& key) {
  sender.fresh_key.Clear();
  if (!sender.customer.empty()) {
    sender.key_id = key == nullptr ? std::string() : key->key_id;
    return absl::OkStatus();
  }
  sender.customer = ids_.Next(in_.clock.Now());
  FD_ASSIGN_OR_RETURN(KeyVault::Fresh fresh,
                      in_.keys.Make(tenant, sender.customer, ids_.Next(in_.clock.Now())));
  key = std::move(fresh.key);
  sender.fresh_key = std::move(fresh.record);
  sender.key_id = key->key_id;
  sender.identity.set_identity_id(ids_.Next(in_.clock.Now()));
  FD_ASSIGN_OR_RETURN(*sender.identity.mutable_value(),
                      process::SealText(key.get(),
                                        {.tenant = tenant,
                                         .customer = sender.customer,
                                         .resource = CustomerName(tenant, sender.customer),
                                         .field = "identities.value"},
                                        value));
  return absl::OkStatus();
}

struct ChannelService::Ensure {
  rpc::Call call;
  std::string value;
  std::string account;
  PreparedCustomer sender;
  KeyVault::Key key;
  rpc::Finish finish;
  int attempts = 0;
};

void ChannelService::EnsureCustomer(const rpc::Call& call, v1::IdentityKind kind,
                                    const std::string& channel_account, const std::string& value,
                                    const std::string& account, rpc::Finish finish) {
  auto work = std::make_shared<Ensure>();
  work->call = call;
  work->account = account;
  work->finish = std::move(finish);
  const auto check = [&]() -> absl::Status {
    FD_ASSIGN_OR_RETURN(work->value, NormalizeIdentity(kind, value, "customers"));
    work->sender.identity_scope = channel_account;
    work->sender.identity.set_kind(kind);
    if (!channel_account.empty()) {
      work->sender.identity.set_channel_account(ChannelAccountName(call.tenant, channel_account));
    }
    FD_ASSIGN_OR_RETURN(*work->sender.identity.mutable_value_hash(),
                        in_.keys.IdentityHash(call.tenant, kind, channel_account, work->value));
    return absl::OkStatus();
  };
  if (absl::Status status = check(); !status.ok()) return work->finish(std::move(status));
  PrepareEnsure(std::move(work));
}

void ChannelService::PrepareEnsure(std::shared_ptr<Ensure> work) {
  ++work->attempts;
  const auto submit = [this, work](absl::Status status) {
    if (status.ok()) {
      status = CompleteSender(work->call.tenant, work->value, work->sender, work->key);
    }
    if (!status.ok()) return work->finish(std::move(status));
    db::Command command;
    command.method = "EnsureCustomer";
    command.tenant = work->call.tenant;
    command.actor = work->call.caller.principal;
    command.cause = "tenants_file";
    command.handle = [work](const db::Context& ctx, db::Txn& txn, db::Reply&) {
      return channel::EnsureCustomer(work->sender, work->account, ctx, txn);
    };
    command.done = [this, work](absl::Status status) {
      if (IsStale(status) && work->attempts < kPrepareAttempts) return PrepareEnsure(work);
      work->finish(std::move(status));
    };
    CommitterOf(work->call.tenant).Submit(std::move(command));
  };
  in_.read_pool.Read(
      StoreOf(work->call.tenant), /*snapshot=*/true,
      [this, work](const db::Reader& reader) {
        return ReadSender(reader, work->call.tenant, work->sender, work->key);
      },
      submit);
}

}  // namespace frontdesk::channel
