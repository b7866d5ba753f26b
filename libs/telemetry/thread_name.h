#pragma once

#include <string_view>

namespace frontdesk::telemetry {

// Names the calling thread for top, gdb and perf ("fd-commit-0"). The kernel keeps 15 bytes.
void NameThread(std::string_view name);

}  // namespace frontdesk::telemetry
