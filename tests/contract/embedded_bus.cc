#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/random.h"
#include "libs/bus/embedded_log.h"
#include "libs/store/simulated_disk.h"
#include "tests/contract/bus_under_test.h"

namespace frontdesk::contract {
namespace {

class EmbeddedBus final : public BusUnderTest {
 public:
  EmbeddedBus() { Open(); }

  bus::EventLog& log() override { return *log_; }
  Clock& clock() override { return clock_; }
  absl::Status CreateTopic(std::string_view topic, int partitions) override {
    return log_->CreateTopic(topic, partitions, absl::Hours(24));
  }
  absl::Status DeleteTopic(std::string_view topic) override { return log_->DeleteTopic(topic); }
  absl::Status DeleteRecordsBefore(std::string_view topic, int32_t partition,
                                   int64_t offset) override {
    return log_->DeleteRecordsBefore(topic, partition, offset);
  }
  void Reopen() override {
    log_->Abandon();
    disk_.Crash();
    log_.reset();
    Open();
  }

 private:
  void Open() {
    auto opened =
        bus::EmbeddedLog::Open({disk_.environment(), clock_, random_, metrics_, [](const auto&) {}},
                               {.directory = "/data/log"});
    INFO(opened.status());
    REQUIRE(opened.ok());
    log_ = *std::move(opened);
  }

  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  store::SimulatedDisk disk_;
  std::unique_ptr<bus::EmbeddedLog> log_;
};

}  // namespace

std::unique_ptr<BusUnderTest> MakeBus() { return std::make_unique<EmbeddedBus>(); }

}  // namespace frontdesk::contract
