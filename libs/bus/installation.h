#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/random.h"
#include "libs/store/environment.h"

namespace frontdesk::bus {

// The file `installation` in a data directory: the id of the installation, its number of shards and
// which stores were made here. A store that was made and is missing means a lost volume and must
// not be made anew in silence. Owned by the process, outlives its shard sets. Thread safe.
class Installation {
 public:
  struct Options {
    std::string data_dir;
    // Empty: a new ULID. Processes of one installation with data directories of their own give the
    // same id to all.
    std::string id = "";
    uint32_t shard_count = 1;
    // May the file be made? False where a missing one means a lost volume.
    bool first_start = true;
  };

  // FAILED_PRECONDITION: STORE_MISSING without the file and first_start; MANIFEST_MISMATCH when id
  // or shard count differ.
  static absl::StatusOr<std::unique_ptr<Installation>> Open(const Options& options,
                                                            store::Environment& environment,
                                                            absl::Time now, RandomSource& random);

  const std::string& data_dir() const { return data_dir_; }
  const std::string& id() const { return id_; }
  uint32_t shard_count() const { return shard_count_; }
  // "<data dir>/<service>/<shard>"
  std::string StoreDirectory(std::string_view service, uint32_t shard) const;

  // True when the store was made before.
  bool Made(std::string_view service, uint32_t shard) const;
  // Records, durably, that it was made.
  absl::Status RecordMade(std::string_view service, uint32_t shard);

 private:
  Installation(store::Environment& environment, std::string path)
      : environment_(environment), path_(std::move(path)) {}
  absl::Status Write() const;  // under mu_, or before anybody else knows it

  store::Environment& environment_;
  std::string path_;
  std::string data_dir_;
  std::string id_;
  uint32_t shard_count_ = 1;
  int64_t create_time_us_ = 0;
  mutable std::mutex mu_;
  std::set<std::string> stores_;  // guarded by mu_; "ticket/0"
};

}  // namespace frontdesk::bus
