#include "tests/eval/vector_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"

namespace frontdesk::eval {
namespace {

absl::Status FileError(std::string_view what) {
  return absl::UnavailableError(fmt::format("vector store, {}: {}", what, std::strerror(errno)));
}

absl::Status WriteAll(int file, const void* data, size_t size, uint64_t offset) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t wrote = ::pwrite(file, at, size, static_cast<off_t>(offset));
    if (wrote <= 0) return FileError("writing");
    at += wrote;
    size -= static_cast<size_t>(wrote);
    offset += static_cast<uint64_t>(wrote);
  }
  return absl::OkStatus();
}

absl::Status ReadAll(int file, void* data, size_t size, uint64_t offset) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::pread(file, at, size, static_cast<off_t>(offset));
    if (got <= 0) return FileError("reading");
    at += got;
    size -= static_cast<size_t>(got);
    offset += static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

// Held while both files are of different lengths.
class FileLock {
 public:
  explicit FileLock(int file) : file_(file) { ::flock(file_, LOCK_EX); }
  ~FileLock() { ::flock(file_, LOCK_UN); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int file_;
};

size_t SizeOf(int file) {
  struct stat facts = {};
  return ::fstat(file, &facts) == 0 ? static_cast<size_t>(facts.st_size) : 0;
}

}  // namespace

StoredEncoder::~StoredEncoder() {
  if (keys_ >= 0) ::close(keys_);
  if (vectors_ >= 0) ::close(vectors_);
}

StoredEncoder::Key StoredEncoder::KeyOf(std::string_view text) {
  // Two 64-bit hashes of differently begun texts: texts that meet in one do not in the other.
  return {Fingerprint64(fmt::format("a{}", text)), Fingerprint64(fmt::format("b{}", text))};
}

absl::StatusOr<std::unique_ptr<StoredEncoder>> StoredEncoder::Open(const std::string& folder,
                                                                   text::Encoder& encoder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::unique_ptr<StoredEncoder> store(new StoredEncoder(encoder));
  store->row_bytes_ = static_cast<size_t>(encoder.info().dimensions) * sizeof(float);
  FD_RETURN_IF_ERROR(store->OpenFiles(folder + "/" + encoder.info().fingerprint));
  return store;
}

absl::Status StoredEncoder::OpenFiles(const std::string& base) {
  keys_ = ::open((base + ".keys").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  vectors_ = ::open((base + ".vectors").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (keys_ < 0 || vectors_ < 0) return FileError("opening " + base);
  const FileLock lock(keys_);
  const size_t rows = std::min(SizeOf(keys_) / sizeof(Key), SizeOf(vectors_) / row_bytes_);
  if (::ftruncate(keys_, static_cast<off_t>(rows * sizeof(Key))) != 0 ||
      ::ftruncate(vectors_, static_cast<off_t>(rows * row_bytes_)) != 0) {
    return FileError("cutting " + base);
  }
  std::vector<Key> keys(rows);
  FD_RETURN_IF_ERROR(ReadAll(keys_, keys.data(), rows * sizeof(Key), 0));
  for (size_t i = 0; i < rows; ++i) places_.emplace(keys[i], i);
  return absl::OkStatus();
}

absl::Status StoredEncoder::Append(absl::Span<const Key> keys, absl::Span<const float> vectors) {
  const FileLock lock(keys_);
  const uint64_t rows = SizeOf(keys_) / sizeof(Key);
  // Vectors first: a key without its vector would be one that lies.
  FD_RETURN_IF_ERROR(
      WriteAll(vectors_, vectors.data(), vectors.size() * sizeof(float), rows * row_bytes_));
  FD_RETURN_IF_ERROR(WriteAll(keys_, keys.data(), keys.size() * sizeof(Key), rows * sizeof(Key)));
  for (size_t i = 0; i < keys.size(); ++i) places_.emplace(keys[i], rows + i);
  encoded_ += keys.size();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<float>> StoredEncoder::Encode(absl::Span<const std::string_view> texts) {
  std::vector<Key> keys;
  std::vector<Key> new_keys;
  std::vector<std::string_view> new_texts;
  for (const std::string_view text : texts) {
    const Key key = keys.emplace_back(KeyOf(text));
    if (places_.contains(key) || std::ranges::find(new_keys, key) != new_keys.end()) continue;
    new_keys.push_back(key);
    new_texts.push_back(text);
  }
  if (!new_texts.empty()) {
    FD_ASSIGN_OR_RETURN(const std::vector<float> made, encoder_.Encode(new_texts));
    FD_RETURN_IF_ERROR(Append(new_keys, made));
  }
  const size_t dimensions = row_bytes_ / sizeof(float);
  std::vector<float> out(texts.size() * dimensions);
  for (size_t i = 0; i < texts.size(); ++i) {
    FD_RETURN_IF_ERROR(
        ReadAll(vectors_, &out[i * dimensions], row_bytes_, places_.at(keys[i]) * row_bytes_));
  }
  return out;
}

}  // namespace frontdesk::eval
