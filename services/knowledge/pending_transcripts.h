#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "libs/process/peers.h"

namespace frontdesk::knowledge {

// Transcripts for the parts of this service: counts what was asked for, so that the App can wait
// for it before the parts go that the replies are for. Owned by the App; `transcripts` outlives it.
// Thread safe.
class PendingTranscripts final : public process::Transcripts {
 public:
  explicit PendingTranscripts(process::Transcripts& transcripts) : transcripts_(transcripts) {}

  void Get(std::string_view tenant, std::string source, absl::Duration deadline,
           Done done) override;
  // Blocks until every reply came or was dropped, at most `longest`. Calls that come later are
  // refused: UNAVAILABLE.
  void Close(absl::Duration longest);

 private:
  struct State {
    std::mutex mu;
    std::condition_variable none;
    int pending = 0;      // guarded by mu
    bool closed = false;  // guarded by mu
  };

  process::Transcripts& transcripts_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace frontdesk::knowledge
