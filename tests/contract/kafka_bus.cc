#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <unistd.h>

#include "libs/base/absl_interop.h"
#include "libs/base/random.h"
#include "libs/base/topics.h"
#include "libs/bus/kafka_log.h"
#include "tests/contract/bus_under_test.h"

namespace frontdesk::contract {
namespace {

// A broker of this test binary alone, on a free port; stopped when the process ends.
class Broker {
 public:
  Broker() {
    const char* source = std::getenv("FRONTDESK_SOURCE_DIR");
    tool_ = std::string(source == nullptr ? "." : source) + "/tools/kafka";
    directory_ =
        std::filesystem::temp_directory_path() / ("frontdesk-contract-" + std::to_string(getpid()));
    address_ = Run("start --port 0");
  }
  ~Broker() {
    Run("stop --now");
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  const std::string& address() const { return address_; }

 private:
  // The last line of what it prints.
  std::string Run(const std::string& arguments) const {
    const std::string command =
        "'" + tool_ + "' " + arguments + " --dir '" + directory_.string() + "'";
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "";
    std::string line;
    char buffer[512];
    while (fgets(buffer, sizeof(buffer), pipe) != nullptr) line = buffer;
    const int code = pclose(pipe);
    while (!line.empty() && line.back() == '\n') line.pop_back();
    return code == 0 ? line : "";
  }

  std::string tool_;
  std::filesystem::path directory_;
  std::string address_;
};

const Broker& TheBroker() {
  static const Broker broker;
  return broker;
}

class KafkaBus final : public BusUnderTest {
 public:
  KafkaBus() {
    INFO("tools/kafka start must work: this suite proves nothing without a real broker");
    REQUIRE_FALSE(TheBroker().address().empty());
    Reopen();
    for (const TopicSpec& spec : AllTopics()) {
      const absl::Status status = log_->DeleteTopic(spec.name);
      INFO(status);
      REQUIRE((status.ok() || status.code() == absl::StatusCode::kNotFound));
    }
    Reopen();
  }

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
    auto opened = bus::KafkaLog::Open(
        {clock_, random_, metrics_},
        {.brokers = TheBroker().address(), .request_timeout = absl::Seconds(20)});
    INFO(opened.status());
    REQUIRE(opened.ok());
    log_ = *std::move(opened);
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  std::unique_ptr<bus::KafkaLog> log_;
};

}  // namespace

std::unique_ptr<BusUnderTest> MakeBus() { return std::make_unique<KafkaBus>(); }

}  // namespace frontdesk::contract
