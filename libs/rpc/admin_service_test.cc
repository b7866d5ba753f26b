#include "libs/rpc/admin_service.h"

#include <catch2/catch.hpp>

#include "frontdesk/common/v1/admin_service.grpc.pb.h"
#include "libs/base/error.h"
#include "libs/rpc/testing/probe_server.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;
namespace v1 = frontdesk::common::v1;

namespace {

// A target with dead letters "d000" … that remembers what it was asked.
class FakeTarget final : public AdminTarget {
 public:
  std::string service() const override { return "ticket"; }
  std::vector<v1::ShardStatus> Status() override {
    std::vector<v1::ShardStatus> shards(2);
    for (uint32_t i = 0; i < 2; ++i) {
      shards[i].set_service("ticket");
      shards[i].set_shard(i);
    }
    return shards;
  }
  absl::StatusOr<std::vector<v1::DeadLetter>> DeadLetters(uint32_t, const std::string& after,
                                                          int max, bool) override {
    std::vector<v1::DeadLetter> letters;
    for (int i = 0; i < 7 && static_cast<int>(letters.size()) < max; ++i) {
      const std::string id = "d00" + std::to_string(i);
      if (id <= after) continue;
      letters.emplace_back().set_ce_id(id);
    }
    return letters;
  }
  absl::StatusOr<v1::DeadLetter> Replay(uint32_t, const std::string& ce_id,
                                        const AdminActor& actor) override {
    last_actor = actor;
    if (ce_id != "d001") return NotFound("dead letter", ce_id);
    v1::DeadLetter letter;
    letter.set_ce_id(ce_id);
    letter.set_replayed(true);
    return letter;
  }
  absl::StatusOr<v1::CreateBackupResponse> Backup(uint32_t, const std::string& directory) override {
    v1::CreateBackupResponse response;
    response.set_directory(directory);
    return response;
  }
  absl::StatusOr<v1::ConsumerStatus> Reposition(uint32_t, const std::string& topic, int32_t,
                                                int64_t next_offset,
                                                const AdminActor& actor) override {
    last_actor = actor;
    v1::ConsumerStatus consumer;
    consumer.set_topic(topic);
    consumer.set_next_offset(next_offset);
    return consumer;
  }
  absl::StatusOr<v1::SwitchBusResponse> SwitchBus(uint32_t, const AdminActor&) override {
    return v1::SwitchBusResponse();
  }
  absl::StatusOr<std::vector<v1::ShardClock>> AcceptClock(std::optional<uint32_t> shard,
                                                          const AdminActor& actor) override {
    last_actor = actor;
    std::vector<v1::ShardClock> clocks;
    for (uint32_t i = 0; i < 2; ++i) {
      if (shard.value_or(i) != i) continue;
      clocks.emplace_back().set_shard(i);
      clocks.back().set_jumped(true);
    }
    return clocks;
  }

  AdminActor last_actor;
};

struct Admin {
  Admin()
      : file(*ParseTenants(kTenants, "tenants.yaml")),
        authenticator(*TokenAuthenticator::Make(file)),
        host(*authenticator, clock, random, metrics, {}),
        admin(std::make_unique<AdminService>(host, std::vector<AdminTarget*>{&target})),
        server(*Server::Start({.listen_address = "127.0.0.1:0"}, {&admin->rpc()})),
        stub(v1::AdminService::NewStub(
            grpc::CreateChannel(server->address(), grpc::InsecureChannelCredentials()))) {}
  ~Admin() {
    server->Stop(absl::Seconds(5));
    admin.reset();
  }

  template <class Request, class Response>
  absl::Status Do(grpc::Status (v1::AdminService::Stub::*fn)(grpc::ClientContext*, const Request&,
                                                             Response*),
                  const Request& request, Response* response,
                  const std::string& token = "platform-admin") {
    grpc::ClientContext context;
    ProbeServer::Authorize(context, token);
    return FromGrpcStatus((stub.get()->*fn)(&context, request, response));
  }

  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  TenantsFile file;
  std::unique_ptr<TokenAuthenticator> authenticator;
  Host host;
  FakeTarget target;
  std::unique_ptr<AdminService> admin;
  std::unique_ptr<Server> server;
  std::unique_ptr<v1::AdminService::Stub> stub;
};

using Stub = v1::AdminService::Stub;

}  // namespace

TEST_CASE("Only an admin of the platform looks after the engine") {
  Admin admin;
  v1::GetEngineStatusResponse response;
  CHECK(ReasonOf(admin.Do(&Stub::GetEngineStatus, {}, &response, "t1-admin-token")) ==
        "WRONG_TENANT");
  CHECK(ReasonOf(admin.Do(&Stub::GetEngineStatus, {}, &response, "platform-service")) ==
        "PERMISSION_DENIED");
  REQUIRE(admin.Do(&Stub::GetEngineStatus, {}, &response).ok());
  CHECK(response.shards_size() == 2);
  v1::GetEngineStatusRequest one;
  one.set_shard(1);
  one.set_service("ticket");
  REQUIRE(admin.Do(&Stub::GetEngineStatus, one, &response).ok());
  CHECK(response.shards_size() == 1);
  one.set_service("nothing");
  CHECK(admin.Do(&Stub::GetEngineStatus, one, &response).code() == absl::StatusCode::kNotFound);
}

