#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/channel/domain/channel_account.h"
#include "services/channel/domain/customer.h"
#include "services/channel/domain/message.h"
#include "services/channel/domain/names.h"

namespace frontdesk::channel {
namespace {

TEST_CASE("the id of a message carries its sequence and nothing else passes for one") {
  const std::string ulid = "01hq3v6m0x8z9y7w5t4s3r2q1p";
  CHECK(SequenceOf(MessageId(ulid, 1)) == 1);
  CHECK(SequenceOf(MessageId(ulid, 9'000'000'000)) == 9'000'000'000);
  for (const std::string& bad :
       {std::string(), ulid, ulid + "-", ulid + "-0", ulid + "-x", ulid + "--1", ulid + "-1x",
        std::string("short-1"), ulid + "-99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(SequenceOf(bad).has_value());
  }
}

TEST_CASE("names of another tenant are refused before anything is read") {
  CHECK(ParseCustomerName("acme", "tenants/acme/customers/c1", "name").value() == "c1");
  CHECK(absl::IsPermissionDenied(
      ParseCustomerName("acme", "tenants/other/customers/c1", "name").status()));
  CHECK(absl::IsInvalidArgument(ParseCustomerName("acme", "customers/c1", "name").status()));
}

TEST_CASE("identities have one form under which they are found") {
  const struct {
    v1::IdentityKind kind;
    std::string value;
    std::string normal;  // empty: refused
  } kCases[] = {
      {v1::IDENTITY_KIND_PHONE, "+49 (151) 234-56.789", "+4915123456789"},
      {v1::IDENTITY_KIND_PHONE, "0151 23456789", ""},
      {v1::IDENTITY_KIND_PHONE, "+012345678", ""},
      {v1::IDENTITY_KIND_PHONE, "+123", ""},
      {v1::IDENTITY_KIND_PHONE, "+1234567890123456", ""},
      {v1::IDENTITY_KIND_EMAIL, " Ada@Example.ORG ", "ada@example.org"},
      {v1::IDENTITY_KIND_EMAIL, "ada", ""},
      {v1::IDENTITY_KIND_EMAIL, "@example.org", ""},
      {v1::IDENTITY_KIND_EMAIL, "a@b@c", ""},
      {v1::IDENTITY_KIND_EMAIL, "a b@c.d", ""},
      {v1::IDENTITY_KIND_EXTERNAL, "Kunde-42", "Kunde-42"},
      {v1::IDENTITY_KIND_EXTERNAL, "客户42", "客户42"},
      {v1::IDENTITY_KIND_EXTERNAL, "a\nb", ""},
      {v1::IDENTITY_KIND_EXTERNAL, "\xff", ""},
      {v1::IDENTITY_KIND_EXTERNAL, std::string(257, 'x'), ""},
      {v1::IDENTITY_KIND_EXTERNAL, "", ""},
      {v1::IDENTITY_KIND_UNSPECIFIED, "x", ""},
  };
  for (const auto& c : kCases) {
    INFO(c.value);
    const auto normal = NormalizeIdentity(c.kind, c.value, "value");
    CHECK(normal.ok() == !c.normal.empty());
    if (normal.ok()) CHECK(*normal == c.normal);
  }
}

TEST_CASE("a message leaves SENDING once, and a failure says why") {
  using R = v1::MessageFailureReason;
  const struct {
    v1::MessageState from;
    v1::MessageState to;
    R reason;
    bool allowed;
  } kCases[] = {
      {v1::MESSAGE_STATE_SENDING, v1::MESSAGE_STATE_DELIVERED,
       v1::MESSAGE_FAILURE_REASON_UNSPECIFIED, true},
      {v1::MESSAGE_STATE_SENDING, v1::MESSAGE_STATE_UNKNOWN, v1::MESSAGE_FAILURE_REASON_UNSPECIFIED,
       true},
      {v1::MESSAGE_STATE_SENDING, v1::MESSAGE_STATE_FAILED, v1::MESSAGE_FAILURE_REASON_REJECTED,
       true},
      {v1::MESSAGE_STATE_SENDING, v1::MESSAGE_STATE_FAILED, v1::MESSAGE_FAILURE_REASON_UNSPECIFIED,
       false},
      {v1::MESSAGE_STATE_SENDING, v1::MESSAGE_STATE_DELIVERED, v1::MESSAGE_FAILURE_REASON_REJECTED,
       false},
      {v1::MESSAGE_STATE_SENDING, v1::MESSAGE_STATE_RECEIVED,
       v1::MESSAGE_FAILURE_REASON_UNSPECIFIED, false},
      {v1::MESSAGE_STATE_DELIVERED, v1::MESSAGE_STATE_FAILED, v1::MESSAGE_FAILURE_REASON_EXPIRED,
       false},
      {v1::MESSAGE_STATE_FAILED, v1::MESSAGE_STATE_DELIVERED,
       v1::MESSAGE_FAILURE_REASON_UNSPECIFIED, false},
      {v1::MESSAGE_STATE_RECEIVED, v1::MESSAGE_STATE_DELIVERED,
       v1::MESSAGE_FAILURE_REASON_UNSPECIFIED, false},
  };
  for (const auto& c : kCases) {
    store::v1::MessageRecord record;
    record.mutable_message()->set_state(c.from);
    const absl::Status status =
        FinishMessage(c.to, c.reason, absl::FromUnixSeconds(1'700'000'000), record);
    INFO(v1::MessageState_Name(c.from) << " to " << v1::MessageState_Name(c.to));
    CHECK(status.ok() == c.allowed);
    CHECK(record.message().state() == (c.allowed ? c.to : c.from));
    CHECK(record.message().has_final_time() == c.allowed);
  }
}

TEST_CASE("only a token older than the newest has lost the lease") {
  CHECK(SpeakerLeaseLost(4, 3));
  CHECK_FALSE(SpeakerLeaseLost(4, 4));
  CHECK_FALSE(SpeakerLeaseLost(4, 5));
  CHECK_FALSE(SpeakerLeaseLost(4, 0));
  CHECK_FALSE(SpeakerLeaseLost(0, 1));
}

TEST_CASE("a channel account is refused for each field that breaks its limit") {
  const struct {
    const char* field;
    std::function<void(v1::ChannelAccount&)> spoil;
  } kCases[] = {
      {"account.kind", [](auto& a) { a.set_kind(v1::CHANNEL_KIND_UNSPECIFIED); }},
      {"account.display_name", [](auto& a) { a.clear_display_name(); }},
      {"account.display_name", [](auto& a) { a.set_display_name(std::string(101, 'x')); }},
      {"account.greeting", [](auto& a) { a.set_greeting(std::string(501, 'x')); }},
      {"account.webhook_url", [](auto& a) { a.set_webhook_url("https://shop.example/hook"); }},
      {"account.allowed_origins", [](auto& a) { a.add_allowed_origins("shop.example"); }},
      {"account.allowed_origins", [](auto& a) { a.add_allowed_origins("https://a.b/path"); }},
      {"account.webhook_url",
       [](auto& a) {
         a.set_kind(v1::CHANNEL_KIND_WEBHOOK);
         a.set_webhook_url("ftp://shop.example");
       }},
  };
  v1::ChannelAccount good;
  good.set_kind(v1::CHANNEL_KIND_WEB_CHAT);
  good.set_display_name("网站聊天");
  good.add_allowed_origins("https://shop.example:8443");
  CHECK(CheckChannelAccount(good, "account").ok());
  for (const auto& c : kCases) {
    v1::ChannelAccount account = good;
    c.spoil(account);
    const ErrorDetails details = DetailsOf(CheckChannelAccount(account, "account"));
    REQUIRE(details.fields.size() == 1);
    CHECK(details.fields[0].first == c.field);
  }
}

}  // namespace
}  // namespace frontdesk::channel
