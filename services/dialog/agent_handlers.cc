#include "services/dialog/agent_handlers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/dialog/domain/phrases.h"
#include "services/dialog/domain/proto_time.h"

namespace frontdesk::dialog {
namespace {

using store::v1::AgentRecord;

constexpr size_t kMaxDisplayNameCharacters = 100;
constexpr int kMaxLanguages = 10;
constexpr size_t kMaxLanguageCharacters = 35;  // longest tag of RFC 5646 without extensions
constexpr std::array<std::string_view, 3> kPaths = {"display_name", "languages", "active"};

std::string AgentName(std::string_view tenant, std::string_view id) {
  return ResourceName({{"tenants", tenant}, {"agents", id}});
}

void Put(std::string_view id, AgentRecord record, const engine::Context& ctx, engine::Txn& txn,
         v1::Agent* result) {
  record.set_version(record.version() + 1);
  record.mutable_agent()->set_etag(std::to_string(record.version()));
  ToProto(ctx.now, record.mutable_agent()->mutable_update_time());
  kAgentTable.Put(txn, kAgentTable.Key(ctx.tenant, id), record);
  if (result != nullptr) *result = std::move(*record.mutable_agent());
}

bool Differs(const v1::Agent& a, const v1::Agent& b) {
  return a.display_name() != b.display_name() || a.active() != b.active() ||
         !std::equal(a.languages().begin(), a.languages().end(), b.languages().begin(),
                     b.languages().end());
}

AgentRecord NewRecord(std::string_view id, const v1::Agent& draft, const engine::Context& ctx) {
  AgentRecord record;
  v1::Agent& agent = *record.mutable_agent();
  agent.set_name(AgentName(ctx.tenant, id));
  agent.set_display_name(draft.display_name());
  *agent.mutable_languages() = draft.languages();
  agent.set_active(draft.active());
  ToProto(ctx.now, agent.mutable_create_time());
  return record;
}

}  // namespace

absl::Status CreateAgent(std::string_view id, const v1::Agent& draft, const engine::Context& ctx,
                         engine::Txn& txn, v1::Agent* result) {
  const std::string made = id.empty() ? ctx.NewId() : std::string(id);
  FD_ASSIGN_OR_RETURN(const auto existing, txn.Get(kAgentTable.Key(ctx.tenant, made)));
  if (existing.has_value()) {
    const std::string name = AgentName(ctx.tenant, made);
    return WithMetadata(WithResource(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                           "the agent exists already"),
                                     "agent", name),
                        "name", name);
  }
  Put(made, NewRecord(made, draft, ctx), ctx, txn, result);
  return absl::OkStatus();
}

absl::Status UpdateAgent(std::string_view id, const v1::Agent& wanted,
                         const std::vector<std::string>& paths, const engine::Context& ctx,
                         engine::Txn& txn, v1::Agent* result) {
  FD_ASSIGN_OR_RETURN(AgentRecord record, kAgentTable.Load(txn, kAgentTable.Key(ctx.tenant, id),
                                                           AgentName(ctx.tenant, id)));
  if (!wanted.etag().empty() && wanted.etag() != record.agent().etag()) {
    absl::Status status = Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                                "the agent was changed since: read it again");
    status = WithMetadata(std::move(status), "name", record.agent().name());
    return WithMetadata(std::move(status), "etag", record.agent().etag());
  }
  v1::Agent agent = record.agent();
  for (const std::string& path : paths) {
    if (path == "display_name") agent.set_display_name(wanted.display_name());
    if (path == "languages") *agent.mutable_languages() = wanted.languages();
    if (path == "active") agent.set_active(wanted.active());
  }
  if (!Differs(agent, record.agent())) {
    *result = std::move(agent);
    return absl::OkStatus();
  }
  *record.mutable_agent() = std::move(agent);
  Put(id, std::move(record), ctx, txn, result);
  return absl::OkStatus();
}

absl::Status LoadAgent(std::string_view id, const v1::Agent& wanted, const engine::Context& ctx,
                       engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto record, kAgentTable.Find(txn, kAgentTable.Key(ctx.tenant, id)));
  if (!record.has_value()) {
    Put(id, NewRecord(id, wanted, ctx), ctx, txn, nullptr);
    return absl::OkStatus();
  }
  // Whether an agent takes conversations is decided while the service runs, not by the file.
  v1::Agent agent = record->agent();
  agent.set_display_name(wanted.display_name());
  *agent.mutable_languages() = wanted.languages();
  if (!Differs(agent, record->agent())) return absl::OkStatus();
  *record->mutable_agent() = std::move(agent);
  Put(id, *std::move(record), ctx, txn, nullptr);
  return absl::OkStatus();
}

absl::Status CheckAgent(const v1::Agent& agent, std::string_view prefix) {
  const std::string field(prefix);
  const size_t characters = CountCharacters(agent.display_name());
  if (characters == 0 || characters > kMaxDisplayNameCharacters) {
    return InvalidField(field + "display_name", "must have 1 to 100 characters");
  }
  if (agent.languages_size() > kMaxLanguages) {
    return InvalidField(field + "languages", "must be at most 10");
  }
  for (const std::string& language : agent.languages()) {
    if (language.empty() || language.size() > kMaxLanguageCharacters) {
      return InvalidField(field + "languages", "must be language tags of 1 to 35 characters");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> AgentPaths(const v1::UpdateAgentRequest& request) {
  std::vector<std::string> paths;
  if (!request.has_update_mask()) {
    if (!request.agent().display_name().empty()) paths.emplace_back("display_name");
    if (request.agent().languages_size() > 0) paths.emplace_back("languages");
    if (request.agent().active()) paths.emplace_back("active");
    return paths;
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "*") return std::vector<std::string>(kPaths.begin(), kPaths.end());
    if (std::find(kPaths.begin(), kPaths.end(), path) == kPaths.end()) {
      return InvalidField("update_mask", "may name display_name, languages and active only");
    }
    paths.push_back(path);
  }
  return paths;
}

}  // namespace frontdesk::dialog
