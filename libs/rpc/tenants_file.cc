#include "libs/rpc/tenants_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/config/yaml.h"
#include "libs/rpc/authenticator.h"

namespace frontdesk::rpc {
namespace {

using config::Node;

constexpr size_t kMinTokenCharacters = 8;
constexpr int64_t kWeightsSumBps = 10'000;
constexpr Role kRoles[] = {Role::kAdmin, Role::kService, Role::kAgent, Role::kAnalyst,
                           Role::kChannel};

// Reads the parts of one file. Every function reports the first mistake with its line.
class TenantsReader {
 public:
  explicit TenantsReader(const std::string& path)
      : folder_(std::filesystem::path(path).parent_path()) {}

  absl::StatusOr<TenantsFile> Read(const Node& root);

 private:
  absl::StatusOr<TenantEntry> ReadTenant(const Node& node);
  absl::StatusOr<TokenEntry> ReadToken(const Node& node);
  absl::StatusOr<std::string> ReadTokenHash(const Node& node);
  absl::StatusOr<ChannelAccountEntry> ReadChannelAccount(const Node& node);
  absl::StatusOr<AgentEntry> ReadAgent(const Node& node);
  absl::StatusOr<AccountEntry> ReadAccount(const Node& node);
  absl::StatusOr<PlanEntry> ReadPlan(const Node& node);
  absl::StatusOr<SubscriptionEntry> ReadSubscription(const Node& node);
  absl::StatusOr<SlaEntry> ReadSla(const Node& node);
  absl::StatusOr<IntentEntry> ReadIntent(const Node& node);
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> ReadParts(const Node& node);
  absl::StatusOr<HealthWeightsEntry> ReadWeights(const Node& node);
  absl::Status CheckReferences(const Node& node, const TenantEntry& tenant);

  // An id under `key`, not seen before in `seen`.
  absl::StatusOr<std::string> ReadId(const Node& node, const char* key, const char* kind);
  absl::StatusOr<std::string> ReadText(const Node& node, const char* key, bool required);
  absl::StatusOr<int64_t> ReadMicros(const Node& node, const char* key);

  template <class Entry>
  absl::Status ReadList(const Node& node, const char* key,
                        absl::StatusOr<Entry> (TenantsReader::*read)(const Node&),
                        std::vector<Entry>& out) {
    FD_ASSIGN_OR_RETURN(const std::vector<Node> items, node.ListOr(key));
    for (const Node& item : items) {
      FD_ASSIGN_OR_RETURN(Entry entry, (this->*read)(item));
      out.push_back(std::move(entry));
    }
    return absl::OkStatus();
  }

