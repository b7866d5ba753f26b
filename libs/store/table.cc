#include "libs/store/table.h"

#include <atomic>

#include <fmt/core.h>

namespace frontdesk::store {
namespace {
// Process-wide on purpose: a corrupt row can turn up in code that has no metrics at hand, and it
// must be counted all the same.
std::atomic<uint64_t> corrupt_rows{0};
}  // namespace

absl::Status CorruptRow(std::string_view table) {
  corrupt_rows.fetch_add(1, std::memory_order_relaxed);
  return WithMetadata(
      Error(absl::StatusCode::kDataLoss, "DATA_LOSS", fmt::format("a corrupt {} row", table)),
      "table", table);
}

uint64_t CorruptRowsSeen() { return corrupt_rows.load(std::memory_order_relaxed); }

}  // namespace frontdesk::store
