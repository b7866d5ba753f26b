#include "services/channel/http/http_api.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "libs/base/error.h"
#include "services/channel/testing/channel_world.h"
#include "services/channel/webhook_secret.h"

namespace frontdesk::channel {
namespace {

using Json = nlohmann::json;
using testing::ChannelWorld;
using testing::kApi;

class FakeAuthenticator final : public rpc::Authenticator {
 public:
  absl::StatusOr<rpc::Caller> Authenticate(const rpc::Credential& credential) override {
    if (credential.bearer == "channel") return rpc::Caller{"acme", "shop", rpc::Role::kChannel};
    if (credential.bearer == "analyst") return rpc::Caller{"acme", "ann", rpc::Role::kAnalyst};
    if (credential.bearer == "platform") return rpc::Caller{"*", "platform", rpc::Role::kService};
    return absl::UnauthenticatedError("unknown");
  }
};

// The routes over the whole service, without sockets.
struct Http {
  struct Answer {
    int count = 0;
    http::Response response;
    Json json;
  };

  Http() = default;

  std::shared_ptr<Answer> Begin(const std::string& method, const std::string& target,
                                std::string body = {},
                                std::map<std::string, std::string> headers = {
                                    {"authorization", "Bearer channel"}}) {
    http::Request request;
    request.method = method;
    REQUIRE(http::ParseTarget(target, &request).ok());
    request.body = std::move(body);
    request.headers = std::move(headers);
    auto answer = std::make_shared<Answer>();
    api.Handle(std::move(request), [answer](http::Response response) {
      ++answer->count;
      answer->response = std::move(response);
      answer->json = Json::parse(answer->response.body, nullptr, false);
    });
    world.Settle();
    return answer;
  }
  Answer Call(const std::string& method, const std::string& target, std::string body = {},
              std::map<std::string, std::string> headers = {{"authorization", "Bearer channel"}}) {
    auto answer = Begin(method, target, std::move(body), std::move(headers));
    REQUIRE(answer->count == 1);
    return std::move(*answer);
  }
  Answer Post(const Json& body) { return Call("POST", "/v1/messages", body.dump()); }
  // The clock of the polls.
  void FireTimers() {
    auto due = std::move(timers);
    timers.clear();
    for (auto& timer : due) timer();
    world.Settle();
  }

