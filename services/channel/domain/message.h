#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "frontdesk/channel/store/v1/channel_store.pb.h"
#include "frontdesk/channel/v1/channel.pb.h"

// Rules of messages: their states, and who may still speak.
namespace frontdesk::channel {

inline constexpr size_t kMaxTextBytes = size_t{32} << 10;
inline constexpr size_t kMaxChannelMessageIdBytes = 128;

// True for DELIVERED, FAILED, UNKNOWN and RECEIVED.
bool IsFinal(v1::MessageState state);

// SENDING becomes DELIVERED, FAILED or UNKNOWN, once. FAILED_PRECONDITION (FAILED_TRANSITION) for
// any other change; a failure needs a reason.
absl::Status FinishMessage(v1::MessageState state, v1::MessageFailureReason reason, absl::Time now,
                           store::v1::MessageRecord& record);

// The fence of the speaker lease: true when a reply with this token comes after one with a newer
// token of the same conversation. 0 = written under no lease, never fenced.
bool SpeakerLeaseLost(int64_t newest_token, int64_t token);

// INVALID_ARGUMENT unless 1 to 128 bytes of UTF-8 without control characters.
absl::Status CheckChannelMessageId(std::string_view id, std::string_view field);

}  // namespace frontdesk::channel
