#include "services/billing/domain/usage.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/period.h"

namespace frontdesk::billing {
namespace {

constexpr size_t kMaxSourceCharacters = 64;
constexpr size_t kMaxUsageIdBytes = 128;
constexpr int64_t kMaxQuantity = 1'000'000'000;
constexpr absl::Duration kMaxAge = absl::Hours(24 * 90);
constexpr absl::Duration kMaxAhead = absl::Hours(24);

bool IsSourceCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' ||
         c == '-';
}

absl::Status CheckSource(std::string_view source, const std::string& field) {
  if (source.empty() || source.size() > kMaxSourceCharacters ||
      !std::all_of(source.begin(), source.end(), IsSourceCharacter)) {
    return InvalidField(field, "must have 1 to 64 characters of [a-z0-9._/-]");
  }
  // Else a caller could take the place of an event that has not come yet.
  if (source.substr(0, 10) == "frontdesk.") {
    return InvalidField(field, "must not begin with \"frontdesk.\"");
  }
  return absl::OkStatus();
}

absl::Status CheckUsageId(std::string_view id, const std::string& field) {
  if (!IsValidUtf8(id)) return InvalidField(field, "must be well-formed UTF-8");
  if (!id.empty() && id.size() <= kMaxUsageIdBytes) return absl::OkStatus();
  return InvalidField(field, "must have 1 to 128 bytes");
}

absl::Status CheckReference(std::string_view tenant, std::string_view name,
                            std::string_view collection, const std::string& field) {
  if (name.empty()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const auto ids, ParseResourceName(name, {"tenants", collection}, field));
  if (ids[0] == tenant) return absl::OkStatus();
  return InvalidField(field, "must be of the tenant of the call");
}

// A name without its tenant: "conversations/c1".
std::string Relative(std::string_view tenant, std::string_view name) {
  return std::string(name.substr(std::string_view("tenants/").size() + tenant.size() + 1));
}

// What messages of both directions have in common.
absl::StatusOr<v1::Usage> MessageUsage(std::string_view tenant, std::string_view source,
                                       const channel::v1::Message& message,
                                       std::string_view customer, std::string_view account,
                                       absl::Time time) {
  FD_ASSIGN_OR_RETURN(
      const auto ids,
      ParseResourceName(message.name(), {"tenants", "customers", "messages"}, "message.name"));
  if (ids[0] != tenant) return InvalidField("message.name", "must be of the event's tenant");
  FD_RETURN_IF_ERROR(CheckReference(tenant, customer, "customers", "customer"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, account, "accounts", "account"));
  v1::Usage usage;
  usage.set_source(std::string(source));
  usage.set_usage_id(Relative(tenant, message.name()));
  usage.set_meter(v1::METER_MESSAGES);
  usage.set_quantity(1);
  ToProto(time, usage.mutable_use_time());
  usage.set_customer(std::string(customer));
  usage.set_account(std::string(account));
  usage.add_evidence(message.name());
  return usage;
}

std::string HashedFields(const v1::Usage& usage) {
  return fmt::format("{}\n{}\n{}\n", static_cast<int>(usage.meter()), usage.quantity(),
                     usage.customer());
}

}  // namespace

absl::Status CheckReported(std::string_view tenant, const v1::Usage& usage, absl::Time now,
                           const std::string& path) {
  FD_RETURN_IF_ERROR(CheckSource(usage.source(), path + ".source"));
  FD_RETURN_IF_ERROR(CheckUsageId(usage.usage_id(), path + ".usage_id"));
  if (usage.meter() == v1::METER_UNSPECIFIED || !v1::Meter_IsValid(usage.meter())) {
    return InvalidField(path + ".meter", "must be a known meter");
  }
  if (usage.quantity() < 1 || usage.quantity() > kMaxQuantity) {
    return InvalidField(path + ".quantity", fmt::format("must be 1 to {}", kMaxQuantity));
  }
  FD_RETURN_IF_ERROR(CheckReference(tenant, usage.customer(), "customers", path + ".customer"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, usage.account(), "accounts", path + ".account"));
  if (!usage.has_use_time()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const absl::Time time, ParseTime(usage.use_time(), path + ".use_time"));
  if (time >= now - kMaxAge && time <= now + kMaxAhead) return absl::OkStatus();
  return InvalidField(path + ".use_time", "must be at most 90 days ago and 1 day ahead");
}

