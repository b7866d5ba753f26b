#include "services/health/account_edit.h"

#include "libs/base/status_macros.h"
#include "services/health/domain/account.h"
#include "services/health/domain/proto_time.h"
#include "services/health/domain/score.h"
#include "services/health/domain/signals.h"
#include "services/health/events.h"
#include "services/health/keys.h"
#include "services/health/store.h"
#include "services/health/timers.h"

namespace frontdesk::health {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

absl::StatusOr<AccountEdit> AccountEdit::Load(const Metrics& metrics, const Context& ctx, Txn& txn,
                                              AccountRef ref) {
  FD_ASSIGN_OR_RETURN(auto record, LoadAccount(txn, ref));
  AccountEdit edit(metrics, ctx, txn, std::move(ref));
  edit.before_ = record.SerializeAsString();
  edit.record_ = std::move(record);
  return edit;
}

absl::StatusOr<AccountEdit> AccountEdit::LoadOrMake(const Metrics& metrics, const Context& ctx,
                                                    Txn& txn, AccountRef ref) {
  FD_ASSIGN_OR_RETURN(auto found,
                      keys::kAccounts.Find(txn, keys::kAccounts.Key(ref.tenant, ref.account)));
  AccountEdit edit(metrics, ctx, txn, std::move(ref));
  if (found.has_value()) {
    edit.before_ = found->SerializeAsString();
    edit.record_ = *std::move(found);
  } else {
    edit.record_ = MakePlaceholder(edit.ref_.Name(), ctx.now);
  }
  return edit;
}

absl::StatusOr<bool> AccountEdit::Put(std::string_view cause) {
  FD_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(txn_, ref_.tenant));
  DropOldDays(ctx_.now, record_);
  record_.mutable_account()->set_contact_days(record_.contact_days_size());
  const bool changed = Score(policy.policy(), cause);
  MoveTimer();
  if (record_.SerializeAsString() == before_) return false;
  if (is_new() && record_.placeholder()) metrics_.placeholders.Increment();
  record_.set_version(record_.version() + 1);
  v1::Account& account = *record_.mutable_account();
  account.set_etag(std::to_string(record_.version()));
  ToProto(ctx_.now, account.mutable_update_time());
  keys::kAccounts.Put(txn_, keys::kAccounts.Key(ref_.tenant, ref_.account), record_);
  return changed;
}

bool AccountEdit::Score(const v1::HealthPolicy& policy, std::string_view cause) {
  const v1::HealthScore before = record_.current();
  v1::HealthScore score = ComputeScore(ValuesAt(record_, ctx_.now), policy);
  score.set_account(ref_.Name());
  score.set_alert(InAlert(before.alert(), score, policy));
  const bool first_unknown = before.sequence() == 0 && !score.scored();
  const bool same = first_unknown || SameScore(before, score);
  score.set_sequence(same ? before.sequence() : before.sequence() + 1);
  if (score.sequence() > 0) score.set_name(ScoreName(ref_.Name(), score.sequence()));
  score.set_cause(same && before.has_create_time() ? before.cause() : std::string(cause));
  if (same && before.has_create_time()) {
    *score.mutable_create_time() = before.create_time();
  } else {
    ToProto(ctx_.now, score.mutable_create_time());
  }
  *record_.mutable_current() = score;
  if (same) return false;

  KeepScore(score);
  v1::Account& account = *record_.mutable_account();
  account.set_score_bps(score.score_bps());
  account.set_scored(score.scored());
  account.set_alert(score.alert());
  const bool changed = before.score_bps() != score.score_bps() || before.scored() != score.scored();
  if (changed) {
    txn_.Append(HealthChangedEvent(ctx_, ref_, before, score));
    metrics_.score_changes.Increment();
  }
  if (score.alert() && !before.alert()) {
    txn_.Append(HealthAlertedEvent(ctx_, ref_, score, policy));
    metrics_.alerts.Increment();
  }
  const std::string in_alert = keys::kInAlert.Key(ref_.tenant, ref_.account);
  if (score.alert() && !before.alert()) keys::kInAlert.Put(txn_, in_alert);
  if (!score.alert() && before.alert()) txn_.Delete(in_alert);
  return changed;
}

void AccountEdit::KeepScore(const v1::HealthScore& score) {
  store::v1::ScoreRecord row;
  *row.mutable_score() = score;
  const auto sequence = static_cast<uint64_t>(score.sequence());
  keys::kScores.Put(txn_, keys::kScores.Key(ref_.tenant, ref_.account, sequence), row);
  if (score.sequence() <= kMaxScoresKept) return;
  txn_.Delete(keys::kScores.Key(ref_.tenant, ref_.account,
                                static_cast<uint64_t>(score.sequence() - kMaxScoresKept)));
}

void AccountEdit::MoveTimer() {
  const absl::Time due = NextDecay(record_, ctx_.now);
  const bool is_set = record_.has_timer_due_time();
  const absl::Time set_for = is_set ? FromProto(record_.timer_due_time()) : absl::InfiniteFuture();
  if (due == set_for) return;
  if (is_set) txn_.CancelTimer(DecayTimer(ref_, set_for, record_.timer_generation()));
  record_.clear_timer_due_time();
  record_.set_timer_generation(record_.timer_generation() + 1);
  if (due == absl::InfiniteFuture()) return;
  ToProto(due, record_.mutable_timer_due_time());
  txn_.SetTimer(DecayTimer(ref_, due, record_.timer_generation()));
}

}  // namespace frontdesk::health
