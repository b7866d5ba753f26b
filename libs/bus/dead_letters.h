#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/store/v1/engine.pb.h"
#include "libs/bus/event_routes.h"
#include "libs/bus/prepare_pool.h"
#include "libs/bus/visits.h"
#include "libs/store/committer.h"

namespace frontdesk::bus {

// The events of one shard that were refused for good: the committer keeps them with their error
// (and publishes a copy); here they are listed and handled once more. Owned by Shard, before whose
// committer it goes. Thread safe.
class DeadLetters {
 public:
  using Row = store::v1::DeadLetterRow;
  using Done = absl::AnyInvocable<void(absl::StatusOr<Row>)>;

  DeadLetters(store::Committer& committer, const EventRoutes& routes, PreparePool& pool)
      : committer_(committer), routes_(routes), pool_(pool) {}
  // Waits for replays that read or prepare at this moment; those that wait are told CANCELLED.
  ~DeadLetters() { visits_->Close(); }

  struct Page {
    std::vector<Row> rows;   // in the order of ce_id
    std::string next_ce_id;  // empty: the end
  };
  // At most `max` letters whose ce_id is not less than `from`. Blocks on disk.
  absl::StatusOr<Page> List(std::string_view from, size_t max, bool include_replayed) const;

  // Runs the event's handler again and marks the letter replayed, in one batch. Succeeds once:
  // FAILED_PRECONDITION (ALREADY_REPLAYED) afterwards. NOT_FOUND; the handler's refusal (the letter
  // stays and counts the attempt); CANCELLED. `done` is called exactly once, on any thread.
  void Replay(std::string ce_id, std::string actor, Done done);

 private:
  struct Answer;
  struct Replaying;
  absl::StatusOr<Row> Load(std::string_view ce_id) const;
  absl::Status Begin(const std::string& ce_id, const std::string& actor,
                     const std::shared_ptr<Answer>& answer);

  store::Committer& committer_;
  const EventRoutes& routes_;
  PreparePool& pool_;
  // Entered by what the pool, prepare steps and others hold, and may hold longer than this lives.
  const std::shared_ptr<Visits> visits_ = std::make_shared<Visits>();
};

}  // namespace frontdesk::bus
