#include "services/dialog/tenants.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/process/tenants_load.h"
#include "libs/text/tables/table.h"
#include "services/dialog/agent_handlers.h"
#include "services/dialog/domain/intent.h"
#include "services/dialog/intent_handlers.h"
#include "services/dialog/intent_service.h"

namespace frontdesk::dialog {
namespace {

// A command touches few rows; a tenant may have many agents.
constexpr size_t kAgentsPerCommand = 200;
constexpr size_t kExamplesFileBytesMax = size_t{32} << 20;

struct WantedAgent {
  std::string id;
  v1::Agent agent;
};
struct WantedIntent {
  std::string id;
  v1::Intent intent;
};

absl::StatusOr<std::vector<WantedAgent>> AgentsOf(const rpc::TenantEntry& tenant) {
  std::vector<WantedAgent> agents;
  for (const rpc::AgentEntry& entry : tenant.agents) {
    v1::Agent agent;
    agent.set_display_name(entry.display_name.empty() ? entry.id : entry.display_name);
    agent.mutable_languages()->Assign(entry.languages.begin(), entry.languages.end());
    agent.set_active(true);
    FD_RETURN_IF_ERROR(CheckAgent(agent, "agents." + entry.id + "."));
    agents.push_back({entry.id, std::move(agent)});
  }
  return agents;
}

absl::Status FileError(const std::string& path, size_t line, std::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kInvalidConfig,
               fmt::format("{}:{}: {}", path, line, what));
}

// Adds the examples of the file (columns intent, locale, text) to the intents.
absl::Status ReadExamples(const std::string& path, std::vector<WantedIntent>& intents) {
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, kExamplesFileBytesMax));
  FD_ASSIGN_OR_RETURN(const text::Table table,
                      text::ParseTable(bytes, {.columns = {"intent", "locale", "text"}}));
  if (table.refused.count > 0) {
    return FileError(path, table.refused.first[0].line, table.refused.first[0].why);
  }
  for (const text::TableRow& row : table.rows) {
    const auto intent = std::find_if(intents.begin(), intents.end(), [&](const auto& candidate) {
      return candidate.id == row.fields[0];
    });
    if (intent == intents.end()) {
      return FileError(path, row.line,
                       fmt::format("intent '{}' is not in the tenants file", row.fields[0]));
    }
    v1::IntentExample& example = *intent->intent.add_examples();
    example.set_locale(row.fields[1]);
    example.set_text(row.fields[2]);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<WantedIntent>> IntentsOf(const rpc::TenantEntry& tenant) {
  std::vector<WantedIntent> intents;
  for (const rpc::IntentEntry& entry : tenant.intents) {
    v1::Intent intent;
    for (const auto& [locale, text] : entry.display_names) {
      v1::LocalizedText& name = *intent.add_display_names();
      name.set_locale(locale);
      name.set_text(text);
    }
    intent.set_action(entry.action == "hand_off"         ? v1::INTENT_ACTION_HAND_OFF
                      : entry.action == "request_person" ? v1::INTENT_ACTION_REQUEST_PERSON
                      : entry.action == "out_of_scope"   ? v1::INTENT_ACTION_OUT_OF_SCOPE
                                                         : v1::INTENT_ACTION_ANSWER);
    common::v1::Priority urgency = common::v1::PRIORITY_UNSPECIFIED;
    common::v1::Priority_Parse("PRIORITY_" + entry.urgency, &urgency);
    intent.set_urgency(urgency);
    intents.push_back({entry.id, std::move(intent)});
  }
  if (!tenant.intents_file.empty()) {
    FD_RETURN_IF_ERROR(ReadExamples(tenant.intents_file, intents));
  }
  for (const WantedIntent& wanted : intents) {
    FD_RETURN_IF_ERROR(CheckIntent(wanted.intent, AllIntentPaths(), "intents." + wanted.id + "."));
  }
  return intents;
}

void SubmitAgents(const std::string& tenant, const std::vector<WantedAgent>& agents,
                  process::TenantsLoad& load) {
  for (size_t at = 0; at < agents.size(); at += kAgentsPerCommand) {
    const auto begin = agents.begin() + static_cast<ptrdiff_t>(at);
    const auto end =
        agents.begin() + static_cast<ptrdiff_t>(std::min(at + kAgentsPerCommand, agents.size()));
    load.Submit(tenant, "LoadAgents",
                [part = std::vector<WantedAgent>(begin, end)](
                    const engine::Context& ctx, engine::Txn& txn, engine::Reply&) -> absl::Status {
                  for (const WantedAgent& wanted : part) {
                    FD_RETURN_IF_ERROR(LoadAgent(wanted.id, wanted.agent, ctx, txn));
                  }
                  return absl::OkStatus();
                });
  }
}

// One command each: its examples are large.
void SubmitIntents(const std::string& tenant, std::vector<WantedIntent> intents,
                   const std::shared_ptr<IntentModels>& models, process::TenantsLoad& load) {
  for (WantedIntent& wanted : intents) {
    load.Submit(tenant, "LoadIntent",
                [wanted = std::move(wanted), models](const engine::Context& ctx, engine::Txn& txn,
                                                     engine::Reply&) -> absl::Status {
                  FD_ASSIGN_OR_RETURN(const bool changed,
                                      LoadIntent(wanted.id, wanted.intent, ctx, txn));
                  if (changed) TellModels(models, ctx, txn);
                  return absl::OkStatus();
                });
  }
}

}  // namespace

void LoadTenantsFile(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                     const std::shared_ptr<IntentModels>& models,
                     absl::AnyInvocable<void(absl::Status)> done) {
  const auto load = process::TenantsLoad::Begin(shards, std::move(done));
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    auto agents = AgentsOf(tenant);
    auto intents = IntentsOf(tenant);
    load->Add(agents.status());
    load->Add(intents.status());
    if (agents.ok()) SubmitAgents(tenant.id, *agents, *load);
    if (intents.ok()) SubmitIntents(tenant.id, *std::move(intents), models, *load);
  }
}

}  // namespace frontdesk::dialog
