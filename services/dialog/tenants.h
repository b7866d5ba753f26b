#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/bus/shard.h"
#include "libs/rpc/tenants_file.h"
#include "services/dialog/intent_models.h"

namespace frontdesk::dialog {

// Makes or updates the agents and intents of the tenants file; `done` is called once, when all are
// in. Blocks for reading the files of examples. `models` may be null.
void LoadTenantsFile(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                     const std::shared_ptr<IntentModels>& models,
                     absl::AnyInvocable<void(absl::Status)> done);

}  // namespace frontdesk::dialog
