#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/store/overlay.h"
#include "libs/store/reader.h"

namespace frontdesk::store {

// A durable wish for a wake-up: TimerHandler runs once `due` has passed. One row per
// (due, kind, subject); the record that wants the wake-up holds `generation`, and a timer that
// fires with another generation than its record's must have no effect.
struct Timer {
  absl::Time due;
  uint8_t kind = 0;         // numbered in the service's timers.cc; never reused
  std::string subject;      // key fields of the record it is about; at most 512 bytes
  uint64_t generation = 0;  // chosen by the record's owner
};

// An event for others, on its way into the outbox.
struct OutgoingEvent {
  std::string topic;        // one of libs/base/topics.h
  std::string key;          // the subject that needs order, as "tenant/ticket"
  std::string type;         // full name of the payload message: ce_type
  std::string subject;      // resource name: ce_subject
  std::string id;           // ULID: ce_id
  std::string tenant;       // fd_tenant
  std::string correlation;  // conversation name, or empty
  std::string value;        // the serialised <Svc>Event; at most kMaxEventBytes
  std::vector<std::pair<std::string, std::string>> extra_headers = {};  // after the standard ones
};

inline constexpr size_t kMaxEventBytes = 256 << 10;
inline constexpr size_t kMaxTxnRows = 1000;
inline constexpr size_t kMaxTxnBytes = 1 << 20;

// What one command changes: a small overlay, read through the batch of the commands before it and
// then the store. Lives on the committer thread for the length of one handler; on OK the committer
// copies it into the batch, on refusal drops it. Not thread safe.
class Txn final : public Reader {
 public:
  // `base` shows the state that the commands before this one left; it must outlive the Txn.
  explicit Txn(const Reader& base) : base_(base) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::Status Scan(std::string_view prefix, std::string_view start,
                    RowVisitor visit) const override;
  absl::Status ScanBackward(std::string_view prefix, std::string_view before,
                            RowVisitor visit) const override;

  void Put(std::string key, std::string value);
  void Delete(std::string key);
  void SetTimer(Timer timer) { timers_set_.push_back(std::move(timer)); }
  // The due time, kind and subject must be those that it was set with.
  void CancelTimer(Timer timer) { timers_cancelled_.push_back(std::move(timer)); }
  void Append(OutgoingEvent event) { events_.push_back(std::move(event)); }
  // Called once the changes of this command are durable, on the delivering thread and before the
  // caller hears of them; never when it is refused. For wake-ups of live connections and workers:
  // must not block, and a crash loses it.
  void AfterCommit(absl::AnyInvocable<void()> wake) { after_commit_.push_back(std::move(wake)); }

  // FAILED_PRECONDITION (TOO_MANY_ROWS, EVENT_TOO_LARGE) when the command does more than one
  // command may; the committer refuses it then. Not a passing reason: an event would be tried for
  // ever.
  absl::Status CheckLimits() const;

  // For the committer.
  Overlay& overlay() { return overlay_; }
  std::vector<OutgoingEvent>& events() { return events_; }
  std::vector<absl::AnyInvocable<void()>>& after_commit() { return after_commit_; }
  const std::vector<Timer>& timers_set() const { return timers_set_; }
  const std::vector<Timer>& timers_cancelled() const { return timers_cancelled_; }

 private:
  const Reader& base_;
  Overlay overlay_;
  size_t bytes_ = 0;
  std::vector<Timer> timers_set_;
  std::vector<Timer> timers_cancelled_;
  std::vector<OutgoingEvent> events_;
  std::vector<absl::AnyInvocable<void()>> after_commit_;
};

}  // namespace frontdesk::store
