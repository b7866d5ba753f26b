#include "tools/frontdesk/commands.h"

#include <cmath>
#include <utility>

#include <fmt/core.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/numbers.h"
#include "frontdesk/common/v1/admin_service.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/base/ulid.h"
#include "libs/store/store.h"
#include "tools/frontdesk/knowledge_commands.h"
#include "tools/frontdesk/text_commands.h"

namespace frontdesk::command {
namespace {

namespace common = common::v1;

constexpr char kAdmin[] = "/frontdesk.common.v1.AdminService/";
constexpr char kKnowledge[] = "/frontdesk.knowledge.v1.KnowledgeService/";
constexpr absl::Duration kCallMax = absl::Seconds(60);

absl::Status Print(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) return absl::InternalError(std::string(status.message()));
  fmt::print("{}", json);
  return absl::OkStatus();
}

template <class Response>
absl::Status CallAndPrint(rpc::Client& client, const std::string& method,
                          const google::protobuf::Message& request) {
  rpc::Outgoing outgoing;
  outgoing.cap = kCallMax;
  FD_ASSIGN_OR_RETURN(const Response response,
                      client.UnaryBlocking<Response>(method, outgoing, request));
  return Print(response);
}

// A repeated call after a lost answer must not act twice, so a user may pass the id of the first.
std::string RequestId(const Flags& flags) {
  SystemRandom random;
  return flags.Text("request-id", NewUlid(SystemClock().Now(), random));
}

// --service and --shard, which nearly every admin request has.
template <class Request>
absl::Status SetTarget(const Flags& flags, Request& request) {
  FD_ASSIGN_OR_RETURN(const std::string service, flags.Required("service"));
  FD_ASSIGN_OR_RETURN(const int64_t shard, flags.Number("shard", 0));
  request.set_service(service);
  request.set_shard(static_cast<uint32_t>(shard));
  return absl::OkStatus();
}

absl::Status EngineStatus(const Flags& flags, rpc::Client* client) {
  common::GetEngineStatusRequest request;
  request.set_service(flags.Text("service"));
  return CallAndPrint<common::GetEngineStatusResponse>(
      *client, kAdmin + std::string("GetEngineStatus"), request);
}

absl::Status ListDeadLetters(const Flags& flags, rpc::Client* client) {
  common::ListDeadLettersRequest request;
  FD_RETURN_IF_ERROR(SetTarget(flags, request));
  FD_ASSIGN_OR_RETURN(const int64_t page_size, flags.Number("page-size", 0));
  request.set_page_size(static_cast<int32_t>(page_size));
  request.set_page_token(flags.Text("page-token"));
  request.set_include_replayed(flags.Text("all") == "true");
  return CallAndPrint<common::ListDeadLettersResponse>(
      *client, kAdmin + std::string("ListDeadLetters"), request);
}

absl::Status ReplayDeadLetter(const Flags& flags, rpc::Client* client) {
  common::ReplayDeadLetterRequest request;
  FD_RETURN_IF_ERROR(SetTarget(flags, request));
  FD_ASSIGN_OR_RETURN(*request.mutable_ce_id(), flags.Required("id"));
  request.set_request_id(RequestId(flags));
  return CallAndPrint<common::ReplayDeadLetterResponse>(
      *client, kAdmin + std::string("ReplayDeadLetter"), request);
}

absl::Status SwitchBus(const Flags& flags, rpc::Client* client) {
  common::SwitchBusRequest request;
  FD_RETURN_IF_ERROR(SetTarget(flags, request));
  FD_ASSIGN_OR_RETURN(*request.mutable_reason(), flags.Required("reason"));
  request.set_request_id(RequestId(flags));
  return CallAndPrint<common::SwitchBusResponse>(*client, kAdmin + std::string("SwitchBus"),
                                                 request);
}

absl::Status AcceptClock(const Flags& flags, rpc::Client* client) {
  common::AcceptClockRequest request;
  request.set_service(flags.Text("service"));
  if (!flags.Text("shard").empty()) {
    FD_ASSIGN_OR_RETURN(const int64_t shard, flags.Number("shard", 0));
    request.set_shard(static_cast<uint32_t>(shard));
  }
  FD_ASSIGN_OR_RETURN(*request.mutable_reason(), flags.Required("reason"));
  request.set_request_id(RequestId(flags));
  return CallAndPrint<common::AcceptClockResponse>(*client, kAdmin + std::string("AcceptClock"),
                                                   request);
}

absl::StatusOr<int64_t> ParseOffset(const Flags& flags) {
  FD_ASSIGN_OR_RETURN(const std::string text, flags.Required("to"));
  if (text == "earliest") return -2;
  if (text == "end") return -1;
  return flags.Number("to", 0);
}

absl::Status Reposition(const Flags& flags, rpc::Client* client) {
  common::RepositionConsumerRequest request;
  FD_RETURN_IF_ERROR(SetTarget(flags, request));
  FD_ASSIGN_OR_RETURN(*request.mutable_topic(), flags.Required("topic"));
  FD_ASSIGN_OR_RETURN(*request.mutable_reason(), flags.Required("reason"));
  FD_ASSIGN_OR_RETURN(const int64_t partition, flags.Number("partition", -1));
  if (partition < 0) return InvalidField("partition", "is required");
  FD_ASSIGN_OR_RETURN(const int64_t offset, ParseOffset(flags));
  request.set_partition(static_cast<int32_t>(partition));
  request.set_next_offset(offset);
  request.set_request_id(RequestId(flags));
  return CallAndPrint<common::RepositionConsumerResponse>(
      *client, kAdmin + std::string("RepositionConsumer"), request);
}

absl::Status CreateBackup(const Flags& flags, rpc::Client* client) {
  common::CreateBackupRequest request;
  FD_RETURN_IF_ERROR(SetTarget(flags, request));
  FD_ASSIGN_OR_RETURN(*request.mutable_directory(), flags.Required("directory"));
  request.set_request_id(RequestId(flags));
  return CallAndPrint<common::CreateBackupResponse>(*client, kAdmin + std::string("CreateBackup"),
                                                    request);
}

absl::Status RestoreBackup(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string from, flags.Required("from"));
  FD_ASSIGN_OR_RETURN(const std::string to, flags.Required("to"));
  // Seconds since 1970 are above every epoch seen before, also when one backup is restored twice.
  FD_ASSIGN_OR_RETURN(const int64_t epoch,
                      flags.Number("epoch-seen", absl::ToUnixSeconds(SystemClock().Now())));
  SystemRandom random;
  const auto environment = store::Environment::OnDisk({});
  FD_RETURN_IF_ERROR(store::Store::RestoreBackup(from, to, static_cast<uint64_t>(epoch),
                                                 *environment, SystemClock().Now(), random));
  fmt::print("restored {} into {}: its epoch is raised and announced at the next start\n", from,
             to);
  return absl::OkStatus();
}

