#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

// What a service sees of a call. Free of gRPC, so that the simulation and unit tests make calls
// without a network: Call{.tenant = "t1", .caller = {...}, .method = "CreateTicket"}.
namespace frontdesk::rpc {

enum class Role : uint8_t { kAdmin, kService, kAgent, kAnalyst, kChannel };

// "admin", "service" …; empty for a number that is no role.
std::string_view RoleName(Role role);

// A tenant of "*" belongs to a token of the platform: it acts for the tenant a request names.
inline constexpr std::string_view kAnyTenant = "*";

// Who a credential belongs to, as the Authenticator found it.
struct Caller {
  std::string tenant;     // tenant id, or kAnyTenant
  std::string principal;  // unique within the tenant: "mia", "svc-dialog"
  Role role = Role::kAnalyst;
};

// One call, checked: the caller is known, may call the method, and `tenant` is theirs. Lives, with
// the request and the response, until `finish` was called or dropped.
struct Call {
  std::string tenant;  // id; kAnyTenant only where the request names none
  Caller caller;
  std::string_view method;  // short name, static storage: "CreateTicket"
  absl::Duration give_up_at = absl::InfiniteDuration();  // steady clock; nobody waits after it
  std::string traceparent;                               // W3C; of this call's own span
  const std::atomic<bool>* cancel_flag = nullptr;
  bool frees_space = false;  // of the method's policy

  // The caller went away or the deadline passed. A hint: work may stop, `finish` is still owed.
  bool cancelled() const {
    return cancel_flag != nullptr && cancel_flag->load(std::memory_order_relaxed);
  }
};

// The caller as records and events name actors: "tenants/t1/agents/mia", "tenants/t1/admins/ann";
// of the platform "services/dialog", "platform/admins/ops".
std::string ActorName(const Call& call);

// Ends a call. Call it exactly once, on any thread, with the response filled in before when OK.
// Dropping it uncalled ends the call with INTERNAL; after the deadline it has no effect.
using Finish = absl::AnyInvocable<void(absl::Status)>;

}  // namespace frontdesk::rpc
