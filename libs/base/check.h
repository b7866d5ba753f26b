#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace frontdesk {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              std::string_view message);

}  // namespace frontdesk

// Aborts the process when an invariant of the engine is broken. Never for bad input, and never in a
// handler or a domain rule: those return a status, because an abort there is a crash loop.
//   FD_CHECK(seq > last, "seq {} after {}", seq, last);
#define FD_CHECK(condition, ...)                                                       \
  do {                                                                                 \
    if (!(condition)) [[unlikely]] {                                                   \
      ::frontdesk::CheckFailed(__FILE__, __LINE__, #condition,                         \
                               ::std::string(__VA_OPT__(::fmt::format(__VA_ARGS__)))); \
    }                                                                                  \
  } while (false)
