#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "frontdesk/channel/v1/channel.pb.h"

// The JSON forms of the HTTP port and of webhooks.
namespace frontdesk::channel {

// {"name", "seq", "direction", "id", "text", "author", "language", "reply_to", "citations",
// "state", "time"}; `text` is the plain one. As an object without white space.
std::string MessageJson(const v1::Message& message, std::string_view text);
// The same inside {"type": "message", …}.
std::string MessageFrame(const v1::Message& message, std::string_view text);

// {"type": "error", "id": …} and what http::ErrorJson says.
std::string ErrorFrame(const absl::Status& status, std::string_view id);

}  // namespace frontdesk::channel
