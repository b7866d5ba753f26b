#include <chrono>
#include <thread>

#include <fmt/core.h>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/base/ulid.h"
#include "tools/frontdesk/knowledge_commands.h"

namespace frontdesk::command {
namespace {

namespace v1 = knowledge::v1;

constexpr char kService[] = "/frontdesk.knowledge.v1.KnowledgeService/";
constexpr absl::Duration kCallMax = absl::Seconds(60);
constexpr int64_t kWaitMaxS = 3600;
constexpr auto kLookEvery = std::chrono::milliseconds(500);

template <class Response>
absl::StatusOr<Response> Ask(rpc::Client* client, const std::string& method,
                             const google::protobuf::Message& request) {
  rpc::Outgoing outgoing;
  outgoing.cap = kCallMax;
  return client->UnaryBlocking<Response>(kService + method, outgoing, request);
}

absl::Status RunCheck(const Flags& flags, rpc::Client* client) {
  FD_ASSIGN_OR_RETURN(const std::string tenant, flags.Required("tenant"));
  v1::CheckIndexRequest request;
  request.set_parent("tenants/" + tenant);
  FD_ASSIGN_OR_RETURN(const auto response,
                      Ask<v1::CheckIndexResponse>(client, "CheckIndex", request));
  const std::string report = IndexReport(response.index_check());
  fmt::print("{}", report);
  if (response.index_check().consistent()) return absl::OkStatus();
  return absl::FailedPreconditionError("the index and the store differ");
}

// Waits until the index that was asked for is in use, and says how far it is.
absl::Status RunRebuild(const Flags& flags, rpc::Client* client) {
  FD_ASSIGN_OR_RETURN(const std::string tenant, flags.Required("tenant"));
  FD_ASSIGN_OR_RETURN(const int64_t wait_s, flags.Number("wait_s", kWaitMaxS));
  v1::RebuildIndexRequest request;
  request.set_parent("tenants/" + tenant);
  SystemRandom random;
  const SystemClock clock;
  request.set_request_id(NewUlid(clock.Now(), random));
  FD_RETURN_IF_ERROR(Ask<v1::RebuildIndexResponse>(client, "RebuildIndex", request).status());
  const absl::Duration until = clock.Steady() + absl::Seconds(wait_s);
  v1::GetIndexStatusRequest look;
  look.set_parent(request.parent());
  while (true) {
    FD_ASSIGN_OR_RETURN(const auto reply,
                        Ask<v1::GetIndexStatusResponse>(client, "GetIndexStatus", look));
    const v1::IndexStatus& status = reply.index_status();
    if (!status.rebuilding()) {
      fmt::print("rebuilt: {} articles, {} passages\n", status.indexed_articles(),
                 status.indexed_passages());
      return absl::OkStatus();
    }
    if (clock.Steady() >= until) {
      return absl::DeadlineExceededError("still being built; searches use the old index meanwhile");
    }
    fmt::print(stderr, "rebuilding\n");
    std::this_thread::sleep_for(kLookEvery);
  }
}

}  // namespace

std::string IndexReport(const v1::IndexCheck& check) {
  std::string report =
      fmt::format("published {}, indexed {}, missing {}, superfluous {}, without vectors {}{}\n",
                  check.published_articles(), check.indexed_articles(), check.missing_count(),
                  check.superfluous_count(), check.without_vectors_count(),
                  check.settled() ? "" : "; something was being published meanwhile");
  for (const std::string& name : check.missing()) report += fmt::format("missing {}\n", name);
  for (const std::string& name : check.superfluous()) {
    report += fmt::format("superfluous {}\n", name);
  }
  return report;
}

OperatorCommand KnowledgeCheckCommand() {
  return {"knowledge check",
          "whether the search index says what the store says; exit 1 when it does not",
          {{"tenant", "its id"}},
          false,
          RunCheck};
}

OperatorCommand KnowledgeRebuildCommand() {
  return {"knowledge rebuild",
          "builds the search index anew and waits; searches go on meanwhile",
          {{"tenant", "its id"}, {"wait_s", "how long to wait, 3600"}},
          false,
          RunRebuild};
}

std::vector<OperatorCommand> KnowledgeCommands() {
  return {KnowledgeImportCommand(), KnowledgeExportCommand(), KnowledgeCheckCommand(),
          KnowledgeRebuildCommand()};
}

}  // namespace frontdesk::command
