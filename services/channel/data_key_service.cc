#include "services/channel/data_key_service.h"

#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "services/channel/domain/names.h"

namespace frontdesk::channel {
namespace {

constexpr int kCustomersPerCallMax = 100;

}  // namespace

void DataKeyService::GetDataKeys(const rpc::Call& call, const v1::GetDataKeysRequest& request,
                                 v1::GetDataKeysResponse* response, rpc::Finish finish) {
  if (request.customers().empty() || request.customers_size() > kCustomersPerCallMax) {
    return finish(
        InvalidField("customers", fmt::format("has 1 to {} names", kCustomersPerCallMax)));
  }
  std::vector<std::string> customers;
  for (int i = 0; i < request.customers_size(); ++i) {
    auto id = ParseCustomerName(call.tenant, request.customers(i), fmt::format("customers[{}]", i));
    if (!id.ok()) return finish(id.status());
    customers.push_back(*std::move(id));
  }
  keys_.Get(call.tenant, std::move(customers),
            [&request, response,
             finish = std::move(finish)](absl::StatusOr<KeyVault::CustomerKeys> found) mutable {
              if (!found.ok()) return finish(found.status());
              for (int i = 0; i < request.customers_size(); ++i) {
                const auto at = static_cast<size_t>(i);
                if (found->destroyed[at]) {
                  response->add_destroyed_customers(request.customers(i));
                } else if (found->keys[at] == nullptr) {
                  response->add_missing_customers(request.customers(i));
                } else {
                  v1::DataKey& key = *response->add_keys();
                  key.set_customer(request.customers(i));
                  key.set_key_id(found->keys[at]->key_id);
                  key.set_key(found->keys[at]->key.ExposeBytes());
                }
              }
              finish(absl::OkStatus());
            });
}

void ChannelDataKeys::Get(std::string_view tenant, std::vector<std::string> customers,
                          absl::Duration, Done done) {
  keys_.Get(std::string(tenant), std::move(customers),
            [done = std::move(done)](absl::StatusOr<KeyVault::CustomerKeys> found) mutable {
              if (!found.ok()) return done(found.status());
              done(std::move(found->keys));
            });
}

}  // namespace frontdesk::channel
