#include "libs/text/hash.h"

#include "absl/strings/escaping.h"
#include "libs/base/absl_interop.h"
#include "libs/text/keyed_hash.h"

namespace frontdesk::text {
namespace {

constexpr uint64_t kIdentitySubkey = 1;
constexpr size_t kHashBytes = 32;

}  // namespace

std::string IdentityHash(const TenantKey& key, std::string_view kind, std::string_view scope,
                         std::string_view value) {
  const SecretKey subkey = key.key.Derive(kIdentitySubkey, "fd-ident");
  KeyedHash hash(subkey, kHashBytes);
  hash.Add("frontdesk.identity.v1").Add(key.tenant).Add(kind).Add(scope).Add(value);
  return absl::BytesToHexString(ToAbsl(hash.Finish()));
}

}  // namespace frontdesk::text
