#include "libs/store/watched_file_system.h"

#include <utility>

#include <rocksdb/file_system.h>

#include "libs/store/rocks_reader.h"

namespace frontdesk::store {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> target, std::string path,
              const WriteFailed& failed)
      : FSWritableFileOwnerWrapper(std::move(target)), path_(std::move(path)), failed_(failed) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return Tell(target()->Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    return Tell(target()->Append(data, options, verification, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Tell(target()->Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Tell(target()->Fsync(options, debug));
  }

 private:
  IOStatus Tell(IOStatus status) {
    if (!status.ok()) failed_(path_, FromRocks(status));
    return status;
  }

  const std::string path_;
  const WriteFailed& failed_;  // of the file system, which outlives its files
};

class WatchedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  WatchedFileSystem(std::shared_ptr<rocksdb::FileSystem> target, WriteFailed failed)
      : FileSystemWrapper(std::move(target)), failed_(std::move(failed)) {}
  const char* Name() const override { return "WatchedFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    return Watch(path, target()->NewWritableFile(path, options, file, debug), file);
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* debug) override {
    return Watch(path, target()->ReopenWritableFile(path, options, file, debug), file);
  }
  IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                             const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                             IODebugContext* debug) override {
    return Watch(path, target()->ReuseWritableFile(path, old_path, options, file, debug), file);
  }

 private:
  IOStatus Watch(const std::string& path, IOStatus status,
                 std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) *file = std::make_unique<WatchedFile>(std::move(*file), path, failed_);
    return status;
  }

  const WriteFailed failed_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> WatchWrites(std::shared_ptr<rocksdb::FileSystem> target,
                                                 WriteFailed failed) {
  return std::make_shared<WatchedFileSystem>(std::move(target), std::move(failed));
}

}  // namespace frontdesk::store
