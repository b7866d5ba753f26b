#include "libs/telemetry/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

namespace frontdesk::telemetry {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("the same name and labels give the same series") {
  Metrics metrics;
  const Counter a = metrics.GetCounter("fd_test_total", "Help.", {{"method", "Get"}});
  const Counter b = metrics.GetCounter("fd_test_total", "Help.", {{"method", "Get"}});
  a.Increment();
  b.Increment(2);
  CHECK(a.Value() == 3);
  CHECK_THAT(metrics.Text(), Contains("fd_test_total{method=\"Get\"} 3"));
}

TEST_CASE("gauges and histograms keep what they are told") {
  Metrics metrics;
  const Gauge gauge = metrics.GetGauge("fd_depth", "Help.");
  gauge.Set(5);
  gauge.Add(-2);
  CHECK(gauge.Value() == 3);
  const Histogram histogram = metrics.GetHistogram("fd_wait_seconds", "Help.");
  histogram.Observe(absl::Milliseconds(3));
  histogram.Observe(20.0);
  CHECK_THAT(metrics.Text(), Contains("fd_wait_seconds_bucket{le=\"0.005\"} 1"));
  CHECK_THAT(metrics.Text(), Contains("fd_wait_seconds_count 2"));
}

TEST_CASE("a handle of nothing does nothing") {
  Counter().Increment();
  Gauge().Set(1);
  Histogram().Observe(1.0);
  CHECK(Counter().Value() == 0);
}

TEST_CASE("invented labels are counted together past the bound") {
  Metrics metrics({.max_series_per_family = 10, .constant_labels = {}});
  for (int i = 0; i < 100; ++i) {
    metrics.GetCounter("fd_bound_total", "Help.", {{"tenant", std::to_string(i)}}).Increment();
  }
  CHECK_THAT(metrics.Text(), Contains("fd_bound_total{tenant=\"other\"} 90"));
  CHECK_THAT(metrics.Text(), Contains("fd_bound_total{tenant=\"9\"} 1"));
  CHECK_THAT(metrics.Text(), !Contains("tenant=\"10\""));
}

TEST_CASE("label values from outside cannot break the page") {
  Metrics metrics;
  metrics.GetCounter("fd_evil_total", "Help.", {{"v", "\xff"}}).Increment();
  metrics.GetCounter("fd_evil_total", "Help.", {{"v", "a\"b\nc"}}).Increment();
  metrics.GetCounter("fd_evil_total", "Help.", {{"v", std::string(5000, 'x')}}).Increment();
  const std::string text = metrics.Text();
  CHECK_THAT(text, Contains("{v=\"invalid\"} 1"));
  CHECK_THAT(text, Contains("{v=\"a\\\"b\\nc\"} 1"));
  CHECK(text.size() < 1000);
}

TEST_CASE("constant labels are on every series") {
  Metrics metrics({.max_series_per_family = 10, .constant_labels = {{"service", "ticket"}}});
  metrics.GetGauge("fd_constant", "Help.").Set(1);
  CHECK_THAT(metrics.Text(), Contains("fd_constant{service=\"ticket\"} 1"));
}

TEST_CASE("hooks refresh gauges before each scrape and may ask for handles") {
  Metrics metrics;
  int scrapes = 0;
  metrics.BeforeScrape([&] { metrics.GetGauge("fd_scrapes", "Help.").Set(++scrapes); });
  (void)metrics.Text();
  CHECK_THAT(metrics.Text(), Contains("fd_scrapes 2"));
}

TEST_CASE("a queue's depth, waits and refusals are metrics") {
  Metrics metrics;
  QueueMetrics observer(metrics, "rpc");
  BoundedQueue<int> queue(1, &observer);
  CHECK(queue.TryPush(1));
  CHECK_FALSE(queue.TryPush(2));
  CHECK_THAT(metrics.Text(), Contains("frontdesk_queue_depth{queue=\"rpc\"} 1"));
  CHECK(queue.PopFor(absl::ZeroDuration()).has_value());
  CHECK_THAT(metrics.Text(), Contains("frontdesk_queue_depth{queue=\"rpc\"} 0"));
  CHECK_THAT(metrics.Text(), Contains("frontdesk_queue_rejected_total{queue=\"rpc\"} 1"));
  CHECK_THAT(metrics.Text(), Contains("frontdesk_queue_wait_seconds_count{queue=\"rpc\"} 1"));
}

TEST_CASE("threads may ask and count at once") {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&metrics] {
        for (int i = 0; i < 500; ++i) {
          metrics.GetCounter("fd_threads_total", "Help.", {{"i", std::to_string(i % 5)}})
              .Increment();
        }
      });
    }
  }
  CHECK(metrics.GetCounter("fd_threads_total", "Help.", {{"i", "0"}}).Value() == 400);
}

std::string Fetch(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    if (send(fd, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size())) {
      char buffer[4096];
      ssize_t n = 0;
      while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) answer.append(buffer, n);
    }
  }
  close(fd);
  return answer;
}

TEST_CASE("the server answers with every metric until it is gone") {
  Metrics metrics;
  metrics.GetCounter("fd_served_total", "Help.").Increment();
  auto server = MetricsServer::Start("localhost:0", metrics);
  REQUIRE(server.ok());
  const int port = (*server)->port();
  REQUIRE(port > 0);
  CHECK_THAT(Fetch(port, "/metrics"), Contains("200 OK") && Contains("fd_served_total 1"));
  server->reset();
  CHECK(Fetch(port, "/metrics").empty());
}

TEST_CASE("closing a server does not wait until it looks whether it should") {
  Metrics metrics;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) {
    const auto server = MetricsServer::Start("127.0.0.1:0", metrics);
    REQUIRE(server.ok());
    CHECK_FALSE(Fetch((*server)->port(), "/metrics").empty());
  }
  // Two seconds each, when nothing wakes it.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(4));
}

TEST_CASE("an address that cannot be bound is an error") {
  Metrics metrics;
  auto first = MetricsServer::Start("127.0.0.1:0", metrics);
  REQUIRE(first.ok());
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());
  CHECK(MetricsServer::Start(taken, metrics).status().code() == absl::StatusCode::kUnavailable);
  CHECK_FALSE(MetricsServer::Start("nonsense", metrics).ok());
}

}  // namespace
}  // namespace frontdesk::telemetry
