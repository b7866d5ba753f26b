#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/channel/v1/channel_service.pb.h"
#include "libs/store/command.h"
#include "services/channel/keys.h"

// Commands on channel accounts. They run on the committer: deterministic, no I/O.
namespace frontdesk::channel {

absl::Status CreateChannelAccount(const v1::CreateChannelAccountRequest& request,
                                  const db::Context& ctx, db::Txn& txn,
                                  v1::CreateChannelAccountResponse* response);
absl::Status UpdateChannelAccount(const v1::UpdateChannelAccountRequest& request,
                                  const std::vector<std::string>& paths, const db::Context& ctx,
                                  db::Txn& txn, v1::UpdateChannelAccountResponse* response);

}  // namespace frontdesk::channel
