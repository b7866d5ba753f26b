#include "services/billing/usage_book.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/period.h"
#include "services/billing/domain/rating.h"
#include "services/billing/domain/usage.h"
#include "services/billing/events.h"
#include "services/billing/ledger_store.h"
#include "services/billing/names.h"

namespace frontdesk::billing {
namespace {

std::string UsageKeyOf(std::string_view tenant, const std::string& source,
                       const std::string& usage_id) {
  return kUsages.Key(tenant, source, usage_id);
}

}  // namespace

absl::StatusOr<UsageBook> UsageBook::Open(const Metrics& metrics, const db::Context& ctx,
                                          db::Txn& txn) {
  UsageBook book(metrics, ctx, txn);
  FD_ASSIGN_OR_RETURN(book.subscription_, kSubscriptions.Find(txn, kSubscriptions.Key(ctx.tenant)));
  return book;
}

absl::StatusOr<UsageBook::Taken> UsageBook::Take(v1::Usage usage, uint64_t payload_hash) {
  const std::string key = UsageKeyOf(ctx_.tenant, usage.source(), usage.usage_id());
  FD_ASSIGN_OR_RETURN(auto existing, kUsages.Find(txn_, key));
  if (existing.has_value()) {
    if (existing->payload_hash() == payload_hash) {
      metrics_.duplicates.Increment();
      return Taken{Taken::Outcome::kDuplicate, {}};
    }
    metrics_.conflicts.Increment();
    return Taken{Taken::Outcome::kConflict, std::move(*existing->mutable_usage())};
  }
  usage.set_name(NameOf(ctx_.tenant, collection::kUsages, ctx_.NewId()));
  ToProto(ctx_.now, usage.mutable_create_time());
  FD_RETURN_IF_ERROR(CountDay(usage));
  if (IsCovered(usage)) {
    FD_RETURN_IF_ERROR(RateUsage(usage));
  } else if (!subscription_.has_value()) {
    records::UsageKey& waiting = *backlog_.add_usages();
    waiting.set_source(usage.source());
    waiting.set_usage_id(usage.usage_id());
  }
  records::UsageRecord record;
  record.set_payload_hash(payload_hash);
  *record.mutable_usage() = std::move(usage);
  kUsages.Put(txn_, key, record);
  AppendOutcome(record.usage());
  recorded_.push_back(std::move(*record.mutable_usage()));
  if (recorded_.size() >= kMaxUsagesPerEvent) AppendRecorded();
  metrics_.recorded.Increment();
  return Taken{};
}

absl::Status UsageBook::RateWaiting(const records::UsageKey& waiting) {
  const std::string key = UsageKeyOf(ctx_.tenant, waiting.source(), waiting.usage_id());
  FD_ASSIGN_OR_RETURN(auto record, kUsages.Load(txn_, key, waiting.usage_id()));
  if (record.usage().has_amount() || !IsCovered(record.usage())) return absl::OkStatus();
  FD_RETURN_IF_ERROR(RateUsage(*record.mutable_usage()));
  kUsages.Put(txn_, key, record);
  AppendOutcome(record.usage());
  metrics_.backlog_rated.Increment();
  return absl::OkStatus();
}

absl::Status UsageBook::Close() {
  AppendRecorded();
  FD_ASSIGN_OR_RETURN(auto group, AccrualGroup(rated_));
  const std::string source = posted_count_ == 1 ? last_posted_ : std::string(ctx_.cause);
  FD_RETURN_IF_ERROR(WriteGroup(ctx_, txn_, group_id_, source, std::move(group)));
  for (const auto& [number, period] : periods_) {
    kPeriods.Put(txn_, kPeriods.Key(ctx_.tenant, number), period);
  }
  if (!backlog_.usages().empty()) {
    kBacklog.Put(txn_, kBacklog.Key(ctx_.tenant, ctx_.NewId()), backlog_);
  }
  return absl::OkStatus();
}

absl::Status UsageBook::CountDay(const v1::Usage& usage) {
  const std::string key =
      kMeterDays.Key(ctx_.tenant, DayNumber(FromProto(usage.use_time())), usage.meter());
  FD_ASSIGN_OR_RETURN(auto day, kMeterDays.Find(txn_, key));
  if (!day.has_value()) day.emplace();
  day->set_quantity(day->quantity() + usage.quantity());
  day->set_usage_count(day->usage_count() + 1);
  kMeterDays.Put(txn_, key, *day);
  return absl::OkStatus();
}

bool UsageBook::IsCovered(const v1::Usage& usage) const {
  return subscription_.has_value() &&
         Covers(subscription_->subscription(), FromProto(usage.use_time()));
}

absl::Status UsageBook::RateUsage(v1::Usage& usage) {
  const Period period = RatingPeriod(subscription_->subscription(), FromProto(usage.use_time()));
  const uint32_t number = PeriodNumber(period);
  auto place = periods_.find(number);
  if (place == periods_.end()) {
    FD_ASSIGN_OR_RETURN(auto found, kPeriods.Find(txn_, kPeriods.Key(ctx_.tenant, number)));
    if (!found.has_value()) found.emplace();
    place = periods_.emplace(number, *std::move(found)).first;
  }
  FD_ASSIGN_OR_RETURN(const Money amount, Accrue(subscription_->plan(), usage.meter(),
                                                 usage.quantity(), place->second));
  ToProto(amount, usage.mutable_amount());
  if (amount.micros == 0) return absl::OkStatus();
  if (group_id_.empty()) group_id_ = ctx_.NewId();
  usage.set_ledger_group(group_id_);
  rated_.push_back({usage.meter(), amount, usage.account()});
  last_posted_ = usage.name();
  ++posted_count_;
  return absl::OkStatus();
}

void UsageBook::AppendOutcome(const v1::Usage& usage) {
  if (usage.source() != kFromResolved || !usage.has_amount()) return;
  txn_.Append(OutcomeBilledEvent(ctx_, usage, subscription_->plan()));
}

void UsageBook::AppendRecorded() {
  if (recorded_.empty()) return;
  txn_.Append(UsageRecordedEvent(ctx_, recorded_));
  recorded_.clear();
}

}  // namespace frontdesk::billing
