#pragma once

// Named points at which a development build can be told to die or to fail:
// FRONTDESK_FAULT="relay.before_trim:17" kills the process (SIGKILL, so that nothing is flushed or
// cleaned up) at the 17th pass.
//   FD_FAULT_POINT("commit.after_sync");
// FRONTDESK_FAULT="throw:billing/frontdesk.channel.v1.MessageReceived:2" throws what a broken
// handler would, at the second such command of that service.
//   FD_FAULT_THROW(service, method);
#ifdef FRONTDESK_FAULT_POINTS

#include <string_view>

namespace frontdesk {
void PassFaultPoint(const char* name);
void PassThrowingPoint(std::string_view service, std::string_view method);
}  // namespace frontdesk

#define FD_FAULT_POINT(name) ::frontdesk::PassFaultPoint(name)
#define FD_FAULT_THROW(service, method) ::frontdesk::PassThrowingPoint(service, method)

#else

#define FD_FAULT_POINT(name) \
  do {                       \
  } while (false)
#define FD_FAULT_THROW(service, method) \
  do {                                  \
  } while (false)

#endif
