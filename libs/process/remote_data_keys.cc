#include "libs/process/remote_data_keys.h"

#include <fmt/core.h>

#include "frontdesk/channel/v1/data_key_service.pb.h"
#include "libs/base/resource_name.h"
#include "libs/text/seal.h"

namespace frontdesk::process {
namespace {

constexpr char kMethod[] = "/frontdesk.channel.v1.DataKeyService/GetDataKeys";

std::string CacheId(std::string_view tenant, std::string_view customer) {
  return fmt::format("{}/{}", tenant, customer);
}

std::string CustomerId(const std::string& name) {
  const auto ids = ParseResourceName(name, {"tenants", "customers"}, "customer");
  return ids.ok() ? ids->back() : name;
}

DataKeys::Key FromProto(const channel::v1::DataKey& proto) {
  auto secret = text::SecretKey::FromBytes(proto.key());
  if (!secret.ok()) return nullptr;
  return std::make_shared<const text::DataKey>(text::DataKey{proto.key_id(), *std::move(secret)});
}

}  // namespace

DataKeys::Key RemoteDataKeys::Find(const std::string& id) {
  const std::lock_guard lock(mu_);
  const auto it = entries_.find(id);
  if (it == entries_.end() || it->second.expires < clock_.Steady()) return nullptr;
  return it->second.key;
}

void RemoteDataKeys::Keep(const std::string& id, Key key) {
  const std::lock_guard lock(mu_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) {
    oldest_first_.erase(found->second.place);
    entries_.erase(found);
  }
  if (entries_.size() >= options_.keys_max) {
    entries_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  const auto place = oldest_first_.insert(oldest_first_.end(), id);
  entries_[id] = {std::move(key), clock_.Steady() + options_.life, place};
}

void RemoteDataKeys::Get(std::string_view tenant, std::vector<std::string> customers,
                         absl::Duration deadline, Done done) {
  std::vector<Key> keys;
  channel::v1::GetDataKeysRequest request;
  request.set_parent(fmt::format("tenants/{}", tenant));
  for (const std::string& customer : customers) {
    keys.push_back(Find(CacheId(tenant, customer)));
    if (keys.back() == nullptr) {
      request.add_customers(fmt::format("tenants/{}/customers/{}", tenant, customer));
    }
  }
  if (request.customers().empty()) {
    done(std::move(keys));
    return;
  }
  rpc::Outgoing outgoing;
  outgoing.cap = deadline;
  client_.Unary<channel::v1::GetDataKeysResponse>(
      kMethod, outgoing, request,
      [this, tenant = std::string(tenant), customers = std::move(customers), keys = std::move(keys),
       done = std::move(done)](auto response) mutable {
        if (!response.ok()) {
          done(response.status());
          return;
        }
        absl::flat_hash_map<std::string, Key> fetched;
        for (const channel::v1::DataKey& proto : response->keys()) {
          const std::string customer = CustomerId(proto.customer());
          fetched[customer] = FromProto(proto);
          Keep(CacheId(tenant, customer), fetched[customer]);
        }
        for (size_t i = 0; i < customers.size(); ++i) {
          const auto it = fetched.find(customers[i]);
          if (keys[i] == nullptr && it != fetched.end()) keys[i] = it->second;
        }
        done(std::move(keys));
      });
}

}  // namespace frontdesk::process