  ChannelWorld world;
  FakeAuthenticator authenticator;
  absl::Status ready;
  std::vector<std::function<void()>> timers;
  HttpApi api{
      {world.app->service(), world.app->feed(), authenticator, [this] { return ready; },
       [this](absl::Duration, std::function<void()> task) { timers.push_back(std::move(task)); }},
      {}};
};

Json Message(const std::string& id, const std::string& text) {
  return {{"account", "api"}, {"customer", "ada"}, {"message_id", id}, {"text", text}};
}

TEST_CASE("a posted message is stored once and says so") {
  Http http;
  const auto first = http.Post(Message("m1", "hello"));
  CHECK(first.response.status == 201);
  CHECK(first.json["seq"] == 1);
  CHECK(first.json["duplicate"] == false);
  const auto again = http.Post(Message("m1", "hello"));
  CHECK(again.response.status == 200);
  CHECK(again.json["duplicate"] == true);
  CHECK(again.json["name"] == first.json["name"]);
  CHECK(http.world.CountEvents(v1::ChannelEvent::kMessageReceived) == 1);
}

TEST_CASE("every bad request is answered with its code and its field") {
  Http http;
  const std::string good = Message("m1", "hello").dump();
  Json unknown = Message("m1", "hello");
  unknown["colour"] = "red";
  Json number = Message("m1", "hello");
  number["text"] = 7;
  Json other_tenant = Message("m1", "hello");
  other_tenant["tenant"] = "other";
  Json no_account = Message("m1", "hello");
  no_account["account"] = "nowhere";
  const std::map<std::string, std::string> channel = {{"authorization", "Bearer channel"}};
  const struct {
    const char* what;
    std::string method, target, body;
    std::map<std::string, std::string> headers;
    int status;
    const char* field;
  } kCases[] = {
      {"no token", "POST", "/v1/messages", good, {}, 401, ""},
      {"wrong token", "POST", "/v1/messages", good, {{"authorization", "Bearer x"}}, 401, ""},
      {"no bearer", "POST", "/v1/messages", good, {{"authorization", "Basic x"}}, 401, ""},
      {"wrong role", "POST", "/v1/messages", good, {{"authorization", "Bearer analyst"}}, 403, ""},
      {"platform without tenant",
       "POST",
       "/v1/messages",
       good,
       {{"authorization", "Bearer platform"}},
       400,
       "tenant"},
      {"not JSON", "POST", "/v1/messages", "{", channel, 400, "body"},
      {"no object", "POST", "/v1/messages", "[1]", channel, 400, "body"},
      {"bad UTF-8", "POST", "/v1/messages", "{\"text\":\"\xff\"}", channel, 400, "body"},
      {"deep JSON", "POST", "/v1/messages", std::string(60000, '['), channel, 400, "body"},
      {"unknown field", "POST", "/v1/messages", unknown.dump(), channel, 400, "colour"},
      {"wrong type", "POST", "/v1/messages", number.dump(), channel, 400, "text"},
      {"no text", "POST", "/v1/messages", Message("m1", "").dump(), channel, 400, "text"},
      {"long text", "POST", "/v1/messages", Message("m1", std::string(40000, 'a')).dump(), channel,
       400, "text"},
      {"no id", "POST", "/v1/messages", Message("", "hi").dump(), channel, 400, "message_id"},
      {"other tenant", "POST", "/v1/messages", other_tenant.dump(), channel, 403, "tenant"},
      {"unknown account", "POST", "/v1/messages", no_account.dump(), channel, 404, ""},
      {"no customer", "GET", "/v1/messages?account=api", "", channel, 400, "customer"},
      {"bad after", "GET", "/v1/messages?account=api&customer=ada&after=-1", "", channel, 400,
       "after"},
      {"wrong method", "PUT", "/v1/messages", "", channel, 405, ""},
      {"unknown page", "GET", "/v2/messages", "", channel, 404, ""},
      {"bad webhook address", "POST", "/v1/webhooks/acme", "", channel, 404, ""},
      {"bad chat ids", "GET", "/chat?tenant=%3Cscript%3E", "", channel, 400, "account"},
  };
  for (const auto& c : kCases) {
    INFO(c.what);
    const auto answer = http.Call(c.method, c.target, c.body, c.headers);
    CHECK(answer.response.status == c.status);
    REQUIRE(answer.json.is_object());
    CHECK(answer.json.contains("code"));
    CHECK(answer.json.contains("reason"));
    CHECK(answer.json.contains("message"));
    REQUIRE(answer.json["fields"].is_array());
    if (c.field[0] != '\0') {
      REQUIRE_FALSE(answer.json["fields"].empty());
      CHECK(answer.json["fields"][0]["field"] == c.field);
    }
  }
  CHECK(http.world.Events().empty());
  http::Request request;
  CHECK(absl::IsInvalidArgument(http::ParseTarget("/v1/messages?a=%zz", &request)));
  CHECK(absl::IsInvalidArgument(http::ParseTarget("/%ff", &request)));
}

TEST_CASE("a poll gives replies after a sequence, and what was written is delivered") {
  Http http;
  const std::string customer = http.Post(Message("m1", "hello")).json["customer"];
  const v1::Message one = http.world.Send(customer, "one");
  const v1::Message two = http.world.Send(customer, "two");
  auto answer = http.Call("GET", "/v1/messages?account=api&customer=ada&after=1");
  REQUIRE(answer.json["messages"].size() == 2);
  CHECK(answer.json["messages"][0]["text"] == "one");
  CHECK(answer.json["next_after"] == 3);
  answer.response.on_written(false);
  http.world.Settle();
  CHECK(http.world.Get(one.name()).state() == v1::MESSAGE_STATE_SENDING);
  answer = http.Call("GET", "/v1/messages?account=api&customer=ada&after=2");
  REQUIRE(answer.json["messages"].size() == 1);
  answer.response.on_written(true);
  http.world.Settle();
  CHECK(http.world.Get(one.name()).state() == v1::MESSAGE_STATE_DELIVERED);
  CHECK(http.world.Get(two.name()).state() == v1::MESSAGE_STATE_DELIVERED);
}

TEST_CASE("a long poll is answered by the reply it waits for, or empty when its time is over") {
  Http http;
  const std::string customer = http.Post(Message("m1", "hello")).json["customer"];
  const std::string target = "/v1/messages?account=api&customer=ada&after=1&wait=20";
  auto waiting = http.Begin("GET", target);
  CHECK(waiting->count == 0);
  http.Post(Message("m2", "my own message is no reply"));
  CHECK(waiting->count == 0);
  http.world.Send(customer, "there you are");
  REQUIRE(waiting->count == 1);
  CHECK(waiting->json["messages"][0]["text"] == "there you are");
  http.FireTimers();
  CHECK(waiting->count == 1);

  auto patient = http.Begin("GET", "/v1/messages?account=api&customer=ada&after=3&wait=20");
  CHECK(patient->count == 0);
  http.FireTimers();
  REQUIRE(patient->count == 1);
  CHECK(patient->json["messages"].empty());
  CHECK(patient->json["next_after"] == 3);
  const auto nobody = http.Call("GET", "/v1/messages?account=api&customer=nobody&wait=20");
  CHECK(nobody.json["messages"].empty());
}

TEST_CASE("a webhook is taken in with its signature, and repeated without effect") {
  Http http;
  const std::string body = R"({"customer":"eve","text":"from the partner"})";
  const absl::Time now = http.world.clock.Now();
  std::map<std::string, std::string> headers = {
      {"webhook-id", "msg-1"},
      {"webhook-timestamp", fmt::format("{}", absl::ToUnixSeconds(now))},
      {"webhook-signature", SignWebhook(http.world.webhook_secret, "msg-1", now, body)}};
  CHECK(http.Call("POST", "/v1/webhooks/acme/hook", body, headers).response.status == 201);
  CHECK(http.Call("POST", "/v1/webhooks/acme/hook", body, headers).response.status == 200);
  CHECK(http.Call("POST", "/v1/webhooks/acme/hook", body + " ", headers).response.status == 401);
  // The address of an account of another kind, or of none, tells nothing.
  const auto other = http.Call("POST", "/v1/webhooks/acme/api", body, headers);
  const auto none = http.Call("POST", "/v1/webhooks/acme/nothing", body, headers);
  CHECK(other.response.status == 401);
  CHECK(other.response.body == none.response.body);
  http.world.clock.Advance(absl::Minutes(6));
  CHECK(http.Call("POST", "/v1/webhooks/acme/hook", body, headers).response.status == 401);
  CHECK(http.world.CountEvents(v1::ChannelEvent::kMessageReceived) == 1);
}

TEST_CASE("the chat page is served with its ids, and may be framed where the account says") {
  Http http;
  auto page = http.Call("GET", "/chat?tenant=acme&account=web", "", {});
  CHECK(page.response.status == 200);
  CHECK(page.response.body.find(R"(data-tenant="acme" data-account="web")") != std::string::npos);
  CHECK(page.response.body.find("{{") == std::string::npos);
  CHECK(page.response.body.find("http://") == std::string::npos);  // no external resources
  CHECK(page.response.body.find("src=") == std::string::npos);

  v1::UpdateChannelAccountRequest update;
  update.mutable_channel_account()->set_name("tenants/acme/channelAccounts/web");
  update.mutable_channel_account()->add_allowed_origins("https://shop.example");
  update.set_request_id("u-1");
  v1::UpdateChannelAccountResponse updated;
  REQUIRE(http.world.UpdateChannelAccount(update, &updated).ok());
  page = http.Call("GET", "/chat?tenant=acme&account=web", "", {});
  CHECK(page.response.headers[0].second.find("frame-ancestors 'self' https://shop.example") !=
        std::string::npos);

  const auto check = [&](const std::string& origin, const std::string& account) {
    http::Request request;
    request.query = {{"tenant", "acme"}, {"account", account}};
    request.headers = {{"host", "chat.example"}, {"origin", origin}};
    absl::Status result;
    http.api.CheckWebSocket(request, [&](absl::Status status) { result = std::move(status); });
    return result;
  };
  CHECK(check("https://shop.example", "web").ok());
  CHECK(check("https://chat.example", "web").ok());
  CHECK(absl::IsPermissionDenied(check("https://evil.example", "web")));
  CHECK(absl::IsNotFound(check("https://shop.example", "api")));
  CHECK(absl::IsNotFound(check("https://shop.example", "nothing")));
}

TEST_CASE("before the tenants are loaded a message is asked to come again") {
  Http http;
  http.ready = Error(absl::StatusCode::kUnavailable, "NOT_READY", "the tenants are not loaded yet");
  CHECK(http.Post(Message("m1", "hello")).response.status == 503);
  CHECK(http.Call("GET", "/v1/messages?account=api&customer=ada").response.status == 503);
  // Low disk space is refused where it matters, and leaves reading alone.
  http.ready = Error(absl::StatusCode::kResourceExhausted, "DISK_SPACE_LOW", "little space");
  CHECK(http.Call("GET", "/v1/messages?account=api&customer=ada").response.status == 200);
}

TEST_CASE("health is what the service says of itself") {
  Http http;
  CHECK(http.Call("GET", "/healthz", "", {}).response.status == 200);
  http.ready = absl::UnavailableError("starting");
  CHECK(http.Call("GET", "/healthz", "", {}).response.status == 503);
}

}  // namespace
}  // namespace frontdesk::channel
