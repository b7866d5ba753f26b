#include "libs/store/rocks_log.h"

#include <rocksdb/env.h>
#include <catch2/catch.hpp>

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
