#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace frontdesk::bus::testing {

// A real broker of this test process alone (tools/kafka), on a free port that it keeps when it is
// started again. Stopped and removed with the object.
class KafkaBroker {
 public:
  KafkaBroker() {
    const char* source = std::getenv("FRONTDESK_SOURCE_DIR");
    tool_ = std::string(source == nullptr ? "." : source) + "/tools/kafka";
    directory_ =
        std::filesystem::temp_directory_path() / ("frontdesk-kafka-" + std::to_string(getpid()));
    Start();
  }
  ~KafkaBroker() {
    Kill();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  KafkaBroker(const KafkaBroker&) = delete;
  KafkaBroker& operator=(const KafkaBroker&) = delete;

  // host:port; empty when it could not be started, which must fail the test.
  const std::string& address() const { return address_; }
  // Both block until it answers, or is gone.
  void Start() { address_ = Run("start --port 0"); }
  void Kill() { Run("stop --now"); }
  void Stop() { Run("stop"); }

 private:
  // The last line of what it prints, if it succeeds.
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

// The one broker that the tests of a binary share; its first use starts it.
inline KafkaBroker& SharedBroker() {
  static KafkaBroker broker;
  return broker;
}

}  // namespace frontdesk::bus::testing
