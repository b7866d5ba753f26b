#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "frontdesk/common/v1/error_reason.pb.h"

namespace {

// Reasons that never leave the process: the engine talks to itself.
const std::set<std::string> kInternal = {"NOT_IN_MEMORY", "OUT_OF_ORDER"};

std::set<std::string> ReasonsIn(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  const std::string source = text.str();
  // Error(absl::StatusCode::kNotFound, "NOT_FOUND", …) and the constants of libs/base/error.h.
  static const std::regex kUse(
      R"re(Error\(\s*absl::StatusCode::k\w+,\s*"([A-Z_]+)"|string_view k\w+ = "([A-Z_]*[A-Z])";)re");
  std::set<std::string> reasons;
  for (std::sregex_iterator it(source.begin(), source.end(), kUse), end; it != end; ++it) {
    reasons.insert((*it)[1].matched ? (*it)[1].str() : (*it)[2].str());
  }
  return reasons;
}

}  // namespace

TEST_CASE("every reason of an error is declared in the contract") {
  const std::filesystem::path root = std::getenv("FRONTDESK_SOURCE_DIR");
  size_t found = 0;
  for (const char* folder : {"libs", "services"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::filesystem::path& path = entry.path();
      const std::string name = path.filename().string();
      if (path.extension() != ".cc" && name != "error.h") continue;
      if (name.ends_with("_test.cc")) continue;
      for (const std::string& reason : ReasonsIn(path)) {
        INFO(path.string() << " uses " << reason);
        frontdesk::common::v1::ErrorReason value;
        const bool declared =
            frontdesk::common::v1::ErrorReason_Parse("ERROR_REASON_" + reason, &value);
        CHECK((declared || kInternal.contains(reason)));
        ++found;
      }
    }
  }
  CHECK(found > 50);
}
