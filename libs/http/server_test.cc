#include "libs/http/server.h"

#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <catch2/catch.hpp>

using namespace frontdesk;

namespace {

class Echo final : public http::Handler {
 public:
  void Handle(http::Request request, http::Respond respond) override {
    http::Response response;
    response.content_type = "text/plain";
    response.body = request.method + " " + request.path + " " + request.body;
    respond(std::move(response));
  }
};

struct Running {
  explicit Running(int connections_max = 10) {
    auto bound = http::Server::Bind({.listen = "127.0.0.1:0", .connections_max = connections_max},
                                    server_metrics);
    REQUIRE(bound.ok());
    server = *std::move(bound);
    server->Serve(handler);
  }
  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    return fd;
  }
  // Until the server closes.
  std::string Say(const std::string& request) const {
    const int fd = Connect();
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, got);
    }
    close(fd);
    return answer;
  }

  telemetry::Metrics metrics;
  http::ServerMetrics server_metrics{metrics, "test"};
  Echo handler;
  std::unique_ptr<http::Server> server;
};

}  // namespace

TEST_CASE_METHOD(Running, "a request gets the handler's answer") {
  const std::string answer =
      Say("POST /a%20b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("\r\n\r\nPOST /a b hello"));
}

TEST_CASE_METHOD(Running, "HEAD says how long the body would be, and sends none") {
  const std::string answer = Say("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(answer.find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE_METHOD(Running, "what is too large, garbled or not ours is refused with its reason") {
  CHECK(Say("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n")
            .starts_with("HTTP/1.1 413"));
  CHECK(Say("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n")
            .starts_with("HTTP/1.1 431"));
  CHECK(
      Say("GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 400"));
  CHECK(Say("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
}

TEST_CASE("connections above the limit are closed at once") {
  const Running running(/*connections_max=*/1);
  const int first = running.Connect();
  const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  send(first, request.data(), request.size(), MSG_NOSIGNAL);
  char buffer[4096];
  REQUIRE(recv(first, buffer, sizeof(buffer), 0) > 0);
  CHECK(running.Say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").empty());
  close(first);
}

TEST_CASE("an address that can't be bound is said with its key") {
  telemetry::Metrics metrics;
  const http::ServerMetrics server_metrics(metrics, "test");
  CHECK(
      absl::IsInvalidArgument(http::Server::Bind({.listen = "nowhere"}, server_metrics).status()));
  CHECK(absl::IsInvalidArgument(
      http::Server::Bind({.listen = "127.0.0.1:99999"}, server_metrics).status()));
}
