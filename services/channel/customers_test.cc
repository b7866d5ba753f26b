#include <catch2/catch.hpp>

#include "libs/process/sealing.h"
#include "services/channel/testing/channel_world.h"

namespace frontdesk::channel {
namespace {

using testing::ChannelWorld;
using testing::kApi;
using testing::kWeb;

v1::LinkIdentityRequest LinkRequest(ChannelWorld& world, const std::string& customer,
                                    v1::IdentityKind kind, const std::string& value) {
  v1::LinkIdentityRequest request;
  request.set_name(customer);
  request.set_kind(kind);
  request.set_value(value);
  request.set_request_id(world.NewRequestId());
  return request;
}

TEST_CASE("two identities are linked, found again, and unlinked") {
  ChannelWorld world;
  const std::string ada = world.Ingest("m1", "ada", "hello").customer();
  v1::LinkIdentityResponse linked;
  REQUIRE(world
              .LinkIdentity(LinkRequest(world, ada, v1::IDENTITY_KIND_PHONE, "+49 (151) 234-56789"),
                            &linked)
              .ok());
  const int version = std::stoi(linked.customer().etag());
  v1::LinkIdentityRequest chat =
      LinkRequest(world, ada, v1::IDENTITY_KIND_CHANNEL_USER, "visitor-7");
  chat.set_channel_account(kWeb);
  REQUIRE(world.LinkIdentity(chat, &linked).ok());
  REQUIRE(linked.customer().identities_size() == 3);
  CHECK(std::stoi(linked.customer().etag()) == version + 1);

  // The linked sender of another channel is the same customer now.
  CHECK(world.Ingest("w1", "visitor-7", "it is me", kWeb).customer() == ada);

  for (int i = 2; i >= 1; --i) {
    v1::UnlinkIdentityRequest unlink;
    unlink.set_name(ada);
    unlink.set_identity_id(linked.customer().identities(i).identity_id());
    unlink.set_request_id(world.NewRequestId());
    v1::UnlinkIdentityResponse unlinked;
    REQUIRE(world.UnlinkIdentity(unlink, &unlinked).ok());
    CHECK(unlinked.customer().identities_size() == i);
  }
  const std::string other = world.Ingest("w2", "visitor-7", "who am I?", kWeb).customer();
  CHECK(other != ada);
  CHECK(world.List(ada).messages_size() == 2);
  CHECK(world.CountEvents(v1::ChannelEvent::kIdentityLinked) == 2);
  CHECK(world.CountEvents(v1::ChannelEvent::kIdentityUnlinked) == 2);
}

TEST_CASE("linking the same address again changes nothing, another's is refused") {
  ChannelWorld world;
  const std::string ada = world.Ingest("m1", "ada", "hello").customer();
  const std::string bob = world.Ingest("m2", "bob", "hello").customer();
  v1::LinkIdentityResponse response;
  REQUIRE(world
              .LinkIdentity(LinkRequest(world, ada, v1::IDENTITY_KIND_EMAIL, "Ada@Example.org"),
                            &response)
              .ok());
  const std::string etag = response.customer().etag();
  REQUIRE(world
              .LinkIdentity(LinkRequest(world, ada, v1::IDENTITY_KIND_EMAIL, "ada@example.org"),
                            &response)
              .ok());
  CHECK(response.customer().etag() == etag);
  const absl::Status taken = world.LinkIdentity(
      LinkRequest(world, bob, v1::IDENTITY_KIND_EMAIL, "ADA@example.org"), &response);
  CHECK(absl::IsAlreadyExists(taken));
  CHECK(ReasonOf(taken) == "IDENTITY_TAKEN");
}

TEST_CASE("a change made for an older customer is refused") {
  ChannelWorld world;
  const std::string ada = world.Ingest("m1", "ada", "hello").customer();
  v1::LinkIdentityRequest request = LinkRequest(world, ada, v1::IDENTITY_KIND_EXTERNAL, "42");
  request.set_etag("99");
  v1::LinkIdentityResponse response;
  CHECK(ReasonOf(world.LinkIdentity(request, &response)) == "ETAG_MISMATCH");
}

TEST_CASE("a customer has at most 20 identities") {
  ChannelWorld world;
  const std::string ada = world.Ingest("m1", "ada", "hello").customer();
  v1::LinkIdentityResponse response;
  for (int i = 1; i < 20; ++i) {
    REQUIRE(world
                .LinkIdentity(
                    LinkRequest(world, ada, v1::IDENTITY_KIND_EXTERNAL, fmt::format("id-{}", i)),
                    &response)
                .ok());
  }
  CHECK(absl::IsFailedPrecondition(world.LinkIdentity(
      LinkRequest(world, ada, v1::IDENTITY_KIND_EXTERNAL, "one-more"), &response)));
}

TEST_CASE("channel accounts are changed by mask, and only where they may be") {
  ChannelWorld world;
  v1::UpdateChannelAccountRequest request;
  request.mutable_channel_account()->set_name(kWeb);
  request.mutable_channel_account()->set_greeting("Hello!");
  request.mutable_channel_account()->set_display_name("ignored by the mask");
  request.mutable_update_mask()->add_paths("greeting");
  request.set_request_id(world.NewRequestId());
  v1::UpdateChannelAccountResponse response;
  REQUIRE(world.UpdateChannelAccount(request, &response).ok());
  CHECK(response.channel_account().greeting() == "Hello!");
  CHECK(response.channel_account().display_name() == "web");
  CHECK(response.channel_account().etag() == "2");

  request.mutable_update_mask()->set_paths(0, "kind");
  request.set_request_id(world.NewRequestId());
  CHECK(absl::IsInvalidArgument(world.UpdateChannelAccount(request, &response)));
  request.clear_update_mask();
  request.mutable_channel_account()->set_etag("1");
  request.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.UpdateChannelAccount(request, &response)) == "ETAG_MISMATCH");
}

