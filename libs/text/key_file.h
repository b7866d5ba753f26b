#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/text/tenant_key.h"

namespace frontdesk::text {

// The key-ring file's format and its durable replacement (see key_ring.h). Plain functions, no
// state; all but the first three block on the disk.

// True for what may stand as tenant or key id in a line: 1 to 63 of [a-z0-9-].
bool IsKeyFileId(std::string_view text);

// FAILED_PRECONDITION names the line, never what it holds. `path` is for the message.
absl::StatusOr<std::vector<TenantKey>> ParseKeyFile(std::string_view path,
                                                    std::string_view content);
// One line with its newline. The caller wipes it.
std::string FormatKeyLine(const TenantKey& key);

// The content, which the caller wipes; nullopt if there is no file. FAILED_PRECONDITION if it is no
// regular file, too large, or open to group or others.
absl::StatusOr<std::optional<std::string>> ReadKeyFile(const std::string& path, size_t max_bytes);

// Replaces the file: writes a temporary one beside it, syncs, renames, syncs the directory. On an
// error before the rename the old file is as it was; `sync_failed` says whether the state on disk
// is unknown.
absl::Status ReplaceKeyFile(const std::string& path, std::string_view content, bool& sync_failed);

// Syncs the file and its directory: what a process before us wrote and did not live to sync.
absl::Status SyncKeyFile(const std::string& path);

// Holds the lock file beside `path` for its life, against other processes and other rings of this
// one.
class KeyFileLock {
 public:
  static absl::StatusOr<KeyFileLock> Acquire(const std::string& path);
  ~KeyFileLock();
  KeyFileLock(KeyFileLock&& other) noexcept;
  KeyFileLock& operator=(KeyFileLock&&) = delete;

 private:
  explicit KeyFileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace frontdesk::text
