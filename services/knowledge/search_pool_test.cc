#include "services/knowledge/search_pool.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

TEST_CASE("before Start a job runs on the caller's thread, unless it is late") {
  SimulatedClock clock;
  telemetry::Metrics metrics;
  SearchPool pool({.threads = 1, .queue_max = 1}, clock, metrics);
  absl::Status told = absl::UnknownError("not called");
  pool.Submit(clock.Steady(), [&](absl::Status status) { told = status; });
  CHECK(told.ok());
  pool.Submit(clock.Steady() - absl::Seconds(1), [&](absl::Status status) { told = status; });
  CHECK(absl::IsDeadlineExceeded(told));
}

TEST_CASE("a full pool refuses with a retry delay, and a stopping one answers what waits") {
  SystemClock clock;
  telemetry::Metrics metrics;
  SearchPool pool({.threads = 1, .queue_max = 1}, clock, metrics);
  pool.Start();
  std::promise<void> running, go_on;
  pool.Submit(absl::InfiniteDuration(), [&](absl::Status) {
    running.set_value();
    go_on.get_future().wait();
  });
  running.get_future().wait();
  std::promise<absl::Status> waiting;
  pool.Submit(absl::InfiniteDuration(), [&](absl::Status status) { waiting.set_value(status); });
  absl::Status refused;
  pool.Submit(absl::InfiniteDuration(), [&](absl::Status status) { refused = status; });
  CHECK(ReasonOf(refused) == "QUEUE_FULL");
  CHECK(DetailsOf(refused).retry_delay.has_value());
  std::thread stopper([&] { pool.Stop(); });
  // The job may only go on once the pool stops: a refused job shows that it does.
  std::atomic<bool> stopping = false;
  while (!stopping) {
    pool.Submit(absl::InfiniteDuration(),
                [&](absl::Status status) { stopping = ReasonOf(status) == "SHUTTING_DOWN"; });
  }
  go_on.set_value();
  stopper.join();
  CHECK(ReasonOf(waiting.get_future().get()) == "SHUTTING_DOWN");
}
