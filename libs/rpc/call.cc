#include "libs/rpc/call.h"

namespace frontdesk::rpc {

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kAdmin:
      return "admin";
    case Role::kService:
      return "service";
    case Role::kAgent:
      return "agent";
    case Role::kAnalyst:
      return "analyst";
    case Role::kChannel:
      return "channel";
  }
  return {};
}

std::string ActorName(const Call& call) {
  const Caller& caller = call.caller;
  std::string name;
  if (caller.tenant != kAnyTenant) {
    name.append("tenants/").append(caller.tenant).append("/");
  } else if (caller.role != Role::kService) {
    name.append("platform/");
  }
  name.append(RoleName(caller.role)).append("s/").append(caller.principal);
  return name;
}

}  // namespace frontdesk::rpc
