#include "services/channel/message_json.h"

#include <nlohmann/json.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/http/message.h"
#include "services/channel/domain/version.h"

namespace frontdesk::channel {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string_view AuthorOf(const v1::Message& message) {
  switch (message.author_kind()) {
    case common::v1::AUTHOR_KIND_CUSTOMER:
      return "customer";
    case common::v1::AUTHOR_KIND_BOT:
      return "bot";
    case common::v1::AUTHOR_KIND_AGENT:
      return "agent";
    default:
      return "system";
  }
}

std::string_view StateOf(const v1::Message& message) {
  switch (message.state()) {
    case v1::MESSAGE_STATE_RECEIVED:
      return "received";
    case v1::MESSAGE_STATE_DELIVERED:
      return "delivered";
    case v1::MESSAGE_STATE_FAILED:
      return "failed";
    case v1::MESSAGE_STATE_UNKNOWN:
      return "unknown";
    default:
      return "sending";
  }
}

void Fill(const v1::Message& message, std::string_view text, Json& json) {
  const bool inbound = message.direction() == v1::MESSAGE_DIRECTION_INBOUND;
  json["name"] = message.name();
  json["seq"] = message.sequence();
  json["direction"] = inbound ? "inbound" : "outbound";
  if (inbound) json["id"] = message.channel_message_id();
  json["text"] = std::string(text);
  json["author"] = std::string(AuthorOf(message));
  if (!message.language().empty()) json["language"] = message.language();
  if (!message.reply_to().empty()) json["reply_to"] = message.reply_to();
  if (!message.conversation().empty()) json["conversation"] = message.conversation();
  for (const common::v1::Citation& citation : message.citations()) {
    json["citations"].push_back({{"article_version", citation.article_version()},
                                 {"title", citation.title()},
                                 {"quote", citation.quote()}});
  }
  json["state"] = std::string(StateOf(message));
  json["time"] =
      absl::FormatTime(absl::RFC3339_full, ToTime(message.create_time()), absl::UTCTimeZone());
}

}  // namespace

std::string MessageJson(const v1::Message& message, std::string_view text) {
  Json json;
  Fill(message, text, json);
  return Dump(json);
}

std::string MessageFrame(const v1::Message& message, std::string_view text) {
  Json json;
  json["type"] = "message";
  Fill(message, text, json);
  return Dump(json);
}

std::string ErrorFrame(const absl::Status& status, std::string_view id) {
  Json json;
  json["type"] = "error";
  if (!id.empty()) json["id"] = std::string(id);
  json.update(Json::parse(http::ErrorJson(status)));
  return Dump(json);
}

}  // namespace frontdesk::channel
