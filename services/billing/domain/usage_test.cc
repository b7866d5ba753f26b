#include "services/billing/domain/usage.h"

#include <catch2/catch.hpp>

#include <functional>
#include <string>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

v1::Usage Report() {
  v1::Usage usage;
  usage.set_source("app/backend");
  usage.set_usage_id("u-1");
  usage.set_meter(v1::METER_MESSAGES);
  usage.set_quantity(3);
  return usage;
}

TEST_CASE("reports of a wrong shape are refused by the name of the field") {
  REQUIRE(CheckReported("acme", Report(), kNow, "usages[0]").ok());
  struct Case {
    std::function<void(v1::Usage&)> spoil;
    std::string field;
  };
  const auto at = [](absl::Duration offset) {
    return [offset](v1::Usage& u) { ToProto(kNow + offset, u.mutable_use_time()); };
  };
  const Case cases[] = {
      {[](auto& u) { u.clear_source(); }, "source"},
      {[](auto& u) { u.set_source(std::string(65, 'a')); }, "source"},
      {[](auto& u) { u.set_source("App"); }, "source"},
      {[](auto& u) { u.set_source("frontdesk.channel.v1.messagereceived"); }, "source"},
      {[](auto& u) { u.clear_usage_id(); }, "usage_id"},
      {[](auto& u) { u.set_usage_id(std::string(129, 'a')); }, "usage_id"},
      {[](auto& u) { u.set_usage_id("\xc0\x80"); }, "usage_id"},
      {[](auto& u) { u.clear_meter(); }, "meter"},
      {[](auto& u) { u.set_meter(static_cast<v1::Meter>(99)); }, "meter"},
      {[](auto& u) { u.set_quantity(0); }, "quantity"},
      {[](auto& u) { u.set_quantity(-1); }, "quantity"},
      {[](auto& u) { u.set_quantity(1'000'000'001); }, "quantity"},
      {[](auto& u) { u.set_customer("tenants/other/customers/ada"); }, "customer"},
      {[](auto& u) { u.set_account("acme"); }, "account"},
      {at(-absl::Hours(24 * 90) - absl::Seconds(1)), "use_time"},
      {at(absl::Hours(24) + absl::Seconds(1)), "use_time"},
      {[](auto& u) { u.mutable_use_time()->set_nanos(-1); }, "use_time"},
  };
  for (const Case& c : cases) {
    v1::Usage usage = Report();
    c.spoil(usage);
    const absl::Status status = CheckReported("acme", usage, kNow, "usages[7]");
    INFO(c.field << ": " << status);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(DetailsOf(status).fields.size() == 1);
    CHECK(DetailsOf(status).fields[0].first == "usages[7]." + c.field);
  }
}

TEST_CASE("what a caller may not set is not kept") {
  v1::Usage usage = Report();
  usage.set_name("tenants/acme/usages/mine");
  usage.add_evidence("x");
  usage.set_ledger_group("g");
  ToProto(Money{"EUR", 1}, usage.mutable_amount());
  const v1::Usage kept = ReportedUsage(usage, kNow);
  CHECK(kept.name().empty());
  CHECK(kept.evidence().empty());
  CHECK(kept.ledger_group().empty());
  CHECK_FALSE(kept.has_amount());
  CHECK(FromProto(kept.use_time()) == kNow);
}

TEST_CASE("a report is the same when it says the same; a time that was left out says nothing") {
  const uint64_t hash = ReportHash(Report());
  CHECK(hash == ReportHash(Report()));
  const std::function<void(v1::Usage&)> changes[] = {
      [](auto& u) { u.set_quantity(4); },
      [](auto& u) { u.set_meter(v1::METER_BOT_RESOLUTIONS); },
      [](auto& u) { u.set_customer("tenants/acme/customers/ada"); },
      [](auto& u) { u.set_account("tenants/acme/accounts/a"); },
      [](auto& u) { ToProto(kNow, u.mutable_use_time()); },
  };
  for (const auto& change : changes) {
    v1::Usage usage = Report();
    change(usage);
    CHECK(ReportHash(usage) != hash);
  }
  // Stored: must never change.
  CHECK(ReportHash(Report()) == 0xd9b05bc93375ead2);
}

TEST_CASE("an inbound message is known by the channel's own id") {
  channel::v1::MessageReceived received;
  received.set_customer("tenants/acme/customers/ada");
  channel::v1::Message& message = *received.mutable_message();
  message.set_name("tenants/acme/customers/ada/messages/m1");
  message.set_channel_account("tenants/acme/channelAccounts/web");
  message.set_channel_message_id("client-7");
  ToProto(kNow - absl::Seconds(5), message.mutable_create_time());
  auto usage = UsageOf("acme", received, kNow);
  REQUIRE(usage.ok());
  CHECK(usage->source() == "frontdesk.channel.v1.MessageReceived");
  CHECK(usage->usage_id() == "channelAccounts/web/messages/client-7");
  CHECK(usage->meter() == v1::METER_MESSAGES);
  CHECK(usage->quantity() == 1);
  CHECK(FromProto(usage->use_time()) == kNow - absl::Seconds(5));
  CHECK(usage->evidence(0) == message.name());

  message.clear_channel_message_id();
  CHECK(UsageOf("acme", received, kNow).value().usage_id() == "customers/ada/messages/m1");
  CHECK_FALSE(UsageOf("other", received, kNow).ok());
  message.set_name("m1");
  CHECK_FALSE(UsageOf("acme", received, kNow).ok());
}

TEST_CASE("a conversation is one outcome, whenever and however often it is resolved") {
  dialog::v1::ConversationResolved resolved;
  resolved.set_bot_only(true);
  resolved.set_customer("tenants/acme/customers/ada");
  resolved.mutable_conversation()->set_name("tenants/acme/conversations/c1");
  ToProto(kNow, resolved.mutable_conversation()->mutable_resolve_time());
  const auto first = UsageOf("acme", resolved, kNow);
  ToProto(kNow + absl::Hours(5), resolved.mutable_conversation()->mutable_resolve_time());
  resolved.set_account("tenants/acme/accounts/a");
  const auto second = UsageOf("acme", resolved, kNow);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first->usage_id() == "conversations/c1");
  CHECK(first->usage_id() == second->usage_id());
  CHECK(EventHash(*first) == EventHash(*second));
  CHECK(first->evidence(0) == "tenants/acme/conversations/c1");
  resolved.mutable_conversation()->clear_name();
  CHECK_FALSE(UsageOf("acme", resolved, kNow).ok());
}

}  // namespace
}  // namespace frontdesk::billing
