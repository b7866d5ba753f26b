#include "tools/frontdesk/commands.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

#include <stdlib.h>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/store/store.h"

using namespace frontdesk;

namespace {

const command::OperatorCommand& Find(const std::string& words) {
  const auto& all = command::AllCommands();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& command) { return command.words == words; });
  REQUIRE(found != all.end());
  return *found;
}

// A store of ticket's shard 0 in a folder of the test's own.
struct Disk {
  Disk() {
    char name[] = "/tmp/frontdesk-command-XXXXXX";
    directory = mkdtemp(name);
  }
  ~Disk() { std::filesystem::remove_all(directory); }
  absl::StatusOr<std::unique_ptr<store::Store>> Open(const std::string& name, bool create) {
    return store::Store::Open({directory + "/" + name, {"installation", "ticket", 0, 1}, create},
                              *environment, clock.Now(), random);
  }
  absl::Status Restore(const std::string& to, std::map<std::string, std::string> more = {}) {
    command::Flags flags{std::move(more)};
    flags.values["from"] = directory + "/backup";
    flags.values["to"] = directory + "/" + to;
    return Find("backup restore").run(flags, nullptr);
  }

  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::Environment> environment = store::Environment::OnDisk({});
  std::string directory;
};

}  // namespace

TEST_CASE_METHOD(Disk, "a restore's epoch is above every earlier one, unless told otherwise") {
  const auto before = static_cast<uint64_t>(absl::ToUnixSeconds(clock.Now()));
  {
    const auto made = Open("made", true);
    REQUIRE(made.ok());
    CHECK((*made)->epoch() == 1);
    REQUIRE((*made)->Backup(directory + "/backup").ok());
  }
  // Consumers may have seen any epoch that an earlier restore of the same backup was given: the
  // backup knows nothing of those, so the seconds since 1970 are the floor.
  const absl::Status restored = Restore("first");
  INFO(restored);
  REQUIRE(restored.ok());
  const auto first = Open("first", false);
  REQUIRE(first.ok());
  CHECK((*first)->epoch() > before);
  CHECK((*first)->restored());

  REQUIRE(Restore("second", {{"epoch-seen", "41"}}).ok());
  const auto second = Open("second", false);
  REQUIRE(second.ok());
  CHECK((*second)->epoch() == 42);
}

TEST_CASE("a jump of the clock is not accepted without a reason") {
  const absl::Status refused = Find("clock accept").run(command::Flags{}, nullptr);
  CHECK(refused.code() == absl::StatusCode::kInvalidArgument);
}
