#include "services/channel/tenants_loader.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/channel/domain/channel_account.h"
#include "services/channel/domain/names.h"

namespace frontdesk::channel {
namespace {

// Runs its steps one after the other; each step calls the Finish it is given.
class Steps : public std::enable_shared_from_this<Steps> {
 public:
  using Step = absl::AnyInvocable<void(rpc::Finish)>;

  explicit Steps(absl::AnyInvocable<void(absl::Status)> done) : done_(std::move(done)) {}

  void Add(Step step) { steps_.push_back(std::move(step)); }
  void Next(absl::Status status) {
    if (!status.ok() || steps_.empty()) {
      std::exchange(done_, nullptr)(std::move(status));
      return;
    }
    Step step = std::move(steps_.front());
    steps_.pop_front();
    step([self = shared_from_this()](absl::Status result) { self->Next(std::move(result)); });
  }

 private:
  std::deque<Step> steps_;
  absl::AnyInvocable<void(absl::Status)> done_;
};

// One call of the service with everything it needs for its life.
template <class Request, class Response>
struct Exchange {
  rpc::Call call;
  Request request;
  Response response;
};

rpc::Call LoaderCall(const std::string& tenant, std::string_view method) {
  rpc::Call call;
  call.tenant = tenant;
  call.caller = {.tenant = tenant, .principal = "tenants-file", .role = rpc::Role::kAdmin};
  call.method = method;
  return call;
}

v1::ChannelAccount AccountOf(const std::string& tenant, const rpc::ChannelAccountEntry& entry) {
  v1::ChannelAccount account;
  account.set_name(ChannelAccountName(tenant, entry.id));
  account.set_kind(ParseChannelKind(entry.kind));
  account.set_display_name(entry.display_name.empty() ? entry.id : entry.display_name);
  account.set_default_language(entry.default_locale);
  account.set_greeting(entry.greeting);
  for (const std::string& origin : entry.allowed_origins) account.add_allowed_origins(origin);
  return account;
}

void UpdateAccount(ChannelService& service, const std::string& tenant,
                   const v1::ChannelAccount& wished, rpc::Finish finish) {
  using Update = Exchange<v1::UpdateChannelAccountRequest, v1::UpdateChannelAccountResponse>;
  auto update = std::make_shared<Update>();
  update->call = LoaderCall(tenant, "UpdateChannelAccount");
  *update->request.mutable_channel_account() = wished;
  for (const char* path : {"display_name", "default_language", "greeting", "allowed_origins"}) {
    update->request.mutable_update_mask()->add_paths(path);
  }
  // No request id: the change itself is idempotent, and an older file may come back.
  service.UpdateChannelAccount(update->call, update->request, &update->response,
                               [update, finish = std::move(finish)](absl::Status status) mutable {
                                 finish(std::move(status));
                               });
}

void LoadAccount(ChannelService& service, const std::string& tenant,
                 const rpc::ChannelAccountEntry& entry, rpc::Finish finish) {
  using Create = Exchange<v1::CreateChannelAccountRequest, v1::CreateChannelAccountResponse>;
  auto create = std::make_shared<Create>();
  create->call = LoaderCall(tenant, "CreateChannelAccount");
  create->request.set_parent(TenantName(tenant));
  create->request.set_channel_account_id(entry.id);
  *create->request.mutable_channel_account() = AccountOf(tenant, entry);
  service.CreateChannelAccount(
      create->call, create->request, &create->response,
      [&service, tenant, create, finish = std::move(finish)](absl::Status status) mutable {
        if (!absl::IsAlreadyExists(status)) return finish(std::move(status));
        UpdateAccount(service, tenant, create->request.channel_account(), std::move(finish));
      });
}

// "email:a@b.c", "phone:+49…", "external:42", or "{channel account}:{sender}".
absl::Status LoadCustomer(ChannelService& service, const std::string& tenant,
                          const std::string& account, const std::string& identity,
                          rpc::Finish& finish) {
  const size_t colon = identity.find(':');
  if (colon == std::string::npos) {
    return InvalidField("customers", fmt::format("{} has no kind: email:, phone:, external: or a "
                                                 "channel account",
                                                 identity));
  }
  const std::string kind = identity.substr(0, colon);
  const std::string value = identity.substr(colon + 1);
  v1::IdentityKind type = v1::IDENTITY_KIND_CHANNEL_USER;
  std::string channel_account = kind;
  if (kind == "email") type = v1::IDENTITY_KIND_EMAIL;
  if (kind == "phone") type = v1::IDENTITY_KIND_PHONE;
  if (kind == "external") type = v1::IDENTITY_KIND_EXTERNAL;
  if (type != v1::IDENTITY_KIND_CHANNEL_USER) channel_account.clear();
  service.EnsureCustomer(LoaderCall(tenant, "EnsureCustomer"), type, channel_account, value,
                         fmt::format("tenants/{}/accounts/{}", tenant, account), std::move(finish));
  return absl::OkStatus();
}

void AddTenant(const rpc::TenantEntry& tenant, ChannelService& service, text::KeyRing& ring,
               Steps& steps) {
  steps.Add([&ring, id = tenant.id](rpc::Finish finish) { finish(ring.GenerateFor(id).status()); });
  for (const rpc::ChannelAccountEntry& entry : tenant.channel_accounts) {
    steps.Add([&service, id = tenant.id, entry](rpc::Finish finish) {
      LoadAccount(service, id, entry, std::move(finish));
    });
  }
  for (const rpc::AccountEntry& account : tenant.accounts) {
    for (const std::string& identity : account.customers) {
      steps.Add([&service, id = tenant.id, account = account.id, identity](rpc::Finish finish) {
        absl::Status shape = LoadCustomer(service, id, account, identity, finish);
        if (!shape.ok()) finish(std::move(shape));
      });
    }
  }
}

}  // namespace

void LoadTenants(const rpc::TenantsFile& tenants, ChannelService& service, text::KeyRing& ring,
                 absl::AnyInvocable<void(absl::Status)> done) {
  auto steps = std::make_shared<Steps>(std::move(done));
  for (const rpc::TenantEntry& tenant : tenants.tenants) AddTenant(tenant, service, ring, *steps);
  steps->Next(absl::OkStatus());
}

}  // namespace frontdesk::channel
