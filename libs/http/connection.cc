#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "libs/base/error.h"
#include "libs/http/server_io.h"

namespace frontdesk::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using tcp = net::ip::tcp;

constexpr uint32_t kHeaderBytesMax = 16 << 10;
constexpr uint64_t kBodyBytesMax = 64 << 10;
constexpr std::chrono::seconds kWriteTimeout{30};

// Empty: the connection is only closed.
std::optional<absl::Status> StatusOf(const boost::system::error_code& error) {
  if (error == beast_http::error::end_of_stream || error == beast::error::timeout)
    return std::nullopt;
  if (error == beast_http::error::body_limit || error == beast_http::error::header_limit) {
    return WithMetadata(
        Error(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
              error == beast_http::error::body_limit ? "the body is larger than 64 KiB"
                                                     : "the headers are larger than 16 KiB"),
        "limit_bytes", error == beast_http::error::body_limit ? "65536" : "16384");
  }
  if (error.category() == beast_http::make_error_code(beast_http::error::bad_method).category()) {
    return InvalidField("request", "is not HTTP: " + error.message());
  }
  return std::nullopt;
}

// One connection: requests one after the other. Everything runs on the stream's strand; kept alive
// by the operation under way.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerIo> io, tcp::socket socket)
      : io_(std::move(io)), stream_(std::move(socket)), executor_(stream_.get_executor()) {}

  void Start() {
    place_.emplace(*io_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        net::post(self->executor_, [self] { self->CloseWhenIdle(); });
      }
    });
    net::dispatch(executor_, [self = shared_from_this()] { self->Read(); });
  }

 private:
  void CloseWhenIdle() {
    closing_ = true;
    if (reading_) stream_.close();
  }

  void Read() {
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(kBodyBytesMax);
    stream_.expires_after(absl::ToChronoMilliseconds(io_->options.idle_timeout));
    reading_ = true;
    beast_http::async_read(stream_, buffer_, *parser_,
                           [self = shared_from_this()](const boost::system::error_code& error,
                                                       size_t) { self->OnRead(error); });
  }

  void OnRead(const boost::system::error_code& error) {
    reading_ = false;
    stream_.expires_never();
    if (error) {
      const std::optional<absl::Status> status = StatusOf(error);
      if (!status.has_value()) return Close();
      keep_alive_ = false;
      Response response = ErrorResponse(*status);
      if (error == beast_http::error::header_limit) response.status = 431;
      return Write(std::move(response));
    }
    RawRequest message = parser_->release();
    keep_alive_ = message.keep_alive() && !closing_;
    head_ = message.method() == beast_http::verb::head;
    Request request;
    request.method = std::string(message.method_string());
    for (const auto& field : message) {
      std::string name(field.name_string());
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      request.headers[name] = std::string(field.value());
    }
    const std::string target(message.target());
    if (absl::Status status = ParseTarget(target, &request); !status.ok()) {
      return Write(ErrorResponse(status));
    }
    if (!io_->handler->web_socket_path().empty() && request.path == io_->handler->web_socket_path())
      return Upgrade(std::move(message), std::move(request));
    request.body = std::move(message.body());
    io_->handler->Handle(std::move(request), Responder());
  }

  Respond Responder() {
    return [self = shared_from_this()](Response response) {
      auto shared = std::make_shared<Response>(std::move(response));
      net::post(self->executor_, [self, shared] { self->Write(std::move(*shared)); });
    };
  }

  void Upgrade(RawRequest message, Request request) {
    if (!beast::websocket::is_upgrade(message)) {
      return Write(ErrorResponse(InvalidField("upgrade", "this address speaks WebSocket only")));
    }
    auto upgrade =
        std::make_shared<std::pair<RawRequest, Request>>(std::move(message), std::move(request));
    io_->handler->CheckWebSocket(
        upgrade->second, [self = shared_from_this(), upgrade](absl::Status status) {
          net::post(self->executor_, [self, upgrade, status = std::move(status)] {
            if (!status.ok()) return self->Write(ErrorResponse(status));
            StartWebSocket(self->io_, std::move(self->stream_), std::move(upgrade->first),
                           upgrade->second);
            self->place_.reset();
          });
        });
  }

  void Write(Response response) {
    auto out = std::make_shared<beast_http::response<beast_http::string_body>>();
    out->version(11);
    out->result(static_cast<unsigned>(response.status));
    out->set(beast_http::field::server, "frontdesk");
    out->set(beast_http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) out->set(name, value);
    out->keep_alive(keep_alive_);
    const size_t size = response.body.size();
    if (!head_) out->body() = std::move(response.body);
    out->content_length(size);
    stream_.expires_after(kWriteTimeout);
    beast_http::async_write(
        stream_, *out,
        [self = shared_from_this(), out, on_written = std::move(response.on_written)](
            const boost::system::error_code& error, size_t) mutable {
          if (on_written != nullptr) on_written(!error);
          if (error || !self->keep_alive_ || self->closing_) return self->Close();
          self->Read();
        });
  }

  void Close() {
    boost::system::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  const std::shared_ptr<ServerIo> io_;
  std::optional<ServerIo::Place> place_;
  beast::tcp_stream stream_;  // moved from once a chat has taken it over
  const net::any_io_executor executor_;
  beast::flat_buffer buffer_;
  std::optional<beast_http::request_parser<beast_http::string_body>> parser_;
  bool keep_alive_ = true;
  bool head_ = false;
  bool reading_ = false;
  bool closing_ = false;
};

}  // namespace

void StartConnection(std::shared_ptr<ServerIo> io, tcp::socket socket) {
  std::make_shared<Connection>(std::move(io), std::move(socket))->Start();
}

}  // namespace frontdesk::http
