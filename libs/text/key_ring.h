#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/text/tenant_key.h"

namespace frontdesk::text {

// The tenants' keys, from a file that only its owner can read: the root of all sealing. Whoever
// loses the file loses every sealed text, so it belongs into the backup, apart from the stores.
//
// Owned by the process's App (channel's, or the suite's). Thread safe. Open() reads the file once;
// GenerateFor() adds to it under a lock file, so that processes which share it do not overwrite
// each other's keys. A tenant may have several keys: the last one in the file wraps new data keys,
// the first one keys the identity hashes (they must not change when a key is rotated), all of them
// unwrap. Does not rotate, delete or print keys.
//
// File, at most kMaxFileBytes, mode 0600 or stricter, one key a line:
//   <tenant> <key id> <64 hexadecimal digits>
// Empty lines and lines that start with '#' are kept.
class KeyRing {
 public:
  static constexpr size_t kMaxFileBytes = size_t{16} << 20;

  struct Options {
    std::string path;
    // Make an empty ring if there is no file. Only for a first start: a ring that is missing later
    // means that every wrapped data key is lost, which must be an error.
    bool create_if_missing = false;
  };

  // Blocks: fsync. Errors (FAILED_PRECONDITION, INVALID_CONFIG): missing file, group or others may
  // read or write it, too large, a malformed line (its number is in the message, its content is
  // not).
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(Options options, RandomSource& random);

  // Lives only in memory: for simulation and tests.
  static std::unique_ptr<KeyRing> InMemory(RandomSource& random);

  // Copies, for the caller to keep as briefly as it can. NOT_FOUND without a key of the tenant.
  absl::StatusOr<TenantKey> Active(std::string_view tenant) const;
  absl::StatusOr<TenantKey> Find(std::string_view tenant, std::string_view key_id) const;
  absl::StatusOr<TenantKey> LookupKey(std::string_view tenant) const;

  // The tenant's active key, made first if it has none. A new key is durable (file synced, renamed,
  // directory synced) before this returns. Blocks: file lock, fsync. INVALID_ARGUMENT for a tenant
  // that is no id, UNAVAILABLE if the file can't be written. After a failed sync every later call
  // that would have to write fails until the process starts again: what is on disk is unknown.
  absl::StatusOr<TenantKey> GenerateFor(std::string_view tenant);

 private:
  KeyRing(Options options, RandomSource& random);

  absl::StatusOr<TenantKey> ActiveLocked(std::string_view tenant) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Adopt(std::vector<TenantKey> keys) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  TenantKey NewKey(std::string_view tenant) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status AddToFile(std::string_view tenant) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Set at construction.
  const Options options_;  // an empty path: in memory
  RandomSource& random_;

  mutable std::mutex mu_;
  // Keys by tenant, in the order of the file; never an empty list.
  std::map<std::string, std::vector<TenantKey>, std::less<>> keys_ ABSL_GUARDED_BY(mu_);
  bool sync_failed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace frontdesk::text
