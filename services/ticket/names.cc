#include "services/ticket/names.h"

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"

namespace frontdesk::ticket {

std::string TicketRef::Name() const { return TicketName(tenant, ticket); }

std::string TicketName(std::string_view tenant, std::string_view ticket) {
  return ResourceName({{"tenants", tenant}, {"tickets", ticket}});
}

std::string NoteName(std::string_view ticket_name, std::string_view note) {
  std::string name(ticket_name);
  name.append("/notes/").append(note);
  return name;
}

absl::StatusOr<TicketRef> ParseTicketName(std::string_view tenant, std::string_view name,
                                          std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, {"tenants", "tickets"}, field));
  if (ids[0] != tenant) return InvalidField(field, "must be of the tenant of the call");
  return TicketRef{std::move(ids[0]), std::move(ids[1])};
}

absl::StatusOr<std::string> ParseReference(std::string_view tenant, std::string_view name,
                                           std::string_view collection, std::string_view field) {
  if (name.empty()) return std::string();
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, {"tenants", collection}, field));
  if (ids[0] != tenant) return InvalidField(field, "must be of the tenant of the call");
  return std::move(ids[1]);
}

}  // namespace frontdesk::ticket
