#include "libs/store/simulated_storage.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "libs/base/hash.h"
#include "libs/base/random.h"

namespace frontdesk::store {
namespace {

using rocksdb::IOStatus;

IOStatus Missing(const std::string& path) { return IOStatus::PathNotFound(path); }

std::string Join(const std::string& directory, std::string_view name) {
  std::string path = directory == "/" ? "" : directory;
  path += '/';
  path += name;
  return path;
}

std::pair<std::string, std::string> Split(const std::string& path) {
  const size_t slash = path.rfind('/');
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// The prefix of all paths below a directory.
std::string Below(const std::string& directory) { return Join(directory, ""); }

// A number that depends on the seed and the name only, so that a name more or less, as background
// threads leave it, does not change the fate of the others.
uint64_t Fate(uint64_t seed, const std::string& name) {
  return SeededRandom(seed ^ Fingerprint64(name)).Next64();
}

void KeepSomeBytes(SimulatedStorage::File& file, const std::string& path,
                   std::optional<uint64_t> seed) {
  const size_t tail = file.bytes.size() - file.synced_size;
  if (tail > 0) {
    const size_t kept = seed.has_value() ? Fate(*seed, path) % (tail + 1) : 0;
    file.Truncate(file.synced_size + kept);
  }
  file.synced_size = file.bytes.size();
  file.sync_failed = false;
}

}  // namespace

IOStatus SimulatedStorage::File::Sync() {
  if (sync_failed) return IOStatus::IOError("an earlier sync of this file failed");
  synced_size = bytes.size();
  return IOStatus::OK();
}

void SimulatedStorage::File::Truncate(size_t size) {
  bytes.resize(size);
  synced_size = std::min(synced_size, size);
}

void SimulatedStorage::Directory::Apply(Change change) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.file;
  unsynced.push_back(std::move(change));
}

void SimulatedStorage::Directory::Sync() {
  for (Change& change : unsynced) {
    if (!change.removed.empty()) durable_names.erase(change.removed);
    if (!change.added.empty()) durable_names[change.added] = std::move(change.file);
  }
  unsynced.clear();
}

void SimulatedStorage::Directory::KeepSome(const std::string& path, uint64_t seed) {
  // Changes reach the disk in order, as a journal writes them: the first new name that is lost
  // takes all that follows with it.
  const auto lost = std::find_if(unsynced.begin(), unsynced.end(), [&](const Change& change) {
    return !change.added.empty() && Fate(seed, Join(path, change.added) + "#name") % 4 == 0;
  });
  unsynced.erase(lost, unsynced.end());
  Sync();
}

std::string SimulatedStorage::Normalize(const std::string& path) {
  std::string normal;
  normal.reserve(path.size() + 1);
  for (size_t begin = 0; begin < path.size();) {
    size_t end = path.find('/', begin);
    if (end == std::string::npos) end = path.size();
    const std::string_view part = std::string_view(path).substr(begin, end - begin);
    if (!part.empty() && part != ".") {
      normal += '/';
      normal += part;
    }
    begin = end + 1;
  }
  return normal.empty() ? "/" : normal;
}

SimulatedStorage::FilePtr SimulatedStorage::Find(const std::string& path) const {
  const auto [parent, name] = Split(path);
  const auto directory = directories_.find(parent);
  if (directory == directories_.end()) return nullptr;
  const auto file = directory->second.names.find(name);
  return file == directory->second.names.end() ? nullptr : file->second;
}

bool SimulatedStorage::HasDirectory(const std::string& path) const {
  return directories_.contains(path);
}

bool SimulatedStorage::Exists(const std::string& path) const {
  return HasDirectory(path) || Find(path) != nullptr;
}

IOStatus SimulatedStorage::List(const std::string& path, std::vector<std::string>* names) const {
  names->clear();
  const auto directory = directories_.find(path);
  if (directory == directories_.end()) return IOStatus::NotFound(path);
  for (const auto& [name, file] : directory->second.names) names->push_back(name);
  const std::string prefix = Below(path);
  for (auto it = directories_.lower_bound(prefix);
       it != directories_.end() && it->first.starts_with(prefix); ++it) {
    const std::string name = it->first.substr(prefix.size());
    if (!name.empty() && name.find('/') == std::string::npos) names->push_back(name);
  }
  return IOStatus::OK();
}

uint64_t SimulatedStorage::LinkCount(const FilePtr& file) const {
  uint64_t count = 0;
  for (const auto& [path, directory] : directories_) {
    for (const auto& [name, other] : directory.names) count += other == file ? 1 : 0;
  }
  return count;
}

SimulatedStorage::Directory* SimulatedStorage::ParentOf(const std::string& path,
                                                        std::string* name) {
  auto [parent, last] = Split(path);
  const auto directory = directories_.find(parent);
  if (directory == directories_.end()) return nullptr;
  *name = std::move(last);
  return &directory->second;
}

IOStatus SimulatedStorage::Create(const std::string& path, FilePtr* file) {
  std::string name;
  Directory* parent = ParentOf(path, &name);
  if (parent == nullptr) return Missing(path);
  if (HasDirectory(path)) return IOStatus::IOError("a directory has that name", path);
  *file = std::make_shared<File>();
  parent->Apply({"", std::move(name), *file});
  return IOStatus::OK();
}

IOStatus SimulatedStorage::Remove(const std::string& path) {
  std::string name;
  Directory* parent = ParentOf(path, &name);
  if (parent == nullptr || !parent->names.contains(name)) return Missing(path);
  parent->Apply({std::move(name), "", nullptr});
  return IOStatus::OK();
}

IOStatus SimulatedStorage::Rename(const std::string& from, const std::string& to) {
  if (HasDirectory(from)) return RenameDirectory(from, to);
  const FilePtr file = Find(from);
  std::string old_name;
  std::string new_name;
  Directory* source = ParentOf(from, &old_name);
  Directory* target = ParentOf(to, &new_name);
  if (file == nullptr || target == nullptr) return Missing(from + " to " + to);
  if (HasDirectory(to)) return IOStatus::IOError("a directory has that name", to);
  if (file == Find(to)) return IOStatus::OK();
  if (source == target) {
    source->Apply({std::move(old_name), std::move(new_name), file});
    return IOStatus::OK();
  }
  // One transaction of two directories: durable at once, or a crash between the two syncs could
  // lose both names.
  source->Apply({std::move(old_name), "", nullptr});
  target->Apply({"", std::move(new_name), file});
  source->Sync();
  target->Sync();
  return IOStatus::OK();
}

IOStatus SimulatedStorage::RenameDirectory(const std::string& from, const std::string& to) {
  if (from == to) return IOStatus::OK();
  if (!HasDirectory(Split(to).first)) return Missing(to);
  if (Exists(to)) return IOStatus::IOError("the new name is taken", to);
  const std::string prefix = Below(from);
  if (from == "/" || to.starts_with(prefix)) {
    return IOStatus::InvalidArgument("a directory can't move into itself", to);
  }
  std::vector<std::string> moved = {from};
  for (auto it = directories_.lower_bound(prefix);
       it != directories_.end() && it->first.starts_with(prefix); ++it) {
    moved.push_back(it->first);
  }
  for (const std::string& path : moved) {
    auto node = directories_.extract(path);
    node.key() = to + path.substr(from.size());
    directories_.insert(std::move(node));
  }
  return IOStatus::OK();
}

IOStatus SimulatedStorage::Link(const std::string& from, const std::string& to) {
  FilePtr file = Find(from);
  std::string name;
  Directory* target = ParentOf(to, &name);
  if (file == nullptr || target == nullptr) return Missing(from + " to " + to);
  if (Exists(to)) return IOStatus::IOError("the new name is taken", to);
  target->Apply({"", std::move(name), std::move(file)});
  return IOStatus::OK();
}

IOStatus SimulatedStorage::MakeDirectory(const std::string& path) {
  if (Exists(path)) return IOStatus::IOError("the name is taken", path);
  if (!HasDirectory(Split(path).first)) return Missing(path);
  directories_.emplace(path, Directory());
  return IOStatus::OK();
}

IOStatus SimulatedStorage::RemoveDirectory(const std::string& path) {
  if (!HasDirectory(path)) return Missing(path);
  std::vector<std::string> names;
  const IOStatus status = List(path, &names);
  if (!status.ok()) return status;
  if (!names.empty() || path == "/") return IOStatus::IOError("the directory is not empty", path);
  directories_.erase(path);
  return IOStatus::OK();
}

IOStatus SimulatedStorage::SyncDirectory(const std::string& path) {
  const auto directory = directories_.find(path);
  if (directory == directories_.end()) return Missing(path);
  directory->second.Sync();
  return IOStatus::OK();
}

IOStatus SimulatedStorage::CopyTree(const std::string& from, const std::string& to) {
  if (to.starts_with(Below(from))) {
    return IOStatus::InvalidArgument("a directory can't be copied into itself", to);
  }
  if (!HasDirectory(from)) return Missing(from);
  const IOStatus made = MakeDirectory(to);
  if (!made.ok()) return made;
  std::map<std::string, Directory> copies;
  const std::string prefix = Below(from);
  for (const auto& [path, directory] : directories_) {
    if (path != from && !path.starts_with(prefix)) continue;
    Directory& copy = copies[to + path.substr(from.size())];
    for (const auto& [name, file] : directory.names) {
      auto bytes = std::make_shared<File>();
      bytes->bytes = file->bytes;
      bytes->synced_size = file->bytes.size();
      copy.names[name] = std::move(bytes);
    }
    copy.durable_names = copy.names;
  }
  for (auto& [path, copy] : copies) directories_.insert_or_assign(path, std::move(copy));
  return IOStatus::OK();
}

IOStatus SimulatedStorage::RemoveTree(const std::string& path) {
  if (path == "/" || !HasDirectory(path)) return Missing(path);
  const std::string prefix = Below(path);
  std::erase_if(directories_, [&](const auto& entry) {
    return entry.first == path || entry.first.starts_with(prefix);
  });
  return IOStatus::OK();
}

void SimulatedStorage::Crash(std::optional<uint64_t> seed) {
  for (auto& [path, directory] : directories_) {
    if (seed.has_value()) directory.KeepSome(path, *seed);
    directory.unsynced.clear();
    directory.names = directory.durable_names;
  }
  // After all names, as a file may have several: the first one decides.
  for (auto& [path, directory] : directories_) {
    for (auto& [name, file] : directory.names) KeepSomeBytes(*file, Join(path, name), seed);
  }
}

}  // namespace frontdesk::store
