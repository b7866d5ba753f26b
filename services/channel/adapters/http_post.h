#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace frontdesk::channel {

struct HttpPost {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// The status code of the answer. UNAVAILABLE when there was none. Blocks until the deadline.
using PostFn = std::function<absl::StatusOr<int>(const HttpPost&, absl::Duration timeout)>;

// With libcurl: http and https only, no redirects, at most 64 KiB of an answer is read.
absl::StatusOr<int> PostWithCurl(const HttpPost& post, absl::Duration timeout);

}  // namespace frontdesk::channel