TEST_CASE("Dead letters are listed page by page, each once") {
  Admin admin;
  v1::ListDeadLettersRequest request;
  request.set_service("ticket");
  request.set_page_size(3);
  std::vector<std::string> ids;
  for (int pages = 0; pages < 10; ++pages) {
    v1::ListDeadLettersResponse response;
    REQUIRE(admin.Do(&Stub::ListDeadLetters, request, &response).ok());
    for (const auto& letter : response.dead_letters()) ids.push_back(letter.ce_id());
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
  }
  CHECK(ids == std::vector<std::string>{"d000", "d001", "d002", "d003", "d004", "d005", "d006"});
}

TEST_CASE("A change names who, why and the request, and is checked before it is made") {
  Admin admin;
  v1::RepositionConsumerRequest request;
  request.set_service("ticket");
  request.set_topic("frontdesk.dialog.v1");
  request.set_next_offset(-2);
  v1::RepositionConsumerResponse response;
  CHECK(ReasonOf(admin.Do(&Stub::RepositionConsumer, request, &response)) == "MISSING_REQUEST_ID");
  request.set_request_id("r-1");
  CHECK(DetailsOf(admin.Do(&Stub::RepositionConsumer, request, &response)).fields.at(0).first ==
        "reason");
  request.set_reason("retention overtook it");
  request.set_next_offset(-3);
  CHECK_FALSE(admin.Do(&Stub::RepositionConsumer, request, &response).ok());
  request.set_next_offset(42);
  REQUIRE(admin.Do(&Stub::RepositionConsumer, request, &response).ok());
  CHECK(response.consumer().next_offset() == 42);
  CHECK(admin.target.last_actor.principal == "root");
  CHECK(admin.target.last_actor.request_id == "r-1");
  CHECK(admin.target.last_actor.reason == "retention overtook it");
}

TEST_CASE("Replay and backup pass on what the target says") {
  Admin admin;
  v1::ReplayDeadLetterRequest replay;
  replay.set_service("ticket");
  replay.set_request_id("r-1");
  v1::ReplayDeadLetterResponse replayed;
  CHECK_FALSE(admin.Do(&Stub::ReplayDeadLetter, replay, &replayed).ok());
  replay.set_ce_id("d009");
  CHECK(admin.Do(&Stub::ReplayDeadLetter, replay, &replayed).code() == absl::StatusCode::kNotFound);
  replay.set_ce_id("d001");
  REQUIRE(admin.Do(&Stub::ReplayDeadLetter, replay, &replayed).ok());
  CHECK(replayed.dead_letter().replayed());

  v1::CreateBackupRequest backup;
  backup.set_service("ticket");
  backup.set_request_id("r-2");
  backup.set_directory("relative/path");
  v1::CreateBackupResponse made;
  CHECK_FALSE(admin.Do(&Stub::CreateBackup, backup, &made).ok());
  backup.set_directory("/backups/ticket");
  REQUIRE(admin.Do(&Stub::CreateBackup, backup, &made).ok());
  CHECK(made.directory() == "/backups/ticket");
}

TEST_CASE("A jump of the clock is accepted for a shard or for the whole process, with a reason") {
  Admin admin;
  v1::AcceptClockRequest request;
  request.set_request_id("r-1");
  v1::AcceptClockResponse response;
  CHECK(ReasonOf(admin.Do(&Stub::AcceptClock, request, &response, "t1-admin-token")) ==
        "WRONG_TENANT");
  CHECK(DetailsOf(admin.Do(&Stub::AcceptClock, request, &response)).fields.at(0).first == "reason");
  CHECK(admin.target.last_actor.reason.empty());
  request.set_reason("NTP was wrong for a day");
  REQUIRE(admin.Do(&Stub::AcceptClock, request, &response).ok());
  CHECK(response.clocks_size() == 2);
  CHECK(admin.target.last_actor.principal == "root");
  CHECK(admin.target.last_actor.reason == "NTP was wrong for a day");
  request.set_service("ticket");
  request.set_shard(1);
  REQUIRE(admin.Do(&Stub::AcceptClock, request, &response).ok());
  REQUIRE(response.clocks_size() == 1);
  CHECK(response.clocks(0).shard() == 1);
  CHECK(response.clocks(0).jumped());
  request.set_service("nothing");
  CHECK(admin.Do(&Stub::AcceptClock, request, &response).code() == absl::StatusCode::kNotFound);
}
