#include "services/billing/usage_handlers.h"

#include <string>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "services/billing/domain/usage.h"
#include "services/billing/timers.h"
#include "services/billing/usage_book.h"

namespace frontdesk::billing {

absl::Status RecordReportedUsage(const Metrics& metrics, const v1::RecordUsageRequest& request,
                                 const db::Context& ctx, db::Txn& txn,
                                 v1::RecordUsageResponse* response) {
  response->Clear();
  FD_ASSIGN_OR_RETURN(UsageBook book, UsageBook::Open(metrics, ctx, txn));
  for (const v1::Usage& usage : request.usages()) {
    FD_ASSIGN_OR_RETURN(UsageBook::Taken taken,
                        book.Take(ReportedUsage(usage, ctx.now), ReportHash(usage)));
    switch (taken.outcome) {
      case UsageBook::Taken::Outcome::kRecorded:
        response->set_recorded_count(response->recorded_count() + 1);
        break;
      case UsageBook::Taken::Outcome::kDuplicate:
        response->set_duplicate_count(response->duplicate_count() + 1);
        break;
      case UsageBook::Taken::Outcome::kConflict: {
        v1::UsageConflict& conflict = *response->add_conflicts();
        conflict.set_source(usage.source());
        conflict.set_usage_id(usage.usage_id());
        *conflict.mutable_existing() = std::move(taken.existing);
        break;
      }
    }
  }
  return book.Close();
}

absl::Status RecordEventUsage(const Metrics& metrics, v1::Usage usage, const db::Context& ctx,
                              db::Txn& txn) {
  FD_ASSIGN_OR_RETURN(UsageBook book, UsageBook::Open(metrics, ctx, txn));
  const uint64_t hash = EventHash(usage);
  const std::string source = usage.source();
  const std::string usage_id = usage.usage_id();
  FD_ASSIGN_OR_RETURN(const UsageBook::Taken taken, book.Take(std::move(usage), hash));
  if (taken.outcome == UsageBook::Taken::Outcome::kConflict) {
    telemetry::Log(
        telemetry::Level::kWarn, "billing.usage_conflict",
        {{"tenant", ctx.tenant}, {"source", source}, {"usage_id", usage_id}, {"event", ctx.cause}});
  }
  return book.Close();
}

absl::Status RateBacklog(const Metrics& metrics, const db::Context& ctx, db::Txn& txn) {
  const std::string key = kSubscriptions.Key(ctx.tenant);
  FD_ASSIGN_OR_RETURN(auto subscription, kSubscriptions.Find(txn, key));
  if (!subscription.has_value() || subscription->backlog_generation() != ctx.generation) {
    return absl::OkStatus();
  }
  std::string row_key;
  records::BacklogRecord row;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(
      txn.Scan(kBacklog.Key(ctx.tenant), "", [&](std::string_view found, std::string_view value) {
        row_key = std::string(found);
        auto parsed = kBacklog.Parse(value);
        row_status = parsed.status();
        if (parsed.ok()) row = *std::move(parsed);
        return false;
      }));
  FD_RETURN_IF_ERROR(row_status);
  if (row_key.empty()) {
    subscription->set_backlog_generation(0);
    kSubscriptions.Put(txn, key, *subscription);
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(UsageBook book, UsageBook::Open(metrics, ctx, txn));
  for (const records::UsageKey& usage : row.usages()) {
    FD_RETURN_IF_ERROR(book.RateWaiting(usage));
  }
  FD_RETURN_IF_ERROR(book.Close());
  txn.Delete(row_key);
  subscription->set_backlog_generation(ctx.generation + 1);
  kSubscriptions.Put(txn, key, *subscription);
  // Later than the timer that fired, whose row goes in this batch.
  txn.SetTimer(BacklogTimer(ctx.tenant, ctx.now + absl::Milliseconds(1), ctx.generation + 1));
  return absl::OkStatus();
}

absl::Status CheckBacklogDone(const records::SubscriptionRecord& subscription) {
  if (subscription.backlog_generation() == 0) return absl::OkStatus();
  return WithRetryDelay(Error(absl::StatusCode::kUnavailable, "NOT_READY",
                              "use from before the subscription is still being rated"),
                        absl::Seconds(1));
}

}  // namespace frontdesk::billing
