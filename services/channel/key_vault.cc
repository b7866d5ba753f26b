#include "services/channel/key_vault.h"

#include <fmt/core.h>

#include "libs/base/status_macros.h"
#include "libs/text/hash.h"
#include "services/channel/domain/customer.h"

namespace frontdesk::channel {
namespace {

std::string CacheName(std::string_view tenant, std::string_view customer) {
  return fmt::format("{}/{}", tenant, customer);
}

}  // namespace

KeyVault::KeyVault(bus::ShardSet& shards, db::ReadPool& read_pool, const text::KeyRing& ring,
                   RandomSource& random, const ChannelMetrics& metrics, size_t cached_keys_max)
    : shards_(shards),
      read_pool_(read_pool),
      ring_(ring),
      random_(random),
      metrics_(metrics),
      cached_keys_max_(cached_keys_max) {}

KeyVault::Key KeyVault::Cached(std::string_view tenant, std::string_view customer) {
  const std::lock_guard lock(mu_);
  const auto found = index_.find(CacheName(tenant, customer));
  if (found == index_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->key;
}

void KeyVault::Keep(std::string_view tenant, std::string_view customer, const Key& key) {
  const std::lock_guard lock(mu_);
  const std::string name = CacheName(tenant, customer);
  if (const auto found = index_.find(name); found != index_.end()) {
    found->second->key = key;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return;
  }
  by_use_.push_front({name, key});
  index_.emplace(name, by_use_.begin());
  if (by_use_.size() > cached_keys_max_) {
    index_.erase(by_use_.back().name);
    by_use_.pop_back();
  }
}

absl::StatusOr<KeyVault::Key> KeyVault::Unwrap(std::string_view tenant, std::string_view customer,
                                               const records::DataKeyRecord& record) {
  if (record.wrapped_key().empty()) return Key();
  FD_ASSIGN_OR_RETURN(const text::TenantKey tenant_key, ring_.Find(tenant, record.ring_key_id()));
  FD_ASSIGN_OR_RETURN(text::DataKey key, text::UnwrapDataKey(tenant_key, customer,
                                                             {.key_id = record.key_id(),
                                                              .tenant_key_id = record.ring_key_id(),
                                                              .bytes = record.wrapped_key()}));
  Key shared = std::make_shared<const text::DataKey>(std::move(key));
  Keep(tenant, customer, shared);
  return shared;
}

void KeyVault::Get(std::string tenant, std::vector<std::string> customers, Done done) {
  struct Work {
    std::string tenant;
    std::vector<std::string> customers;
    CustomerKeys found;
    Done done;
  };
  auto work = std::make_shared<Work>();
  work->found.keys.resize(customers.size());
  work->found.destroyed.resize(customers.size());
  size_t missing = 0;
  for (size_t i = 0; i < customers.size(); ++i) {
    work->found.keys[i] = Cached(tenant, customers[i]);
    if (work->found.keys[i] == nullptr) ++missing;
  }
  metrics_.key_cache_hits.Increment(static_cast<double>(customers.size() - missing));
  if (missing == 0) {
    done(std::move(work->found));
    return;
  }
  metrics_.key_cache_misses.Increment(static_cast<double>(missing));
  work->tenant = std::move(tenant);
  work->customers = std::move(customers);
  work->done = std::move(done);
  read_pool_.Read(
      shards_.For(work->tenant).store(), /*snapshot=*/false,
      [this, work](const db::Reader& reader) -> absl::Status {
        for (size_t i = 0; i < work->customers.size(); ++i) {
          if (work->found.keys[i] != nullptr) continue;
          const std::string& customer = work->customers[i];
          FD_ASSIGN_OR_RETURN(auto record,
                              kDataKeys.Find(reader, kDataKeys.Key(work->tenant, customer)));
          if (!record.has_value()) continue;
          FD_ASSIGN_OR_RETURN(work->found.keys[i], Unwrap(work->tenant, customer, *record));
          work->found.destroyed[i] = work->found.keys[i] == nullptr;
        }
        return absl::OkStatus();
      },
      [work](absl::Status status) {
        if (!status.ok()) {
          work->done(std::move(status));
        } else {
          work->done(std::move(work->found));
        }
      });
}

absl::StatusOr<KeyVault::Fresh> KeyVault::Make(std::string_view tenant, std::string_view customer,
                                               std::string key_id) {
  FD_ASSIGN_OR_RETURN(const text::TenantKey tenant_key, ring_.Active(tenant));
  text::DataKey key = text::NewDataKey(std::move(key_id), random_);
  FD_ASSIGN_OR_RETURN(text::WrappedDataKey wrapped, text::WrapDataKey(tenant_key, customer, key));
  Fresh fresh;
  fresh.record.set_key_id(wrapped.key_id);
  fresh.record.set_ring_key_id(wrapped.tenant_key_id);
  fresh.record.set_wrapped_key(std::move(wrapped.bytes));
  fresh.key = std::make_shared<const text::DataKey>(std::move(key));
  return fresh;
}

absl::StatusOr<std::string> KeyVault::IdentityHash(std::string_view tenant, v1::IdentityKind kind,
                                                   std::string_view scope,
                                                   std::string_view value) const {
  FD_ASSIGN_OR_RETURN(const text::TenantKey key, ring_.LookupKey(tenant));
  return text::IdentityHash(key, IdentityKindName(kind), scope, value);
}

absl::StatusOr<text::SecretKey> KeyVault::TenantSecret(std::string_view tenant,
                                                       uint64_t purpose) const {
  FD_ASSIGN_OR_RETURN(const text::TenantKey key, ring_.LookupKey(tenant));
  return key.key.Derive(purpose, "fd-chann");
}

}  // namespace frontdesk::channel