absl::Status RebuildIndex(const Flags& flags, rpc::Client* client) {
  knowledge::v1::RebuildIndexRequest request;
  FD_ASSIGN_OR_RETURN(const std::string tenant, flags.Required("tenant"));
  request.set_parent("tenants/" + tenant);
  request.set_request_id(RequestId(flags));
  return CallAndPrint<knowledge::v1::RebuildIndexResponse>(
      *client, kKnowledge + std::string("RebuildIndex"), request);
}

absl::Status IndexStatus(const Flags& flags, rpc::Client* client) {
  knowledge::v1::GetIndexStatusRequest request;
  FD_ASSIGN_OR_RETURN(const std::string tenant, flags.Required("tenant"));
  request.set_parent("tenants/" + tenant);
  return CallAndPrint<knowledge::v1::GetIndexStatusResponse>(
      *client, kKnowledge + std::string("GetIndexStatus"), request);
}

const FlagHelp kService{"service", "channel, dialog, ticket, knowledge, health or billing"};
const FlagHelp kShard{"shard", "default 0"};
const FlagHelp kReason{"reason", "why; kept in the audit line"};
const FlagHelp kRequestId{"request-id", "of an earlier try, so that it acts once"};

}  // namespace

std::string Flags::Text(const std::string& name, const std::string& otherwise) const {
  const auto it = values.find(name);
  return it == values.end() ? otherwise : it->second;
}

