#include "libs/telemetry/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/utf8.h"
#include "libs/telemetry/trace.h"

namespace frontdesk::telemetry {
namespace {

constexpr size_t kMaxValueBytes = 4096;
constexpr size_t kMaxEvents = 1024;
constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error"};

std::string_view NameOf(Level level) { return kLevelNames[static_cast<size_t>(level)]; }

// How many lines of one event name were let through in the current second.
struct EventRate {
  int64_t second = 0;
  int lines = 0;
  uint64_t suppressed = 0;
};

struct State {
  std::mutex mu;
  LogOptions options;                                // guarded by mu
  std::unordered_map<std::string, EventRate> rates;  // guarded by mu
  std::atomic<Level> min_level{Level::kInfo};
};

// Never destroyed: threads may log while the process exits.
State& GlobalState() {
  static State& state = *new State;
  return state;
}

const SystemClock& DefaultClock() {
  static const SystemClock& clock = *new SystemClock;
  return clock;
}

// Control characters would break the line apart or the terminal of who reads it; so would bytes
// that are not UTF-8 in JSON.
void AppendEscaped(std::string& out, std::string_view text) {
  const bool valid = IsValidUtf8(text);
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f || (!valid && byte >= 0x80)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
}

void AppendQuoted(std::string& out, std::string_view value) {
  out.push_back('"');
  AppendEscaped(out, TruncateUtf8(value, kMaxValueBytes));
  if (value.size() > kMaxValueBytes) out += "…";
  out.push_back('"');
}

bool ReadsBare(std::string_view value) {
  if (value.empty() || value.size() > 128) return false;
  for (const char c : value) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

class LineWriter {
 public:
  explicit LineWriter(LogFormat format) : json_(format == LogFormat::kJson) {
    if (json_) line_.push_back('{');
  }

  // What stands at the head of a text line without its key.
  void Head(std::string_view key, std::string_view value) {
    if (json_) return Add(key, value, false);
    if (!line_.empty()) line_.push_back(' ');
    AppendEscaped(line_, value);
  }

  void Add(std::string_view key, std::string_view value, bool bare) {
    if (json_) {
      if (line_.size() > 1) line_.push_back(',');
      AppendQuoted(line_, key);
      line_.push_back(':');
    } else {
      line_.push_back(' ');
      AppendEscaped(line_, key);
      line_.push_back('=');
      bare = bare || ReadsBare(value);
    }
    if (bare) {
      line_.append(value);
    } else {
      AppendQuoted(line_, value);
    }
  }

  std::string Finish() {
    line_ += json_ ? "}\n" : "\n";
    return std::move(line_);
  }

 private:
  const bool json_;
  std::string line_;
};

void WriteToStderr(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody can be told
    line.remove_prefix(static_cast<size_t>(written));
  }
}

// False when the event has had its lines of this second; else `suppressed` is what was left out
// since its last line.
bool TakeTurn(State& state, std::string_view event, absl::Duration now, uint64_t& suppressed) {
  std::string name(event);
  // Past the bound all new names share one entry: the map must not grow with what callers invent.
  if (state.rates.size() >= kMaxEvents && state.rates.count(name) == 0) name.clear();
  EventRate& rate = state.rates[name];
  const int64_t second = absl::ToInt64Seconds(now);
  if (second != rate.second) {
    rate.second = second;
    rate.lines = 0;
  }
  if (rate.lines >= state.options.max_lines_per_event_per_second) {
    ++rate.suppressed;
    return false;
  }
  ++rate.lines;
  suppressed = std::exchange(rate.suppressed, 0);
  return true;
}

LogOptions Exchange(LogOptions options) {
  State& state = GlobalState();
  std::lock_guard lock(state.mu);
  state.min_level.store(options.min_level, std::memory_order_relaxed);
  state.rates.clear();
  return std::exchange(state.options, std::move(options));
}

}  // namespace

void LogField::SetDouble(double value) {
  // Shortest form that reads back the same; JSON knows no inf and nan.
  value_ = fmt::format("{}", value);
  bare_ = std::isfinite(value);
}

void ConfigureLog(LogOptions options) { Exchange(std::move(options)); }

bool LogEnabled(Level level) {
  return level >= GlobalState().min_level.load(std::memory_order_relaxed);
}

void Log(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  State& state = GlobalState();
  std::lock_guard lock(state.mu);
  const LogOptions& options = state.options;
  const Clock& clock = options.clock != nullptr ? *options.clock : DefaultClock();
  uint64_t suppressed = 0;
  if (!TakeTurn(state, event, clock.Steady(), suppressed)) return;

  LineWriter line(options.format);
  line.Head("time", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", clock.Now(), absl::UTCTimeZone()));
  line.Head("level", NameOf(level));
  line.Head("event", event);
  if (!options.service.empty()) line.Add("service", options.service, false);
  for (const LogField& field : fields) line.Add(field.key(), field.value(), field.bare());
  if (const TraceContext* trace = CurrentTrace(); trace != nullptr) {
    line.Add("traceparent", FormatTraceparent(*trace), false);
  }
  if (suppressed > 0) line.Add("suppressed", std::to_string(suppressed), true);

  const std::string text = line.Finish();
  if (options.sink) {
    options.sink(text);
  } else {
    WriteToStderr(text);
  }
}

absl::Status ParseLevel(std::string_view text, Level& level) {
  for (size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (kLevelNames[i] != text) continue;
    level = static_cast<Level>(i);
    return absl::OkStatus();
  }
  return InvalidField("log_level", "must be one of debug, info, warn, error");
}

absl::Status ParseLogFormat(std::string_view text, LogFormat& format) {
  if (text != "json" && text != "text") {
    return InvalidField("log_format", "must be one of json, text");
  }
  format = text == "json" ? LogFormat::kJson : LogFormat::kText;
  return absl::OkStatus();
}

LogCapture::LogCapture(LogOptions options) {
  options.sink = [this](std::string_view line) {
    std::lock_guard lock(mu_);
    lines_.emplace_back(line);
  };
  before_ = Exchange(std::move(options));
}

LogCapture::~LogCapture() { Exchange(std::move(before_)); }

std::vector<std::string> LogCapture::lines() const {
  std::lock_guard lock(mu_);
  return lines_;
}

bool LogCapture::Contains(std::string_view text) const {
  std::lock_guard lock(mu_);
  for (const std::string& line : lines_) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace frontdesk::telemetry
