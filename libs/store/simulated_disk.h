#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/random.h"
#include "libs/store/environment.h"

namespace frontdesk::store {

// A disk in memory for the simulation, on which real RocksDB runs: files keep what was written, and
// Crash() takes away what was never synced, as a power cut does. Owned by the simulation or a
// test; outlives every store on it, also the crashed ones. Thread safe, but Crash() must not run
// beside an Open. It does not simulate a full disk or corrupted bytes, and RocksDB's info log goes
// nowhere.
class SimulatedDisk {
 public:
  SimulatedDisk();
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // The environment whose stores live on this disk; owned by the disk, the same for its life.
  Environment& environment() { return *environment_; }

  // Drops unsynced bytes, unsynced directory entries and locks; with `random` (one number is
  // drawn) some of what was not synced survives: a prefix of a file's tail, as a torn write leaves
  // it, and a prefix of a directory's changes. Afterwards what was opened before is unplugged: the
  // writes of a store that is still being destroyed go nowhere, everything else fails, so that it
  // can't disturb the one opened in its place. Pending FailSyncs are forgotten.
  void Crash(RandomSource* random = nullptr);
  // The next `count` syncs of write-ahead logs fail with an I/O error. What such a log held since
  // its last sync is not durable, and no later sync makes it so.
  void FailSyncs(int count);
  // The next `count` reads of tables fail with an I/O error; what RocksDB has in its block cache it
  // does not read. Forgotten by a crash.
  void FailReads(int count);
  // From now on syncs of write-ahead logs succeed without effect, as on a disk that lies: to see
  // that tests of durability notice.
  void PretendSyncs();
  // Copies a directory tree as it stands, synced. NOT_FOUND; ALREADY_EXISTS for `to`.
  absl::Status CopyDirectory(const std::string& from, const std::string& to);
  // With all it holds, durably. NOT_FOUND.
  absl::Status DeleteDirectory(const std::string& dir);

 private:
  struct State;
  class FileSystem;

  void PlugIn();

  std::shared_ptr<State> state_;
  std::unique_ptr<Environment> environment_;
  // Of earlier lives: crashed stores hold a pointer to theirs until they are destroyed.
  std::vector<std::shared_ptr<rocksdb::Env>> unplugged_;
};

}  // namespace frontdesk::store
