#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/channel/v1/channel.pb.h"

// Rules of channel accounts: what one may say, and what may change later.
namespace frontdesk::channel {

// INVALID_ARGUMENT for the first field that breaks its limit; `field` is the path in front of it.
absl::Status CheckChannelAccount(const v1::ChannelAccount& account, std::string_view field);

// The paths that an update names: `mask`, or the populated changeable fields when it is empty, or
// all changeable ones for "*". INVALID_ARGUMENT for any other path.
absl::StatusOr<std::vector<std::string>> ChannelAccountPaths(const v1::ChannelAccount& change,
                                                             const std::vector<std::string>& mask);
// Copies these paths. True when something differs now.
bool ChangeChannelAccount(const v1::ChannelAccount& change, const std::vector<std::string>& paths,
                          v1::ChannelAccount& account);

// "web_chat", "open_api", "webhook", as the tenants file writes it; UNSPECIFIED for anything else.
v1::ChannelKind ParseChannelKind(std::string_view kind);

}  // namespace frontdesk::channel
