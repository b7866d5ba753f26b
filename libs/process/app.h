#pragma once

#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/bus/shard.h"
#include "libs/rpc/tenants_file.h"

namespace frontdesk::rpc {
class Service;
}

namespace frontdesk::process {

// One service as its process sees it: the same object in its own binary, in the suite and in the
// simulation. Each service's app.h derives from it and is the only place where its parts are wired.
// Owned by the process (or a test); made by the derived class's Open, destroyed after Stop.
class App {
 public:
  virtual ~App() = default;

  virtual bus::ShardSet& shards() = 0;
  // Its gRPC surface; empty when it was opened without an rpc::Host (the simulation).
  virtual std::vector<rpc::Service*> rpc_services() = 0;

  // Brings the service's part of the tenants file in through the same commands as any change:
  // creates what is missing, updates what differs, touches nothing else. `done` is called once, on
  // any thread. Loading the same file twice changes nothing.
  virtual void LoadTenants(const rpc::TenantsFile& tenants,
                           absl::AnyInvocable<void(absl::Status)> done) = 0;

  // Starts the threads. What must listen (HTTP) begins here too.
  virtual void Start() { shards().Start(); }
  virtual void Stop(absl::Duration deadline) { shards().Stop(deadline); }
  // Instead of Start: one step of everything, on the caller's thread. False when nothing moved.
  virtual bool Step(absl::Time now) { return shards().Step(now); }
  // OK, or why the service can't do its work in full.
  virtual absl::Status Ready() { return shards().Ready(); }
};

}  // namespace frontdesk::process
