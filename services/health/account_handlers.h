#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/health/v1/health.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/health/metrics.h"
#include "services/health/names.h"

// Handlers about accounts: load, rule, put, event, timer. They run on the committer; shapes are
// checked.
namespace frontdesk::health {

// ALREADY_EXISTS unless it is new or a placeholder.
absl::Status CreateAccount(const Metrics& metrics, const AccountRef& ref, const v1::Account& wanted,
                           const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                           v1::Account* result);

// NOT_FOUND, ABORTED. `paths` are those of domain/account.h UpdateAccount.
absl::Status ChangeAccount(const Metrics& metrics, const AccountRef& ref, const v1::Account& wanted,
                           const std::vector<std::string>& paths,
                           const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                           v1::Account* result);

// An account of the tenants file. Its signals are taken in as measured now, each once for as long
// as its value in the file stays the same: they start an account off and do not hide later ones.
struct FileAccount {
  AccountRef ref;
  std::string display_name;
  std::vector<v1::Signal> signals;  // dimension and value
};
absl::Status LoadFileAccount(const Metrics& metrics, const FileAccount& wanted,
                             const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn);

// Something that counted has become too old: scores anew. Without effect for a timer of another
// generation.
absl::Status LetDecay(const Metrics& metrics, const AccountRef& ref,
                      const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn);

}  // namespace frontdesk::health
