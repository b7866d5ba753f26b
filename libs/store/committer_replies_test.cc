#include "libs/store/committer.h"

#include <catch2/catch.hpp>

#include "libs/store/testing/committer_world.h"

using namespace frontdesk;
using namespace frontdesk::store;
using namespace frontdesk::store::testing;

namespace {

// A request whose reply is too large to keep, with what makes it again.
Command LargeReply(common::v1::EventMetadata* response, decltype(Command::rebuild) rebuild) {
  Command command = Rpc(
      [response](const Context&, Txn& txn, Reply& reply) {
        response->set_event_id(std::string(kMaxStoredReplyBytes + 1, 'x'));
        reply.resource = "tenants/t1/rows/a";
        txn.Put(EncodeKey(kRow, "a"), "1");
        return absl::OkStatus();
      },
      "request-1");
  command.response = response;
  command.rebuild = std::move(rebuild);
  return command;
}

size_t KeptReplyBytes(Shard& shard) {
  size_t bytes = 0;
  REQUIRE(shard.store
              ->Read([&](const Reader& reader) {
                return reader.Scan(kRequests.Key(), "",
                                   [&](std::string_view, std::string_view value) {
                                     rows::IdempotencyRow row;
                                     REQUIRE(row.ParseFromString(std::string(value)));
                                     bytes += row.reply().size();
                                     return true;
                                   });
              })
              .ok());
  return bytes;
}

}  // namespace

TEST_CASE("a large reply is not kept but made again from its resource") {
  Shard shard;
  const auto rebuild = [](const Reader& reader, std::string_view resource,
                          google::protobuf::Message* message) {
    auto row = reader.Get(EncodeKey(kRow, "a"));
    if (!row.ok()) return row.status();
    static_cast<common::v1::EventMetadata*>(message)->set_event_id(std::string(resource) + **row);
    return absl::OkStatus();
  };
  common::v1::EventMetadata first, again;
  REQUIRE(shard.Do(LargeReply(&first, rebuild)).ok());
  CHECK(KeptReplyBytes(shard) == 0);
  REQUIRE(shard.Do(LargeReply(&again, rebuild)).ok());
  CHECK(again.event_id() == "tenants/t1/rows/a1");
}

TEST_CASE("a reply that can't be made again is an error of the request, not the end of the shard") {
  Shard shard;
  common::v1::EventMetadata first, again;
  REQUIRE(shard.Do(LargeReply(&first, nullptr)).ok());
  shard.Crash();
  common::v1::EventMetadata kept;
  REQUIRE(shard.Do(LargeReply(&kept, nullptr)).ok());
  CHECK(kept.event_id() == first.event_id());

  Shard other;
  const auto throws = [](const Reader&, std::string_view,
                         google::protobuf::Message* message) -> absl::Status {
    static_cast<common::v1::EventMetadata*>(message)->set_event_id("half");
    std::string().at(1);
    return absl::OkStatus();
  };
  REQUIRE(other.Do(LargeReply(&first, throws)).ok());
  const absl::Status status = other.Do(LargeReply(&again, throws));
  CHECK(status.code() == absl::StatusCode::kInternal);
  CHECK(again.event_id().empty());
  CHECK(other.Do(Rpc(PutRow("b", "2"))).ok());
}

TEST_CASE("a reply that is too large to be kept refuses the command, which leaves nothing") {
  Shard shard;
  common::v1::EventMetadata response;
  const auto command = [&](std::string request_id) {
    Command made = Rpc(
        [&response](const Context&, Txn& txn, Reply&) {
          response.set_event_id(std::string((1 << 20) + 1, 'x'));
          txn.Put(EncodeKey(kRow, "a"), "1");
          return absl::OkStatus();
        },
        std::move(request_id));
    made.response = &response;
    return made;
  };
  CHECK(ReasonOf(shard.Do(command("id"))) == "TOO_MANY_ROWS");
  CHECK(shard.Get("a") == std::nullopt);
  CHECK(response.event_id().empty());
  CHECK(KeptReplyBytes(shard) == 0);
  // Without a request id nothing is kept.
  CHECK(shard.Do(command("")).ok());
}
