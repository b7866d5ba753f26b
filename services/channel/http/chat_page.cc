#include "services/channel/http/chat_page.h"

namespace frontdesk::channel {

// Generated from web/chat.html by the build.
extern const char kChatPageHtml[];

std::string ChatPage(std::string_view tenant, std::string_view channel_account) {
  std::string page(kChatPageHtml);
  const auto fill = [&page](std::string_view mark, std::string_view value) {
    for (size_t at = page.find(mark); at != std::string::npos; at = page.find(mark, at)) {
      page.replace(at, mark.size(), value);
      at += value.size();
    }
  };
  fill("{{tenant}}", tenant);
  fill("{{account}}", channel_account);
  return page;
}

}  // namespace frontdesk::channel
