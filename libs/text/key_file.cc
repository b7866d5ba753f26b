#include "libs/text/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "libs/base/status_macros.h"
#include "libs/text/errors.h"

namespace frontdesk::text {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
constexpr size_t kMaxIdSize = 63;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  bool ok() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status SyncPath(const std::string& path, int flags) {
  const Fd fd(open(path.c_str(), flags | O_CLOEXEC));
  if (!fd.ok()) return KeyRingIoError(path, "open", errno);
  if (fsync(fd.get()) != 0) return KeyRingIoError(path, "fsync", errno);
  return absl::OkStatus();
}

absl::Status WriteAll(const std::string& path, int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return KeyRingIoError(path, "write", errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status WriteSynced(const std::string& path, std::string_view content) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return KeyRingIoError(path, "unlink", errno);
  const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!fd.ok()) return KeyRingIoError(path, "create", errno);
  FD_RETURN_IF_ERROR(WriteAll(path, fd.get(), content));
  if (fsync(fd.get()) != 0) return KeyRingIoError(path, "fsync", errno);
  return absl::OkStatus();
}

absl::StatusOr<TenantKey> ParseLine(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return BadKeyFieldError("line", "needs three words");
  const std::string_view tenant = line.substr(0, first);
  const std::string_view key_id = line.substr(first + 1, second - first - 1);
  const std::string_view hex = line.substr(second + 1);
  if (!IsKeyFileId(tenant)) return BadKeyFieldError("line", "the tenant is no id");
  if (!IsKeyFileId(key_id)) return BadKeyFieldError("line", "the key id is no id");
  std::string bytes(SecretKey::kSize, '\0');
  size_t size = 0;
  const char* end = nullptr;
  const int failed = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                    hex.data(), hex.size(), nullptr, &size, &end);
  if (failed != 0 || size != SecretKey::kSize || end != hex.data() + hex.size()) {
    Wipe(bytes);
    return BadKeyFieldError("line", "the key is not 64 hexadecimal digits");
  }
  absl::StatusOr<SecretKey> key = SecretKey::FromBytes(bytes);
  Wipe(bytes);
  FD_RETURN_IF_ERROR(key.status());
  return TenantKey{std::string(tenant), std::string(key_id), *std::move(key)};
}

}  // namespace

bool IsKeyFileId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdSize &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

absl::StatusOr<std::vector<TenantKey>> ParseKeyFile(std::string_view path,
                                                    std::string_view content) {
  std::vector<TenantKey> keys;
  std::set<std::pair<std::string, std::string>> seen;
  for (int number = 1; !content.empty(); ++number) {
    const size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.empty() || line.front() == '#') continue;
    absl::StatusOr<TenantKey> key = ParseLine(line);
    if (!key.ok()) {
      return KeyRingFileError(path, fmt::format("line {} is not: tenant, key id, 64 hexadecimal "
                                                "digits, with one space between",
                                                number));
    }
    if (!seen.emplace(key->tenant, key->key_id).second) {
      return KeyRingFileError(path, fmt::format("line {} repeats a key id", number));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

std::string FormatKeyLine(const TenantKey& key) {
  std::string hex(SecretKey::kSize * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), key.key.data(), SecretKey::kSize);
  hex.pop_back();
  std::string line;
  line.reserve(key.tenant.size() + key.key_id.size() + hex.size() + 3);
  line.append(key.tenant).append(" ").append(key.key_id).append(" ").append(hex).append("\n");
  Wipe(hex);
  return line;
}

absl::StatusOr<std::optional<std::string>> ReadKeyFile(const std::string& path, size_t max_bytes) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.ok() && errno == ENOENT) return std::nullopt;
  if (!fd.ok()) return KeyRingIoError(path, "open", errno);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return KeyRingIoError(path, "stat", errno);
  if (!S_ISREG(info.st_mode)) return KeyRingFileError(path, "is not a regular file");
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return KeyRingFileError(path, "is open to group or others; it must have mode 0600 or stricter");
  }
  if (static_cast<size_t>(info.st_size) > max_bytes) return KeyRingFileError(path, "is too large");
  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t n = read(fd.get(), content.data() + size, content.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return KeyRingIoError(path, "read", errno);
    if (n == 0) return KeyRingFileError(path, "changed while it was read");
    size += static_cast<size_t>(n);
  }
  return content;
}

absl::Status ReplaceKeyFile(const std::string& path, std::string_view content, bool& sync_failed) {
  sync_failed = false;
  const std::string temporary = path + ".tmp";
  absl::Status status = WriteSynced(temporary, content);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = KeyRingIoError(path, "rename", errno);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  status = SyncPath(DirectoryOf(path), O_RDONLY | O_DIRECTORY);
  sync_failed = !status.ok();
  return status;
}

absl::Status SyncKeyFile(const std::string& path) {
  FD_RETURN_IF_ERROR(SyncPath(path, O_RDONLY));
  return SyncPath(DirectoryOf(path), O_RDONLY | O_DIRECTORY);
}

absl::StatusOr<KeyFileLock> KeyFileLock::Acquire(const std::string& path) {
  const std::string name = path + ".lock";
  Fd fd(open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (!fd.ok()) return KeyRingIoError(name, "open", errno);
  while (flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return KeyRingIoError(name, "flock", errno);
  }
  return KeyFileLock(fd.Release());
}

KeyFileLock::~KeyFileLock() {
  if (fd_ >= 0) close(fd_);
}

KeyFileLock::KeyFileLock(KeyFileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

}  // namespace frontdesk::text
