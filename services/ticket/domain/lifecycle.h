#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "frontdesk/ticket/v1/ticket.pb.h"

// The life of a ticket: which verb may be said in which state, and where it leads.
namespace frontdesk::ticket {

enum class Verb : uint8_t {
  kUpdate,
  kAssign,
  kNote,
  kStart,
  kHold,
  kResume,
  kResolve,
  kReopen,
  kClose,
};

// The RPC that says it: "ResolveTicket". Also the `action` of its event and history entry.
std::string_view VerbName(Verb verb);

// "RESOLVED".
std::string_view StateName(v1::TicketState state);

// The state after `verb`. FAILED_PRECONDITION (FAILED_TRANSITION) when it may not be said now.
absl::StatusOr<v1::TicketState> NextState(v1::TicketState state, Verb verb);

}  // namespace frontdesk::ticket
