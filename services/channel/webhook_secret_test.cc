#include <catch2/catch.hpp>

#include "services/channel/webhook_secret.h"

namespace frontdesk::channel {
namespace {

// The example of the Standard Webhooks specification.
constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const absl::Time kTime = absl::FromUnixSeconds(1614265330);

TEST_CASE("a webhook is signed as the specification's example says") {
  CHECK(SignWebhook(kSecret, kId, kTime, kBody) == kSignature);
}

TEST_CASE("a webhook passes with a fitting signature in time, and with nothing else") {
  const std::string two = "v1,AAAA " + std::string(kSignature) + " v2,whatever";
  const struct {
    const char* what;
    WebhookHeaders headers;
    std::string_view body;
    absl::Duration age;
    bool passes;
  } kCases[] = {
      {"fits", {kId, "1614265330", kSignature}, kBody, absl::ZeroDuration(), true},
      {"one of several fits", {kId, "1614265330", two}, kBody, absl::ZeroDuration(), true},
      {"five minutes old", {kId, "1614265330", kSignature}, kBody, absl::Minutes(5), true},
      {"older", {kId, "1614265330", kSignature}, kBody, absl::Seconds(301), false},
      {"from the future", {kId, "1614265330", kSignature}, kBody, -absl::Seconds(301), false},
      {"another body", {kId, "1614265330", kSignature}, "{}", absl::ZeroDuration(), false},
      {"another id", {"msg_2", "1614265330", kSignature}, kBody, absl::ZeroDuration(), false},
      {"another time", {kId, "1614265331", kSignature}, kBody, absl::ZeroDuration(), false},
      {"no id", {"", "1614265330", kSignature}, kBody, absl::ZeroDuration(), false},
      {"no time", {kId, "", kSignature}, kBody, absl::ZeroDuration(), false},
      {"garbled time", {kId, "1614265330x", kSignature}, kBody, absl::ZeroDuration(), false},
      {"no signature", {kId, "1614265330", ""}, kBody, absl::ZeroDuration(), false},
      {"no version", {kId, "1614265330", kSignature.substr(3)}, kBody, absl::ZeroDuration(), false},
      {"garbled", {kId, "1614265330", "v1,%%%"}, kBody, absl::ZeroDuration(), false},
      {"cut", {kId, "1614265330", "v1,g0hM"}, kBody, absl::ZeroDuration(), false},
  };
  for (const auto& c : kCases) {
    INFO(c.what);
    const absl::Status status = VerifyWebhook(kSecret, c.headers, c.body, kTime + c.age);
    CHECK(status.ok() == c.passes);
    if (!c.passes) CHECK(absl::IsUnauthenticated(status));
  }
}

}  // namespace
}  // namespace frontdesk::channel
