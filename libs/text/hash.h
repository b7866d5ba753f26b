#pragma once

#include <string>
#include <string_view>

#include "libs/text/tenant_key.h"

namespace frontdesk::text {

// What an identity (an address, a number, a login) is found by, so that look-ups need no plain text
// and the store holds none: BLAKE2b-256 keyed with a key derived from the tenant's, in 64
// hexadecimal digits. Without the key the hash can't be tried against a list of phone numbers.
// Deterministic: equal arguments give equal hashes for ever, other tenants other ones. Pure, thread
// safe.
//
// `key` must always be KeyRing::LookupKey of the tenant: the hash of another key finds nothing.
// `kind` is the kind of identity ("email"), `scope` what it is unique in (a channel account, or
// ""), `value` the normalised identity (MatchKey of an address).
std::string IdentityHash(const TenantKey& key, std::string_view kind, std::string_view scope,
                         std::string_view value);

}  // namespace frontdesk::text
