#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Resource names of the service.
namespace frontdesk::ticket {

struct TicketRef {
  std::string tenant;
  std::string ticket;

  std::string Name() const;
};

std::string TicketName(std::string_view tenant, std::string_view ticket);
std::string NoteName(std::string_view ticket_name, std::string_view note);

// INVALID_ARGUMENT naming `field` unless it is "tenants/{tenant}/tickets/{ticket}" of this tenant.
absl::StatusOr<TicketRef> ParseTicketName(std::string_view tenant, std::string_view name,
                                          std::string_view field);

// The id in "tenants/{tenant}/{collection}/{id}"; "" for an empty name. INVALID_ARGUMENT naming
// `field` for any other form or another tenant.
absl::StatusOr<std::string> ParseReference(std::string_view tenant, std::string_view name,
                                           std::string_view collection, std::string_view field);

}  // namespace frontdesk::ticket
