#pragma once

#include <string>
#include <string_view>

namespace frontdesk::channel {

// web/chat.html, compiled in, with the ids of its tenant and channel account filled in.
std::string ChatPage(std::string_view tenant, std::string_view channel_account);

}  // namespace frontdesk::channel
