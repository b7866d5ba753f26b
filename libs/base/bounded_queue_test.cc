#include "libs/base/bounded_queue.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "libs/base/notifier.h"

namespace frontdesk {
namespace {

class Counts : public QueueObserver {
 public:
  void OnDepth(size_t depth) override { depth_ = depth; }
  void OnRejected() override { ++rejected_; }
  void OnWaited(absl::Duration waited) override {
    ++waited_;
    negative_ |= waited < absl::ZeroDuration();
  }

  size_t depth_ = 0;
  int rejected_ = 0;
  int waited_ = 0;
  bool negative_ = false;
};

TEST_CASE("a full queue refuses and leaves the item with its owner") {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  CHECK(queue.TryPush(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  CHECK_FALSE(queue.TryPush(std::move(second)));
  REQUIRE(second != nullptr);
  CHECK(*second == 2);
  CHECK(queue.rejected() == 1);
  CHECK(**queue.PopFor(absl::ZeroDuration()) == 1);
  CHECK(queue.TryPush(std::move(second)));
}

TEST_CASE("items leave in the order they came, in batches of at most max") {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) CHECK(queue.TryPush(int{i}));
  CHECK(queue.PopBatch(3, absl::ZeroDuration()) == std::vector<int>{0, 1, 2});
  CHECK(queue.PopBatch(3, absl::ZeroDuration()) == std::vector<int>{3, 4});
  CHECK(queue.PopBatch(3, absl::ZeroDuration()).empty());
  CHECK_FALSE(queue.PopFor(absl::ZeroDuration()).has_value());
}

TEST_CASE("a closed queue refuses, but gives out what is left") {
  BoundedQueue<int> queue(10);
  CHECK(queue.TryPush(1));
  queue.Close();
  CHECK_FALSE(queue.TryPush(2));
  CHECK(queue.PopFor(absl::InfiniteDuration()) == 1);
  CHECK_FALSE(queue.PopFor(absl::InfiniteDuration()).has_value());
  CHECK(queue.closed());
}

TEST_CASE("closing wakes a consumer that waits for ever") {
  BoundedQueue<int> queue(1);
  std::jthread consumer([&] { CHECK_FALSE(queue.PopFor(absl::InfiniteDuration()).has_value()); });
  queue.Close();
}

TEST_CASE("the observer sees depth, refusals and waits") {
  Counts counts;
  BoundedQueue<int> queue(2, &counts);
  CHECK(queue.TryPush(1));
  CHECK(queue.TryPush(2));
  CHECK_FALSE(queue.TryPush(3));
  CHECK(counts.depth_ == 2);
  CHECK(counts.rejected_ == 1);
  CHECK(queue.PopBatch(8, absl::ZeroDuration()).size() == 2);
  CHECK(counts.depth_ == 0);
  CHECK(counts.waited_ == 2);
  CHECK_FALSE(counts.negative_);
}

TEST_CASE("many producers and consumers lose nothing and keep each producer's order") {
  constexpr int kProducers = 4;
  constexpr int kItems = 2000;
  BoundedQueue<std::pair<int, int>> queue(16);
  std::vector<std::vector<std::pair<int, int>>> taken(2);
  {
    std::vector<std::jthread> consumers;
    for (auto& mine : taken) {
      consumers.emplace_back([&] {
        while (auto item = queue.PopFor(absl::InfiniteDuration())) mine.push_back(*item);
      });
    }
    {
      std::vector<std::jthread> producers;
      for (int p = 0; p < kProducers; ++p) {
        producers.emplace_back([&queue, p] {
          for (int i = 0; i < kItems; ++i) {
            while (!queue.TryPush({p, i})) std::this_thread::yield();
          }
        });
      }
    }
    queue.Close();
  }
  std::vector<std::pair<int, int>> all;
  for (const auto& mine : taken) {
    for (int p = 0; p < kProducers; ++p) {
      int last = -1;
      for (const auto& [producer, i] : mine) {
        if (producer != p) continue;
        REQUIRE(i > last);
        last = i;
      }
    }
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(std::unique(all.begin(), all.end()) == all.end());
  CHECK(all.size() == size_t{kProducers} * kItems);
}

TEST_CASE("a signal before the wait is not lost and is used up by it") {
  Notifier notifier;
  notifier.Notify();
  notifier.Notify();
  CHECK(notifier.WaitFor(absl::InfiniteDuration()));
  CHECK_FALSE(notifier.WaitFor(absl::ZeroDuration()));
}

TEST_CASE("a notifier wakes another thread") {
  Notifier notifier;
  std::jthread waiter([&] { CHECK(notifier.WaitFor(absl::Minutes(1))); });
  notifier.Notify();
}

}  // namespace
}  // namespace frontdesk
