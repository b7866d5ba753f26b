#include "services/dialog/domain/speaker.h"

#include <string>
#include <utility>

#include "libs/base/error.h"

namespace frontdesk::dialog {

bool GiveSpeaker(std::string_view holder, v1::SpeakerLease& lease) {
  if (lease.holder() == holder) return false;
  lease.set_holder(std::string(holder));
  lease.set_token(lease.token() + 1);
  return true;
}

absl::Status CheckSpeakerToken(const v1::SpeakerLease& lease, int64_t token) {
  if (token == lease.token()) return absl::OkStatus();
  absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, "SPEAKER_LEASE_LOST", "someone else speaks now");
  status = WithMetadata(std::move(status), "holder", lease.holder());
  return WithMetadata(std::move(status), "token", std::to_string(lease.token()));
}

}  // namespace frontdesk::dialog
