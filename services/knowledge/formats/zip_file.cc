#include "services/knowledge/formats/zip_file.h"

#include <algorithm>
#include <array>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"

namespace frontdesk::knowledge::formats {
namespace {

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;
using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

absl::Status NoZip(std::string_view why) { return InvalidField("zip", why); }

absl::Status Bomb(std::string_view what, size_t limit) {
  return WithMetadata(
      Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_ROWS",
            fmt::format("a ZIP file that unpacks to more than {} {} is not opened (ZIP_BOMB)",
                        limit, what)),
      "limit", std::to_string(limit));
}

// "" or why the path must not be followed.
std::string PathProblem(std::string_view path) {
  if (path.empty() || !IsValidUtf8(path)) return "has a name that is not UTF-8";
  if (path.front() == '/' || path.find('\\') != std::string_view::npos ||
      path.find(':') != std::string_view::npos) {
    return "has a path that leads out of the folder";
  }
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (path.substr(0, slash) == "..") return "has a path that leads out of the folder";
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return "";
}

// One zip being read: counts what comes out of it, for its headers may lie.
class Unpacking {
 public:
  Unpacking(std::string_view bytes, const ZipLimits& limits) : packed_(bytes), limits_(limits) {}

  absl::Status CountEntry() {
    return ++entries_ > limits_.entries ? Bomb("entries", limits_.entries) : absl::OkStatus();
  }

  absl::Status Read(archive* zip, ZipEntry& entry) {
    std::array<char, 64 << 10> buffer;
    while (true) {
      const la_ssize_t got = archive_read_data(zip, buffer.data(), buffer.size());
      if (got == 0) return absl::OkStatus();
      if (got < 0) {
        entry.problem = "can't be unpacked: it is damaged or encrypted";
        entry.bytes.clear();
        return absl::OkStatus();
      }
      unpacked_ += static_cast<size_t>(got);
      if (unpacked_ > limits_.bytes) return Bomb("bytes", limits_.bytes);
      if (unpacked_ > limits_.ratio_from_bytes && unpacked_ / limits_.ratio > packed_.size()) {
        return Bomb("times its size", limits_.ratio);
      }
      if (entry.bytes.size() + static_cast<size_t>(got) > limits_.entry_bytes) {
        entry.problem = fmt::format("is longer than {} bytes", limits_.entry_bytes);
        entry.bytes.clear();
        return absl::OkStatus();
      }
      entry.bytes.append(buffer.data(), static_cast<size_t>(got));
    }
  }

 private:
  const std::string_view packed_;
  const ZipLimits& limits_;
  size_t entries_ = 0;
  size_t unpacked_ = 0;
};

la_ssize_t Append(archive*, void* to, const void* bytes, size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

absl::StatusOr<std::vector<ZipEntry>> ReadZip(std::string_view bytes,
                                              absl::FunctionRef<bool(std::string_view path)> wanted,
                                              const ZipLimits& limits) {
  const Reader zip(archive_read_new(), &archive_read_free);
  if (zip == nullptr) return absl::ResourceExhaustedError("no memory for a ZIP file");
  archive_read_support_format_zip_seekable(zip.get());
  if (archive_read_open_memory(zip.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return NoZip("is no ZIP file, or is damaged");
  }
  std::vector<ZipEntry> entries;
  Unpacking unpacking(bytes, limits);
  while (true) {
    archive_entry* header = nullptr;
    const int got = archive_read_next_header(zip.get(), &header);
    if (got == ARCHIVE_EOF) break;
    if (got < ARCHIVE_WARN) return NoZip("is no ZIP file, or is damaged");
    FD_RETURN_IF_ERROR(unpacking.CountEntry());
    if (archive_entry_filetype(header) != AE_IFREG) continue;
    const char* path = archive_entry_pathname_utf8(header);
    if (path == nullptr) path = archive_entry_pathname(header);
    ZipEntry entry{.path = path == nullptr ? "" : path, .bytes = {}, .problem = {}};
    if (!wanted(entry.path)) continue;
    entry.problem = PathProblem(entry.path);
    if (!IsValidUtf8(entry.path)) entry.path = fmt::format("entry {}", entries.size() + 1);
    if (entry.problem.empty()) FD_RETURN_IF_ERROR(unpacking.Read(zip.get(), entry));
    entries.push_back(std::move(entry));
  }
  std::ranges::stable_sort(entries, {}, &ZipEntry::path);
  return entries;
}

absl::StatusOr<std::string> WriteZip(
    const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string bytes;
  const auto failed = [] { return absl::InternalError("the ZIP file can't be made"); };
  {
    const Writer zip(archive_write_new(), &archive_write_free);
    if (zip == nullptr || archive_write_set_format_zip(zip.get()) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(zip.get(), 1) != ARCHIVE_OK ||
        archive_write_open(zip.get(), &bytes, nullptr, &Append, nullptr) != ARCHIVE_OK) {
      return failed();
    }
    for (const auto& [path, content] : entries) {
      const Entry entry(archive_entry_new(), &archive_entry_free);
      archive_entry_set_pathname(entry.get(), path.c_str());
      archive_entry_set_filetype(entry.get(), AE_IFREG);
      archive_entry_set_perm(entry.get(), 0644);
      archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
      archive_entry_set_mtime(entry.get(), 315532800, 0);  // 1980, the first time ZIP knows
      if (archive_write_header(zip.get(), entry.get()) != ARCHIVE_OK ||
          archive_write_data(zip.get(), content.data(), content.size()) !=
              static_cast<la_ssize_t>(content.size())) {
        return failed();
      }
    }
    if (archive_write_close(zip.get()) != ARCHIVE_OK) return failed();
  }
  return bytes;
}

}  // namespace frontdesk::knowledge::formats
