#include "frontdesk/health/v1/health_service.pb.h"
#include "services/health/app.h"
#include "tests/component/fixture.h"

using namespace frontdesk;
using namespace frontdesk::component;

TEST_CASE("health: signals are taken once, scored, and still there after a restart") {
  ServiceUnderTest health("frontdesk.health.v1.HealthService",
                          [](const bus::AppDeps& deps, rpc::Host* host) {
                            return health::App::Open(deps, health::Config{}, host);
                          });
  health::v1::CreateAccountRequest create;
  create.set_parent("tenants/acme");
  create.set_account_id("big");
  create.mutable_account()->set_display_name("Big Customer");
  create.set_request_id("r-1");
  CHECK(health.Refusal<health::v1::CreateAccountResponse>(kAnalyst, "CreateAccount", create) ==
        "PERMISSION_DENIED");
  health.Must<health::v1::CreateAccountResponse>(kAdmin, "CreateAccount", create);

  health::v1::RecordSignalsRequest record;
  record.set_parent("tenants/acme");
  record.set_request_id("r-2");
  auto* signal = record.add_signals();
  signal->set_signal_id("s-1");
  signal->set_account("tenants/acme/accounts/big");
  signal->set_dimension(health::v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE);
  signal->set_value_bps(10'001);
  CHECK(health.Refusal<health::v1::RecordSignalsResponse>(kAdmin, "RecordSignals", record) ==
        "INVALID_FIELD");
  signal->set_value_bps(4'000);
  auto done = health.Must<health::v1::RecordSignalsResponse>(kAdmin, "RecordSignals", record);
  CHECK(done.recorded_count() == 1);

  health.Restart();
  record.set_request_id("r-3");
  done = health.Must<health::v1::RecordSignalsResponse>(kAdmin, "RecordSignals", record);
  CHECK(done.duplicate_count() == 1);
  health::v1::GetHealthScoreRequest get;
  get.set_account("tenants/acme/accounts/big");
  const auto score =
      health.Must<health::v1::GetHealthScoreResponse>(kAnalyst, "GetHealthScore", get);
  // One of five parts is known: it is all of the score, and the others are said to be unknown.
  CHECK(score.health_score().score_bps() == 4'000);
  CHECK(score.health_score().known_weight_bps() == 3'000);
  CHECK(score.health_score().contributions_size() == 5);
  health::v1::ListAccountsRequest list;
  list.set_parent("tenants/acme");
  CHECK(
      health.Must<health::v1::ListAccountsResponse>(kAdmin, "ListAccounts", list).accounts_size() ==
      1);
  list.set_parent("tenants/other");
  CHECK(health.Refusal<health::v1::ListAccountsResponse>(kAdmin, "ListAccounts", list) ==
        "WRONG_TENANT");
}
