#include "libs/http/message.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"

using namespace frontdesk;

TEST_CASE("a target is split and decoded") {
  http::Request request;
  REQUIRE(http::ParseTarget("/help/%E9%80%80%E6%AC%BE?q=a+b%26c&lang=zh&flag", &request).ok());
  CHECK(request.path == "/help/退款");
  CHECK(request.Query("q") == "a b&c");
  CHECK(request.Query("lang") == "zh");
  CHECK(request.query.count("flag") == 1);
  CHECK(request.Query("absent").empty());
}

TEST_CASE("a garbled target is refused") {
  for (const char* target : {"/a%", "/a%zz", "/%ff", "/a?q=%c3%28", "/a?%f"}) {
    http::Request request;
    INFO(target);
    CHECK(absl::IsInvalidArgument(http::ParseTarget(target, &request)));
  }
}

TEST_CASE("what is encoded is decoded to the same") {
  const std::string text = "退款 & more/than? 100%+\"'<>";
  http::Request request;
  REQUIRE(http::ParseTarget("/s?q=" + http::Encode(text), &request).ok());
  CHECK(request.Query("q") == text);
}

TEST_CASE("an error says code, reason and fields, and when to come back") {
  http::Response response = http::ErrorResponse(
      WithField(Error(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", "no"), "q", "empty"));
  CHECK(response.status == 400);
  CHECK(response.body == R"({"code":"INVALID_ARGUMENT","reason":"INVALID_ARGUMENT","message":"no",)"
                         R"("fields":[{"field":"q","description":"empty"}]})");
  response = http::ErrorResponse(WithRetryDelay(
      Error(absl::StatusCode::kUnavailable, "NOT_READY", "later"), absl::Seconds(3)));
  CHECK(response.status == 503);
  CHECK(response.headers.front() == std::pair<std::string, std::string>("Retry-After", "3"));
  response = http::ErrorResponse(http::WrongMethod("GET"));
  CHECK(response.status == 405);
  CHECK(response.headers.front() == std::pair<std::string, std::string>("Allow", "GET"));
  CHECK(http::ErrorResponse(http::NoSuchPage("/x")).status == 404);
}
