#include "services/knowledge/pending_transcripts.h"

#include <chrono>
#include <utility>

#include "libs/base/error.h"

namespace frontdesk::knowledge {

void PendingTranscripts::Get(std::string_view tenant, std::string source, absl::Duration deadline,
                             Done done) {
  {
    std::unique_lock lock(state_->mu);
    if (state_->closed) {
      lock.unlock();
      return done(Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the process stops"));
    }
    ++state_->pending;
  }
  // Also a reply that is dropped counts as over.
  std::shared_ptr<void> counted(nullptr, [state = state_](void*) {
    const std::lock_guard lock(state->mu);
    if (--state->pending == 0) state->none.notify_all();
  });
  transcripts_.Get(
      tenant, std::move(source), deadline,
      [counted = std::move(counted), done = std::move(done)](
          absl::StatusOr<process::Transcript> reply) mutable { done(std::move(reply)); });
}

void PendingTranscripts::Close(absl::Duration longest) {
  std::unique_lock lock(state_->mu);
  state_->closed = true;
  state_->none.wait_for(lock, absl::ToChronoMilliseconds(longest),
                        [this] { return state_->pending == 0; });
}

}  // namespace frontdesk::knowledge
