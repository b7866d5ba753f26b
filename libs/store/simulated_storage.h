#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rocksdb/io_status.h>

namespace frontdesk::store {

// What a SimulatedDisk holds: directories, files and, for each, what a power cut would leave.
// Files are durable up to their last sync; names of files are durable when their directory was
// synced, in the order in which they were changed; directories themselves are durable at once, as
// RocksDB never syncs the parent of its folder. Owned by the disk, which guards it by its mutex:
// not thread safe. Knows nothing of handles, locks and failures.
class SimulatedStorage {
 public:
  struct File {
    std::string bytes;
    size_t synced_size = 0;
    // A file whose sync failed once is never durable again until the disk restarts: the kernel
    // may have dropped its pages.
    bool sync_failed = false;

    rocksdb::IOStatus Sync();
    void Truncate(size_t size);
  };
  using FilePtr = std::shared_ptr<File>;

  // With slashes folded: "/a/b". "/" is the root, which always exists.
  static std::string Normalize(const std::string& path);

  // Paths below are normalized. A missing file or folder is IOError with subcode kPathNotFound.
  FilePtr Find(const std::string& path) const;  // null when there is none
  bool HasDirectory(const std::string& path) const;
  rocksdb::IOStatus List(const std::string& path, std::vector<std::string>* names) const;
  uint64_t LinkCount(const FilePtr& file) const;

  // An empty file in the place of any that had the name.
  rocksdb::IOStatus Create(const std::string& path, FilePtr* file);
  rocksdb::IOStatus Remove(const std::string& path);
  rocksdb::IOStatus Rename(const std::string& from, const std::string& to);
  rocksdb::IOStatus Link(const std::string& from, const std::string& to);
  rocksdb::IOStatus MakeDirectory(const std::string& path);
  rocksdb::IOStatus RemoveDirectory(const std::string& path);
  rocksdb::IOStatus SyncDirectory(const std::string& path);

  rocksdb::IOStatus CopyTree(const std::string& from, const std::string& to);
  rocksdb::IOStatus RemoveTree(const std::string& path);

  // Leaves what was synced and, with a seed, parts of the rest that depend on the seed and on
  // names only.
  void Crash(std::optional<uint64_t> seed);

 private:
  // One change of a directory, whole or not at all: a name goes, a name comes, or both.
  struct Change {
    std::string removed;
    std::string added;
    FilePtr file;
  };
  struct Directory {
    std::map<std::string, FilePtr> names;
    std::map<std::string, FilePtr> durable_names;
    std::vector<Change> unsynced;

    void Apply(Change change);
    void Sync();
    void KeepSome(const std::string& path, uint64_t seed);
  };

  Directory* ParentOf(const std::string& path, std::string* name);
  rocksdb::IOStatus RenameDirectory(const std::string& from, const std::string& to);
  bool Exists(const std::string& path) const;

  std::map<std::string, Directory> directories_ = {{"/", Directory()}};
};

}  // namespace frontdesk::store
