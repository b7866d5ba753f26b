#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/bus/shard.h"
#include "libs/store/command.h"

namespace frontdesk::process {

// The commands with which a service brings its part of the tenants file in (App::LoadTenants).
// Owned by whoever adds commands and by the commands themselves: with the last of them goes the
// load, and `done` is told, once: the first error, else OK. Thread safe.
class TenantsLoad : public std::enable_shared_from_this<TenantsLoad> {
 public:
  static std::shared_ptr<TenantsLoad> Begin(bus::ShardSet& shards,
                                            absl::AnyInvocable<void(absl::Status)> done) {
    return std::shared_ptr<TenantsLoad>(new TenantsLoad(shards, std::move(done)));
  }
  ~TenantsLoad() { done_(std::move(status_)); }

  // `method` is of static storage.
  void Submit(const std::string& tenant, std::string_view method, store::Handler handler);
  // What went wrong without a command; OK changes nothing.
  void Add(const absl::Status& status);

 private:
  TenantsLoad(bus::ShardSet& shards, absl::AnyInvocable<void(absl::Status)> done)
      : shards_(shards), done_(std::move(done)) {}

  bus::ShardSet& shards_;
  absl::AnyInvocable<void(absl::Status)> done_;
  std::mutex mu_;
  absl::Status status_;  // guarded by mu_
};

}  // namespace frontdesk::process
