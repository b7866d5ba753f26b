#include "services/dialog/derived_id.h"

#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/ulid.h"

namespace frontdesk::dialog {

std::string DerivedId(std::string_view purpose, std::string_view message, absl::Time now) {
  // Channel's ids are a ULID and the message's sequence: "01h…-7".
  constexpr size_t kUlidLength = 26;
  const std::string_view id = message.substr(message.rfind('/') + 1).substr(0, kUlidLength);
  SeededRandom random(Fingerprint64(std::string(purpose) + "\n" + std::string(message)));
  return NewUlid(IsUlid(id) ? UlidTime(id) : now, random);
}

}  // namespace frontdesk::dialog
