#pragma once

#include <memory>
#include <string>

#include "libs/store/environment.h"

namespace frontdesk::store {

// A disk in memory for the simulation: files keep what was written, and Crash() takes away what
// was never synced, as a power cut does. Thread safe.
class SimulatedDisk {
 public:
  SimulatedDisk();
  ~SimulatedDisk();

  // The environment whose stores live on this disk; owned by the disk.
  Environment& environment() { return *environment_; }

  // Drops unsynced bytes and unsynced directory entries. Every store on the disk must have been
  // abandoned (Store::Abandon) or closed before.
  void Crash();
  // The next syncs fail with an I/O error, and what they should have made durable is uncertain.
  void FailSyncs(int count);
  // Copies a directory tree as it stands, synced.
  absl::Status CopyDirectory(const std::string& from, const std::string& to);
  absl::Status DeleteDirectory(const std::string& dir);

 private:
  class FileSystem;
  std::shared_ptr<FileSystem> file_system_;
  std::unique_ptr<Environment> environment_;
};

}  // namespace frontdesk::store