absl::StatusOr<std::string> Flags::Required(const std::string& name) const {
  std::string text = Text(name);
  if (text.empty()) return InvalidField("--" + name, "is required");
  return text;
}

absl::StatusOr<int64_t> Flags::Number(const std::string& name, int64_t otherwise) const {
  const std::string text = Text(name);
  if (text.empty()) return otherwise;
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return InvalidField("--" + name, "must be a number");
  return number;
}

absl::StatusOr<double> Flags::Decimal(const std::string& name, double otherwise) const {
  const std::string text = Text(name);
  if (text.empty()) return otherwise;
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
    return InvalidField("--" + name, "must be a number");
  }
  return number;
}

std::vector<std::string> Flags::All(const std::string& name) const {
  std::vector<std::string> all;
  for (const auto& [flag, value] : given) {
    if (flag == name) all.push_back(value);
  }
  return all;
}

namespace {

std::vector<OperatorCommand> ServerCommands() {
  return {
      {"status",
       "queues, outbox, positions and lag of every shard",
       {{"service", "one service only"}},
       false,
       EngineStatus},
      {"dead-letters list",
       "events that were refused for good",
       {kService,
        kShard,
        {"all", "true: also replayed ones"},
        {"page-size", "at most 200"},
        {"page-token", "of the page before"}},
       false,
       ListDeadLetters},
      {"dead-letters replay",
       "handle one of them again, once",
       {kService, kShard, {"id", "its ce_id"}, kRequestId},
       false,
       ReplayDeadLetter},
      {"bus switch",
       "accept another broker or recreated topics; positions start at the earliest",
       {kService, kShard, kReason, kRequestId},
       false,
       SwitchBus},
      {"bus reposition",
       "move a consumer in one partition",
       {kService,
        kShard,
        {"topic", "as frontdesk.channel.v1"},
        {"partition", "its number"},
        {"to", "offset, earliest or end"},
        kReason,
        kRequestId},
       false,
       Reposition},
      {"clock accept",
       "after the wall clock jumped (CLOCK_JUMPED): it is right now, timers go on",
       {{"service", "one service only; default: all of the process"},
        {"shard", "one shard only; default: all"},
        kReason,
        kRequestId},
       false,
       AcceptClock},
      {"backup create",
       "a consistent copy of one shard, on the server's disk",
       {kService, kShard, {"directory", "must not exist"}, kRequestId},
       false,
       CreateBackup},
      {"backup restore",
       "make a shard from a backup; the service must be stopped",
       {{"from", "the backup"},
        {"to", "the shard's folder, which must not exist"},
        {"epoch-seen", "newest epoch that consumers may have seen; default: safe for every one"}},
       true,
       RestoreBackup},
      {"knowledge rebuild-index",
       "make the search index anew from the articles",
       {{"tenant", "its id"}, kRequestId},
       false,
       RebuildIndex},
      {"knowledge index-status",
       "how far the search index is",
       {{"tenant", "its id"}},
       false,
       IndexStatus},
  };
}

}  // namespace

const std::vector<OperatorCommand>& AllCommands() {
  static const auto* commands = [] {
    auto* all = new std::vector<OperatorCommand>(ServerCommands());
    for (OperatorCommand& command : KnowledgeCommands()) all->push_back(std::move(command));
    for (OperatorCommand& command : TextCommands()) all->push_back(std::move(command));
    return all;
  }();
  return *commands;
}

}  // namespace frontdesk::command
