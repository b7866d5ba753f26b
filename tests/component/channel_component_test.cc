#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>

#include <fmt/core.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include "libs/base/absl_interop.h"
#include "libs/bus/embedded_log.h"
#include "services/channel/app.h"

// The channel service with its real store, threads and sockets.
namespace frontdesk::channel {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = net::ip::tcp;
using Json = nlohmann::json;

constexpr absl::Duration kPatience = absl::Seconds(20);

// True as soon as `condition` is; false when the patience is over.
bool WaitUntil(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + kPatience;
  Notifier never;
  while (!condition()) {
    if (absl::Now() > end) return false;
    never.WaitFor(absl::Milliseconds(5));
  }
  return true;
}

std::string NewDirectory() {
  std::string pattern = std::filesystem::temp_directory_path() / "frontdesk-channel-XXXXXX";
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

rpc::TenantsFile Tenants() {
  rpc::TenantsFile file;
  rpc::TenantEntry& tenant = file.tenants.emplace_back();
  tenant.id = "acme";
  tenant.tokens.push_back({"shop", rpc::Role::kChannel, rpc::TokenSha256("secret")});
  for (const char* kind : {"web_chat", "open_api"}) {
    rpc::ChannelAccountEntry& account = tenant.channel_accounts.emplace_back();
    account.id = kind[0] == 'w' ? "web" : "api";
    account.kind = kind;
    account.display_name = kind;
  }
  return file;
}

class Channel {
 public:
  explicit Channel(Config config = {}) : tenants_(Tenants()) {
    installation_ =
        bus::Installation::Open({.data_dir = directory_}, *environment_, clock_.Now(), random_)
            .value();
    log_ = bus::EmbeddedLog::Open(
               {*environment_, clock_, random_, metrics, [](const absl::Status&) {}},
               {.directory = directory_ + "/bus"})
               .value();
    REQUIRE(log_->EnsureTopics(1).ok());
    guard_.Step(clock_.Steady());
    authenticator_ = rpc::TokenAuthenticator::Make(tenants_).value();
    host_ = std::make_unique<rpc::Host>(*authenticator_, clock_, random_, metrics,
                                        rpc::Host::Options{});
    deps_ = std::make_unique<bus::AppDeps>(
        bus::AppDeps{clock_, random_, *environment_, *installation_, *log_, metrics, guard_,
                     read_pool_, prepare_pool_, [](const absl::Status&) { std::abort(); }});
    ring_ = text::KeyRing::InMemory(random_);
    config.http_listen = "127.0.0.1:0";
    auto opened = App::Open(*deps_, config, *ring_, host_.get());
    INFO(opened.status());
    REQUIRE(opened.ok());
    app = *std::move(opened);
    app->Start();
    std::promise<absl::Status> loaded;
    app->LoadTenants(tenants_, [&](absl::Status status) { loaded.set_value(std::move(status)); });
    REQUIRE(loaded.get_future().get().ok());
  }
  ~Channel() {
    if (app != nullptr) app->Stop(absl::Seconds(10));
    app.reset();
    log_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  tcp::endpoint endpoint() {
    return {net::ip::make_address("127.0.0.1"), static_cast<uint16_t>(app->http_port())};
  }

  // Sends a reply as an agent and waits for the commit.
  void Send(const std::string& customer, const std::string& account, const std::string& text) {
    struct Exchange {
      rpc::Call call;
      v1::SendMessageRequest request;
      v1::SendMessageResponse response;
      std::promise<absl::Status> done;
    } exchange;
    exchange.call.tenant = "acme";
    exchange.call.caller = {"acme", "mia", rpc::Role::kAgent};
    exchange.call.method = "SendMessage";
    exchange.request.set_parent(customer);
    exchange.request.set_channel_account("tenants/acme/channelAccounts/" + account);
    exchange.request.set_text(text);
    exchange.request.set_request_id(fmt::format("r-{}", ++sent_));
    app->service().SendMessage(exchange.call, exchange.request, &exchange.response,
                               [&](absl::Status status) { exchange.done.set_value(status); });
    const absl::Status status = exchange.done.get_future().get();
    INFO(status);
    REQUIRE(status.ok());
  }

  telemetry::Metrics metrics;
  std::unique_ptr<App> app;

 private:
  const std::string directory_ = NewDirectory();
  SystemClock clock_;
  SystemRandom random_;
  rpc::TenantsFile tenants_;
  std::unique_ptr<::frontdesk::store::Environment> environment_ =
      ::frontdesk::store::Environment::OnDisk({});
  ::frontdesk::store::SpaceGuard guard_{
      {.directory = directory_, .soft_limit_bytes = 1, .hard_limit_bytes = 0, .free_bytes = {}},
      metrics};
  ::frontdesk::store::ReadPool read_pool_{{.threads = 1}, metrics};
  bus::PreparePool prepare_pool_{{.threads = 1}, metrics};
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<rpc::TokenAuthenticator> authenticator_;
  std::unique_ptr<rpc::Host> host_;
  std::unique_ptr<bus::AppDeps> deps_;
  std::unique_ptr<text::KeyRing> ring_;
  int sent_ = 0;
};

struct Answer {
  int status = 0;
  Json json;
};

Answer Read(beast::tcp_stream& stream) {
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  beast::error_code error;
  http::read(stream, buffer, response, error);
  REQUIRE_FALSE(error);
  return {static_cast<int>(response.result_int()), Json::parse(response.body(), nullptr, false)};
}

Answer Request(Channel& channel, http::verb verb, const std::string& target,
               const std::string& body, const std::string& extra = {}) {
  net::io_context context;
  beast::tcp_stream stream(context);
  stream.connect(channel.endpoint());
  http::request<http::string_body> request{verb, target, 11};
  request.set(http::field::host, "localhost");
  request.set(http::field::authorization, "Bearer secret");
  if (!extra.empty()) request.set("X-Extra", extra);
  request.body() = body;
  request.prepare_payload();
  beast::error_code ignored;  // the server may have answered before it was all sent
  http::write(stream, request, ignored);
  return Read(stream);
}

Answer Raw(Channel& channel, const std::string& bytes) {
  net::io_context context;
  beast::tcp_stream stream(context);
  stream.connect(channel.endpoint());
  net::write(stream.socket(), net::buffer(bytes));
  return Read(stream);
}

// A chat page.
class Page {
 public:
  explicit Page(Channel& channel) : socket_(context_) {
    beast::get_lowest_layer(socket_).connect(channel.endpoint());
    socket_.handshake("localhost", "/v1/chat?tenant=acme&account=web");
  }
  void Say(const Json& frame) { socket_.write(net::buffer(frame.dump())); }
  // nullopt when the server has closed.
  std::optional<Json> Hear() {
    beast::flat_buffer buffer;
    beast::error_code error;
    socket_.read(buffer, error);
    if (error) return std::nullopt;
    return Json::parse(beast::buffers_to_string(buffer.data()));
  }
  websocket::close_reason reason() { return socket_.reason(); }

 private:
  net::io_context context_;
  websocket::stream<beast::tcp_stream> socket_;
};

Json Body(const std::string& id, const std::string& text) {
  return {{"account", "api"}, {"customer", "ada"}, {"message_id", id}, {"text", text}};
}

TEST_CASE("a posted message is stored, its reply is polled for and counts as delivered") {
  Channel channel;
  const Answer posted =
      Request(channel, http::verb::post, "/v1/messages", Body("m1", "hello").dump());
  REQUIRE(posted.status == 201);
  auto poll = std::async(std::launch::async, [&] {
    return Request(channel, http::verb::get,
                   "/v1/messages?account=api&customer=ada&after=1&wait=20", "");
  });
  channel.Send(posted.json["customer"], "api", "there you are");
  const Answer polled = poll.get();
  REQUIRE(polled.status == 200);
  REQUIRE(polled.json["messages"].size() == 1);
  CHECK(polled.json["messages"][0]["text"] == "there you are");
  CHECK(WaitUntil([&] {
    const Answer again =
        Request(channel, http::verb::get, "/v1/messages?account=api&customer=ada&after=1", "");
    return again.json["messages"][0]["state"] == "delivered";
  }));
}

TEST_CASE("what is too large or no HTTP gets a clear answer, and the port lives on") {
  Channel channel;
  CHECK(Request(channel, http::verb::post, "/v1/messages", std::string(70 << 10, 'a')).status ==
        413);
  CHECK(Request(channel, http::verb::get, "/", "", std::string(20 << 10, 'a')).status == 431);
  CHECK(Raw(channel, "HELLO\r\n\r\n").status == 400);
  CHECK(Raw(channel, "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status == 400);
  CHECK(Raw(channel, "GET /v1/chat HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status ==
        400);
  CHECK(Request(channel, http::verb::get, "/healthz", "").status == 200);
}

TEST_CASE("a chat over a real socket is answered, and resumed after a drop") {
  Channel channel;
  std::string token;
  std::string customer;
  {
    Page page(channel);
    page.Say({{"type", "hello"}});
    token = page.Hear().value()["resume_token"];
    page.Say({{"type", "message"}, {"id", "a"}, {"text", "您好"}});
    customer = page.Hear().value()["customer"];
    channel.Send(customer, "web", "one");
    CHECK(page.Hear().value()["text"] == "one");
  }
  channel.Send(customer, "web", "two");
  Page page(channel);
  page.Say({{"type", "hello"}, {"resume_token", token}, {"last_seq", 2}});
  CHECK(page.Hear().value()["customer"] == customer);
  const Json missed = page.Hear().value();
  CHECK(missed["seq"] == 3);
  CHECK(missed["text"] == "two");
}

TEST_CASE("a page that stops reading is let go of, with what waits for it kept in the store") {
  Config config;
  config.http_idle_timeout = absl::Seconds(1);
  config.poll_wait_max = absl::Milliseconds(500);
  Channel channel(config);
  Page page(channel);
  page.Say({{"type", "hello"}});
  const std::string token = page.Hear().value()["resume_token"];
  page.Say({{"type", "message"}, {"id", "a"}, {"text", "hello"}});
  const std::string customer = page.Hear().value()["customer"];
  const auto open = [&] {
    return channel.metrics.GetGauge("frontdesk_channel_web_sockets", "Open chat connections")
        .Value();
  };
  CHECK(open() == 1);
  // More than sockets buffer, and nobody answers the pings.
  for (int i = 0; i < 300; ++i) channel.Send(customer, "web", std::string(30 << 10, 'x'));
  REQUIRE(WaitUntil([&] { return open() == 0; }));
  Page again(channel);
  again.Say({{"type", "hello"}, {"resume_token", token}, {"last_seq", 1}});
  REQUIRE(again.Hear().value()["type"] == "welcome");
  for (int64_t seq = 2; seq <= 301; ++seq) REQUIRE(again.Hear().value()["seq"] == seq);
}

TEST_CASE("connections past the bound are closed at once, the others go on") {
  Config config;
  config.http_connections_max = 3;
  Channel channel(config);
  std::vector<std::unique_ptr<Page>> pages;
  for (int i = 0; i < 3; ++i) {
    pages.push_back(std::make_unique<Page>(channel));
    pages.back()->Say({{"type", "hello"}});
    REQUIRE(pages.back()->Hear().value()["type"] == "welcome");
  }
  net::io_context context;
  tcp::socket refused(context);
  refused.connect(channel.endpoint());
  char byte = 0;
  beast::error_code error;
  refused.read_some(net::buffer(&byte, 1), error);
  CHECK(error);
  pages[0]->Say({{"type", "ping"}});
  CHECK(pages[0]->Hear().value()["type"] == "pong");
}

TEST_CASE("stopping tells the pages to come back") {
  auto channel = std::make_unique<Channel>();
  Page page(*channel);
  page.Say({{"type", "hello"}});
  REQUIRE(page.Hear().value()["type"] == "welcome");
  auto heard = std::async(std::launch::async, [&] { return page.Hear(); });
  channel->app->Stop(absl::Seconds(10));
  CHECK_FALSE(heard.get().has_value());
  CHECK(page.reason().code == websocket::close_code::going_away);
}

}  // namespace
}  // namespace frontdesk::channel
