#include "libs/http/message.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/utf8.h"

namespace frontdesk::http {
namespace {

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool Decode(std::string_view text, bool plus_is_space, std::string* out) {
  out->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out->push_back(' ');
    } else if (text[i] != '%') {
      out->push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) return false;
      const int high = HexOf(text[i + 1]);
      const int low = HexOf(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out->push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return IsValidUtf8(*out);
}

std::string Get(const std::map<std::string, std::string>& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? std::string() : found->second;
}

}  // namespace

std::string Request::Header(const std::string& name) const { return Get(headers, name); }

std::string Request::Query(const std::string& name) const { return Get(query, name); }

absl::Status ParseTarget(std::string_view target, Request* request) {
  const size_t question = target.find('?');
  if (!Decode(target.substr(0, question), /*plus_is_space=*/false, &request->path)) {
    return InvalidField("path", "is not well encoded");
  }
  if (question == std::string_view::npos) return absl::OkStatus();
  for (const absl::string_view part :
       absl::StrSplit(ToAbsl(target.substr(question + 1)), '&', absl::SkipEmpty())) {
    const std::string_view pair = ToStd(part);
    const size_t equals = pair.find('=');
    std::string name;
    std::string value;
    const std::string_view rest =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!Decode(pair.substr(0, equals), true, &name) || !Decode(rest, true, &value)) {
      return InvalidField("query", "is not well encoded");
    }
    request->query[name] = value;
  }
  return absl::OkStatus();
}

std::string Encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      encoded.push_back(c);
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

int HttpStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return ReasonOf(status) == "MESSAGE_TOO_LARGE" ? 413 : 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string ErrorJson(const absl::Status& status) {
  nlohmann::ordered_json json;
  const ErrorDetails details = DetailsOf(status);
  json["code"] = absl::StatusCodeToString(status.code());
  json["reason"] = details.reason;
  json["message"] = std::string(MessageOf(status));
  json["fields"] = nlohmann::ordered_json::array();
  for (const auto& [field, description] : details.fields) {
    json["fields"].push_back({{"field", field}, {"description", description}});
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Response ErrorResponse(const absl::Status& status) {
  Response response;
  response.status = HttpStatusOf(status);
  response.body = ErrorJson(status);
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  const ErrorDetails details = DetailsOf(status);
  if (details.retry_delay.has_value()) {
    const int64_t seconds = std::max<int64_t>(1, absl::ToInt64Seconds(*details.retry_delay));
    response.headers.emplace_back("Retry-After", fmt::format("{}", seconds));
  }
  for (const auto& [key, value] : details.metadata) {
    if (details.reason == "UNIMPLEMENTED" && key == "method") {
      response.status = 405;
      response.headers.emplace_back("Allow", value);
    }
  }
  return response;
}

absl::Status NoSuchPage(std::string_view path) { return NotFound("page", TruncateUtf8(path, 100)); }

absl::Status WrongMethod(std::string_view allowed) {
  return WithMetadata(Error(absl::StatusCode::kUnimplemented, "UNIMPLEMENTED",
                            fmt::format("this address takes {} only", allowed)),
                      "method", allowed);
}

}  // namespace frontdesk::http
