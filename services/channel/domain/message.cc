#include "services/channel/domain/message.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/utf8.h"
#include "services/channel/domain/version.h"

namespace frontdesk::channel {

bool IsFinal(v1::MessageState state) {
  return state != v1::MESSAGE_STATE_SENDING && state != v1::MESSAGE_STATE_UNSPECIFIED;
}

absl::Status FinishMessage(v1::MessageState state, v1::MessageFailureReason reason, absl::Time now,
                           store::v1::MessageRecord& record) {
  v1::Message& message = *record.mutable_message();
  const bool failed = state == v1::MESSAGE_STATE_FAILED;
  const bool target =
      failed || state == v1::MESSAGE_STATE_DELIVERED || state == v1::MESSAGE_STATE_UNKNOWN;
  const bool reasoned = reason != v1::MESSAGE_FAILURE_REASON_UNSPECIFIED;
  if (message.state() != v1::MESSAGE_STATE_SENDING || !target || failed != reasoned) {
    return WithMetadata(
        WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                           "the message does not allow this outcome"),
                     "state", v1::MessageState_Name(message.state())),
        "verb", v1::MessageState_Name(state));
  }
  message.set_state(state);
  message.set_failure_reason(reason);
  *message.mutable_final_time() = ToTimestamp(now);
  record.set_version(record.version() + 1);
  return absl::OkStatus();
}

bool SpeakerLeaseLost(int64_t newest_token, int64_t token) {
  return token > 0 && token < newest_token;
}

absl::Status CheckChannelMessageId(std::string_view id, std::string_view field) {
  if (id.empty() || id.size() > kMaxChannelMessageIdBytes) {
    return InvalidField(field, "must have 1 to 128 bytes");
  }
  const bool control = std::any_of(id.begin(), id.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control || !IsValidUtf8(id)) {
    return InvalidField(field, "must be UTF-8 without control characters");
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::channel
