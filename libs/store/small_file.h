#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/environment.h"

namespace frontdesk::store {

// Small files on the environment's file system (real or simulated).

// NOT_FOUND when there is none. Blocks.
absl::StatusOr<std::string> ReadSmallFile(Environment& environment, const std::string& path);

// Replaces the file or leaves the old one: written aside, synced, renamed; makes the directory.
// Blocks: two fsyncs.
absl::Status WriteSmallFile(Environment& environment, const std::string& path,
                            const std::string& content);

}  // namespace frontdesk::store
