#include "libs/store/watched_file_system.h"

#include <filesystem>
#include <vector>

#include <rocksdb/file_system.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <catch2/catch.hpp>

using namespace frontdesk;

namespace {

// No file of this process may grow beyond `bytes` while it lives: the one failing write that any
// user can make.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, signal_);
  }

 private:
  void (*signal_)(int);
  rlimit before_ = {};
};

}  // namespace

TEST_CASE("a write that fails is told with its file, and goes on to the caller") {
  char name[] = "/tmp/frontdesk-watched-XXXXXX";
  const std::string directory = mkdtemp(name);
  std::vector<std::string> told;
  const auto files = store::WatchWrites(rocksdb::FileSystem::Default(),
                                        [&](const std::string& file, const absl::Status& status) {
                                          told.push_back(file);
                                          CHECK_FALSE(status.ok());
                                        });
  std::unique_ptr<rocksdb::FSWritableFile> file;
  REQUIRE(files->NewWritableFile(directory + "/wal", {}, &file, nullptr).ok());
  CHECK(file->Append(std::string(1 << 10, 'x'), {}, nullptr).ok());
  CHECK(file->Sync({}, nullptr).ok());
  CHECK(told.empty());
  bool written = true;
  {
    const FileSizeLimit limit(64 << 10);
    written = file->Append(std::string(1 << 20, 'x'), {}, nullptr).ok();
  }
  CHECK_FALSE(written);
  CHECK(told == std::vector<std::string>{directory + "/wal"});
  file.reset();
  std::filesystem::remove_all(directory);
}
