#include "services/channel/domain/names.h"

#include <charconv>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/ulid.h"

namespace frontdesk::channel {
namespace {

constexpr size_t kUlidLength = 26;

absl::Status CheckTenant(std::string_view tenant, std::string_view got, std::string_view field) {
  if (tenant == got) return absl::OkStatus();
  return WithField(WithMetadata(Error(absl::StatusCode::kPermissionDenied, "WRONG_TENANT",
                                      fmt::format("{} lies in another tenant", field)),
                                "tenant", got),
                   field, "must lie in the caller's tenant");
}

}  // namespace

std::string TenantName(std::string_view tenant) { return ResourceName({{"tenants", tenant}}); }

std::string ChannelAccountName(std::string_view tenant, std::string_view account) {
  return ResourceName({{"tenants", tenant}, {"channelAccounts", account}});
}

std::string CustomerName(std::string_view tenant, std::string_view customer) {
  return ResourceName({{"tenants", tenant}, {"customers", customer}});
}

std::string MessageName(std::string_view tenant, std::string_view customer,
                        std::string_view message) {
  return ResourceName({{"tenants", tenant}, {"customers", customer}, {"messages", message}});
}

absl::StatusOr<std::string> ParseTenantName(std::string_view name, std::string_view field) {
  FD_ASSIGN_OR_RETURN(std::vector<std::string> ids, ParseResourceName(name, {"tenants"}, field));
  return std::move(ids[0]);
}

absl::StatusOr<std::string> ParseChannelAccountName(std::string_view tenant, std::string_view name,
                                                    std::string_view field) {
  FD_ASSIGN_OR_RETURN(std::vector<std::string> ids,
                      ParseResourceName(name, {"tenants", "channelAccounts"}, field));
  FD_RETURN_IF_ERROR(CheckTenant(tenant, ids[0], field));
  return std::move(ids[1]);
}

absl::StatusOr<std::string> ParseCustomerName(std::string_view tenant, std::string_view name,
                                              std::string_view field) {
  FD_ASSIGN_OR_RETURN(std::vector<std::string> ids,
                      ParseResourceName(name, {"tenants", "customers"}, field));
  FD_RETURN_IF_ERROR(CheckTenant(tenant, ids[0], field));
  return std::move(ids[1]);
}

absl::Status CheckAccountName(std::string_view tenant, std::string_view name,
                              std::string_view field) {
  FD_ASSIGN_OR_RETURN(std::vector<std::string> ids,
                      ParseResourceName(name, {"tenants", "accounts"}, field));
  return CheckTenant(tenant, ids[0], field);
}

absl::StatusOr<MessageIds> ParseMessageName(std::string_view tenant, std::string_view name,
                                            std::string_view field) {
  FD_ASSIGN_OR_RETURN(std::vector<std::string> ids,
                      ParseResourceName(name, {"tenants", "customers", "messages"}, field));
  FD_RETURN_IF_ERROR(CheckTenant(tenant, ids[0], field));
  return MessageIds{std::move(ids[1]), std::move(ids[2])};
}

std::string MessageId(std::string_view ulid, int64_t sequence) {
  return fmt::format("{}-{}", ulid, sequence);
}

std::optional<int64_t> SequenceOf(std::string_view message) {
  if (message.size() < kUlidLength + 2 || message[kUlidLength] != '-') return std::nullopt;
  if (!IsUlid(message.substr(0, kUlidLength))) return std::nullopt;
  const std::string_view digits = message.substr(kUlidLength + 1);
  int64_t sequence = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
  if (error != std::errc() || end != digits.data() + digits.size() || sequence < 1) {
    return std::nullopt;
  }
  return sequence;
}

}  // namespace frontdesk::channel
