#include "services/health/account_handlers.h"

#include <algorithm>

#include "libs/base/status_macros.h"
#include "services/health/account_edit.h"
#include "services/health/domain/account.h"
#include "services/health/domain/proto_time.h"
#include "services/health/domain/signals.h"
#include "services/health/keys.h"

namespace frontdesk::health {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

constexpr std::string_view kFileSource = "tenants-file";

// The file's last word on a dimension; remembers the new one. True when it is another.
bool TakeFileValue(const v1::Signal& signal, store::v1::AccountRecord& record) {
  for (v1::Signal& loaded : *record.mutable_loaded()) {
    if (loaded.dimension() != signal.dimension()) continue;
    if (loaded.value_bps() == signal.value_bps()) return false;
    loaded = signal;
    return true;
  }
  *record.add_loaded() = signal;
  return true;
}

}  // namespace

absl::Status CreateAccount(const Metrics& metrics, const AccountRef& ref, const v1::Account& wanted,
                           const Context& ctx, Txn& txn, v1::Account* result) {
  FD_ASSIGN_OR_RETURN(AccountEdit edit, AccountEdit::LoadOrMake(metrics, ctx, txn, ref));
  FD_RETURN_IF_ERROR(DescribeAccount(wanted, edit.record()));
  FD_RETURN_IF_ERROR(edit.Put("CreateAccount").status());
  *result = edit.record().account();
  return absl::OkStatus();
}

absl::Status ChangeAccount(const Metrics& metrics, const AccountRef& ref, const v1::Account& wanted,
                           const std::vector<std::string>& paths, const Context& ctx, Txn& txn,
                           v1::Account* result) {
  FD_ASSIGN_OR_RETURN(AccountEdit edit, AccountEdit::Load(metrics, ctx, txn, ref));
  v1::Account& account = *edit.record().mutable_account();
  FD_RETURN_IF_ERROR(CheckEtag(account.name(), account.etag(), wanted.etag()));
  UpdateAccount(wanted, paths, account);
  if (!account.display_name().empty()) edit.record().set_placeholder(false);
  FD_RETURN_IF_ERROR(edit.Put("UpdateAccount").status());
  *result = edit.record().account();
  return absl::OkStatus();
}

absl::Status LoadFileAccount(const Metrics& metrics, const FileAccount& wanted, const Context& ctx,
                             Txn& txn) {
  FD_ASSIGN_OR_RETURN(AccountEdit edit, AccountEdit::LoadOrMake(metrics, ctx, txn, wanted.ref));
  store::v1::AccountRecord& record = edit.record();
  record.set_placeholder(false);
  record.mutable_account()->set_display_name(wanted.display_name);
  for (v1::Signal signal : wanted.signals) {
    signal.set_account(wanted.ref.Name());
    signal.set_source(std::string(kFileSource));
    ToProto(ctx.now, signal.mutable_observe_time());
    if (TakeFileValue(signal, record)) TakeSignal(signal, record);
  }
  return edit.Put(kFileSource).status();
}

absl::Status LetDecay(const Metrics& metrics, const AccountRef& ref, const Context& ctx, Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto found,
                      keys::kAccounts.Find(txn, keys::kAccounts.Key(ref.tenant, ref.account)));
  if (!found.has_value() || found->timer_generation() != ctx.generation) {
    metrics.stale_timers.Increment();
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(AccountEdit edit, AccountEdit::Load(metrics, ctx, txn, ref));
  edit.ForgetTimer();
  return edit.Put("passage of time").status();
}

}  // namespace frontdesk::health
