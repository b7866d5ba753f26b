#include "libs/base/fault_point.h"

#ifdef FRONTDESK_FAULT_POINTS

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace frontdesk {
namespace {

// Read once: the plan of a process does not change while it runs.
struct FaultPlan {
  std::string point;
  long pass = 0;  // 0: never

  FaultPlan() {
    const char* text = std::getenv("FRONTDESK_FAULT");
    if (text == nullptr) return;
    const std::string plan(text);
    const size_t colon = plan.rfind(':');
    point = plan.substr(0, colon);
    pass = colon == std::string::npos ? 1 : std::atol(plan.c_str() + colon + 1);
  }
};

}  // namespace

void PassFaultPoint(const char* name) {
  static const FaultPlan plan;
  static std::atomic<long> passes{0};
  if (plan.pass == 0 || plan.point != name) return;
  if (passes.fetch_add(1) + 1 == plan.pass) kill(getpid(), SIGKILL);
}

}  // namespace frontdesk

#endif
