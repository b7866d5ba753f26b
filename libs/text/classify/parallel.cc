#include "libs/text/classify/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace frontdesk::text {

bool ForEach(size_t count, int threads, const std::function<void(size_t)>& work,
             const std::function<bool()>& keep_going) {
  std::atomic<size_t> next{0};
  std::atomic<bool> stopped{false};
  const auto run = [&](bool asks) {
    while (!stopped.load(std::memory_order_relaxed)) {
      const size_t item = next.fetch_add(1);
      if (item >= count) return;
      work(item);
      if (asks && !keep_going()) stopped = true;
    }
  };
  std::vector<std::thread> others;
  const size_t wanted = std::min(count, static_cast<size_t>(std::max(threads, 1)));
  for (size_t i = 1; i < wanted; ++i) others.emplace_back(run, false);
  run(true);
  for (std::thread& other : others) other.join();
  return !stopped;
}

}  // namespace frontdesk::text
