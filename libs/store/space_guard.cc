#include "libs/store/space_guard.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/telemetry/log.h"

namespace frontdesk::store {
namespace {

absl::StatusOr<uint64_t> FreeBytesOnDisk(const std::string& directory) {
  struct statvfs stat = {};
  if (statvfs(directory.c_str(), &stat) != 0) {
    return absl::UnavailableError(fmt::format("statvfs {}: {}", directory, strerror(errno)));
  }
  return static_cast<uint64_t>(stat.f_bavail) * stat.f_frsize;
}

}  // namespace

SpaceGuard::SpaceGuard(Options options, telemetry::Metrics& metrics)
    : options_(std::move(options)),
      free_gauge_(metrics.GetGauge("frontdesk_disk_free_bytes", "Free space where the stores live",
                                   {{"directory", options_.directory}})),
      state_gauge_(metrics.GetGauge("frontdesk_disk_guard_state",
                                    "0 enough space, 1 mutations refused, 2 must exit",
                                    {{"directory", options_.directory}})) {
  if (options_.free_bytes == nullptr) options_.free_bytes = FreeBytesOnDisk;
}

bool SpaceGuard::Step(absl::Duration steady_now) {
  if (steady_now < next_) return false;
  next_ = steady_now + options_.interval;
  const absl::StatusOr<uint64_t> free = options_.free_bytes(options_.directory);
  if (!free.ok()) {
    telemetry::Log(telemetry::Level::kError, "disk.unknown", {{"error", free.status()}});
    return true;
  }
  last_free_.store(*free, std::memory_order_relaxed);
  free_gauge_.Set(static_cast<double>(*free));
  const State before = state();
  // Half as much again to leave the state, so that it does not flutter.
  const uint64_t soft = options_.soft_limit_bytes;
  State after = State::kOk;
  if (*free < options_.hard_limit_bytes) {
    after = State::kHard;
  } else if (*free < soft || (before != State::kOk && *free < soft + soft / 2)) {
    after = State::kSoft;
  }
  state_.store(after, std::memory_order_release);
  state_gauge_.Set(static_cast<double>(after));
  if (after != before) {
    telemetry::Log(telemetry::Level::kError, "disk.guard",
                   {{"state", static_cast<int>(after)}, {"free_bytes", *free}});
  }
  return true;
}

absl::Status SpaceGuard::CheckWritable() const {
  if (state() == State::kOk) return absl::OkStatus();
  return WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "DISK_SPACE_LOW",
                              "the disk is nearly full: changes are refused"),
                        absl::Seconds(10));
}

}  // namespace frontdesk::store
