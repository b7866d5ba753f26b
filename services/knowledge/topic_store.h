#pragma once

#include <string_view>
#include <vector>

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

// The daily timer: notes that a day has ended. Its report is made outside of commands
// (topic_reporter.h): that of a week reads the rows of fourteen days.
absl::Status WantTopicReports(const engine::Context& context, engine::Txn& txn);

// What is published of a day that has ended: its report, and after a Sunday that of the week.
struct TopicReports {
  uint32_t day = 0;
  std::vector<v1::TopicReport> reports;
};

// Those of the first day of a tenant that was not reported yet.
absl::StatusOr<TopicReports> MakeDueReports(const engine::Reader& reader, std::string_view tenant);

// Publishes them once, sets the timer of the next day, forgets some rows that are too old.
absl::Status PublishTopicReports(const TopicReports& reports, const engine::Context& context,
                                 engine::Txn& txn);

}  // namespace frontdesk::knowledge
