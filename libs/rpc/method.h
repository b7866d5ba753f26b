#pragma once

#include <cstdint>
#include <string_view>

#include "libs/rpc/call.h"

namespace frontdesk::rpc {

// A set of roles: Roles(Role::kAdmin, Role::kAgent).
class Roles {
 public:
  template <class... R>
  constexpr explicit Roles(R... roles) : mask_((0u | ... | Bit(roles))) {}
  constexpr bool Has(Role role) const { return (mask_ & Bit(role)) != 0; }

 private:
  static constexpr uint32_t Bit(Role role) { return 1u << static_cast<uint32_t>(role); }
  uint32_t mask_;
};

// The usual sets. Services act for people, so they may do what people may.
inline constexpr Roles kAdmins(Role::kAdmin);
inline constexpr Roles kServices(Role::kService);
inline constexpr Roles kAdminsAndServices(Role::kAdmin, Role::kService);
inline constexpr Roles kAgents(Role::kAdmin, Role::kService, Role::kAgent);
inline constexpr Roles kReaders(Role::kAdmin, Role::kService, Role::kAgent, Role::kAnalyst);
inline constexpr Roles kChannels(Role::kAdmin, Role::kService, Role::kChannel);

// Where a request names its tenant.
enum class TenantFrom : uint8_t {
  // The first of `parent`, `name`, or the `name` inside a nested resource (`ticket.name`).
  kName,
  // The request names none: it is the caller's, and stays "*" for a token of the platform.
  kCaller,
  // The caller must be of the platform (tenant "*"): installation-wide methods.
  kPlatform,
};

// What must hold before a method runs.
struct MethodPolicy {
  std::string_view name;  // "CreateTicket"; static storage
  Roles roles;
  bool mutation = false;  // request_id of 1 to 64 characters required
  TenantFrom tenant_from = TenantFrom::kName;
  // Only with kName: another field that holds the resource name, as "conversation" or
  // "message.conversation". Static storage.
  std::string_view tenant_field = {};
  // It removes rows, so it passes when the disk is nearly full and other mutations are refused.
  bool frees_space = false;
};

}  // namespace frontdesk::rpc
