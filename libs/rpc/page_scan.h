#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "libs/rpc/page_token.h"
#include "libs/store/reader.h"

namespace frontdesk::rpc {

// A reply ends once its rows are larger than this.
inline constexpr size_t kMaxPageBytes = size_t{1} << 20;
// A page also ends once so many rows were looked at, however few of them it holds.
inline constexpr int kMaxRowsLookedAt = 2000;

// The rows of a page that begins behind `page.after`, in the order of their keys. `take` adds a row
// to the reply and returns true, or false for a row that a filter leaves out. `first` is where the
// first page begins (empty: with the first row below `prefix`). Sets `next_page_token`, empty at
// the end. Where a filter leaves out many rows, a page may be short or empty and still have a token:
// only an empty token is the end. Tokens hold keys without `prefix`: one can't lead out of its list.
absl::Status ScanPage(
    const store::Reader& reader, std::string_view prefix, const Page& page,
    absl::FunctionRef<absl::StatusOr<bool>(std::string_view key, std::string_view value)> take,
    std::string* next_page_token, std::string_view first = "");

}  // namespace frontdesk::rpc