  const std::filesystem::path folder_;
  std::set<std::string> seen_;  // "kind/id" within the tenant being read
};

absl::StatusOr<std::string> TenantsReader::ReadId(const Node& node, const char* key,
                                                  const char* kind) {
  FD_ASSIGN_OR_RETURN(std::string id, node.RequireString(key));
  const Node& at = *node.Find(key);
  if (!IsId(id)) return at.ErrorHere(fmt::format("'{}' is no id: 1 to 63 of a-z, 0-9 and -", id));
  if (!seen_.insert(fmt::format("{}/{}", kind, id)).second) {
    return at.ErrorHere(fmt::format("{} '{}' stands twice", kind, id));
  }
  return id;
}

absl::StatusOr<std::string> TenantsReader::ReadText(const Node& node, const char* key,
                                                    bool required) {
  FD_ASSIGN_OR_RETURN(std::string text, node.StringOr(key, ""));
  if (required && text.empty()) return node.ErrorHere(fmt::format("'{}' is required", key));
  if (text.size() > 2000) return node.Find(key)->ErrorHere("is longer than 2000 bytes");
  return text;
}

// "12", "0.05" and "-3.5" in units, as micros.
absl::StatusOr<int64_t> TenantsReader::ReadMicros(const Node& node, const char* key) {
  FD_ASSIGN_OR_RETURN(const std::string text, node.StringOr(key, "0"));
  const size_t dot = text.find('.');
  const std::string whole = text.substr(0, dot);
  std::string part = dot == std::string::npos ? "" : text.substr(dot + 1);
  const auto digits = [](const std::string& s) {
    return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (whole.empty() || whole.size() > 12 || part.size() > 6 || !digits(whole) || !digits(part) ||
      (dot != std::string::npos && part.empty())) {
    return node.Find(key)->ErrorHere(
        fmt::format("'{}' is no amount: digits with at most 6 decimals, not negative", text));
  }
  part.resize(6, '0');
  return std::stoll(whole) * 1'000'000 + std::stoll(part);
}

absl::StatusOr<std::string> TenantsReader::ReadTokenHash(const Node& node) {
  FD_ASSIGN_OR_RETURN(std::string hash, node.StringOr("token_sha256", ""));
  FD_ASSIGN_OR_RETURN(const std::string file, node.StringOr("token_file", ""));
  FD_ASSIGN_OR_RETURN(std::string token, node.StringOr("token", ""));
  if (static_cast<int>(!hash.empty()) + !file.empty() + !token.empty() != 1) {
    return node.ErrorHere("a token needs exactly one of token_sha256, token_file and token");
  }
  if (!hash.empty()) {
    const bool hex = hash.size() == 64 && std::all_of(hash.begin(), hash.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
    if (hex) return hash;
    return node.Find("token_sha256")->ErrorHere("must be 64 lower-case hex digits");
  }
  if (!file.empty()) {
    std::ifstream in(folder_ / file);
    std::stringstream content;
    content << in.rdbuf();
    if (!in) return node.Find("token_file")->ErrorHere("cannot read " + (folder_ / file).string());
    token = content.str();
    absl::StripAsciiWhitespace(&token);
  }
  if (token.size() < kMinTokenCharacters)
    return node.ErrorHere("a token has at least 8 characters");
  return TokenSha256(token);
}

absl::StatusOr<TokenEntry> TenantsReader::ReadToken(const Node& node) {
  FD_RETURN_IF_ERROR(node.CheckKeys({"principal", "role", "token_sha256", "token_file", "token"}));
  TokenEntry entry;
  FD_ASSIGN_OR_RETURN(entry.principal, ReadId(node, "principal", "principal"));
  FD_ASSIGN_OR_RETURN(const std::string role, node.RequireString("role"));
  const auto* found = std::find_if(std::begin(kRoles), std::end(kRoles),
                                   [&](Role candidate) { return RoleName(candidate) == role; });
  if (found == std::end(kRoles)) {
    return node.Find("role")->ErrorHere(
        fmt::format("'{}' is no role: admin, service, agent, analyst or channel", role));
  }
  entry.role = *found;
  FD_ASSIGN_OR_RETURN(entry.sha256, ReadTokenHash(node));
  return entry;
}

absl::StatusOr<ChannelAccountEntry> TenantsReader::ReadChannelAccount(const Node& node) {
  FD_RETURN_IF_ERROR(node.CheckKeys(
      {"id", "kind", "display_name", "default_locale", "greeting", "allowed_origins"}));
  ChannelAccountEntry entry;
  FD_ASSIGN_OR_RETURN(entry.id, ReadId(node, "id", "channel account"));
  FD_ASSIGN_OR_RETURN(entry.kind, ReadText(node, "kind", true));
  FD_ASSIGN_OR_RETURN(entry.display_name, ReadText(node, "display_name", true));
  FD_ASSIGN_OR_RETURN(entry.default_locale, ReadText(node, "default_locale", false));
  FD_ASSIGN_OR_RETURN(entry.greeting, ReadText(node, "greeting", false));
  FD_ASSIGN_OR_RETURN(entry.allowed_origins, node.StringsOr("allowed_origins", {}));
  return entry;
}

absl::StatusOr<AgentEntry> TenantsReader::ReadAgent(const Node& node) {
  FD_RETURN_IF_ERROR(node.CheckKeys({"id", "display_name", "languages", "skills", "capacity"}));
  AgentEntry entry;
  FD_ASSIGN_OR_RETURN(entry.id, ReadId(node, "id", "agent"));
  FD_ASSIGN_OR_RETURN(entry.display_name, ReadText(node, "display_name", true));
  FD_ASSIGN_OR_RETURN(entry.languages, node.StringsOr("languages", {}));
  FD_ASSIGN_OR_RETURN(entry.skills, node.StringsOr("skills", {}));
  FD_ASSIGN_OR_RETURN(entry.capacity, node.Int64Or("capacity", entry.capacity));
  if (entry.capacity < 1 || entry.capacity > 100) {
    return node.Find("capacity")->ErrorHere("must be 1 to 100");
  }
  return entry;
}

absl::StatusOr<AccountEntry> TenantsReader::ReadAccount(const Node& node) {
  FD_RETURN_IF_ERROR(node.CheckKeys({"id", "display_name", "plan", "customers", "signals"}));
  AccountEntry entry;
  FD_ASSIGN_OR_RETURN(entry.id, ReadId(node, "id", "account"));
  FD_ASSIGN_OR_RETURN(entry.display_name, ReadText(node, "display_name", true));
  FD_ASSIGN_OR_RETURN(entry.plan, ReadText(node, "plan", false));
  FD_ASSIGN_OR_RETURN(entry.customers, node.StringsOr("customers", {}));
  if (const Node* signals = node.Find("signals"); signals != nullptr) {
    FD_ASSIGN_OR_RETURN(entry.signals_bps, ReadParts(*signals));
  }
  return entry;
}

absl::StatusOr<PlanEntry> TenantsReader::ReadPlan(const Node& node) {
  FD_RETURN_IF_ERROR(
      node.CheckKeys({"id", "display_name", "currency", "base_fee", "message_price",
                      "bot_resolution_price", "included_messages", "included_bot_resolutions"}));
  PlanEntry entry;
  FD_ASSIGN_OR_RETURN(entry.id, ReadId(node, "id", "plan"));
  FD_ASSIGN_OR_RETURN(entry.display_name, ReadText(node, "display_name", true));
  FD_ASSIGN_OR_RETURN(entry.currency, node.RequireString("currency"));
  const bool iso =
      entry.currency.size() == 3 && std::all_of(entry.currency.begin(), entry.currency.end(),
                                                [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!iso) return node.Find("currency")->ErrorHere("must be an ISO 4217 code such as EUR");
  FD_ASSIGN_OR_RETURN(entry.base_fee_micros, ReadMicros(node, "base_fee"));
  FD_ASSIGN_OR_RETURN(entry.message_micros, ReadMicros(node, "message_price"));
  FD_ASSIGN_OR_RETURN(entry.bot_resolution_micros, ReadMicros(node, "bot_resolution_price"));
  FD_ASSIGN_OR_RETURN(entry.included_messages, node.Int64Or("included_messages", 0));
  FD_ASSIGN_OR_RETURN(entry.included_bot_resolutions, node.Int64Or("included_bot_resolutions", 0));
  for (const char* key : {"included_messages", "included_bot_resolutions"}) {
    if (node.Int64Or(key, 0).value_or(0) < 0) {
      return node.Find(key)->ErrorHere("must not be negative");
    }
  }
  return entry;
}

absl::StatusOr<SubscriptionEntry> TenantsReader::ReadSubscription(const Node& node) {
  FD_RETURN_IF_ERROR(node.CheckKeys({"id", "plan", "account", "start_date"}));
  SubscriptionEntry entry;
  FD_ASSIGN_OR_RETURN(entry.id, ReadId(node, "id", "subscription"));
  FD_ASSIGN_OR_RETURN(entry.plan, ReadText(node, "plan", true));
  FD_ASSIGN_OR_RETURN(entry.account, ReadText(node, "account", false));
  FD_ASSIGN_OR_RETURN(entry.start_date, ReadText(node, "start_date", false));
  absl::CivilDay day;
  if (!entry.start_date.empty() && !absl::ParseCivilTime(entry.start_date, &day)) {
    return node.Find("start_date")->ErrorHere("must be a date such as 2026-01-31");
  }
  return entry;
}

absl::StatusOr<SlaEntry> TenantsReader::ReadSla(const Node& node) {
  FD_RETURN_IF_ERROR(node.CheckKeys({"priority", "first_response", "resolution"}));
  SlaEntry entry;
  FD_ASSIGN_OR_RETURN(entry.priority, node.RequireString("priority"));
  const std::string& p = entry.priority;
  if (p.size() != 2 || p[0] != 'P' || p[1] < '0' || p[1] > '3') {
    return node.Find("priority")->ErrorHere("must be P0, P1, P2 or P3");
  }
  if (!seen_.insert("sla/" + p).second) return node.ErrorHere("priority " + p + " stands twice");
  FD_ASSIGN_OR_RETURN(entry.first_response,
                      node.DurationOr("first_response", absl::ZeroDuration()));
  FD_ASSIGN_OR_RETURN(entry.resolution, node.DurationOr("resolution", absl::ZeroDuration()));
  if (entry.first_response <= absl::ZeroDuration() || entry.resolution < entry.first_response) {
    return node.ErrorHere("needs first_response over zero and resolution not under it");
  }
  return entry;
}

absl::StatusOr<IntentEntry> TenantsReader::ReadIntent(const Node& node) {
  FD_RETURN_IF_ERROR(node.CheckKeys({"id", "action", "urgency", "display_names"}));
  IntentEntry entry;
  FD_ASSIGN_OR_RETURN(entry.id, ReadId(node, "id", "intent"));
  FD_ASSIGN_OR_RETURN(entry.action, node.StringOr("action", "answer"));
  if (entry.action != "answer" && entry.action != "hand_off" && entry.action != "request_person" &&
      entry.action != "out_of_scope") {
    return node.Find("action")->ErrorHere(
        "must be answer, hand_off, request_person or out_of_scope");
  }
  FD_ASSIGN_OR_RETURN(entry.urgency, node.StringOr("urgency", ""));
  const std::string& p = entry.urgency;
  if (!p.empty() && (p.size() != 2 || p[0] != 'P' || p[1] < '0' || p[1] > '3')) {
    return node.Find("urgency")->ErrorHere("must be P0, P1, P2 or P3");
  }
  const Node* names = node.Find("display_names");
  if (names == nullptr || !names->IsMap() || names->entries().empty()) {
    return node.ErrorHere("needs display_names, a map of language and text");
  }
  for (const auto& [locale, value] : names->entries()) {
    FD_ASSIGN_OR_RETURN(std::string text, value.AsString());
    if (text.empty()) return value.ErrorHere("must not be empty");
    entry.display_names.emplace_back(locale, std::move(text));
  }
  return entry;
}

// A map of parts of the health score and basis points.
absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> TenantsReader::ReadParts(
    const Node& node) {
  if (!node.IsMap()) return node.ErrorHere("must be a map of part and basis points");
  std::vector<std::pair<std::string, int64_t>> parts;
  for (const auto& [part, value] : node.entries()) {
    FD_ASSIGN_OR_RETURN(const int64_t bps, value.AsInt64());
    if (bps < 0 || bps > kWeightsSumBps) return value.ErrorHere("must be 0 to 10000");
    parts.emplace_back(part, bps);
  }
  return parts;
}

absl::StatusOr<HealthWeightsEntry> TenantsReader::ReadWeights(const Node& node) {
  HealthWeightsEntry entry;
  FD_ASSIGN_OR_RETURN(entry.weights_bps, ReadParts(node));
  int64_t sum = 0;
  for (const auto& [part, bps] : entry.weights_bps) sum += bps;
  if (sum == kWeightsSumBps) return entry;
  return node.ErrorHere(fmt::format("the weights add up to {} instead of 10000", sum));
}

absl::Status TenantsReader::CheckReferences(const Node& node, const TenantEntry& tenant) {
  for (const SubscriptionEntry& subscription : tenant.subscriptions) {
    if (!seen_.contains("plan/" + subscription.plan)) {
      return node.ErrorHere(fmt::format("subscription '{}' names plan '{}', which is not there",
                                        subscription.id, subscription.plan));
    }
    if (!subscription.account.empty() && !seen_.contains("account/" + subscription.account)) {
      return node.ErrorHere(fmt::format("subscription '{}' names account '{}', which is not there",
                                        subscription.id, subscription.account));
    }
  }
  for (const AccountEntry& account : tenant.accounts) {
    if (!account.plan.empty() && !seen_.contains("plan/" + account.plan)) {
      return node.ErrorHere(fmt::format("account '{}' names plan '{}', which is not there",
                                        account.id, account.plan));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TenantEntry> TenantsReader::ReadTenant(const Node& node) {
  FD_RETURN_IF_ERROR(
      node.CheckKeys({"id", "display_name", "default_locale", "time_zone", "tokens",
                      "channel_accounts", "agents", "accounts", "plans", "subscriptions", "sla",
                      "health_weights", "intents", "intents_file", "articles_dir"}));
  TenantEntry tenant;
  FD_ASSIGN_OR_RETURN(tenant.id, ReadId(node, "id", "tenant"));
  const std::set<std::string> outer = seen_;  // ids are unique within a tenant
  FD_ASSIGN_OR_RETURN(tenant.display_name, ReadText(node, "display_name", true));
  FD_ASSIGN_OR_RETURN(tenant.default_locale, node.StringOr("default_locale", "en"));
  FD_ASSIGN_OR_RETURN(tenant.time_zone, node.StringOr("time_zone", "UTC"));
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(tenant.time_zone, &zone)) {
    return node.Find("time_zone")->ErrorHere(tenant.time_zone + " is no IANA time zone");
  }
  FD_RETURN_IF_ERROR(ReadList(node, "tokens", &TenantsReader::ReadToken, tenant.tokens));
  FD_RETURN_IF_ERROR(ReadList(node, "channel_accounts", &TenantsReader::ReadChannelAccount,
                              tenant.channel_accounts));
  FD_RETURN_IF_ERROR(ReadList(node, "agents", &TenantsReader::ReadAgent, tenant.agents));
  FD_RETURN_IF_ERROR(ReadList(node, "accounts", &TenantsReader::ReadAccount, tenant.accounts));
  FD_RETURN_IF_ERROR(ReadList(node, "plans", &TenantsReader::ReadPlan, tenant.plans));
  FD_RETURN_IF_ERROR(
      ReadList(node, "subscriptions", &TenantsReader::ReadSubscription, tenant.subscriptions));
  FD_RETURN_IF_ERROR(ReadList(node, "sla", &TenantsReader::ReadSla, tenant.sla));
  if (const Node* weights = node.Find("health_weights"); weights != nullptr) {
    FD_ASSIGN_OR_RETURN(tenant.health_weights, ReadWeights(*weights));
  }
  FD_RETURN_IF_ERROR(ReadList(node, "intents", &TenantsReader::ReadIntent, tenant.intents));
  FD_ASSIGN_OR_RETURN(tenant.intents_file, node.StringOr("intents_file", ""));
  if (!tenant.intents_file.empty()) {
    const auto file = std::filesystem::absolute(folder_ / tenant.intents_file);
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
      return node.Find("intents_file")->ErrorHere(file.string() + " is no file");
    }
    tenant.intents_file = file.lexically_normal().string();
  }
  FD_ASSIGN_OR_RETURN(tenant.articles_dir, node.StringOr("articles_dir", ""));
  if (!tenant.articles_dir.empty()) {
    const auto directory = std::filesystem::absolute(folder_ / tenant.articles_dir);
    std::error_code error;
    if (!std::filesystem::is_directory(directory, error)) {
      return node.Find("articles_dir")->ErrorHere(directory.string() + " is no directory");
    }
    tenant.articles_dir = directory.lexically_normal().string();
  }
  FD_RETURN_IF_ERROR(CheckReferences(node, tenant));
  seen_ = outer;
  return tenant;
}

absl::StatusOr<TenantsFile> TenantsReader::Read(const Node& root) {
  if (!root.IsMap()) return root.ErrorHere("expected the keys platform and tenants");
  FD_RETURN_IF_ERROR(root.CheckKeys({"platform", "tenants"}));
  TenantsFile file;
  if (const Node* platform = root.Find("platform"); platform != nullptr) {
    FD_RETURN_IF_ERROR(platform->CheckKeys({"tokens"}));
    FD_RETURN_IF_ERROR(
        ReadList(*platform, "tokens", &TenantsReader::ReadToken, file.platform_tokens));
    FD_ASSIGN_OR_RETURN(const std::vector<Node> nodes, platform->ListOr("tokens"));
    for (size_t i = 0; i < nodes.size(); ++i) {
      const Role role = file.platform_tokens[i].role;
      if (role == Role::kAdmin || role == Role::kService) continue;
      return nodes[i].ErrorHere("a platform token has the role admin or service");
    }
    seen_.clear();
  }
  FD_RETURN_IF_ERROR(ReadList(root, "tenants", &TenantsReader::ReadTenant, file.tenants));
  return file;
}

absl::StatusOr<TenantsFile> ReadChecked(absl::StatusOr<Node> root, const std::string& path) {
  if (!root.ok()) return std::move(root).status();
  FD_ASSIGN_OR_RETURN(TenantsFile file, TenantsReader(path).Read(*root));
  // Shared tokens are found here, at start-up, not when the authenticator is reloaded.
  const auto index = TokenAuthenticator::Make(file);
  if (!index.ok()) {
    return Error(index.status().code(), "INVALID_CONFIG",
                 path + ": " + std::string(MessageOf(index.status())));
  }
  return file;
}

}  // namespace

absl::StatusOr<TenantsFile> LoadTenantsFile(const std::string& path) {
  return ReadChecked(config::ReadYamlFile(path), path);
}

absl::StatusOr<TenantsFile> ParseTenants(std::string_view yaml, const std::string& path) {
  return ReadChecked(config::ParseYaml(yaml, path), path);
}

}  // namespace frontdesk::rpc
