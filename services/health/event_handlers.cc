#include "services/health/event_handlers.h"

#include "libs/base/status_macros.h"
#include "services/health/account_edit.h"
#include "services/health/domain/proto_time.h"
#include "services/health/keys.h"
#include "services/health/names.h"

namespace frontdesk::health {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

constexpr std::string_view kMessageReceived = "frontdesk.channel.v1.MessageReceived";

// Remembers that it counted; false when it had counted before.
absl::StatusOr<bool> MarkCounted(const Outcome& outcome, std::string_view account, absl::Time time,
                                 const Context& ctx, Txn& txn) {
  const std::string key = keys::kOutcomes.Key(ctx.tenant, outcome.key);
  FD_ASSIGN_OR_RETURN(const auto known, keys::kOutcomes.Find(txn, key));
  if (known.has_value()) return false;
  store::v1::OutcomeRecord row;
  row.set_kind(outcome.kind);
  row.set_account(std::string(account));
  ToProto(time, row.mutable_time());
  keys::kOutcomes.Put(txn, key, row);
  return true;
}

absl::Time TimeOf(const common::v1::EventMetadata& metadata, const Context& ctx) {
  return metadata.has_time() ? FromProto(metadata.time()) : ctx.now;
}

}  // namespace

absl::Status NoteContact(const Metrics& metrics, std::string_view account,
                         const common::v1::EventMetadata& metadata, const Context& ctx, Txn& txn) {
  if (account.empty()) {
    metrics.events_without_account.Increment();
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(AccountRef ref, ParseAccountName(ctx.tenant, account, "account"));
  FD_ASSIGN_OR_RETURN(AccountEdit edit, AccountEdit::LoadOrMake(metrics, ctx, txn, std::move(ref)));
  const bool new_day = AddContact(TimeOf(metadata, ctx), ctx.now, edit.record());
  if (!new_day && !edit.is_new()) return absl::OkStatus();
  return edit.Put(kMessageReceived).status();
}

absl::Status CountOutcome(const Metrics& metrics, std::string_view event, std::string_view account,
                          const std::optional<Outcome>& outcome,
                          const common::v1::EventMetadata& metadata, const Context& ctx, Txn& txn) {
  if (account.empty()) {
    metrics.events_without_account.Increment();
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(AccountRef ref, ParseAccountName(ctx.tenant, account, "account"));
  FD_ASSIGN_OR_RETURN(AccountEdit edit, AccountEdit::LoadOrMake(metrics, ctx, txn, std::move(ref)));
  if (outcome.has_value()) {
    const absl::Time time = TimeOf(metadata, ctx);
    FD_ASSIGN_OR_RETURN(const bool first, MarkCounted(*outcome, account, time, ctx, txn));
    if (!first) {
      metrics.repeated_outcomes.Increment();
    } else if (AddOutcome(outcome->kind, time, ctx.now, edit.record())) {
      metrics.outcomes.Increment();
    } else {
      metrics.late_outcomes.Increment();
    }
  }
  return edit.Put(event).status();
}

}  // namespace frontdesk::health
