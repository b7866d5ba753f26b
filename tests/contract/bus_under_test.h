#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/base/clock.h"
#include "libs/bus/event_log.h"

namespace frontdesk::contract {

// One of the two buses, as the suite (event_log_suite.cc) sees it. Each test binary links one
// implementation of MakeBus.
class BusUnderTest {
 public:
  virtual ~BusUnderTest() = default;

  virtual bus::EventLog& log() = 0;
  virtual Clock& clock() = 0;
  virtual absl::Status CreateTopic(std::string_view topic, int partitions) = 0;
  virtual absl::Status DeleteTopic(std::string_view topic) = 0;
  // As retention does it.
  virtual absl::Status DeleteRecordsBefore(std::string_view topic, int32_t partition,
                                           int64_t offset) = 0;
  // The process ends and starts again: a new log over the same records.
  virtual void Reopen() = 0;
};

// A bus without the topics of the contract. Fails the test when there is none.
std::unique_ptr<BusUnderTest> MakeBus();

}  // namespace frontdesk::contract
