#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/topics.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// What customers asked about, counted by day, and what is reported of it.
namespace frontdesk::knowledge {

inline constexpr int kTopicsReported = 20;
inline constexpr uint32_t kTopicDaysKept = 400;

// Counts a topic on a day; the tenant's first one sets the daily timer.
absl::Status CountTopic(const engine::Context& context, engine::Txn& txn, uint32_t day,
                        v1::TopicKind kind, std::string_view id, int count, int pain);

// The period that ends with `last_day`.
absl::StatusOr<v1::TopicReport> MakeTopicReport(const engine::Reader& reader,
                                                std::string_view tenant, v1::TopicPeriod period,
                                                uint32_t last_day, int max,
                                                std::string_view locale);

// The daily timer: publishes the report of a day that has ended, and after a Sunday that of the week;
// forgets some rows that are too old.
absl::Status ReportTopics(const engine::Context& context, engine::Txn& txn);

}  // namespace frontdesk::knowledge
