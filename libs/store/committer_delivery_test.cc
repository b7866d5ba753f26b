#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "libs/store/testing/committer_world.h"

using namespace frontdesk;
using namespace frontdesk::store;
using namespace frontdesk::store::testing;

namespace {

// Submits a command whose answer is told to `answered`.
void Submit(Shard& shard, Command command, const std::string& id,
            std::vector<std::string>& answered) {
  command.done = [id, &answered](const absl::Status& status) {
    answered.push_back(status.ok() ? id : id + ": " + ReasonOf(status));
  };
  shard.committer->Submit(std::move(command));
}

}  // namespace

TEST_CASE("RPCs wait while too many answers are undelivered; events do not") {
  Shard shard;
  shard.Close();
  shard.limits.undelivered_max = 2;
  shard.limits.rpc_queue_max = 4;  // two a tenant
  shard.Open(false);
  std::vector<std::string> answered;
  Submit(shard, Rpc(PutRow("a", "v")), "a", answered);
  Submit(shard, Rpc(PutRow("b", "v")), "b", answered);
  REQUIRE(shard.committer->Step());

  Submit(shard, Rpc(PutRow("c", "v")), "c", answered);
  Submit(shard, Event(0, 1, 0, PutRow("e", "v")), "e", answered);
  CHECK(shard.committer->Step());
  CHECK(shard.Get("e") == "v");
  CHECK(shard.committer->stats().rpc_waiting == 1);
  CHECK_FALSE(shard.committer->Step());
  CHECK_FALSE(shard.Get("c").has_value());
  CHECK_FALSE(shard.committer->Idle());

  // The queue fills meanwhile, and says so.
  Submit(shard, Rpc(PutRow("d", "v")), "d", answered);
  Submit(shard, Rpc(PutRow("f", "v")), "f", answered);
  CHECK(answered == std::vector<std::string>{"f: QUEUE_FULL"});

  // Whoever delivers wakes the committer.
  while (shard.committer->work().WaitFor(absl::ZeroDuration())) {
  }
  REQUIRE(shard.committer->DeliverStep());
  CHECK(shard.committer->work().WaitFor(absl::ZeroDuration()));
  shard.Run();
  CHECK(answered == std::vector<std::string>{"f: QUEUE_FULL", "a", "b", "e", "c", "d"});
  CHECK(shard.committer->Idle());
}

TEST_CASE(
    "a small batch is answered by the committer itself, after its sync and never out of turn") {
  Shard shard;
  shard.committer->DeliverWithin(1);
  std::vector<std::string> answered;
  Command command = Rpc(PutRow("a", "v"));
  command.done = [&](const absl::Status& status) {
    CHECK(status.ok());
    CHECK(shard.Get("a") == "v");
    answered.push_back("a");
  };
  shard.committer->Submit(std::move(command));
  REQUIRE(shard.committer->Step());
  CHECK(answered == std::vector<std::string>{"a"});
  CHECK_FALSE(shard.committer->DeliverStep());

  Submit(shard, Rpc(PutRow("b", "v")), "b", answered);
  Submit(shard, Rpc(PutRow("c", "v")), "c", answered);
  REQUIRE(shard.committer->Step());
  Submit(shard, Rpc(PutRow("d", "v")), "d", answered);
  REQUIRE(shard.committer->Step());
  CHECK(answered == std::vector<std::string>{"a"});
  shard.Run();
  CHECK(answered == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(shard.committer->Idle());
}
