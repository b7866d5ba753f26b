#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/rpc/tenants_file.h"
#include "libs/text/key_ring.h"
#include "services/channel/channel_service.h"

namespace frontdesk::channel {

// Brings channel's part of the tenants file in through the service's own methods: the tenants' keys,
// their channel accounts, and the customers of their business accounts. One step after the other;
// `done` is called once with the first error. Loading the same file twice changes nothing. Blocks:
// making a tenant's key. `service` and `ring` outlive it.
void LoadTenants(const rpc::TenantsFile& tenants, ChannelService& service, text::KeyRing& ring,
                 absl::AnyInvocable<void(absl::Status)> done);

}  // namespace frontdesk::channel
