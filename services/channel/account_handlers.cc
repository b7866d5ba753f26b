#include "services/channel/account_handlers.h"

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/channel/domain/channel_account.h"
#include "services/channel/domain/names.h"
#include "services/channel/domain/version.h"

namespace frontdesk::channel {

absl::Status CreateChannelAccount(const v1::CreateChannelAccountRequest& request,
                                  const db::Context& ctx, db::Txn& txn,
                                  v1::CreateChannelAccountResponse* response) {
  const std::string id =
      request.channel_account_id().empty() ? ctx.NewId() : request.channel_account_id();
  const std::string name = ChannelAccountName(ctx.tenant, id);
  const std::string key = kChannelAccounts.Key(ctx.tenant, id);
  FD_ASSIGN_OR_RETURN(auto existing, kChannelAccounts.Find(txn, key));
  if (existing.has_value()) {
    return WithResource(WithMetadata(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                           "the channel account exists"),
                                     "name", name),
                        "channel account", name);
  }
  records::ChannelAccountRecord record;
  record.set_version(1);
  v1::ChannelAccount& account = *record.mutable_channel_account();
  account = request.channel_account();
  account.set_name(name);
  account.set_etag(EtagOf(record.version()));
  *account.mutable_create_time() = ToTimestamp(ctx.now);
  *account.mutable_update_time() = ToTimestamp(ctx.now);
  kChannelAccounts.Put(txn, key, record);
  *response->mutable_channel_account() = account;
  return absl::OkStatus();
}

absl::Status UpdateChannelAccount(const v1::UpdateChannelAccountRequest& request,
                                  const std::vector<std::string>& paths, const db::Context& ctx,
                                  db::Txn& txn, v1::UpdateChannelAccountResponse* response) {
  const v1::ChannelAccount& change = request.channel_account();
  FD_ASSIGN_OR_RETURN(const std::string id,
                      ParseChannelAccountName(ctx.tenant, change.name(), "channel_account.name"));
  const std::string key = kChannelAccounts.Key(ctx.tenant, id);
  FD_ASSIGN_OR_RETURN(records::ChannelAccountRecord record,
                      kChannelAccounts.Load(txn, key, change.name()));
  FD_RETURN_IF_ERROR(CheckEtag(change.etag(), record.version(), change.name()));
  v1::ChannelAccount& account = *record.mutable_channel_account();
  if (ChangeChannelAccount(change, paths, account)) {
    FD_RETURN_IF_ERROR(CheckChannelAccount(account, "channel_account"));
    record.set_version(record.version() + 1);
    account.set_etag(EtagOf(record.version()));
    *account.mutable_update_time() = ToTimestamp(ctx.now);
    kChannelAccounts.Put(txn, key, record);
  }
  *response->mutable_channel_account() = account;
  return absl::OkStatus();
}

}  // namespace frontdesk::channel
