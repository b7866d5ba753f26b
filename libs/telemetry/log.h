#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"

namespace frontdesk::telemetry {

// One structured line per decision worth auditing:
//   Log(Level::kInfo, "ticket.breached", {{"tenant", tenant}, {"ticket", id}, {"late", late}});
// The event is a fixed name; what varies goes into fields. Callers never log customer text above
// DEBUG, nor secrets at any level.

enum class Level { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kJson, kText };

class LogField {
 public:
  // Text, numbers, bool, strong ids, absl::Status, Duration and Time.
  template <class T>
  LogField(std::string_view key, const T& value) : key_(key) {
    if constexpr (std::same_as<T, bool>) {
      value_ = value ? "true" : "false";
      bare_ = true;
    } else if constexpr (std::integral<T>) {
      value_ = fmt::format("{}", +value);
      bare_ = true;
    } else if constexpr (std::floating_point<T>) {
      SetDouble(value);
    } else {
      value_ = fmt::format("{}", value);
    }
  }

  std::string_view key() const { return key_; }
  const std::string& value() const { return value_; }
  // A number or bool: printed without quotes.
  bool bare() const { return bare_; }

 private:
  void SetDouble(double value);

  std::string_view key_;
  std::string value_;
  bool bare_ = false;
};

struct LogOptions {
  Level min_level = Level::kInfo;
  LogFormat format = LogFormat::kText;
  std::string service;  // on every line when not empty
  // Lines of one event name per second; what is left out is counted on the event's next line.
  int max_lines_per_event_per_second = 50;
  // Receives each line, newline included, one at a time. Empty = stderr.
  std::function<void(std::string_view line)> sink;
  const Clock* clock = nullptr;  // nullptr = system time; must outlive the logging
};

// The log is the one thing of the process that is global: a line must be possible anywhere.
// Before the first call the defaults hold. Thread-safe.
void ConfigureLog(LogOptions options);

bool LogEnabled(Level level);

// Thread-safe. Blocks: one write to stderr. Control characters are escaped, a value is cut at 4
// KiB; the current trace is added.
void Log(Level level, std::string_view event, std::initializer_list<LogField> fields = {});

// INVALID_ARGUMENT unless one of debug, info, warn, error / json, text.
absl::Status ParseLevel(std::string_view text, Level& level);
absl::Status ParseLogFormat(std::string_view text, LogFormat& format);

// For tests: takes all lines of the process while it lives, then restores what was configured.
class LogCapture {
 public:
  explicit LogCapture(LogOptions options = {.min_level = Level::kDebug});
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  std::vector<std::string> lines() const;
  bool Contains(std::string_view text) const;

 private:
  LogOptions before_;
  mutable std::mutex mu_;
  std::vector<std::string> lines_;  // guarded by mu_
};

}  // namespace frontdesk::telemetry
