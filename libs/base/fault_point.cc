#include "libs/base/fault_point.h"

#ifdef FRONTDESK_FAULT_POINTS

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
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

const FaultPlan& Plan() {
  static const FaultPlan plan;
  return plan;
}

std::string& BrokenRule() {
  static std::string name;
  return name;
}

// Only passes of the planned point are counted.
bool IsTheOne() {
  static std::atomic<long> passes{0};
  return passes.fetch_add(1) + 1 == Plan().pass;
}

}  // namespace

void PassFaultPoint(const char* name) {
  const FaultPlan& plan = Plan();
  if (plan.pass == 0 || plan.point != name) return;
  if (IsTheOne()) kill(getpid(), SIGKILL);
}

void PassThrowingPoint(std::string_view service, std::string_view method) {
  const FaultPlan& plan = Plan();
  if (plan.pass == 0 || !plan.point.starts_with("throw:")) return;
  const std::string_view named = std::string_view(plan.point).substr(6);
  if (named.size() != service.size() + 1 + method.size()) return;
  if (!named.starts_with(service) || !named.ends_with(method)) return;
  // lint-allow(throw): a development build acts as a library under a handler would
  if (IsTheOne()) throw std::runtime_error("thrown at a fault point");
}

void BreakRule(std::string_view name) { BrokenRule() = name; }

bool RuleIsBroken(std::string_view name) { return BrokenRule() == name; }

}  // namespace frontdesk

#endif
