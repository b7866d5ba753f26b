#include "libs/store/simulated_disk.h"

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_buffer_manager.h>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/store/simulated_storage.h"

namespace frontdesk::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using FilePtr = SimulatedStorage::FilePtr;

constexpr size_t kBlockCacheBytes = 8 << 20;
// Never reached: a flush forced by it would depend on how memtables happened to allocate.
constexpr size_t kWriteBufferBytes = 1 << 30;
constexpr uint64_t kFreeBytes = 1ull << 40;

IOStatus Unplugged() { return IOStatus::IOError("the disk has lost power since this was opened"); }

class NullLogger final : public rocksdb::Logger {
 public:
  NullLogger() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class HeldLock final : public rocksdb::FileLock {
 public:
  explicit HeldLock(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

struct DiskState {
  std::mutex mu;
  // All guarded by mu.
  SimulatedStorage storage;
  uint64_t life = 0;  // raised by every crash
  int failing_syncs = 0;
  int failing_reads = 0;  // of tables
  bool pretended_syncs = false;
  std::map<std::string, const HeldLock*> locks;
};

// What a handle needs to know whether it is of the disk's present life.
struct Session {
  std::shared_ptr<DiskState> state;
  uint64_t life;

  // Guarded by state->mu.
  bool plugged_in() const { return state->life == life; }
};

size_t CopyOut(const std::string& bytes, uint64_t offset, size_t n, char* scratch) {
  if (offset >= bytes.size()) return 0;
  const size_t count = std::min<size_t>(n, bytes.size() - offset);
  std::memcpy(scratch, bytes.data() + offset, count);
  return count;
}

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(const Session& session, FilePtr file)
      : session_(session), file_(std::move(file)) {}

  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const std::lock_guard lock(session_.state->mu);
    *result = Slice();
    if (!session_.plugged_in()) return Unplugged();
    const size_t count = CopyOut(file_->bytes, offset_, n, scratch);
    offset_ += count;
    *result = Slice(scratch, count);
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t n) override {
    const std::lock_guard lock(session_.state->mu);
    const uint64_t size = file_->bytes.size();
    offset_ = n < size - std::min(size, offset_) ? offset_ + n : std::max(size, offset_);
    return IOStatus::OK();
  }
  IOStatus InvalidateCache(size_t, size_t) override { return IOStatus::OK(); }

 private:
  const Session session_;
  const FilePtr file_;
  uint64_t offset_ = 0;  // guarded by state->mu
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(const Session& session, FilePtr file)
      : session_(session), file_(std::move(file)) {}

  // Copies also where it could point into the file: RocksDB keeps blocks in its cache longer than
  // the file may live.
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    const std::lock_guard lock(session_.state->mu);
    *result = Slice();
    if (!session_.plugged_in()) return Unplugged();
    if (session_.state->failing_reads > 0) {
      --session_.state->failing_reads;
      return IOStatus::IOError("injected read failure");
    }
    *result = Slice(scratch, CopyOut(file_->bytes, offset, n, scratch));
    return IOStatus::OK();
  }
  // Nothing to prefetch: saves RocksDB a read-ahead buffer of its own.
  IOStatus Prefetch(uint64_t, size_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus InvalidateCache(size_t, size_t) override { return IOStatus::OK(); }

 private:
  const Session session_;
  const FilePtr file_;
};

// Once unplugged, appends succeed and go nowhere, as those into a page cache that is about to
// vanish; only syncs, which promise something, fail.
class WritableFile final : public rocksdb::FSWritableFile {
 public:
  WritableFile(const Session& session, FilePtr file, bool is_log, const FileOptions& options)
      : FSWritableFile(options), session_(session), file_(std::move(file)), is_log_(is_log) {}

  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& bytes, const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(session_.state->mu);
    if (session_.plugged_in()) file_->bytes.append(bytes.data(), bytes.size());
    return IOStatus::OK();
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(session_.state->mu);
    if (session_.plugged_in()) file_->Truncate(size);
    return IOStatus::OK();
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(session_.state->mu);
    if (!session_.plugged_in()) return Unplugged();
    int& failing = session_.state->failing_syncs;
    if (is_log_ && failing > 0) {
      --failing;
      file_->sync_failed = true;
      return IOStatus::IOError("injected sync failure");
    }
    if (is_log_ && session_.state->pretended_syncs) return IOStatus::OK();
    return file_->Sync();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(session_.state->mu);
    return file_->bytes.size();
  }
  IOStatus InvalidateCache(size_t, size_t) override { return IOStatus::OK(); }

 private:
  const Session session_;
  const FilePtr file_;
  const bool is_log_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(const Session& session, std::string path) : session_(session), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(session_.state->mu);
    return session_.plugged_in() ? session_.state->storage.SyncDirectory(path_) : Unplugged();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  const Session session_;
  const std::string path_;
};

}  // namespace

struct SimulatedDisk::State final : DiskState {};

