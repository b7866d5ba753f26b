#include "libs/rpc/page_scan.h"

#include "libs/base/status_macros.h"

namespace frontdesk::rpc {

absl::Status ScanPage(
    const store::Reader& reader, std::string_view prefix, const Page& page,
    absl::FunctionRef<absl::StatusOr<bool>(std::string_view key, std::string_view value)> take,
    std::string* next_page_token, std::string_view first) {
  next_page_token->clear();
  std::string start(first);
  // Nothing sorts between a key and itself with a zero byte.
  if (!page.after.empty()) start = std::string(prefix) + page.after + '\0';
  int taken = 0;
  int looked_at = 0;
  size_t bytes = 0;
  std::string last;
  absl::Status failed;
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, [&](std::string_view key, std::string_view value) {
    if (taken >= page.size || bytes > kMaxPageBytes || looked_at >= kMaxRowsLookedAt) {
      *next_page_token = MakePageToken(last, page.filter_hash);
      return false;
    }
    const absl::StatusOr<bool> took = take(key, value);
    failed = took.status();
    if (!failed.ok()) return false;
    last = key.substr(prefix.size());
    ++looked_at;
    if (*took) {
      ++taken;
      bytes += value.size();
    }
    return true;
  }));
  return failed;
}

}  // namespace frontdesk::rpc
