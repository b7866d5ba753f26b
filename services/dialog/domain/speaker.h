#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "frontdesk/dialog/v1/dialog.pb.h"

// Who may speak in a conversation: one holder at a time, and a fencing token that rises with every
// change of holder, so that what was said under an older one can be refused.
namespace frontdesk::dialog {

inline constexpr std::string_view kBotSpeaker = "services/dialog";

// Makes `holder` the speaker. True when that is a change; the token has risen then.
bool GiveSpeaker(std::string_view holder, v1::SpeakerLease& lease);

// FAILED_PRECONDITION (SPEAKER_LEASE_LOST) with the present holder and token, unless `token` is the
// present one.
absl::Status CheckSpeakerToken(const v1::SpeakerLease& lease, int64_t token);

}  // namespace frontdesk::dialog
