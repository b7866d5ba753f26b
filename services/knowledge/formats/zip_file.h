#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk::knowledge::formats {

// What a ZIP file may unpack to, whatever it says about itself.
struct ZipLimits {
  size_t entries = 20'000;
  size_t entry_bytes = 4 << 20;  // one above it is given as refused, not read
  size_t bytes = 256 << 20;      // of all entries that are read
  // Unpacked to packed; reached by no text that people write. Small files are let through.
  size_t ratio = 200;
  size_t ratio_from_bytes = 1 << 20;
};

struct ZipEntry {
  std::string path;  // relative, without ".."
  std::string bytes;
  std::string problem;  // why it was not read; empty = it was
};

// The entries whose path `wanted` says yes to, in the order of their paths; others are not unpacked.
// Nothing is ever written to disk. INVALID_ARGUMENT for what is no ZIP file or is encrypted;
// RESOURCE_EXHAUSTED (ZIP_BOMB in the message) above a limit.
absl::StatusOr<std::vector<ZipEntry>> ReadZip(std::string_view bytes,
                                              absl::FunctionRef<bool(std::string_view path)> wanted,
                                              const ZipLimits& limits = {});

// A ZIP file of these (path, bytes), the same bytes for the same entries.
absl::StatusOr<std::string> WriteZip(
    const std::vector<std::pair<std::string, std::string>>& entries);

}  // namespace frontdesk::knowledge::formats
