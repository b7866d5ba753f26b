#include "services/channel/domain/channel_account.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"

namespace frontdesk::channel {
namespace {

constexpr size_t kMaxNameBytes = 400;  // 100 characters of four bytes
constexpr size_t kMaxUrlBytes = 2048;
constexpr size_t kMaxLanguageBytes = 35;
constexpr size_t kMaxGreetingBytes = 2000;
constexpr int kMaxOrigins = 20;
constexpr size_t kMaxOriginBytes = 300;

size_t Characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

absl::Status CheckText(std::string_view field, std::string_view name, std::string_view text,
                       size_t max_characters, size_t max_bytes) {
  if (text.size() > max_bytes || Characters(text) > max_characters) {
    return InvalidField(fmt::format("{}.{}", field, name),
                        fmt::format("has at most {} characters", max_characters));
  }
  if (!IsValidUtf8(text)) return InvalidField(fmt::format("{}.{}", field, name), "is not UTF-8");
  return absl::OkStatus();
}

bool IsHttpAddress(std::string_view url) {
  const bool http = url.starts_with("http://") || url.starts_with("https://");
  if (!http) return false;
  const std::string_view host = url.substr(url.find("://") + 3);
  if (host.empty() || host.front() == '/') return false;
  return std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

absl::Status CheckChannelAccount(const v1::ChannelAccount& account, std::string_view field) {
  const auto at = [&](std::string_view name) { return fmt::format("{}.{}", field, name); };
  if (account.kind() != v1::CHANNEL_KIND_WEB_CHAT && account.kind() != v1::CHANNEL_KIND_OPEN_API &&
      account.kind() != v1::CHANNEL_KIND_WEBHOOK) {
    return InvalidField(at("kind"), "must be WEB_CHAT, OPEN_API or WEBHOOK");
  }
  if (account.display_name().empty()) return InvalidField(at("display_name"), "is required");
  FD_RETURN_IF_ERROR(CheckText(field, "display_name", account.display_name(), 100, kMaxNameBytes));
  FD_RETURN_IF_ERROR(CheckText(field, "greeting", account.greeting(), 500, kMaxGreetingBytes));
  FD_RETURN_IF_ERROR(
      CheckText(field, "default_language", account.default_language(), 35, kMaxLanguageBytes));
  if (!account.webhook_url().empty()) {
    if (account.kind() != v1::CHANNEL_KIND_WEBHOOK) {
      return InvalidField(at("webhook_url"), "is for kind WEBHOOK only");
    }
    if (account.webhook_url().size() > kMaxUrlBytes || !IsHttpAddress(account.webhook_url())) {
      return InvalidField(at("webhook_url"),
                          "must be an http or https address, at most 2048 bytes");
    }
  }
  if (account.allowed_origins_size() > kMaxOrigins) {
    return InvalidField(at("allowed_origins"), "has at most 20 entries");
  }
  for (const std::string& origin : account.allowed_origins()) {
    if (origin.size() > kMaxOriginBytes || !IsHttpAddress(origin) ||
        origin.find('/', origin.find("://") + 3) != std::string::npos) {
      return InvalidField(at("allowed_origins"), "must be like https://shop.example");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ChannelAccountPaths(const v1::ChannelAccount& change,
                                                             const std::vector<std::string>& mask) {
  static const std::vector<std::string> kAll = {"display_name", "webhook_url", "default_language",
                                                "greeting", "allowed_origins"};
  if (mask.size() == 1 && mask[0] == "*") return kAll;
  for (const std::string& path : mask) {
    if (std::find(kAll.begin(), kAll.end(), path) == kAll.end()) {
      return InvalidField("update_mask", fmt::format("names a path that can't be changed: {}",
                                                     TruncateUtf8(path, 100)));
    }
  }
  if (!mask.empty()) return mask;
  std::vector<std::string> populated;
  if (!change.display_name().empty()) populated.push_back("display_name");
  if (!change.webhook_url().empty()) populated.push_back("webhook_url");
  if (!change.default_language().empty()) populated.push_back("default_language");
  if (!change.greeting().empty()) populated.push_back("greeting");
  if (change.allowed_origins_size() > 0) populated.push_back("allowed_origins");
  return populated;
}

bool ChangeChannelAccount(const v1::ChannelAccount& change, const std::vector<std::string>& paths,
                          v1::ChannelAccount& account) {
  const std::string before = account.SerializeAsString();
  for (const std::string& path : paths) {
    if (path == "display_name") account.set_display_name(change.display_name());
    if (path == "webhook_url") account.set_webhook_url(change.webhook_url());
    if (path == "default_language") account.set_default_language(change.default_language());
    if (path == "greeting") account.set_greeting(change.greeting());
    if (path == "allowed_origins") {
      *account.mutable_allowed_origins() = change.allowed_origins();
    }
  }
  return account.SerializeAsString() != before;
}

v1::ChannelKind ParseChannelKind(std::string_view kind) {
  if (kind == "web_chat") return v1::CHANNEL_KIND_WEB_CHAT;
  if (kind == "open_api") return v1::CHANNEL_KIND_OPEN_API;
  if (kind == "webhook") return v1::CHANNEL_KIND_WEBHOOK;
  return v1::CHANNEL_KIND_UNSPECIFIED;
}

}  // namespace frontdesk::channel
