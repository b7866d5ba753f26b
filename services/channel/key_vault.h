#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "frontdesk/channel/v1/channel.pb.h"
#include "libs/base/random.h"
#include "libs/bus/shard.h"
#include "libs/store/read_pool.h"
#include "libs/text/key_ring.h"
#include "libs/text/seal.h"
#include "services/channel/keys.h"
#include "services/channel/metrics.h"

namespace frontdesk::channel {

// Everything done with keys: customers' data keys, read, unwrapped and kept in a bounded cache; new
// ones; and what is derived from a tenant's key (identity hashes, signatures). Owned by the App.
// Thread safe; never blocks but for a short lock. Plain keys never leave memory through it.
class KeyVault {
 public:
  using Key = std::shared_ptr<const text::DataKey>;
  struct CustomerKeys {
    std::vector<Key> keys;        // in the order asked; null: unknown or destroyed
    std::vector<bool> destroyed;  // the key was there and is gone for good
  };
  using Done = absl::AnyInvocable<void(absl::StatusOr<CustomerKeys>)>;

  KeyVault(bus::ShardSet& shards, db::ReadPool& read_pool, const text::KeyRing& ring,
           RandomSource& random, const ChannelMetrics& metrics, size_t cached_keys_max);

  // `done` is called once, at once when all keys are in memory.
  void Get(std::string tenant, std::vector<std::string> customers, Done done);
  // nullptr when it is not in memory.
  Key Cached(std::string_view tenant, std::string_view customer);
  // Unwraps a row; null when the key was destroyed. Keeps it in memory.
  absl::StatusOr<Key> Unwrap(std::string_view tenant, std::string_view customer,
                             const records::DataKeyRecord& record);

  struct Fresh {
    Key key;
    records::DataKeyRecord record;
  };
  // A key for a customer who may be made; it is not kept before it is read back.
  absl::StatusOr<Fresh> Make(std::string_view tenant, std::string_view customer,
                             std::string key_id);

  // NOT_FOUND for a tenant without a key.
  absl::StatusOr<std::string> IdentityHash(std::string_view tenant, v1::IdentityKind kind,
                                           std::string_view scope, std::string_view value) const;
  // A key for one purpose within the tenant, the same for ever: 32 bytes.
  absl::StatusOr<text::SecretKey> TenantSecret(std::string_view tenant, uint64_t purpose) const;

 private:
  struct Entry {
    std::string name;
    Key key;
  };
  void Keep(std::string_view tenant, std::string_view customer, const Key& key);

  bus::ShardSet& shards_;
  db::ReadPool& read_pool_;
  const text::KeyRing& ring_;
  RandomSource& random_;
  const ChannelMetrics& metrics_;
  const size_t cached_keys_max_;

  std::mutex mu_;
  std::list<Entry> by_use_;  // guarded by mu_; the latest first
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> index_;  // guarded by mu_
};

// Purposes of TenantSecret; never reused for another.
inline constexpr uint64_t kResumeTokenSecret = 1;
inline constexpr uint64_t kWebhookSecret = 2;

}  // namespace frontdesk::channel
