#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace frontdesk::rpc {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 200;

// 0 = 50, above 200 is cut to 200; INVALID_ARGUMENT when negative.
absl::StatusOr<int> PageSize(int32_t requested);

// Opaque tokens: the last key of a page, bound to the list request they were made for.
// `schema` is the service's number for the meaning of `last_key`; raise it when that changes.
std::string MakePageToken(std::string_view last_key, uint64_t filter_hash, uint32_t schema = 1);

// The last key of the page before; "" for an empty token: the first page. INVALID_ARGUMENT
// (PAGE_TOKEN_INVALID) when garbled, made for another filter or another schema.
absl::StatusOr<std::string> ParsePageToken(std::string_view token, uint64_t filter_hash,
                                           uint32_t schema = 1);

// Hash of a List request without its page_size and page_token: the filter of its tokens.
uint64_t FilterHash(const google::protobuf::Message& list_request);

// All of it for a List request with the usual fields page_size and page_token.
struct Page {
  int size = kDefaultPageSize;
  std::string after;  // last key of the page before, or empty
  uint64_t filter_hash = 0;
};
absl::StatusOr<Page> ParsePage(const google::protobuf::Message& list_request, uint32_t schema = 1);

}  // namespace frontdesk::rpc
