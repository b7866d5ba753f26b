#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "services/billing/domain/records.h"

// What counts as use, and as the same use.
namespace frontdesk::billing {

inline constexpr std::string_view kFromReceived = "frontdesk.channel.v1.MessageReceived";
inline constexpr std::string_view kFromDelivered = "frontdesk.channel.v1.MessageDelivered";
inline constexpr std::string_view kFromResolved = "frontdesk.dialog.v1.ConversationResolved";

// INVALID_ARGUMENT naming the field under `path` ("usages[3]"): what a caller of RecordUsage may
// say. `now` is of the service; use_time is absent, at most 90 days old and 1 day ahead.
absl::Status CheckReported(std::string_view tenant, const v1::Usage& usage, absl::Time now,
                           const std::string& path);
// What is kept of a report: the fields a caller may set.
v1::Usage ReportedUsage(const v1::Usage& usage, absl::Time now);

// Use that events tell of; its id is the resource in the payload, so that a source which was
// restored and tells again under other event ids changes nothing. INVALID_ARGUMENT for a payload
// that is not about this tenant.
//
// An inbound message is the channel account's message id, which outlives a restore of channel.
absl::StatusOr<v1::Usage> UsageOf(std::string_view tenant,
                                  const channel::v1::MessageReceived& received, absl::Time now);
absl::StatusOr<v1::Usage> UsageOf(std::string_view tenant,
                                  const channel::v1::MessageDelivered& delivered, absl::Time now);
// A conversation that the bot resolved is one outcome for ever, also when it is reopened and
// resolved again. Only for bot_only.
absl::StatusOr<v1::Usage> UsageOf(std::string_view tenant,
                                  const dialog::v1::ConversationResolved& resolved, absl::Time now);

// Of what was reported, to tell a repeat from a conflict. A time that is not given is no part of
// it, nor is any time of an outcome. The value is stored.
uint64_t ReportHash(const v1::Usage& reported);
uint64_t EventHash(const v1::Usage& usage);

}  // namespace frontdesk::billing
