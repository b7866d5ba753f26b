#include "libs/telemetry/trace.h"

#include <algorithm>
#include <span>

namespace frontdesk::telemetry {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr size_t kLength = 55;  // 00-<32>-<16>-<2>

thread_local const TraceContext* current_trace = nullptr;

void FillNonZero(std::span<uint8_t> out, RandomSource& random) {
  // An id of zeros means "none" in the specification.
  do {
    const std::string bytes = random.Bytes(out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
  } while (std::all_of(out.begin(), out.end(), [](uint8_t b) { return b == 0; }));
}

void AppendHex(std::string& out, std::span<const uint8_t> bytes) {
  for (const uint8_t byte : bytes) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
}

// Lower case only: the specification forbids capitals.
bool ReadHex(std::string_view text, std::span<uint8_t> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t high = kHex.find(text[2 * i]);
    const size_t low = kHex.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

bool AllZero(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
}

}  // namespace

TraceContext NewTrace(RandomSource& random) {
  TraceContext trace;
  FillNonZero(trace.trace_id, random);
  FillNonZero(trace.span_id, random);
  trace.flags = 1;
  return trace;
}

TraceContext ChildOf(const TraceContext& parent, RandomSource& random) {
  TraceContext child = parent;
  FillNonZero(child.span_id, random);
  return child;
}

std::optional<TraceContext> ParseTraceparent(std::string_view text) {
  if (text.size() < kLength) return std::nullopt;
  uint8_t version = 0;
  TraceContext trace;
  const bool dashes = text[2] == '-' && text[35] == '-' && text[52] == '-';
  if (!dashes || !ReadHex(text.substr(0, 2), {&version, 1}) || version == 0xff ||
      !ReadHex(text.substr(3, 32), trace.trace_id) ||
      !ReadHex(text.substr(36, 16), trace.span_id) ||
      !ReadHex(text.substr(53, 2), {&trace.flags, 1})) {
    return std::nullopt;
  }
  // Only a later version may have more after the flags, set off by a dash.
  if (text.size() > kLength && (version == 0 || text[kLength] != '-')) return std::nullopt;
  if (AllZero(trace.trace_id) || AllZero(trace.span_id)) return std::nullopt;
  return trace;
}

std::string FormatTraceparent(const TraceContext& trace) {
  std::string out = "00-";
  out.reserve(kLength);
  AppendHex(out, trace.trace_id);
  out.push_back('-');
  AppendHex(out, trace.span_id);
  out.push_back('-');
  AppendHex(out, {&trace.flags, 1});
  return out;
}

ScopedTrace::ScopedTrace(const TraceContext& trace) : outer_(current_trace) {
  current_trace = &trace;
}

ScopedTrace::~ScopedTrace() { current_trace = outer_; }

const TraceContext* CurrentTrace() { return current_trace; }

}  // namespace frontdesk::telemetry
