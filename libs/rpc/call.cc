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

}  // namespace frontdesk::rpc
