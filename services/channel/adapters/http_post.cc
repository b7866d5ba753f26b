#include "services/channel/adapters/http_post.h"

#include <memory>

#include <curl/curl.h>

#include "libs/base/error.h"

namespace frontdesk::channel {
namespace {

constexpr size_t kAnswerBytesMax = 64 << 10;

// Reads and forgets; a larger answer ends the transfer.
size_t Discard(char*, size_t size, size_t count, void* seen) {
  size_t& bytes = *static_cast<size_t*>(seen);
  bytes += size * count;
  return bytes > kAnswerBytesMax ? 0 : size * count;
}

}  // namespace

absl::StatusOr<int> PostWithCurl(const HttpPost& post, absl::Duration timeout) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  if (global != CURLE_OK || curl == nullptr) {
    return Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "libcurl can't start");
  }
  curl_slist* list = nullptr;
  for (const auto& [name, value] : post.headers) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list,
                                                                            &curl_slist_free_all);
  size_t seen = 0;
  curl_easy_setopt(curl.get(), CURLOPT_URL, post.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(timeout)));
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, post.body.data());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(post.body.size()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &Discard);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &seen);
  const CURLcode code = curl_easy_perform(curl.get());
  long answer = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer);
  // An answer too large to read is an answer all the same.
  if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && answer != 0)) {
    return Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                 curl_easy_strerror(code));
  }
  return static_cast<int>(answer);
}

}  // namespace frontdesk::channel
