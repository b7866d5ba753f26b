#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Resource names of the channel service, built and taken apart.
namespace frontdesk::channel {

std::string TenantName(std::string_view tenant);
std::string ChannelAccountName(std::string_view tenant, std::string_view account);
std::string CustomerName(std::string_view tenant, std::string_view customer);
std::string MessageName(std::string_view tenant, std::string_view customer,
                        std::string_view message);

// The ids inside a name. INVALID_ARGUMENT naming `field` for a name of another form.
absl::StatusOr<std::string> ParseTenantName(std::string_view name, std::string_view field);
// These three also check that the name lies in `tenant`: WRONG_TENANT.
absl::StatusOr<std::string> ParseChannelAccountName(std::string_view tenant, std::string_view name,
                                                    std::string_view field);
absl::StatusOr<std::string> ParseCustomerName(std::string_view tenant, std::string_view name,
                                              std::string_view field);
absl::Status CheckAccountName(std::string_view tenant, std::string_view name,
                              std::string_view field);
struct MessageIds {
  std::string customer;
  std::string message;
};
absl::StatusOr<MessageIds> ParseMessageName(std::string_view tenant, std::string_view name,
                                            std::string_view field);

// The id of a message carries its sequence, so that a name finds its row without an index:
// "{ulid}-{sequence}". The ULID keeps names unique when a restored store counts a sequence again.
std::string MessageId(std::string_view ulid, int64_t sequence);
// nullopt when `message` is not of this form.
std::optional<int64_t> SequenceOf(std::string_view message);

}  // namespace frontdesk::channel
