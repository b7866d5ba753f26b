#include "libs/store/rocks_reader.h"

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/store/keys.h"

namespace frontdesk::store {

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = fmt::format("RocksDB: {}", status.ToString());
  if (status.IsIncomplete()) {
    return Error(absl::StatusCode::kUnavailable, "NOT_IN_MEMORY", "the row is not in memory");
  }
  if (status.IsCorruption()) return Error(absl::StatusCode::kDataLoss, "DATA_LOSS", text);
  if (status.IsNoSpace()) {
    return Error(absl::StatusCode::kResourceExhausted, "DISK_SPACE_LOW", text);
  }
  if (status.IsInvalidArgument()) return Error(absl::StatusCode::kInternal, "INTERNAL", text);
  return absl::UnavailableError(text);
}

absl::Status MakeFolders(rocksdb::Env& env, const std::string& directory) {
  for (size_t end = directory.find('/', 1);; end = directory.find('/', end + 1)) {
    FD_RETURN_IF_ERROR(FromRocks(env.CreateDirIfMissing(directory.substr(0, end))));
    if (end == std::string::npos) return absl::OkStatus();
  }
}

absl::Status ScanIterator(rocksdb::Iterator& rows, std::string_view prefix, std::string_view start,
                          Reader::RowVisitor visit) {
  for (rows.Seek(ToSlice(start.empty() ? prefix : start)); rows.Valid(); rows.Next()) {
    if (!ToView(rows.key()).starts_with(prefix)) break;
    if (!visit(ToView(rows.key()), ToView(rows.value()))) break;
  }
  return FromRocks(rows.status());
}

absl::Status ScanIteratorBackward(rocksdb::Iterator& rows, std::string_view prefix,
                                  std::string_view before, Reader::RowVisitor visit) {
  const std::string end = before.empty() ? PrefixEnd(prefix) : std::string(before);
  if (end.empty()) {
    rows.SeekToLast();
  } else {
    rows.SeekForPrev(ToSlice(end));
    if (rows.Valid() && ToView(rows.key()) == end) rows.Prev();
  }
  for (; rows.Valid(); rows.Prev()) {
    if (!ToView(rows.key()).starts_with(prefix)) break;
    if (!visit(ToView(rows.key()), ToView(rows.value()))) break;
  }
  return FromRocks(rows.status());
}

}  // namespace frontdesk::store
