#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk::http {

// A request as the server has read it, its limits checked.
struct Request {
  std::string method;
  std::string path;                            // decoded, without the query
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  // Empty when there is none.
  std::string Header(const std::string& name) const;
  std::string Query(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  // Called once with whether all of it was written; may be null.
  absl::AnyInvocable<void(bool)> on_written = nullptr;
};

// Called once, on any thread.
using Respond = absl::AnyInvocable<void(Response)>;

// Splits a target ("/v1/messages?after=3") and decodes it. INVALID_ARGUMENT when it is garbled or
// not UTF-8.
absl::Status ParseTarget(std::string_view target, Request* request);
// `text` as a part of a path or a query.
std::string Encode(std::string_view text);

// {"code", "reason", "message", "fields": [{"field", "description"}]} with the status that fits,
// Retry-After and Allow.
Response ErrorResponse(const absl::Status& status);
std::string ErrorJson(const absl::Status& status);
int HttpStatusOf(const absl::Status& status);

// An address that nothing is at; one that takes other methods ("GET, POST").
absl::Status NoSuchPage(std::string_view path);
absl::Status WrongMethod(std::string_view allowed);

}  // namespace frontdesk::http
