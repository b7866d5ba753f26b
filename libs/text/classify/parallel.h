#pragma once

#include <cstddef>
#include <functional>

namespace frontdesk::text {

// Calls `work(i)` for every i below `count`, on `threads` threads of which the caller's is one;
// blocks until all have returned. `keep_going` is asked on the caller's thread between its own
// items; once it says false no further item begins, and the result is false. Results must go to
// places of their own, by `i`: then they do not depend on the number of threads.
bool ForEach(size_t count, int threads, const std::function<void(size_t)>& work,
             const std::function<bool()>& keep_going);

}  // namespace frontdesk::text
