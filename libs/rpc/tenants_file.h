#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/call.h"

// The tenants YAML: everything an installation is set up with. Plain values; each service loads its
// part through its own commands (create or update, idempotent), and the authenticator takes the
// tokens. docs: libs/rpc/README.md.
namespace frontdesk::rpc {

struct TokenEntry {
  std::string principal;  // id, unique in the tenant
  Role role = Role::kAnalyst;
  std::string sha256;  // 64 lower-case hex digits; the token itself is not kept
};

struct ChannelAccountEntry {
  std::string id;
  std::string kind;  // "web_chat", "open_api"; channel checks it
  std::string display_name;
  std::string default_locale;
  std::string greeting;
  std::vector<std::string> allowed_origins;
};

struct AgentEntry {
  std::string id;
  std::string display_name;
  std::vector<std::string> languages;  // "en", "zh"
  std::vector<std::string> skills;
  int64_t capacity = 3;  // conversations at a time, 1 to 100
};

struct AccountEntry {  // a customer of the tenant, whose health is scored
  std::string id;
  std::string display_name;
  std::string plan;                    // id of a plan, or empty
  std::vector<std::string> customers;  // identities "email:a@b.c", "web:visitor-1"
  // First measured values of parts of its health, basis points; health checks the names.
  std::vector<std::pair<std::string, int64_t>> signals_bps;
};

// Amounts are micros of `currency`; written as decimals ("0.05") in the file.
struct PlanEntry {
  std::string id;
  std::string display_name;
  std::string currency;  // ISO 4217
  int64_t base_fee_micros = 0;
  int64_t message_micros = 0;         // per message
  int64_t bot_resolution_micros = 0;  // per conversation resolved by the bot
  int64_t included_messages = 0;      // per month, covered by the base fee
  int64_t included_bot_resolutions = 0;
};

struct SubscriptionEntry {
  std::string id;
  std::string plan;
  std::string account;     // or empty: the tenant's own
  std::string start_date;  // "2026-01-01" or empty: from the first load
};

struct SlaEntry {
  std::string priority;  // "P0" … "P3"
  absl::Duration first_response;
  absl::Duration resolution;
};

struct HealthWeightsEntry {  // basis points, sum 10 000
  std::vector<std::pair<std::string, int64_t>> weights_bps;
};

struct IntentEntry {
  std::string id;
  std::string action;   // "answer", "hand_off", "request_person", "out_of_scope"
  std::string urgency;  // "P0" … "P3", or empty
  std::vector<std::pair<std::string, std::string>> display_names;  // locale, text
};

struct TenantEntry {
  std::string id;
  std::string display_name;
  std::string default_locale;  // "en" unless given
  std::string time_zone;       // IANA; "UTC" unless given
  std::vector<TokenEntry> tokens;
  std::vector<ChannelAccountEntry> channel_accounts;
  std::vector<AgentEntry> agents;
  std::vector<AccountEntry> accounts;
  std::vector<PlanEntry> plans;
  std::vector<SubscriptionEntry> subscriptions;
  std::vector<SlaEntry> sla;
  std::optional<HealthWeightsEntry> health_weights;
  std::vector<IntentEntry> intents;
  std::string intents_file;  // absolute, or empty; CSV of examples: intent, locale, text
  std::string articles_dir;  // absolute, or empty; of files knowledge imports
};

struct TenantsFile {
  std::vector<TokenEntry> platform_tokens;  // tenant "*"
  std::vector<TenantEntry> tenants;
};

// INVALID_ARGUMENT (INVALID_CONFIG) with "file:line: what is wrong" for the first mistake: syntax,
// unknown keys, bad ids, duplicates, references to nothing. Relative paths are taken from the
// file's folder. Blocks: reads the file and its token files.
absl::StatusOr<TenantsFile> LoadTenantsFile(const std::string& path);

// The same from text; `path` is for messages and relative paths.
absl::StatusOr<TenantsFile> ParseTenants(std::string_view yaml, const std::string& path);

}  // namespace frontdesk::rpc
