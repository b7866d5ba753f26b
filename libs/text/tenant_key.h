#pragma once

#include <string>
#include <utility>

#include "libs/text/secret_key.h"

namespace frontdesk::text {

// A tenant's key from the key ring: it wraps the data keys of the tenant's customers and keys the
// look-up hashes of their identities. It never touches customer text itself.
struct TenantKey {
  std::string tenant;
  std::string key_id;
  SecretKey key;

  TenantKey Clone() const { return {tenant, key_id, key.Clone()}; }
};

}  // namespace frontdesk::text
