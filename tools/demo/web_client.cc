#include "tools/demo/web_client.h"

#include <chrono>
#include <utility>

#include <fmt/core.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include "libs/base/status_macros.h"

namespace frontdesk::demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Json = nlohmann::json;
using boost::system::error_code;

constexpr absl::Duration kSocketMax = absl::Seconds(10);

// Runs one asynchronous operation to its end, or until the time is over. `start` is given the
// handler; `cancel` closes the socket.
template <class Start, class Cancel>
absl::Status RunOne(asio::io_context& context, std::string_view what, absl::Duration longest,
                    Start start, Cancel cancel) {
  error_code result = asio::error::would_block;
  context.restart();
  start([&result](const error_code& error) { result = error; });
  context.run_for(absl::ToChronoMilliseconds(longest));
  if (result == asio::error::would_block) {
    cancel();
    context.restart();
    context.run();
    return absl::DeadlineExceededError(
        fmt::format("{} took longer than {} s", what, absl::ToDoubleSeconds(longest)));
  }
  if (result) return absl::UnavailableError(fmt::format("{}: {}", what, result.message()));
  return absl::OkStatus();
}

absl::StatusOr<asio::ip::tcp::endpoint> EndpointOf(const std::string& server) {
  const size_t colon = server.rfind(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError(server + " is not host:port");
  error_code error;
  const auto address = asio::ip::make_address(server.substr(0, colon), error);
  if (error) return absl::InvalidArgumentError(server + ": " + error.message());
  return asio::ip::tcp::endpoint(address,
                                 static_cast<uint16_t>(std::stoi(server.substr(colon + 1))));
}

absl::Status ConnectTo(asio::io_context& context, beast::tcp_stream& stream,
                       const std::string& server) {
  FD_ASSIGN_OR_RETURN(const auto endpoint, EndpointOf(server));
  return RunOne(
      context, "connecting to " + server, kSocketMax,
      [&](auto done) { stream.async_connect(endpoint, done); }, [&] { stream.close(); });
}

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int64_t Number(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

bool Flag(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

WebMessage MessageOf(const Json& json) {
  WebMessage message;
  message.seq = Number(json, "seq");
  message.direction = Text(json, "direction");
  message.id = Text(json, "id");
  message.text = Text(json, "text");
  message.author = Text(json, "author");
  message.language = Text(json, "language");
  message.conversation = Text(json, "conversation");
  if (const auto found = json.find("citations"); found != json.end() && found->is_array()) {
    for (const Json& citation : *found) {
      message.citations.push_back(
          {Text(citation, "article_version"), Text(citation, "title"), Text(citation, "quote")});
    }
  }
  return message;
}

absl::StatusOr<Json> ParseObject(const std::string& bytes) {
  Json json = Json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::DataLossError("not a JSON object: " + bytes);
  return json;
}

std::string Encoded(const std::string& value) {
  std::string out;
  for (const unsigned char c : value) {
    const bool plain = std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    out += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return out;
}

}  // namespace

absl::StatusOr<WebReply> WebRequest(const std::string& server, std::string_view method,
                                    const std::string& target, const std::string& token,
                                    const std::string& body, absl::Duration longest) {
  asio::io_context context;
  beast::tcp_stream stream(context);
  FD_RETURN_IF_ERROR(ConnectTo(context, stream, server));
  beast::http::request<beast::http::string_body> request;
  request.method_string(boost::string_view(method.data(), method.size()));
  request.target(target);
  request.version(11);
  request.set(beast::http::field::host, server);
  request.set(beast::http::field::connection, "close");
  if (!token.empty()) request.set(beast::http::field::authorization, "Bearer " + token);
  if (!body.empty()) request.set(beast::http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  const auto cancel = [&] { stream.close(); };
  FD_RETURN_IF_ERROR(RunOne(
      context, fmt::format("{} {}", method, target), kSocketMax,
      [&](auto done) {
        beast::http::async_write(stream, request, [done](error_code e, size_t) { done(e); });
      },
      cancel));
  beast::flat_buffer buffer;
  beast::http::response<beast::http::string_body> response;
  FD_RETURN_IF_ERROR(RunOne(
      context, fmt::format("the answer to {} {}", method, target), longest,
      [&](auto done) {
        beast::http::async_read(stream, buffer, response,
                                [done](error_code e, size_t) { done(e); });
      },
      cancel));
  return WebReply{static_cast<int>(response.result_int()), std::move(response.body())};
}

absl::StatusOr<PostedMessage> ApiCustomer::Post(const std::string& message_id,
                                                const std::string& text) {
  const Json body = {
      {"account", account_}, {"customer", customer_}, {"message_id", message_id}, {"text", text}};
  FD_ASSIGN_OR_RETURN(const WebReply reply,
                      WebRequest(server_, "POST", "/v1/messages", token_, body.dump()));
  if (reply.status != 200 && reply.status != 201) {
    return absl::InternalError(
        fmt::format("POST /v1/messages answered {}: {}", reply.status, reply.body));
  }
  FD_ASSIGN_OR_RETURN(const Json json, ParseObject(reply.body));
  return PostedMessage{reply.status, Text(json, "customer"), Number(json, "seq"),
                       Flag(json, "duplicate")};
}

absl::StatusOr<std::vector<WebMessage>> ApiCustomer::Get(int wait_seconds) {
  const std::string target = fmt::format("/v1/messages?account={}&customer={}&after={}&wait={}",
                                         account_, Encoded(customer_), after_, wait_seconds);
  FD_ASSIGN_OR_RETURN(const WebReply reply, WebRequest(server_, "GET", target, token_, "",
                                                       absl::Seconds(wait_seconds + 10)));
  if (reply.status != 200) {
    return absl::InternalError(
        fmt::format("GET /v1/messages answered {}: {}", reply.status, reply.body));
  }
  FD_ASSIGN_OR_RETURN(const Json json, ParseObject(reply.body));
  std::vector<WebMessage> messages;
  for (const Json& message : json.value("messages", Json::array())) {
    messages.push_back(MessageOf(message));
  }
  after_ = std::max(after_, Number(json, "next_after"));
  return messages;
}

absl::StatusOr<std::vector<WebMessage>> ApiCustomer::Poll(absl::Duration longest) {
  FD_ASSIGN_OR_RETURN(auto messages, Get(static_cast<int>(absl::ToInt64Seconds(longest))));
  if (messages.empty()) {
    return absl::DeadlineExceededError(
        fmt::format("no reply to {} within {} s", customer_, absl::ToDoubleSeconds(longest)));
  }
  return messages;
}

absl::StatusOr<std::vector<WebMessage>> ApiCustomer::Look() { return Get(0); }

class ChatClient::Impl {
 public:
  Impl() : stream_(context_) {}

  absl::Status Open(const std::string& server, const std::string& target) {
    FD_RETURN_IF_ERROR(ConnectTo(context_, beast::get_lowest_layer(stream_), server));
    return RunOne(
        context_, "the WebSocket handshake", kSocketMax,
        [&](auto done) { stream_.async_handshake(server, target, done); }, [this] { Drop(); });
  }

  absl::Status Send(const std::string& frame) {
    stream_.text(true);
    return RunOne(
        context_, "sending a frame", kSocketMax,
        [&](auto done) {
          stream_.async_write(asio::buffer(frame), [done](error_code e, size_t) { done(e); });
        },
        [this] { Drop(); });
  }

  absl::StatusOr<std::string> Read(absl::Duration longest) {
    beast::flat_buffer buffer;
    FD_RETURN_IF_ERROR(RunOne(
        context_, "waiting for a frame", longest,
        [&](auto done) { stream_.async_read(buffer, [done](error_code e, size_t) { done(e); }); },
        [this] { Drop(); }));
    return beast::buffers_to_string(buffer.data());
  }

  void Drop() { beast::get_lowest_layer(stream_).close(); }

 private:
  asio::io_context context_;
  beast::websocket::stream<beast::tcp_stream> stream_;
};

ChatClient::ChatClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChatClient::~ChatClient() = default;

absl::StatusOr<std::unique_ptr<ChatClient>> ChatClient::Connect(
    const std::string& server, const std::string& tenant, const std::string& account,
    const std::string& resume_token, int64_t last_seq, ChatFrame* welcome) {
  auto impl = std::make_unique<Impl>();
  FD_RETURN_IF_ERROR(
      impl->Open(server, fmt::format("/v1/chat?tenant={}&account={}", tenant, account)));
  std::unique_ptr<ChatClient> client(new ChatClient(std::move(impl)));
  Json hello = {{"type", "hello"}};
  if (!resume_token.empty()) {
    hello["resume_token"] = resume_token;
    hello["last_seq"] = last_seq;
  }
  FD_RETURN_IF_ERROR(client->SendRaw(hello.dump()));
  FD_ASSIGN_OR_RETURN(*welcome, client->Next(kSocketMax));
  if (welcome->type != "welcome") {
    return absl::InternalError(
        fmt::format("hello was answered with {} {}", welcome->type, welcome->reason));
  }
  return client;
}

absl::Status ChatClient::SendRaw(const std::string& frame) { return impl_->Send(frame); }

absl::Status ChatClient::SendMessage(const std::string& id, const std::string& text) {
  return SendRaw(Json{{"type", "message"}, {"id", id}, {"text", text}}.dump());
}

absl::Status ChatClient::Acknowledge(int64_t seq) {
  return SendRaw(Json{{"type", "ack"}, {"seq", seq}}.dump());
}

absl::StatusOr<ChatFrame> ChatClient::Next(absl::Duration longest) {
  FD_ASSIGN_OR_RETURN(const std::string bytes, impl_->Read(longest));
  FD_ASSIGN_OR_RETURN(const Json json, ParseObject(bytes));
  ChatFrame frame;
  frame.type = Text(json, "type");
  frame.message = MessageOf(json);
  frame.id = Text(json, "id");
  frame.seq = Number(json, "seq");
  frame.duplicate = Flag(json, "duplicate");
  frame.customer = Text(json, "customer");
  frame.resume_token = Text(json, "resume_token");
  frame.greeting = Text(json, "greeting");
  frame.last_seq = Number(json, "last_seq");
  frame.reason = Text(json, "reason");
  return frame;
}

void ChatClient::Drop() { impl_->Drop(); }

}  // namespace frontdesk::demo
