#include <deque>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "libs/http/server_io.h"

namespace frontdesk::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

constexpr size_t kFrameBytesMax = 64 << 10;
constexpr size_t kQueueFramesMax = 256;
constexpr size_t kQueueBytesMax = size_t{8} << 20;
// A queue of large frames counts as one of many.
constexpr size_t kBytesPerQueuedFrame = 16 << 10;

// The socket of a session. Everything runs on the stream's strand; kept alive by the operation under
// way, and it keeps the session.
class WebSocketConnection final : public WebSocketPeer,
                                  public std::enable_shared_from_this<WebSocketConnection> {
 public:
  WebSocketConnection(std::shared_ptr<ServerIo> io, beast::tcp_stream stream)
      : io_(std::move(io)), socket_(std::move(stream)) {
    io_->metrics.web_sockets.Add(1);
  }
  ~WebSocketConnection() override { io_->metrics.web_sockets.Add(-1); }

  void Start(RawRequest message, const Request& request) {
    place_.emplace(*io_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        net::post(self->socket_.get_executor(),
                  [self] { self->CloseWith(websocket::close_code::going_away, "restarting"); });
      }
    });
    session_ = io_->handler->OpenWebSocket(request, weak_from_this());
    beast::get_lowest_layer(socket_).expires_never();
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = std::chrono::seconds(15);
    // Half of it without a word: a ping; all of it: closed.
    timeout.idle_timeout = absl::ToChronoMilliseconds(io_->options.idle_timeout);
    timeout.keep_alive_pings = true;
    socket_.set_option(timeout);
    socket_.read_message_max(kFrameBytesMax);
    socket_.text(true);
    upgrade_ = std::move(message);
    socket_.async_accept(upgrade_,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           if (!error) self->Read();
                         });
  }

  void Send(std::string frame) override {
    if (closing_) return;
    if (queue_.size() >= kQueueFramesMax || queued_bytes_ + frame.size() > kQueueBytesMax) {
      io_->metrics.slow_readers.Increment();
      return Close("reads too slowly");
    }
    queued_bytes_ += frame.size();
    queue_.push_back(std::move(frame));
    if (queue_.size() == 1) Write();
  }

  void Close(std::string_view why) override { CloseWith(websocket::close_code::policy_error, why); }

  size_t queued() const override {
    return std::max(queue_.size(), queued_bytes_ / kBytesPerQueuedFrame);
  }

  void Post(absl::AnyInvocable<void()> task) override {
    auto shared = std::make_shared<absl::AnyInvocable<void()>>(std::move(task));
    net::post(socket_.get_executor(), [self = shared_from_this(), shared] { (*shared)(); });
  }

 private:
  void Read() {
    socket_.async_read(buffer_, [self = shared_from_this()](const boost::system::error_code& error,
                                                            size_t) { self->OnRead(error); });
  }

  void OnRead(const boost::system::error_code& error) {
    if (error || closing_) {
      // Nothing is sent any more: the session ends with its socket.
      closing_ = true;
      session_.reset();
      return;
    }
    if (!socket_.got_text()) {
      return CloseWith(websocket::close_code::unknown_data, "frames are JSON text");
    }
    const std::string frame = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    session_->OnFrame(frame);
    Read();
  }

  void Write() {
    socket_.async_write(net::buffer(queue_.front()),
                        [self = shared_from_this()](const boost::system::error_code& error,
                                                    size_t) { self->OnWritten(error); });
  }

  void OnWritten(const boost::system::error_code& error) {
    queued_bytes_ -= queue_.front().size();
    queue_.pop_front();
    if (error) {
      closing_ = true;
      return;
    }
    if (!queue_.empty()) {
      Write();
    } else if (session_ != nullptr && !closing_) {
      session_->OnDrained();
    }
  }

  void CloseWith(websocket::close_code code, std::string_view why) {
    if (closing_) return;
    closing_ = true;
    // What is being written stays; the rest is not sent.
    while (queue_.size() > 1) {
      queued_bytes_ -= queue_.back().size();
      queue_.pop_back();
    }
    socket_.async_close(
        websocket::close_reason(code, std::string(why)),
        [self = shared_from_this()](const boost::system::error_code&) { self->session_.reset(); });
  }

  const std::shared_ptr<ServerIo> io_;
  std::optional<ServerIo::Place> place_;
  websocket::stream<beast::tcp_stream> socket_;
  RawRequest upgrade_;
  beast::flat_buffer buffer_;
  std::shared_ptr<WebSocketSession> session_;
  std::deque<std::string> queue_;
  size_t queued_bytes_ = 0;
  bool closing_ = false;
};

}  // namespace

void StartWebSocket(std::shared_ptr<ServerIo> io, beast::tcp_stream stream, RawRequest message,
                    const Request& request) {
  std::make_shared<WebSocketConnection>(std::move(io), std::move(stream))
      ->Start(std::move(message), request);
}

}  // namespace frontdesk::http
