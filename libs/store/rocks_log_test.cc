#include "libs/store/rocks_log.h"

#include <rocksdb/env.h>
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "libs/store/environment.h"
#include "libs/store/raw_db.h"
#include "libs/telemetry/log.h"

using namespace frontdesk;

TEST_CASE("warnings and errors of RocksDB come to our log, its chatter does not") {
  const telemetry::LogCapture log{telemetry::LogOptions()};
  const auto rocks = store::NewRocksLog();
  rocksdb::Info(rocks, "compaction %d started", 7);
  rocksdb::Header(rocks, "option %s", "one");
  rocksdb::Warn(rocks, "stall %d", 8);
  rocksdb::Error(rocks, "no space on %s", "disk");
  REQUIRE(log.lines().size() == 2);
  CHECK(log.Contains("stall 8"));
  CHECK(log.Contains("error rocksdb.message"));
  CHECK(log.Contains("no space on disk"));
}

TEST_CASE("a database in a new folder is made without an error in the log") {
  std::string directory = (std::filesystem::temp_directory_path() / "fd-rocks-XXXXXX").string();
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  {
    const telemetry::LogCapture log{telemetry::LogOptions()};
    const auto environment = store::Environment::OnDisk({});
    CHECK(store::RawDb::Open(directory + "/new/one", true, *environment).ok());
    CHECK_FALSE(log.Contains("rocksdb.message"));
  }
  std::filesystem::remove_all(directory);
}
