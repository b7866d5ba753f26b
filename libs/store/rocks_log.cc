#include "libs/store/rocks_log.h"

#include <cstdarg>
#include <cstdio>
#include <string>

#include <rocksdb/env.h>

#include "libs/telemetry/log.h"

namespace frontdesk::store {
namespace {

constexpr size_t kTextMax = 1024;

class RocksLog final : public rocksdb::Logger {
 public:
  RocksLog() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  void LogHeader(const char*, va_list) override {}  // the options, a hundred lines a database
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < GetInfoLogLevel()) return;
    char text[kTextMax];
    if (vsnprintf(text, sizeof(text), format, arguments) < 0) return;
    telemetry::Log(level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? telemetry::Level::kError
                                                               : telemetry::Level::kWarn,
                   "rocksdb.message", {{"text", std::string(text)}});
  }
};

}  // namespace

std::shared_ptr<rocksdb::Logger> NewRocksLog() { return std::make_shared<RocksLog>(); }

}  // namespace frontdesk::store
