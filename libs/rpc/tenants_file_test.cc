#include "libs/rpc/tenants_file.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/rpc/authenticator.h"

using namespace frontdesk;
using namespace frontdesk::rpc;

namespace {

constexpr char kFile[] = R"(platform:
  tokens:
    - {principal: dialog, role: service, token: platform-dialog}
tenants:
  - id: demo
    display_name: Demo shop
    default_locale: zh-CN
    time_zone: Asia/Shanghai
    tokens:
      - {principal: ann, role: admin, token_sha256: TOKEN_HASH}
      - {principal: mia, role: agent, token: mias-token}
    channel_accounts:
      - {id: web, kind: web_chat, display_name: Chat, allowed_origins: ["https://a.example"]}
    agents:
      - {id: mia, display_name: Mia, languages: [en, zh], capacity: 5}
    plans:
      - {id: basic, display_name: Basic, currency: EUR, base_fee: "49", message_price: "0.005",
         bot_resolution_price: "0.99", included_messages: 1000}
    accounts:
      - {id: acme, display_name: Acme, plan: basic, customers: ["web:v"], signals: {usage: 7000}}
    subscriptions:
      - {id: main, plan: basic, start_date: "2026-01-01"}
    sla:
      - {priority: P0, first_response: 15m, resolution: 4h}
    health_weights: {usage: 4000, tickets: 6000}
    intents:
      - {id: refund, action: hand_off, urgency: P1, display_names: {en: Refund, zh: 退款}}
      - {id: chat, action: out_of_scope, display_names: {en: Chat}}
  - id: other
    display_name: Other
    tokens:
      - {principal: mia, role: analyst, token: other-token}
)";

std::string Yaml() {
  std::string yaml = kFile;
  return yaml.replace(yaml.find("TOKEN_HASH"), 10, TokenSha256("anns-secret-token"));
}

std::string Replaced(const std::string& from, const std::string& to) {
  std::string yaml = Yaml();
  const size_t at = yaml.find(from);
  REQUIRE(at != std::string::npos);
  return yaml.replace(at, from.size(), to);
}

std::string ErrorOf(const std::string& yaml) {
  const auto file = ParseTenants(yaml, "tenants.yaml");
  return file.ok() ? "" : std::string(MessageOf(file.status()));
}

}  // namespace

