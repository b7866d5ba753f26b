#include "libs/text/encoder/batcher.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/error.h"
#include "libs/text/encoder/testing/counting_encoder.h"
#include "libs/text/encoder/vector_cache.h"

namespace frontdesk::text {
namespace {

struct Fixture {
  explicit Fixture(BatcherOptions options = {}) {
    options.observer = &observer;
    batcher = std::make_unique<Batcher>(encoder, clock, options);
  }
  // "ok", or the error's name, a text, in order of answering.
  absl::Status Ask(const std::string& text, absl::Duration within = absl::Seconds(5)) {
    return batcher->Encode(text, clock.Now() + within, [this, text](const auto& vector) {
      answers.push_back(text + ": " +
                        (vector.ok() ? "ok" : absl::StatusCodeToString(vector.status().code())));
      if (vector.ok()) CHECK(vector->front() == static_cast<float>(text.size()));
    });
  }
  void AskMany(int texts) {
    for (int i = 0; i < texts; ++i) REQUIRE(Ask("t").ok());
  }

  SimulatedClock clock;
  CountingEncoder encoder;
  CountingObserver observer;
  std::vector<std::string> answers;
  std::unique_ptr<Batcher> batcher;
};

using Sizes = std::vector<size_t>;

TEST_CASE("an idle batcher encodes a text without waiting for others") {
  Fixture f;
  CHECK_FALSE(f.batcher->Step());
  CHECK(f.batcher->DueAt() == absl::InfiniteDuration());
  REQUIRE(f.Ask("one").ok());
  CHECK(f.batcher->Step());
  CHECK(f.answers == std::vector<std::string>{"one: ok"});
  CHECK(f.observer.sums().longest == absl::ZeroDuration());
}

TEST_CASE("what came meanwhile goes together, and the next batch waits for as many") {
  Fixture f;
  f.AskMany(4);
  CHECK(f.batcher->Step());
  CHECK(f.encoder.calls() == Sizes{4});
  f.AskMany(3);
  CHECK_FALSE(f.batcher->Step());  // the fourth is probably on its way
  f.AskMany(1);
  CHECK(f.batcher->Step());
  CHECK(f.encoder.calls() == Sizes{4, 4});
}

TEST_CASE("the wait for company ends after two milliseconds") {
  Fixture f;
  f.AskMany(4);
  CHECK(f.batcher->Step());
  const absl::Duration begin = f.clock.Steady();
  f.AskMany(1);
  CHECK(f.batcher->DueAt() == begin + absl::Milliseconds(2));
  f.clock.Advance(absl::Microseconds(1999));
  CHECK_FALSE(f.batcher->Step());
  f.clock.Advance(absl::Microseconds(1));
  CHECK(f.batcher->Step());
  CHECK(f.encoder.calls() == Sizes{4, 1});
  // One came alone: the next does not wait.
  f.AskMany(1);
  CHECK(f.batcher->Step());
}

TEST_CASE("after a pause a text does not wait for the crowd of before") {
  Fixture f;
  f.AskMany(8);
  CHECK(f.batcher->Step());
  f.clock.Advance(absl::Milliseconds(30));
  f.AskMany(1);
  CHECK(f.batcher->Step());
  CHECK(f.encoder.calls() == Sizes{8, 1});
}

TEST_CASE("a batch has a size it never exceeds") {
  Fixture f({.batch_texts_max = 3});
  f.AskMany(7);
  CHECK(f.batcher->Step());
  CHECK(f.batcher->Step());
  f.clock.Advance(absl::Milliseconds(2));
  CHECK(f.batcher->Step());
  CHECK(f.encoder.calls() == Sizes{3, 3, 1});
  CHECK(f.answers.size() == 7);
}

TEST_CASE("a full queue refuses, by texts and by bytes") {
  Fixture f({.queue_texts_max = 2, .queue_bytes_max = 10});
  REQUIRE(f.Ask("12345678").ok());
  const absl::Status by_bytes = f.Ask("123");
  CHECK(by_bytes.code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(by_bytes) == "QUEUE_FULL");
  REQUIRE(f.Ask("1").ok());
  CHECK(f.Ask("1").code() == absl::StatusCode::kResourceExhausted);
  CHECK(f.observer.sums().rejected == 2);
  CHECK(f.observer.sums().deepest == 2);
  CHECK(f.batcher->Step());
  CHECK(f.batcher->depth() == 0);
  CHECK(f.Ask("1").ok());
  CHECK(f.answers.size() == 2);
}

TEST_CASE("a text whose deadline has passed is answered and not encoded") {
  Fixture f;
  CHECK(f.Ask("past", -absl::Seconds(1)).code() == absl::StatusCode::kDeadlineExceeded);
  REQUIRE(f.Ask("short", absl::Milliseconds(1)).ok());
  REQUIRE(f.Ask("long", absl::Seconds(1)).ok());
  f.clock.Advance(absl::Milliseconds(1));
  CHECK(f.batcher->Step());
  CHECK(f.answers == std::vector<std::string>{"short: DEADLINE_EXCEEDED", "long: ok"});
  CHECK(f.encoder.texts() == std::vector<std::string>{"long"});
  CHECK(f.observer.sums().expired == 1);
}

TEST_CASE("when the encoder fails, every caller of the batch hears it and the next batch works") {
  Fixture f;
  REQUIRE(f.Ask("fine").ok());
  REQUIRE(f.Ask("fail").ok());
  CHECK(f.batcher->Step());
  CHECK(f.answers == std::vector<std::string>{"fine: INTERNAL", "fail: INTERNAL"});
  f.clock.Advance(absl::Seconds(1));
  REQUIRE(f.Ask("fine").ok());
  CHECK(f.batcher->Step());
  CHECK(f.answers.back() == "fine: ok");
}

TEST_CASE("stopping answers what is queued and refuses what comes") {
  Fixture f;
  REQUIRE(f.Ask("queued").ok());
  f.batcher->Stop();
  CHECK(f.answers == std::vector<std::string>{"queued: UNAVAILABLE"});
  CHECK(f.Ask("late").code() == absl::StatusCode::kUnavailable);
  CHECK_FALSE(f.batcher->Step());
  CHECK(f.encoder.calls().empty());
}

TEST_CASE("a cached text is answered before Encode returns") {
  SimulatedClock clock;
  VectorCache cache(1 << 20);
  CachedEncoder encoder(std::make_unique<CountingEncoder>(), cache);
  REQUIRE(encoder.Encode({"known"}).ok());
  Batcher batcher(encoder, clock, {});
  bool answered = false;
  REQUIRE(batcher
              .Encode("known", clock.Now() + absl::Seconds(1),
                      [&](const auto& vector) { answered = vector.ok() && vector->front() == 5; })
              .ok());
  CHECK(answered);
  CHECK(batcher.depth() == 0);
}

TEST_CASE("with its own thread, every text of many callers is answered exactly once") {
  SystemClock clock;
  CountingEncoder encoder;
  constexpr int kCallers = 8;
  constexpr int kTexts = 200;
  std::atomic<int> answered = 0;
  std::atomic<int> wrong = 0;
  std::mutex mu;
  std::condition_variable all;
  {
    Batcher batcher(encoder, clock, {.name = "test", .queue_texts_max = kCallers * kTexts});
    batcher.Start();
    std::vector<std::thread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([&, caller] {
        for (int i = 0; i < kTexts; ++i) {
          const std::string text(static_cast<size_t>(caller * kTexts + i + 1), 'x');
          const absl::Status taken = batcher.Encode(
              text, clock.Now() + absl::Seconds(60), [&, size = text.size()](const auto& vector) {
                if (!vector.ok() || vector->front() != static_cast<float>(size)) ++wrong;
                const std::lock_guard lock(mu);
                if (++answered == kCallers * kTexts) all.notify_all();
              });
          if (!taken.ok()) ++wrong;
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    std::unique_lock lock(mu);
    CHECK(all.wait_for(lock, std::chrono::seconds(30),
                       [&] { return answered == kCallers * kTexts; }));
  }
  CHECK(wrong == 0);
  CHECK(answered == kCallers * kTexts);
}

}  // namespace
}  // namespace frontdesk::text
