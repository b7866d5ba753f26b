#include "libs/http/server.h"

#include <charconv>

#include <fmt/core.h>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "libs/base/error.h"
#include "libs/http/server_io.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/thread_name.h"

namespace frontdesk::http {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

absl::Status BadListen(const std::string& listen) {
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            fmt::format("{}: http_listen must be host:port", listen)),
                      "key", "http_listen");
}

void Accept(std::shared_ptr<ServerIo> io) {
  io->acceptor.async_accept(
      net::make_strand(io->context),
      [io](const boost::system::error_code& error, tcp::socket socket) {
        if (error == net::error::operation_aborted || !io->acceptor.is_open()) return;
        if (!error) {
          size_t open = 0;
          {
            const std::lock_guard lock(io->mu);
            open = io->places.size();
          }
          if (open < static_cast<size_t>(io->options.connections_max)) {
            // Else a reply that follows an acknowledgement waits 40 ms for the peer's delayed ACK.
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            StartConnection(io, std::move(socket));
          } else {
            io->metrics.refused.Increment();
          }
          return Accept(io);
        }
        // Out of file descriptors: going on at once would spin.
        auto pause =
            std::make_shared<net::steady_timer>(io->context, std::chrono::milliseconds(100));
        pause->async_wait([io, pause](const boost::system::error_code& stopped) {
          if (!stopped) Accept(io);
        });
      });
}

}  // namespace

ServerIo::Place::Place(ServerIo& io, std::function<void()> closer) : io_(io) {
  const std::lock_guard lock(io.mu);
  id_ = io.next_place++;
  io.places.emplace(id_, std::move(closer));
  io.metrics.connections.Set(static_cast<double>(io.places.size()));
}

ServerIo::Place::~Place() {
  const std::lock_guard lock(io_.mu);
  io_.places.erase(id_);
  io_.metrics.connections.Set(static_cast<double>(io_.places.size()));
  if (io_.places.empty()) io_.empty.notify_all();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Bind(Options options,
                                                     const ServerMetrics& metrics) {
  const std::string listen = options.listen;
  const size_t colon = listen.rfind(':');
  uint16_t port = 0;
  if (colon == std::string::npos) return BadListen(listen);
  const char* end = listen.data() + listen.size();
  const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return BadListen(listen);
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const net::ip::address address = net::ip::make_address(host, error);
  if (error) return BadListen(listen);

  auto io = std::make_shared<ServerIo>(std::move(options), metrics);
  const tcp::endpoint endpoint(address, port);
  io->acceptor.open(endpoint.protocol(), error);
  if (!error) io->acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) io->acceptor.bind(endpoint, error);
  if (!error) io->acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    return WithMetadata(Error(absl::StatusCode::kUnavailable, "INVALID_CONFIG",
                              fmt::format("{}: {}", listen, error.message())),
                        "key", "http_listen");
  }
  return std::unique_ptr<Server>(new Server(std::move(io)));
}

Server::~Server() { Stop(absl::ZeroDuration()); }

int Server::port() const {
  boost::system::error_code error;
  const tcp::endpoint endpoint = io_->acceptor.local_endpoint(error);
  return error ? 0 : endpoint.port();
}

void Server::Serve(Handler& handler) {
  io_->handler = &handler;
  Accept(io_);
  for (int i = 0; i < io_->options.threads; ++i) {
    io_->threads.emplace_back([io = io_, i] {
      telemetry::NameThread(fmt::format("fd-http-{}", i));
      io->context.run();
    });
  }
}

void Server::After(absl::Duration delay, std::function<void()> task) {
  auto timer = std::make_shared<net::steady_timer>(net::make_strand(io_->context));
  uint64_t id = 0;
  {
    const std::lock_guard lock(io_->mu);
    if (io_->stopping) delay = absl::ZeroDuration();
    id = io_->next_timer++;
    io_->timers.emplace(id, timer);
  }
  net::post(timer->get_executor(), [io = io_.get(), id, timer, delay, task = std::move(task)] {
    timer->expires_after(absl::ToChronoMilliseconds(delay));
    timer->async_wait([io, id, task](const boost::system::error_code&) {
      {
        const std::lock_guard lock(io->mu);
        io->timers.erase(id);
      }
      task();
    });
  });
}

void Server::Stop(absl::Duration deadline) {
  if (io_->threads.empty()) return;
  net::post(io_->acceptor.get_executor(), [io = io_] {
    boost::system::error_code ignored;
    io->acceptor.close(ignored);
  });
  std::vector<std::function<void()>> closers;
  {
    const std::lock_guard lock(io_->mu);
    io_->stopping = true;
    for (const auto& [id, closer] : io_->places) closers.push_back(closer);
    for (const auto& [id, timer] : io_->timers) {
      net::post(timer->get_executor(), [timer = timer] { timer->cancel(); });
    }
  }
  for (const auto& closer : closers) closer();
  {
    std::unique_lock lock(io_->mu);
    io_->empty.wait_for(lock, absl::ToChronoMilliseconds(deadline),
                        [this] { return io_->places.empty(); });
  }
  io_->context.stop();
  for (std::thread& thread : io_->threads) thread.join();
  io_->threads.clear();
}

}  // namespace frontdesk::http
