#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "services/health/domain/proto_time.h"
#include "services/health/request_checks.h"
#include "services/health/testing/health_world.h"

namespace frontdesk::health {
namespace {

using testing::HealthWorld;
using testing::kGlobex;

std::string FieldOf(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? "" : details.fields[0].first;
}

TEST_CASE("a new account is there after a crash, with a score that says nothing is known") {
  HealthWorld world;
  v1::CreateAccountResponse made;
  REQUIRE(world.CreateAccount(world.CreateRequest("globex"), &made).ok());
  CHECK(made.account().name() == kGlobex);
  CHECK(made.account().etag() == "1");
  CHECK_FALSE(made.account().scored());
  world.CrashFor(absl::Seconds(1));
  CHECK(world.Account().SerializeAsString() == made.account().SerializeAsString());
  const v1::HealthScore score = world.Score();
  CHECK_FALSE(score.scored());
  CHECK(score.name().empty());
  REQUIRE(score.contributions_size() == 5);
  for (const v1::Contribution& part : score.contributions()) {
    CHECK(part.state() == v1::CONTRIBUTION_STATE_UNKNOWN);
  }
  CHECK(world.Events().empty());
}

TEST_CASE("an account is made once: repeated, refused when it exists, filled in as a placeholder") {
  HealthWorld world;
  const v1::CreateAccountRequest request = world.CreateRequest("globex");
  v1::CreateAccountResponse first;
  v1::CreateAccountResponse second;
  REQUIRE(world.CreateAccount(request, &first).ok());
  REQUIRE(world.CreateAccount(request, &second).ok());
  CHECK(first.SerializeAsString() == second.SerializeAsString());
  CHECK(ReasonOf(world.CreateAccount(world.CreateRequest("globex"), &second)) == "ALREADY_EXISTS");

  world.RecordAll(5'000, "tenants/acme/accounts/initech");
  CHECK(world.Account("tenants/acme/accounts/initech").display_name().empty());
  REQUIRE(world.CreateAccount(world.CreateRequest("initech"), &second).ok());
  CHECK(second.account().display_name() == "Globex 环球");
  CHECK(second.account().score_bps() == 5'000);
}

TEST_CASE("an update takes what the mask names, and minds the etag") {
  HealthWorld world;
  v1::CreateAccountResponse made;
  REQUIRE(world.CreateAccount(world.CreateRequest("globex"), &made).ok());
  v1::UpdateAccountRequest request;
  request.mutable_account()->set_name(kGlobex);
  request.mutable_account()->set_owner("tenants/acme/agents/mia");
  request.mutable_account()->set_etag(made.account().etag());
  request.set_request_id(world.NewRequestId());
  v1::UpdateAccountResponse response;
  REQUIRE(world.UpdateAccount(request, &response).ok());
  CHECK(response.account().owner() == "tenants/acme/agents/mia");
  CHECK(response.account().display_name() == "Globex 环球");
  CHECK(response.account().etag() == "2");

  request.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.UpdateAccount(request, &response)) == "ETAG_MISMATCH");
  request.mutable_account()->clear_etag();
  request.mutable_update_mask()->add_paths("score_bps");
  CHECK(FieldOf(world.UpdateAccount(request, &response)) == "update_mask");
  request.mutable_update_mask()->set_paths(0, "*");
  CHECK(FieldOf(world.UpdateAccount(request, &response)) == "account.display_name");
  request.mutable_account()->set_name("tenants/acme/accounts/nobody");
  request.mutable_update_mask()->set_paths(0, "owner");
  CHECK(ReasonOf(world.UpdateAccount(request, &response)) == "NOT_FOUND");
}

TEST_CASE("signals count once, whatever request they come in") {
  HealthWorld world;
  v1::RecordSignalsRequest request = world.SignalsRequest();
  world.AddSignal(request, "a", v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE, 8'000);
  world.AddSignal(request, "b", v1::HEALTH_DIMENSION_INTEGRATIONS, 2'000);
  world.AddSignal(request, "a", v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE, 0);
  v1::RecordSignalsResponse response = world.Record(request);
  CHECK(response.recorded_count() == 2);
  CHECK(response.duplicate_count() == 1);
  CHECK(response.changed_account_count() == 1);
  CHECK(world.Score().score_bps() == 6'000);
  CHECK(world.Score().known_weight_bps() == 4'500);
  CHECK(world.Score().sequence() == 1);

  // The same request gives the same reply; the same signals in another one have no effect.
  CHECK(world.Record(request).SerializeAsString() == response.SerializeAsString());
  request.set_request_id(world.NewRequestId());
  response = world.Record(request);
  CHECK(response.recorded_count() == 0);
  CHECK(response.duplicate_count() == 3);
  CHECK(response.changed_account_count() == 0);
  CHECK(world.Score().sequence() == 1);
  CHECK(world.CountEvents(v1::HealthEvent::kHealthChanged) == 1);
}

TEST_CASE("one bad signal refuses all, by the name of its field") {
  HealthWorld world;
  struct Case {
    std::function<void(v1::RecordSignalsRequest&)> spoil;
    std::string field;
  };
  const absl::Time ahead = world.clock.Now() + absl::Minutes(6);
  const Case cases[] = {
      {[](auto& r) { r.clear_signals(); }, "signals"},
      {[](auto& r) {
         while (r.signals_size() <= kMaxSignals) *r.add_signals() = r.signals(0);
       },
       "signals"},
      {[](auto& r) {
         for (size_t i = 0; i < kMaxSignalAccounts; ++i) {
           *r.add_signals() = r.signals(0);
           r.mutable_signals(r.signals_size() - 1)
               ->set_account(fmt::format("tenants/acme/accounts/a{}", i));
         }
       },
       "signals"},
      {[](auto& r) { r.mutable_signals(1)->clear_signal_id(); }, "signals[1].signal_id"},
      {[](auto& r) { r.mutable_signals(1)->set_signal_id(std::string(129, 'x')); },
       "signals[1].signal_id"},
      {[](auto& r) { r.mutable_signals(1)->set_account("globex"); }, "signals[1].account"},
      {[](auto& r) { r.mutable_signals(1)->set_account("tenants/other/accounts/globex"); },
       "signals[1].account"},
      {[](auto& r) { r.mutable_signals(1)->clear_dimension(); }, "signals[1].dimension"},
      {[](auto& r) { r.mutable_signals(1)->set_value_bps(10'001); }, "signals[1].value_bps"},
      {[](auto& r) { r.mutable_signals(1)->set_value_bps(-1); }, "signals[1].value_bps"},
      {[](auto& r) { r.mutable_signals(1)->set_source("\xff"); }, "signals[1].source"},
      {[](auto& r) { r.mutable_signals(1)->mutable_observe_time()->set_nanos(-1); },
       "signals[1].observe_time"},
      {[ahead](auto& r) { ToProto(ahead, r.mutable_signals(1)->mutable_observe_time()); },
       "signals[1].observe_time"},
      {[](auto& r) { r.set_parent("tenants/other"); }, "parent"},
  };
  for (const Case& c : cases) {
    v1::RecordSignalsRequest request = world.SignalsRequest();
    world.AddSignal(request, "a", v1::HEALTH_DIMENSION_INTEGRATIONS, 1);
    world.AddSignal(request, "b", v1::HEALTH_DIMENSION_INTEGRATIONS, 1);
    c.spoil(request);
    v1::RecordSignalsResponse response;
    const absl::Status status = world.RecordSignals(request, &response);
    CAPTURE(c.field, status);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(FieldOf(status) == c.field);
  }
  v1::ListAccountsRequest list;
  list.set_parent("tenants/acme");
  v1::ListAccountsResponse accounts;
  REQUIRE(world.ListAccounts(list, &accounts).ok());
  CHECK(accounts.accounts().empty());
}

TEST_CASE("the largest request fits into one command") {
  HealthWorld world;
  for (const int32_t value : {9'000, 1'000}) {  // the second one alerts, and moves every timer
    v1::RecordSignalsRequest request = world.SignalsRequest();
    for (int i = 0; i < kMaxSignals; ++i) {
      world.AddSignal(request, fmt::format("{}-{}-{}", value, i, std::string(100, 'x')),
                      static_cast<v1::HealthDimension>(1 + i % 5), value,
                      fmt::format("tenants/acme/accounts/a{}", i / 5 % kMaxSignalAccounts));
    }
    const v1::RecordSignalsResponse response = world.Record(request);
    CHECK(response.recorded_count() == kMaxSignals);
    CHECK(response.changed_account_count() == static_cast<int>(kMaxSignalAccounts));
    world.Advance(absl::Hours(1));
  }
  CHECK(world.CountEvents(v1::HealthEvent::kHealthAlerted) == static_cast<int>(kMaxSignalAccounts));
}

TEST_CASE("accounts are listed by id in pages, and those in alert alone") {
  HealthWorld world;
  for (int i = 0; i < 7; ++i) {
    world.RecordAll(i % 2 == 0 ? 9'000 : 1'000, fmt::format("tenants/acme/accounts/a{}", i));
  }
  for (const bool alert_only : {false, true}) {
    v1::ListAccountsRequest request;
    request.set_parent("tenants/acme");
    request.set_page_size(2);
    request.set_alert_only(alert_only);
    std::vector<std::string> names;
    do {
      v1::ListAccountsResponse response;
      REQUIRE(world.ListAccounts(request, &response).ok());
      CHECK(response.accounts_size() <= 2);
      for (const v1::Account& account : response.accounts()) {
        names.push_back(account.name());
        if (alert_only) CHECK(account.alert());
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    CHECK(names.size() == (alert_only ? 3 : 7));
    CHECK(std::is_sorted(names.begin(), names.end()));
  }
  v1::ListAccountsRequest request;
  request.set_parent("tenants/acme");
  request.set_page_token("garbled");
  v1::ListAccountsResponse response;
  CHECK(ReasonOf(world.ListAccounts(request, &response)) == "PAGE_TOKEN_INVALID");
}

TEST_CASE("each score is kept, newest first") {
  HealthWorld world;
  for (int i = 1; i <= 5; ++i) world.RecordAll(i * 1'000);
  v1::ListHealthScoresRequest request;
  request.set_parent(kGlobex);
  request.set_page_size(2);
  std::vector<int32_t> scores;
  do {
    v1::ListHealthScoresResponse response;
    REQUIRE(world.ListHealthScores(request, &response).ok());
    for (const v1::HealthScore& score : response.health_scores()) {
      CHECK(score.name() == fmt::format("{}/healthScores/{}", kGlobex, score.sequence()));
      CHECK(score.cause() == "RecordSignals");
      scores.push_back(score.score_bps());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  CHECK(scores == std::vector<int32_t>{5'000, 4'000, 3'000, 2'000, 1'000});
  request.set_parent("tenants/acme/accounts/nobody");
  v1::ListHealthScoresResponse response;
  CHECK(ReasonOf(world.ListHealthScores(request, &response)) == "NOT_FOUND");
}

TEST_CASE("a policy holds from the next change of an account on") {
  HealthWorld world;
  v1::RecordSignalsRequest signals = world.SignalsRequest();
  world.AddSignal(signals, "a", v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE, 10'000);
  world.AddSignal(signals, "b", v1::HEALTH_DIMENSION_CORE_FEATURE_USE, 0);
  world.Record(signals);
  CHECK(world.Score().score_bps() == 5'455);

  v1::GetHealthPolicyRequest get;
  get.set_name("tenants/acme/healthPolicy");
  v1::GetHealthPolicyResponse policy;
  REQUIRE(world.GetHealthPolicy(get, &policy).ok());
  CHECK(policy.health_policy().alert_threshold_bps() == 6'000);

  v1::UpdateHealthPolicyRequest request;
  *request.mutable_health_policy() = policy.health_policy();
  request.mutable_health_policy()->mutable_weights(0)->set_weight_bps(5'500);
  request.mutable_health_policy()->mutable_weights(1)->set_weight_bps(0);
  request.set_request_id(world.NewRequestId());
  v1::UpdateHealthPolicyResponse response;
  REQUIRE(world.UpdateHealthPolicy(request, &response).ok());
  CHECK(response.health_policy().etag() == "1");
  CHECK(world.Score().score_bps() == 5'455);
  world.Wrote("tenants/acme/customers/ada/messages/1");
  CHECK(world.Score().score_bps() == 10'000);

  request.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.UpdateHealthPolicy(request, &response)) == "ETAG_MISMATCH");
  request.mutable_health_policy()->set_etag("1");
  request.mutable_health_policy()->mutable_weights(0)->set_weight_bps(5'000);
  CHECK(ReasonOf(world.UpdateHealthPolicy(request, &response)) == "WEIGHTS_SUM");
}

rpc::TenantsFile FileWith(std::vector<std::pair<std::string, int64_t>> signals) {
  rpc::TenantsFile file;
  rpc::TenantEntry& tenant = file.tenants.emplace_back();
  tenant.id = testing::kTenant;
  rpc::AccountEntry& account = tenant.accounts.emplace_back();
  account.id = "globex";
  account.display_name = "Globex";
  account.signals_bps = std::move(signals);
  return file;
}

TEST_CASE("the tenants file makes accounts with their first values, and changes nothing twice") {
  HealthWorld world;
  rpc::TenantsFile file = FileWith({{"daily_active_rate", 9'000}, {"feedback_response", 5'000}});
  file.tenants[0].health_weights =
      rpc::HealthWeightsEntry{{{"daily_active_rate", 5'000}, {"feedback_response", 5'000}}};
  REQUIRE(world.LoadTenants(file).ok());
  CHECK(world.Account().display_name() == "Globex");
  CHECK(world.Score().score_bps() == 7'000);
  CHECK(world.Score().cause() == "tenants-file");
  const std::string before = world.Account().SerializeAsString();
  world.Advance(absl::Hours(1));
  REQUIRE(world.LoadTenants(file).ok());
  CHECK(world.Account().SerializeAsString() == before);

  // A value measured later is not hidden by the file, a new value of the file is a new one.
  world.RecordAll(1'000);
  REQUIRE(world.LoadTenants(file).ok());
  CHECK(world.Score().score_bps() == 1'000);
  world.Advance(absl::Hours(1));
  file.tenants[0].accounts[0].signals_bps[0].second = 8'000;
  REQUIRE(world.LoadTenants(file).ok());
  CHECK(world.Score().score_bps() == 4'500);
}

TEST_CASE("a tenants file that names no part of the score is refused") {
  HealthWorld world;
  CHECK(ReasonOf(world.LoadTenants(FileWith({{"daily_activity", 1}}))) == "INVALID_CONFIG");
}

}  // namespace
}  // namespace frontdesk::health