v1::Usage ReportedUsage(const v1::Usage& usage, absl::Time now) {
  v1::Usage kept;
  kept.set_source(usage.source());
  kept.set_usage_id(usage.usage_id());
  kept.set_meter(usage.meter());
  kept.set_quantity(usage.quantity());
  ToProto(usage.has_use_time() ? FromProto(usage.use_time()) : now, kept.mutable_use_time());
  kept.set_customer(usage.customer());
  kept.set_account(usage.account());
  return kept;
}

absl::StatusOr<v1::Usage> UsageOf(std::string_view tenant,
                                  const channel::v1::MessageReceived& received, absl::Time now) {
  const channel::v1::Message& message = received.message();
  const absl::Time time = message.has_create_time() ? FromProto(message.create_time()) : now;
  FD_ASSIGN_OR_RETURN(v1::Usage usage, MessageUsage(tenant, kFromReceived, message,
                                                    received.customer(), received.account(), time));
  FD_RETURN_IF_ERROR(CheckReference(tenant, message.channel_account(), "channelAccounts",
                                    "message.channel_account"));
  if (!message.channel_message_id().empty() && !message.channel_account().empty()) {
    usage.set_usage_id(fmt::format("{}/messages/{}", Relative(tenant, message.channel_account()),
                                   message.channel_message_id()));
  }
  return usage;
}

absl::StatusOr<v1::Usage> UsageOf(std::string_view tenant,
                                  const channel::v1::MessageDelivered& delivered, absl::Time now) {
  const channel::v1::Message& message = delivered.message();
  const absl::Time time = message.has_final_time()    ? FromProto(message.final_time())
                          : message.has_create_time() ? FromProto(message.create_time())
                                                      : now;
  FD_ASSIGN_OR_RETURN(v1::Usage usage,
                      MessageUsage(tenant, kFromDelivered, message, delivered.customer(),
                                   delivered.account(), time));
  if (!delivered.conversation().empty()) usage.add_evidence(delivered.conversation());
  return usage;
}

absl::StatusOr<v1::Usage> UsageOf(std::string_view tenant,
                                  const dialog::v1::ConversationResolved& resolved,
                                  absl::Time now) {
  const dialog::v1::Conversation& conversation = resolved.conversation();
  if (conversation.name().empty()) return InvalidField("conversation.name", "is required");
  FD_RETURN_IF_ERROR(
      CheckReference(tenant, conversation.name(), "conversations", "conversation.name"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, resolved.customer(), "customers", "customer"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, resolved.account(), "accounts", "account"));
  v1::Usage usage;
  usage.set_source(std::string(kFromResolved));
  usage.set_usage_id(Relative(tenant, conversation.name()));
  usage.set_meter(v1::METER_BOT_RESOLUTIONS);
  usage.set_quantity(1);
  ToProto(conversation.has_resolve_time() ? FromProto(conversation.resolve_time()) : now,
          usage.mutable_use_time());
  usage.set_customer(resolved.customer());
  usage.set_account(resolved.account());
  usage.add_evidence(conversation.name());
  return usage;
}

uint64_t ReportHash(const v1::Usage& reported) {
  std::string text = HashedFields(reported) + reported.account();
  if (reported.has_use_time()) {
    text += fmt::format("\n{}", absl::ToUnixMicros(FromProto(reported.use_time())));
  }
  return Fingerprint64(text);
}

uint64_t EventHash(const v1::Usage& usage) { return Fingerprint64(HashedFields(usage)); }

}  // namespace frontdesk::billing
