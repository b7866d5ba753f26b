#pragma once

// Named points at which a development build can be told to die or to fail:
// FRONTDESK_FAULT="relay.before_trim:17" kills the process (SIGKILL, so that nothing is flushed or
// cleaned up) at the 17th pass.
//   FD_FAULT_POINT("commit.after_sync");
// FRONTDESK_FAULT="throw:billing/frontdesk.channel.v1.MessageReceived:2" throws what a broken
// handler would, at the second such command of that service.
//   FD_FAULT_THROW(service, method);
// A test of tests breaks a rule of the engine, to see that somebody notices; for the whole process,
// before its threads start:
//   FD_BREAK_RULE("events.seen");  and in the engine  if (FD_RULE_IS_BROKEN("events.seen")) …
#ifdef FRONTDESK_FAULT_POINTS

#include <string_view>

namespace frontdesk {
void PassFaultPoint(const char* name);
void PassThrowingPoint(std::string_view service, std::string_view method);
void BreakRule(std::string_view name);
bool RuleIsBroken(std::string_view name);
}  // namespace frontdesk

#define FD_FAULT_POINT(name) ::frontdesk::PassFaultPoint(name)
#define FD_FAULT_THROW(service, method) ::frontdesk::PassThrowingPoint(service, method)
#define FD_BREAK_RULE(name) ::frontdesk::BreakRule(name)
#define FD_RULE_IS_BROKEN(name) ::frontdesk::RuleIsBroken(name)

#else

#define FD_FAULT_POINT(name) \
  do {                       \
  } while (false)
#define FD_FAULT_THROW(service, method) \
  do {                                  \
  } while (false)

#define FD_BREAK_RULE(name) \
  do {                      \
  } while (false)
#define FD_RULE_IS_BROKEN(name) false

#endif
