#pragma once

#include "frontdesk/health/store/v1/health_store.pb.h"
#include "libs/store/table.h"

// Every key of the service. `tenant` and `account` are ids. Numbers are never reused.
namespace frontdesk::health::keys {

template <class Record>
using Table = ::frontdesk::store::Table<Record>;
using Index = ::frontdesk::store::Index;

// 0x20 tenant, account -> AccountRecord. Written by account_edit.cc
inline constexpr Table<store::v1::AccountRecord> kAccounts{0x20, "account"};
// 0x21 tenant, account, u64 sequence -> ScoreRecord: the newest 1 000. Written by account_edit.cc
inline constexpr Table<store::v1::ScoreRecord> kScores{0x21, "health_score"};
// 0x22 tenant, signal id -> SignalRecord: taken in once. Written by signal_handlers.cc
inline constexpr Table<store::v1::SignalRecord> kSignals{0x22, "signal"};
// 0x23 tenant, "resource#what" -> OutcomeRecord: counted once. Written by event_handlers.cc
inline constexpr Table<store::v1::OutcomeRecord> kOutcomes{0x23, "outcome"};
// 0x24 tenant -> PolicyRecord; no row: the defaults. Written by policy_handlers.cc
inline constexpr Table<store::v1::PolicyRecord> kPolicies{0x24, "health_policy"};
// 0x25 tenant, account: of accounts in alert. Written by account_edit.cc
inline constexpr Index kInAlert{0x25, "account_in_alert"};

}  // namespace frontdesk::health::keys
