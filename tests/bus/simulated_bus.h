#pragma once

#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/bus/embedded_log.h"
#include "libs/store/simulated_disk.h"
#include "tests/bus/faulty_log.h"
#include "tests/bus/service_pair.h"

namespace frontdesk::bus::testing {

// The embedded log on a simulated disk, behind faults, with a pair of services on it and a clock
// that moves only when nothing else does.
class SimulatedBus {
 public:
  explicit SimulatedBus(uint64_t seed = 1) : random(seed) {}

  void OpenLog() {
    auto opened =
        EmbeddedLog::Open({disk.environment(), clock, random, metrics, [](const absl::Status&) {}},
                          {.directory = "/data/log"});
    INFO(opened.status());
    REQUIRE(opened.ok());
    embedded = *std::move(opened);
    if (log == nullptr) log = std::make_unique<FaultyLog>(*embedded, random);
    log->set_inner(*embedded);
  }
  // The machine loses power: services and log.
  void Crash() {
    pair.Crash();
    embedded->Abandon();
    disk.Crash();
    embedded.reset();
    OpenLog();
    pair.Open();
  }

  SimulatedClock clock;
  SeededRandom random;
  telemetry::Metrics metrics;
  store::SimulatedDisk disk;
  std::unique_ptr<EmbeddedLog> embedded;
  std::unique_ptr<FaultyLog> log;

 private:
  // Before `pair`, which needs the log at once.
  bool opened_ = (OpenLog(), true);

 public:
  ServicePair pair{*log, clock, [this] { clock.Advance(absl::Milliseconds(10)); }};
};

}  // namespace frontdesk::bus::testing