// The disk as RocksDB sees it during one life, from power-up to crash. Shared by the environment
// and by the databases opened with it.
class SimulatedDisk::FileSystem final : public rocksdb::FileSystem {
 public:
  FileSystem(std::shared_ptr<State> state, uint64_t life) : session_{std::move(state), life} {}

  const char* Name() const override { return "SimulatedDisk"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    return OpenToRead<SequentialFile>(path, result);
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    return OpenToRead<RandomAccessFile>(path, result);
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    return OpenToWrite(path, /*keep=*/false, options, result);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext*) override {
    return OpenToWrite(path, /*keep=*/true, options, result);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    result->reset();
    std::string normal = SimulatedStorage::Normalize(path);
    return WithStorage([&](SimulatedStorage& storage) {
      if (!storage.HasDirectory(normal)) return IOStatus::PathNotFound(normal);
      *result = std::make_unique<Directory>(session_, std::move(normal));
      return IOStatus::OK();
    });
  }

  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    return WithPath(path, [](SimulatedStorage& storage, const std::string& normal) {
      return storage.HasDirectory(normal) || storage.Find(normal) != nullptr
                 ? IOStatus::OK()
                 : IOStatus::NotFound(normal);
    });
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_directory,
                       IODebugContext*) override {
    return WithPath(path, [&](SimulatedStorage& storage, const std::string& normal) {
      *is_directory = storage.HasDirectory(normal);
      return *is_directory || storage.Find(normal) != nullptr ? IOStatus::OK()
                                                              : IOStatus::PathNotFound(normal);
    });
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* names,
                       IODebugContext*) override {
    return WithPath(path, [&](SimulatedStorage& storage, const std::string& normal) {
      return storage.List(normal, names);
    });
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* size,
                       IODebugContext*) override {
    *size = 0;
    return WithFile(path,
                    [&](SimulatedStorage&, const FilePtr& file) { *size = file->bytes.size(); });
  }
  // All files are equally old: a real clock would make runs differ.
  IOStatus GetFileModificationTime(const std::string& path, const IOOptions&, uint64_t* seconds,
                                   IODebugContext*) override {
    *seconds = 0;
    return WithFile(path, [](SimulatedStorage&, const FilePtr&) {});
  }
  IOStatus NumFileLinks(const std::string& path, const IOOptions&, uint64_t* count,
                        IODebugContext*) override {
    return WithFile(path, [&](SimulatedStorage& storage, const FilePtr& file) {
      *count = storage.LinkCount(file);
    });
  }
  IOStatus AreFilesSame(const std::string& first, const std::string& second, const IOOptions&,
                        bool* same, IODebugContext*) override {
    return WithFile(first, [&](SimulatedStorage& storage, const FilePtr& file) {
      *same = storage.Find(SimulatedStorage::Normalize(second)) == file;
    });
  }
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t* bytes,
                        IODebugContext*) override {
    *bytes = kFreeBytes;
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* absolute,
                           IODebugContext*) override {
    *absolute = SimulatedStorage::Normalize(path);
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions& options, std::string* path,
                            IODebugContext* debug) override {
    *path = "/test";
    return CreateDirIfMissing(*path, options, debug);
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return WithPath(path, [](SimulatedStorage& storage, const std::string& normal) {
      return storage.Remove(normal);
    });
  }
  IOStatus Truncate(const std::string& path, size_t size, const IOOptions&,
                    IODebugContext*) override {
    return WithFile(path, [size](SimulatedStorage&, const FilePtr& file) { file->Truncate(size); });
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return WithPath(from, [&](SimulatedStorage& storage, const std::string& normal) {
      return storage.Rename(normal, SimulatedStorage::Normalize(to));
    });
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                    IODebugContext*) override {
    return WithPath(from, [&](SimulatedStorage& storage, const std::string& normal) {
      return storage.Link(normal, SimulatedStorage::Normalize(to));
    });
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return WithPath(path, [](SimulatedStorage& storage, const std::string& normal) {
      return storage.MakeDirectory(normal);
    });
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return WithPath(path, [](SimulatedStorage& storage, const std::string& normal) {
      return storage.HasDirectory(normal) ? IOStatus::OK() : storage.MakeDirectory(normal);
    });
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return WithPath(path, [](SimulatedStorage& storage, const std::string& normal) {
      return storage.RemoveDirectory(normal);
    });
  }

  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    *lock = nullptr;
    return WithPath(path, [&](SimulatedStorage& storage, const std::string& normal) {
      auto& locks = session_.state->locks;
      if (locks.contains(normal)) return IOStatus::IOError("lock is held", normal);
      if (storage.Find(normal) == nullptr) {
        FilePtr file;
        const IOStatus created = storage.Create(normal, &file);
        if (!created.ok()) return created;
      }
      auto held = std::make_unique<HeldLock>(normal);
      locks[normal] = held.get();
      *lock = held.release();
      return IOStatus::OK();
    });
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<HeldLock> held(static_cast<HeldLock*>(lock));
    const std::lock_guard guard(session_.state->mu);
    auto& locks = session_.state->locks;
    // A crash has already released it, and a later life may hold the same file.
    const auto it = locks.find(held->path());
    if (it != locks.end() && it->second == held.get()) locks.erase(it);
    return IOStatus::OK();
  }

  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* result,
                     IODebugContext*) override {
    *result = std::make_shared<NullLogger>();
    return IOStatus::OK();
  }

 private:
  template <typename Function>
  IOStatus WithStorage(Function function) {
    const std::lock_guard lock(session_.state->mu);
    if (!session_.plugged_in()) return Unplugged();
    return function(session_.state->storage);
  }
  template <typename Function>
  IOStatus WithPath(const std::string& path, Function function) {
    const std::string normal = SimulatedStorage::Normalize(path);
    return WithStorage([&](SimulatedStorage& storage) { return function(storage, normal); });
  }
  template <typename Function>
  IOStatus WithFile(const std::string& path, Function function) {
    return WithPath(path, [&](SimulatedStorage& storage, const std::string& normal) {
      const FilePtr file = storage.Find(normal);
      if (file == nullptr) return IOStatus::PathNotFound(normal);
      function(storage, file);
      return IOStatus::OK();
    });
  }
  template <typename Handle, typename Result>
  IOStatus OpenToRead(const std::string& path, Result* result) {
    result->reset();
    return WithFile(path, [&](SimulatedStorage&, const FilePtr& file) {
      *result = std::make_unique<Handle>(session_, file);
    });
  }
  IOStatus OpenToWrite(const std::string& path, bool keep, const FileOptions& options,
                       std::unique_ptr<rocksdb::FSWritableFile>* result);

  const Session session_;
};

