#include "services/knowledge/topic_reporter.h"

#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"

namespace frontdesk::knowledge {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(5);

}  // namespace

bool TopicReporter::Step() {
  {
    const std::lock_guard lock(mu_);
    if (handing_in_) return false;
    if (std::exchange(refused_, false)) not_before_ = clock_.Steady() + kRetryAfter;
  }
  if (clock_.Steady() < not_before_) return false;
  TopicReports reports;
  auto tenant = NextTenant();
  absl::Status status = tenant.status();
  if (status.ok()) {
    if (tenant->empty()) return false;
    last_tenant_ = *tenant;
    status = shards_.For(*tenant).store().Read(engine::Store::Tier::kMayBlock, /*snapshot=*/true,
                                               [&](const engine::Reader& reader) {
                                                 auto made = MakeDueReports(reader, *tenant);
                                                 if (made.ok()) reports = *std::move(made);
                                                 return made.status();
                                               });
  }
  if (!status.ok()) {
    telemetry::Log(telemetry::Level::kWarn, "knowledge.topic_report_failed",
                   {{"error", status.ToString()}});
    not_before_ = clock_.Steady() + kRetryAfter;
    return false;
  }
  HandIn(*tenant, std::move(reports));
  return true;
}

absl::StatusOr<std::string> TopicReporter::NextTenant() {
  std::vector<std::string> tenants;
  for (size_t i = 0; i < shards_.size(); ++i) {
    FD_RETURN_IF_ERROR(
        shards_.shard(i).store().Read([&](const engine::Reader& reader) -> absl::Status {
          return reader.Scan(kTopicReportsWanted.Key(), {},
                             [&](std::string_view key, std::string_view) {
                               engine::KeyReader fields(key);
                               std::string tenant;
                               if (fields.Read(&tenant)) tenants.push_back(std::move(tenant));
                               return true;
                             });
        }));
  }
  if (tenants.empty()) return std::string();
  std::sort(tenants.begin(), tenants.end());
  const auto next = std::upper_bound(tenants.begin(), tenants.end(), last_tenant_);
  return next == tenants.end() ? tenants.front() : *next;
}

void TopicReporter::HandIn(const std::string& tenant, TopicReports reports) {
  {
    const std::lock_guard lock(mu_);
    handing_in_ = true;
  }
  engine::Command command;
  command.method = "PublishTopicReports";
  command.tenant = tenant;
  command.actor = "services/knowledge";
  command.cause = fmt::format("topics/{}", reports.day);
  for (const v1::TopicReport& report : reports.reports) command.bytes += report.ByteSizeLong();
  command.handle = [reports = std::move(reports)](const engine::Context& context, engine::Txn& txn,
                                                  engine::Reply&) {
    return PublishTopicReports(reports, context, txn);
  };
  // Not done: it is still wanted, and is made again.
  command.done = [this](const absl::Status& status) {
    {
      const std::lock_guard lock(mu_);
      handing_in_ = false;
      refused_ = !status.ok();
    }
    work_.Notify();
  };
  shards_.For(tenant).Submit(std::move(command));
}

}  // namespace frontdesk::knowledge
