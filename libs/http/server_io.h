#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "libs/http/server.h"

// What the pieces of the HTTP port share; only files of this folder include Boost.
namespace frontdesk::http {

struct ServerIo {
  ServerIo(Server::Options options, const ServerMetrics& metrics)
      : options(std::move(options)),
        metrics(metrics),
        acceptor(boost::asio::make_strand(context)) {}

  // Takes a place among the connections for its life; `closer` ends the connection from Stop.
  class Place {
   public:
    Place(ServerIo& io, std::function<void()> closer);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    ServerIo& io_;
    uint64_t id_;
  };

  const Server::Options options;
  const ServerMetrics& metrics;
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor;
  std::vector<std::thread> threads;
  Handler* handler = nullptr;

  std::mutex mu;
  std::condition_variable empty;
  bool stopping = false;                             // guarded by mu
  uint64_t next_place = 1;                           // guarded by mu
  std::map<uint64_t, std::function<void()>> places;  // guarded by mu
  uint64_t next_timer = 1;                           // guarded by mu
  // guarded by mu; each is touched on its own strand only
  std::map<uint64_t, std::shared_ptr<boost::asio::steady_timer>> timers;
};

using RawRequest = boost::beast::http::request<boost::beast::http::string_body>;

// Serves requests on an accepted connection.
void StartConnection(std::shared_ptr<ServerIo> io, boost::asio::ip::tcp::socket socket);

// Goes on as WebSocket with a session of the handler. `message` is the upgrade request.
void StartWebSocket(std::shared_ptr<ServerIo> io, boost::beast::tcp_stream stream,
                    RawRequest message, const Request& request);

}  // namespace frontdesk::http
