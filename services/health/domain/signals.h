#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/health/store/v1/health_store.pb.h"
#include "frontdesk/health/v1/health.pb.h"
#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "services/health/domain/score.h"

// What is known of an account: measured signals, and outcomes that the others' events report, both
// for 30 days. The table of which event moves which dimension is in signals.cc.
namespace frontdesk::health {

// Today and the 29 UTC days before it.
inline constexpr int32_t kWindowDays = 30;
// A measured value older than this is unknown.
inline constexpr absl::Duration kSignalLife = absl::Hours(24 * kWindowDays);
// A measured value of a dimension that outcomes move, too, weighs as much as this many of them.
inline constexpr int64_t kMeasuredCountsAs = 5;

// What one kind of event does. `good` and `bad` are how many outcomes it counts as.
struct EventRule {
  std::string_view event;          // type, and the case when it is not all of them
  store::v1::OutcomeKind outcome;  // UNSPECIFIED: moves no dimension
  v1::HealthDimension dimension;
  int32_t good;
  int32_t bad;
  std::string_view reason;
};
std::span<const EventRule> EventRules();

// An outcome and the resource that it is the outcome of: what is redelivered under another event id
// has the same key and counts once.
struct Outcome {
  store::v1::OutcomeKind kind = store::v1::OUTCOME_KIND_UNSPECIFIED;
  std::string key;
};
// nullopt: says nothing about the account's health.
std::optional<Outcome> OutcomeOf(const dialog::v1::ConversationResolved& event);
std::optional<Outcome> OutcomeOf(const dialog::v1::HandoffRequested& event);
std::optional<Outcome> OutcomeOf(const ticket::v1::TicketCreated& event);
std::optional<Outcome> OutcomeOf(const ticket::v1::SlaBreached& event);
std::optional<Outcome> OutcomeOf(const ticket::v1::TicketResolved& event);
std::optional<Outcome> OutcomeOf(const knowledge::v1::AnswerRated& event);

// Each returns false when it changed nothing: too old to matter, or known already. An event that
// claims to come from a later day than `now` counts for today.
bool AddOutcome(store::v1::OutcomeKind kind, absl::Time time, absl::Time now,
                store::v1::AccountRecord& record);
bool AddContact(absl::Time time, absl::Time now, store::v1::AccountRecord& record);
// The newest one of its dimension counts; of two of the same time, the later to arrive.
bool TakeSignal(const v1::Signal& signal, store::v1::AccountRecord& record);

// Drops the days that have left the window.
void DropOldDays(absl::Time now, store::v1::AccountRecord& record);

// What is known at `now`: a function of the record and the time, so a score can be computed again.
DimensionValues ValuesAt(const store::v1::AccountRecord& record, absl::Time now);

// When something that counts at `now` becomes too old; InfiniteFuture when nothing counts.
absl::Time NextDecay(const store::v1::AccountRecord& record, absl::Time now);

}  // namespace frontdesk::health