TEST_CASE("a webhook's secret is shown at creation, and is the same when the call is repeated") {
  ChannelWorld world;
  CHECK(world.webhook_secret.starts_with("whsec_"));
  v1::CreateChannelAccountRequest request;
  request.set_parent("tenants/acme");
  request.set_channel_account_id("hook-2");
  request.mutable_channel_account()->set_kind(v1::CHANNEL_KIND_WEBHOOK);
  request.mutable_channel_account()->set_display_name("Partner");
  request.set_request_id(world.NewRequestId());
  v1::CreateChannelAccountResponse first;
  v1::CreateChannelAccountResponse again;
  REQUIRE(world.CreateChannelAccount(request, &first).ok());
  REQUIRE(world.CreateChannelAccount(request, &again).ok());
  CHECK(first.webhook_secret() == again.webhook_secret());
  CHECK(first.webhook_secret() != world.webhook_secret);
}

TEST_CASE("loading the tenants file twice changes nothing the second time") {
  ChannelWorld world;
  rpc::TenantsFile file;
  rpc::TenantEntry& tenant = file.tenants.emplace_back();
  tenant.id = "acme";
  tenant.channel_accounts.push_back({.id = "shop",
                                     .kind = "web_chat",
                                     .display_name = "Shop",
                                     .default_locale = "zh",
                                     .greeting = "您好！",
                                     .allowed_origins = {"https://shop.example"}});
  rpc::AccountEntry& account = tenant.accounts.emplace_back();
  account.id = "big";
  account.customers = {"api:visitor-1", "email:Boss@Big.example"};
  for (int round = 0; round < 2; ++round) {
    const absl::Status status = world.LoadTenants(file);
    INFO(status);
    REQUIRE(status.ok());
    v1::ListChannelAccountsRequest list;
    list.set_parent("tenants/acme");
    v1::ListChannelAccountsResponse accounts;
    REQUIRE(world.ListChannelAccounts(list, &accounts).ok());
    REQUIRE(accounts.channel_accounts_size() == 4);
    CHECK(accounts.channel_accounts(2).etag() == "1");
    CHECK(accounts.channel_accounts(2).greeting() == "您好！");
    v1::ListCustomersRequest customers;
    customers.set_parent("tenants/acme");
    v1::ListCustomersResponse found;
    REQUIRE(world.ListCustomers(customers, &found).ok());
    CHECK(found.customers_size() == 2);
  }
  CHECK(world.Ingest("m1", "visitor-1", "hello").account() == "tenants/acme/accounts/big");
}

TEST_CASE("data keys are given for known customers only, and open what was sealed") {
  ChannelWorld world;
  const v1::Message message = world.Ingest("m1", "ada", "secret words");
  const std::string id = message.customer().substr(message.customer().rfind('/') + 1);
  world.CrashFor(absl::Seconds(1));
  std::vector<process::DataKeys::Key> keys;
  world.app->data_keys().Get("acme", {id, "nobody"}, absl::Seconds(1), [&](auto found) {
    REQUIRE(found.ok());
    keys = *std::move(found);
  });
  world.Settle();
  REQUIRE(keys.size() == 2);
  CHECK(keys[1] == nullptr);
  REQUIRE(keys[0] != nullptr);
  const auto opened = process::OpenText(*keys[0], "acme", id, message.text());
  REQUIRE(opened.ok());
  CHECK(*opened == "secret words");
}

}  // namespace
}  // namespace frontdesk::channel