IOStatus SimulatedDisk::FileSystem::OpenToWrite(const std::string& path, bool keep,
                                                const FileOptions& options,
                                                std::unique_ptr<rocksdb::FSWritableFile>* result) {
  result->reset();
  return WithPath(path, [&](SimulatedStorage& storage, const std::string& normal) {
    FilePtr file = keep ? storage.Find(normal) : nullptr;
    if (file == nullptr) {
      const IOStatus created = storage.Create(normal, &file);
      if (!created.ok()) return created;
    }
    const bool is_log = normal.ends_with(".log");
    *result = std::make_unique<WritableFile>(session_, std::move(file), is_log, options);
    return IOStatus::OK();
  });
}

SimulatedDisk::SimulatedDisk()
    : state_(std::make_shared<State>()), environment_(new Environment()) {
  // One cache shard: more would only cost time at every open.
  environment_->block_cache_ = rocksdb::NewLRUCache(kBlockCacheBytes, /*num_shard_bits=*/0);
  environment_->write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(kWriteBufferBytes);
  environment_->simulated_ = true;
  PlugIn();
}

SimulatedDisk::~SimulatedDisk() = default;

void SimulatedDisk::PlugIn() {
  auto file_system = std::make_shared<FileSystem>(state_, state_->life);
  environment_->owned_env_ = rocksdb::NewCompositeEnv(std::move(file_system));
  environment_->env_ = environment_->owned_env_.get();
}

void SimulatedDisk::Crash(RandomSource* random) {
  const std::lock_guard lock(state_->mu);
  state_->storage.Crash(random == nullptr ? std::nullopt
                                          : std::optional<uint64_t>(random->Next64()));
  state_->locks.clear();
  state_->failing_syncs = 0;
  state_->failing_reads = 0;
  ++state_->life;
  unplugged_.push_back(std::move(environment_->owned_env_));
  PlugIn();
}

void SimulatedDisk::FailReads(int count) {
  const std::lock_guard lock(state_->mu);
  state_->failing_reads = count;
}

void SimulatedDisk::FailSyncs(int count) {
  const std::lock_guard lock(state_->mu);
  state_->failing_syncs = count;
}

void SimulatedDisk::PretendSyncs() {
  const std::lock_guard lock(state_->mu);
  state_->pretended_syncs = true;
}

absl::Status SimulatedDisk::CopyDirectory(const std::string& from, const std::string& to) {
  const std::string target = SimulatedStorage::Normalize(to);
  const std::lock_guard lock(state_->mu);
  SimulatedStorage& storage = state_->storage;
  if (storage.HasDirectory(target) || storage.Find(target) != nullptr) {
    return Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                 absl::StrCat(target, " exists"));
  }
  const IOStatus status = storage.CopyTree(SimulatedStorage::Normalize(from), target);
  if (status.IsPathNotFound()) return NotFound("directory", from);
  return status.ok() ? absl::OkStatus() : absl::InvalidArgumentError(status.ToString());
}

absl::Status SimulatedDisk::DeleteDirectory(const std::string& dir) {
  const std::lock_guard lock(state_->mu);
  const IOStatus status = state_->storage.RemoveTree(SimulatedStorage::Normalize(dir));
  return status.ok() ? absl::OkStatus() : NotFound("directory", dir);
}

}  // namespace frontdesk::store
