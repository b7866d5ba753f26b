#include "libs/text/key_ring.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "libs/base/status_macros.h"
#include "libs/text/errors.h"
#include "libs/text/key_file.h"

namespace frontdesk::text {
namespace {

constexpr std::string_view kHeader =
    "# Frontdesk key ring: secret, back it up apart from the stores.\n"
    "# tenant, key id, key. A tenant's last key wraps new data keys, its first one keys "
    "look-ups.\n";

}  // namespace

KeyRing::KeyRing(Options options, RandomSource& random)
    : options_(std::move(options)), random_(random) {}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(Options options, RandomSource& random) {
  if (options.path.empty()) return KeyRingFileError("", "has no path");
  std::unique_ptr<KeyRing> ring(new KeyRing(std::move(options), random));
  const std::string& path = ring->options_.path;
  FD_ASSIGN_OR_RETURN(const KeyFileLock lock, KeyFileLock::Acquire(path));
  FD_ASSIGN_OR_RETURN(std::optional<std::string> content, ReadKeyFile(path, kMaxFileBytes));
  if (!content.has_value()) {
    if (!ring->options_.create_if_missing) return KeyRingFileError(path, "does not exist");
    bool sync_failed = false;
    FD_RETURN_IF_ERROR(ReplaceKeyFile(path, kHeader, sync_failed));
    return ring;
  }
  absl::StatusOr<std::vector<TenantKey>> keys = ParseKeyFile(path, *content);
  Wipe(*content);
  FD_RETURN_IF_ERROR(keys.status());
  FD_RETURN_IF_ERROR(SyncKeyFile(path));
  const std::scoped_lock guard(ring->mu_);
  ring->Adopt(*std::move(keys));
  return ring;
}

std::unique_ptr<KeyRing> KeyRing::InMemory(RandomSource& random) {
  return std::unique_ptr<KeyRing>(new KeyRing(Options{}, random));
}

absl::StatusOr<TenantKey> KeyRing::Active(std::string_view tenant) const {
  const std::scoped_lock guard(mu_);
  return ActiveLocked(tenant);
}

absl::StatusOr<TenantKey> KeyRing::Find(std::string_view tenant, std::string_view key_id) const {
  const std::scoped_lock guard(mu_);
  if (const auto it = keys_.find(tenant); it != keys_.end()) {
    for (const TenantKey& key : it->second) {
      if (key.key_id == key_id) return key.Clone();
    }
  }
  return TenantKeyMissingError(tenant, key_id);
}

absl::StatusOr<TenantKey> KeyRing::LookupKey(std::string_view tenant) const {
  const std::scoped_lock guard(mu_);
  const auto it = keys_.find(tenant);
  if (it == keys_.end()) return TenantKeyMissingError(tenant, "");
  return it->second.front().Clone();
}

absl::StatusOr<TenantKey> KeyRing::GenerateFor(std::string_view tenant) {
  // A line that can't be read back must not be written.
  if (!IsKeyFileId(tenant)) return BadKeyFieldError("tenant", "must be 1 to 63 of [a-z0-9-]");
  const std::scoped_lock guard(mu_);
  if (absl::StatusOr<TenantKey> found = ActiveLocked(tenant); found.ok()) return found;
  if (options_.path.empty()) {
    keys_[std::string(tenant)].push_back(NewKey(tenant));
  } else {
    FD_RETURN_IF_ERROR(AddToFile(tenant));
  }
  return ActiveLocked(tenant);
}

absl::StatusOr<TenantKey> KeyRing::ActiveLocked(std::string_view tenant) const {
  const auto it = keys_.find(tenant);
  if (it == keys_.end()) return TenantKeyMissingError(tenant, "");
  return it->second.back().Clone();
}

void KeyRing::Adopt(std::vector<TenantKey> keys) {
  keys_.clear();
  for (TenantKey& key : keys) {
    std::string tenant = key.tenant;
    keys_[std::move(tenant)].push_back(std::move(key));
  }
}

TenantKey KeyRing::NewKey(std::string_view tenant) {
  return {std::string(tenant), fmt::format("tk-{:016x}", random_.Next64()),
          SecretKey::Random(random_)};
}

absl::Status KeyRing::AddToFile(std::string_view tenant) {
  const std::string& path = options_.path;
  if (sync_failed_) return KeyRingIoError(path, "fsync failed before", EIO);
  FD_ASSIGN_OR_RETURN(const KeyFileLock lock, KeyFileLock::Acquire(path));
  // Another process may have added keys, this tenant's among them, since we read the file.
  FD_ASSIGN_OR_RETURN(std::optional<std::string> content, ReadKeyFile(path, kMaxFileBytes));
  if (!content.has_value()) return KeyRingFileError(path, "is gone");
  absl::StatusOr<std::vector<TenantKey>> keys = ParseKeyFile(path, *content);
  if (!keys.ok()) {
    Wipe(*content);
    return keys.status();
  }
  const bool added_by_other = std::any_of(
      keys->begin(), keys->end(), [&](const TenantKey& key) { return key.tenant == tenant; });
  absl::Status status;
  if (!added_by_other) {
    keys->push_back(NewKey(tenant));
    std::string line = FormatKeyLine(keys->back());
    // Built at its full size: growing would leave copies of the keys behind.
    std::string next;
    next.reserve(content->size() + 1 + line.size());
    next.append(*content);
    if (!next.empty() && next.back() != '\n') next += '\n';
    next.append(line);
    status = next.size() > kMaxFileBytes ? KeyRingFileError(path, "is full")
                                         : ReplaceKeyFile(path, next, sync_failed_);
    Wipe(line);
    Wipe(next);
  }
  Wipe(*content);
  FD_RETURN_IF_ERROR(status);
  Adopt(*std::move(keys));
  return absl::OkStatus();
}

}  // namespace frontdesk::text
