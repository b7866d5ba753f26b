#include "services/health/signal_handlers.h"

#include <map>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/health/account_edit.h"
#include "services/health/domain/proto_time.h"
#include "services/health/domain/signals.h"
#include "services/health/keys.h"

namespace frontdesk::health {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

// The signal as it is kept: its time in the precision of records, now when it gave none.
absl::StatusOr<v1::Signal> Timed(const v1::Signal& given, int index, absl::Time now) {
  v1::Signal signal = given;
  const absl::Time time = given.has_observe_time() ? FromProto(given.observe_time()) : now;
  if (time > now + kMaxClockSkew) {
    return InvalidField(fmt::format("signals[{}].observe_time", index),
                        "must not be more than 5 minutes ahead");
  }
  ToProto(time, signal.mutable_observe_time());
  return signal;
}

}  // namespace

absl::Status RecordSignals(const Metrics& metrics, const v1::RecordSignalsRequest& request,
                           const Context& ctx, Txn& txn, v1::RecordSignalsResponse* response) {
  std::map<std::string, AccountEdit> edits;  // by account
  int recorded = 0;
  int repeated = 0;
  for (int i = 0; i < request.signals_size(); ++i) {
    FD_ASSIGN_OR_RETURN(v1::Signal signal, Timed(request.signals(i), i, ctx.now));
    const std::string key = keys::kSignals.Key(ctx.tenant, signal.signal_id());
    FD_ASSIGN_OR_RETURN(const auto known, keys::kSignals.Find(txn, key));
    if (known.has_value()) {
      ++repeated;
      continue;
    }
    auto edit = edits.find(signal.account());
    if (edit == edits.end()) {
      FD_ASSIGN_OR_RETURN(AccountRef ref, ParseAccountName(ctx.tenant, signal.account(),
                                                           fmt::format("signals[{}].account", i)));
      FD_ASSIGN_OR_RETURN(AccountEdit made,
                          AccountEdit::LoadOrMake(metrics, ctx, txn, std::move(ref)));
      edit = edits.emplace(signal.account(), std::move(made)).first;
    }
    TakeSignal(signal, edit->second.record());
    store::v1::SignalRecord row;
    *row.mutable_signal() = std::move(signal);
    keys::kSignals.Put(txn, key, row);
    ++recorded;
  }
  int changed = 0;
  for (auto& [name, edit] : edits) {
    FD_ASSIGN_OR_RETURN(const bool score_changed, edit.Put("RecordSignals"));
    changed += score_changed ? 1 : 0;
  }
  metrics.signals.Increment(recorded);
  metrics.repeated_signals.Increment(repeated);
  response->set_recorded_count(recorded);
  response->set_duplicate_count(repeated);
  response->set_changed_account_count(changed);
  return absl::OkStatus();
}

}  // namespace frontdesk::health
