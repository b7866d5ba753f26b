#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/tables/table.h"

namespace frontdesk::text {
namespace {

absl::Status FileError(const std::string& path, std::string_view operation, int number) {
  const std::string message = fmt::format("{} {}: {}", operation, path, std::strerror(number));
  if (number == ENOENT) return Error(absl::StatusCode::kNotFound, reason::kNotFound, message);
  return Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", message);
}

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

absl::Status WriteAndSync(int descriptor, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(path, "writing", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(descriptor) != 0) return FileError(path, "syncing", errno);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadBytes(const std::string& path, size_t bytes_max) {
  const bool standard_input = path == "-";
  std::error_code error;
  if (!standard_input && std::filesystem::is_directory(path, error)) {
    return FileError(path, "reading", EISDIR);
  }
  const std::unique_ptr<std::FILE, Closer> file(standard_input ? ::fdopen(::dup(STDIN_FILENO), "rb")
                                                               : std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return FileError(path, "opening", errno);
  std::string bytes;
  char block[1 << 16];
  size_t got = 0;
  while ((got = std::fread(block, 1, sizeof(block), file.get())) > 0) {
    if (bytes.size() + got > bytes_max) {
      return Error(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                   fmt::format("{} is longer than {} bytes", path, bytes_max));
    }
    bytes.append(block, got);
  }
  if (std::ferror(file.get()) != 0) return FileError(path, "reading", errno);
  return bytes;
}

absl::Status WriteWhole(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0) return FileError(path, "making a file beside", errno);
  absl::Status status = WriteAndSync(descriptor, temporary, bytes);
  // mkstemp makes it readable for its owner alone; what it replaces is an ordinary file.
  if (status.ok() && ::fchmod(descriptor, 0644) != 0) {
    status = FileError(temporary, "setting the mode of", errno);
  }
  ::close(descriptor);
  if (status.ok() && std::rename(temporary.c_str(), path.c_str()) != 0) {
    status = FileError(path, "renaming to", errno);
  }
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

}  // namespace frontdesk::text
