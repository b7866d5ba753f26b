#pragma once

// Named points at which a development build can be told to die:
// FRONTDESK_FAULT="relay.before_trim:17" kills the process (SIGKILL, so that nothing is flushed or
// cleaned up) at the 17th pass.
//   FD_FAULT_POINT("commit.after_sync");
#ifdef FRONTDESK_FAULT_POINTS

namespace frontdesk {
void PassFaultPoint(const char* name);
}  // namespace frontdesk

#define FD_FAULT_POINT(name) ::frontdesk::PassFaultPoint(name)

#else

#define FD_FAULT_POINT(name) \
  do {                       \
  } while (false)

#endif
