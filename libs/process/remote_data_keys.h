#pragma once

#include <list>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "libs/base/clock.h"
#include "libs/process/peers.h"
#include "libs/rpc/client.h"

namespace frontdesk::process {

// Data keys from channel's process, cached. A key stays at most `life`, because an erased customer's
// key must stop to work; a customer without a key is not remembered at all. Thread safe.
class RemoteDataKeys final : public DataKeys {
 public:
  struct Options {
    size_t keys_max = 100'000;
    absl::Duration life = absl::Minutes(1);
  };

  // `client` must outlive it.
  RemoteDataKeys(rpc::Client& client, const Clock& clock, Options options)
      : client_(client), clock_(clock), options_(options) {}

  void Get(std::string_view tenant, std::vector<std::string> customers, absl::Duration deadline,
           Done done) override;

 private:
  struct Entry {
    Key key;
    absl::Duration expires;  // steady
    std::list<std::string>::iterator place;
  };

  Key Find(const std::string& id);
  void Keep(const std::string& id, Key key);

  rpc::Client& client_;
  const Clock& clock_;
  const Options options_;
  std::mutex mu_;
  absl::flat_hash_map<std::string, Entry> entries_;  // guarded by mu_; "tenant/customer"
  std::list<std::string> oldest_first_;              // guarded by mu_
};

}  // namespace frontdesk::process
