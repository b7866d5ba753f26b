#pragma once

#include <memory>

#include "absl/time/time.h"
#include "libs/bus/prepare_pool.h"
#include "services/dialog/message_handlers.h"
#include "services/dialog/message_preparer.h"

namespace frontdesk::dialog {

// Asks again for an answer that was not ready in time: prepares the turn on the prepare pool and
// submits the result as a command. Whatever gets lost on the way (a full pool, a crash) is made good
// by the retry timer, which was set before. Owned by the App, thread safe.
class AnswerWorker {
 public:
  AnswerWorker(std::shared_ptr<MessagePreparer> preparer, bus::PreparePool& pool,
               std::shared_ptr<const HandlerScope> scope, absl::Duration deadline)
      : preparer_(std::move(preparer)),
        pool_(pool),
        scope_(std::move(scope)),
        deadline_(deadline) {}

  // Never blocks.
  void Ask(const AnswerWish& wish);

 private:
  const std::shared_ptr<MessagePreparer> preparer_;
  bus::PreparePool& pool_;
  const std::shared_ptr<const HandlerScope> scope_;
  const absl::Duration deadline_;
};

}  // namespace frontdesk::dialog