TEST_CASE("A whole tenants file is read as it stands") {
  const auto file = ParseTenants(Yaml(), "tenants.yaml");
  INFO(file.status());
  REQUIRE(file.ok());
  REQUIRE(file->tenants.size() == 2);
  const TenantEntry& demo = file->tenants[0];
  CHECK(demo.time_zone == "Asia/Shanghai");
  CHECK(demo.channel_accounts.at(0).allowed_origins.at(0) == "https://a.example");
  CHECK(demo.agents.at(0).capacity == 5);
  CHECK(demo.agents.at(0).languages == std::vector<std::string>{"en", "zh"});
  CHECK(demo.plans.at(0).base_fee_micros == 49'000'000);
  CHECK(demo.plans.at(0).message_micros == 5'000);
  CHECK(demo.plans.at(0).bot_resolution_micros == 990'000);
  CHECK(demo.plans.at(0).included_messages == 1'000);
  CHECK(demo.plans.at(0).included_bot_resolutions == 0);
  CHECK(demo.sla.at(0).first_response == absl::Minutes(15));
  CHECK(demo.accounts.at(0).signals_bps ==
        std::vector<std::pair<std::string, int64_t>>{{"usage", 7'000}});
  CHECK(demo.health_weights->weights_bps.size() == 2);
  CHECK(demo.intents.at(0).action == "hand_off");
  CHECK(demo.intents.at(0).urgency == "P1");
  CHECK(demo.intents.at(0).display_names.at(1) ==
        std::pair<std::string, std::string>("zh", "退款"));
  CHECK(demo.intents.at(1).action == "out_of_scope");
  CHECK(demo.intents_file.empty());
  CHECK(file->tenants[1].default_locale == "en");
  CHECK(file->tenants[1].time_zone == "UTC");
}

TEST_CASE("The credential decides tenant, principal and role") {
  const auto file = ParseTenants(Yaml(), "tenants.yaml");
  REQUIRE(file.ok());
  auto made = TokenAuthenticator::Make(*file);
  REQUIRE(made.ok());
  TokenAuthenticator& tokens = **made;
  const auto ann = tokens.Authenticate({.bearer = "anns-secret-token", .peer_name = {}});
  REQUIRE(ann.ok());
  CHECK(ann->tenant == "demo");
  CHECK(ann->principal == "ann");
  CHECK(ann->role == Role::kAdmin);
  CHECK(tokens.Authenticate({.bearer = "platform-dialog", .peer_name = {}})->tenant == kAnyTenant);
  CHECK(tokens.Authenticate({.bearer = "other-token", .peer_name = {}})->tenant == "other");
  for (const std::string& wrong : {std::string(), std::string("anns-secret-toke"),
                                   std::string(1000, 'x'), TokenSha256("anns-secret-token")}) {
    CHECK(tokens.Authenticate({.bearer = wrong, .peer_name = {}}).status().code() ==
          absl::StatusCode::kUnauthenticated);
  }
}

TEST_CASE("Reloading replaces all tokens, and a broken file none") {
  auto made = TokenAuthenticator::Make(*ParseTenants(Yaml(), "tenants.yaml"));
  REQUIRE(made.ok());
  TenantsFile shared;
  shared.platform_tokens = {{"a", Role::kService, TokenSha256("one-token")},
                            {"b", Role::kService, TokenSha256("one-token")}};
  CHECK_FALSE((*made)->Reload(shared).ok());
  CHECK((*made)->Authenticate({.bearer = "mias-token", .peer_name = {}}).ok());
  shared.platform_tokens.pop_back();
  CHECK((*made)->Reload(shared).ok());
  CHECK((*made)->Authenticate({.bearer = "one-token", .peer_name = {}}).ok());
  CHECK_FALSE((*made)->Authenticate({.bearer = "mias-token", .peer_name = {}}).ok());
}

TEST_CASE("A token may stand in a file of its own, beside the tenants file") {
  const auto folder = std::filesystem::temp_directory_path() / "frontdesk-tenants-test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mia.token") << "token-from-a-file\n";
  const std::string yaml = Replaced("token: mias-token", "token_file: mia.token");
  const auto file = ParseTenants(yaml, (folder / "tenants.yaml").string());
  INFO(file.status());
  REQUIRE(file.ok());
  CHECK(file->tenants[0].tokens[1].sha256 == TokenSha256("token-from-a-file"));
  std::filesystem::remove_all(folder);
  CHECK(ErrorOf(Replaced("token: mias-token", "token_file: nowhere")).find(":11:") !=
        std::string::npos);
}

TEST_CASE("Each mistake is told with its line") {
  struct Mistake {
    const char* from;
    const char* to;
    const char* line;
    const char* text;
  };
  for (const Mistake& m : {
           Mistake{"id: demo", "id: Demo", ":5:", "no id"},
           Mistake{"id: other", "id: demo", ":29:", "twice"},
           Mistake{"role: agent", "role: boss", ":11:", "no role"},
           Mistake{"role: service", "role: agent", ":3:", "admin or service"},
           Mistake{"token: mias-token", "token: short", ":11:", "8 characters"},
           Mistake{"token: mias-token", "note: x", ":11:", "note"},
           Mistake{"capacity: 5", "capacity: 500", ":15:", "1 to 100"},
           Mistake{"\"0.005\"", "\"0.0000001\"", ":17:", "no amount"},
           Mistake{"\"0.005\"", "\"-1\"", ":17:", "no amount"},
           Mistake{"currency: EUR", "currency: euro", ":17:", "ISO 4217"},
           Mistake{"plan: basic, start", "plan: gold, start", ":5:", "gold"},
           Mistake{"P0", "P9", ":24:", "P0, P1, P2 or P3"},
           Mistake{"resolution: 4h", "resolution: 1m", ":24:", "resolution"},
           Mistake{"usage: 7000", "usage: 70000", ":20:", "0 to 10000"},
           Mistake{"tickets: 6000", "tickets: 5000", ":25:", "9000"},
           Mistake{"action: hand_off", "action: shrug", ":27:", "hand_off"},
           Mistake{"urgency: P1", "urgency: high", ":27:", "P0, P1, P2 or P3"},
           Mistake{"{en: Refund, zh: 退款}", "Refund", ":27:", "map"},
           Mistake{"    intents:\n", "    intents_file: nowhere.csv\n    intents:\n",
                   ":26:", "no file"},
           Mistake{"Asia/Shanghai", "Asia/Nowhere", ":8:", "time zone"},
           Mistake{"2026-01-01", "soon", ":22:", "date"},
           Mistake{"display_name: Demo shop", "colour: red", ":6:", "colour"},
       }) {
    const std::string error = ErrorOf(Replaced(m.from, m.to));
    INFO(m.to << " -> " << error);
    CHECK(error.find(std::string("tenants.yaml") + m.line) != std::string::npos);
    CHECK(error.find(m.text) != std::string::npos);
  }
}

TEST_CASE("Two principals never share a token, and no error shows one") {
  const std::string error = ErrorOf(Replaced("token: other-token", "token: mias-token"));
  CHECK(error.find("someone else's") != std::string::npos);
  CHECK(error.find("mias-token") == std::string::npos);
}
