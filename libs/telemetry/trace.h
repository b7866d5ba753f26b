#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/random.h"

namespace frontdesk::telemetry {

// The W3C trace context (version 00) of one unit of work; travels as `traceparent` over RPC and
// bus.
struct TraceContext {
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> span_id{};
  uint8_t flags = 0;  // bit 0: sampled

  bool operator==(const TraceContext&) const = default;
};

TraceContext NewTrace(RandomSource& random);

// A new span of the parent's trace, with its flags.
TraceContext ChildOf(const TraceContext& parent, RandomSource& random);

// nullopt when malformed, all zero or of the forbidden version ff. A later version is read by the
// fields of version 00, as the specification asks.
std::optional<TraceContext> ParseTraceparent(std::string_view text);
std::string FormatTraceparent(const TraceContext& trace);

// Makes `trace` the current one of this thread until the end of the scope; log lines carry it.
// Scopes nest. `trace` must outlive the scope.
class ScopedTrace {
 public:
  explicit ScopedTrace(const TraceContext& trace);
  ~ScopedTrace();
  ScopedTrace(const ScopedTrace&) = delete;
  ScopedTrace& operator=(const ScopedTrace&) = delete;

 private:
  const TraceContext* const outer_;
};

// nullptr outside of any ScopedTrace.
const TraceContext* CurrentTrace();

}  // namespace frontdesk::telemetry
