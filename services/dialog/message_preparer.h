#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/common/v1/sealed_text.pb.h"
#include "libs/base/clock.h"
#include "libs/bus/shard.h"
#include "libs/process/peers.h"
#include "services/dialog/metrics.h"
#include "services/dialog/prepared.h"
#include "services/dialog/store.h"
#include "services/dialog/understander.h"

namespace frontdesk::dialog {

// The slow part of a message: opens its text, reads what it wants and what is in it, and at the same
// time asks knowledge when the bot has to answer it. Writes nothing and runs outside of the
// committer. Held by shared_ptr, because the peers may call back after the App is gone; Close cuts
// it off from the shards before that. Thread safe.
class MessagePreparer : public std::enable_shared_from_this<MessagePreparer> {
 public:
  struct Collaborators {
    process::DataKeys& keys;
    process::Answers& answers;
    std::shared_ptr<Understander> understander;  // null: declared phrases alone
    Clock& clock;
    Metrics metrics;  // a copy: cheap handles
  };
  explicit MessagePreparer(Collaborators in) : in_(std::move(in)) {}

  // Once, before the first message.
  void Attach(bus::ShardSet& shards);
  // Afterwards everything fails with UNAVAILABLE. Blocks until nobody reads a shard.
  void Close();

  struct Question {
    TenantId tenant;
    CustomerId customer;
    std::string channel_account;  // id
    common::v1::SealedText text;
    std::string language;  // as channel found it; may be empty
  };
  // `done` is called once, on any thread, also at once. UNAVAILABLE, DEADLINE_EXCEEDED without the
  // customer's key; an answer that could not be had is no error but outcome kNotReady, and an intent
  // that could not be found in time is left out.
  using Done = absl::AnyInvocable<void(absl::StatusOr<PreparedMessage>)>;
  void Prepare(Question question, absl::Duration deadline, Done done);

  // Runs `use` with the shards of the service unless they are closed.
  absl::Status WithShards(absl::FunctionRef<absl::Status(bus::ShardSet&)> use);

 private:
  struct Work;
  absl::Status ReadConversation(Work& work);
  void OpenAndAsk(std::unique_ptr<Work> work, const process::DataKeys::Key& key);
  void Understand(const std::shared_ptr<Work>& work);
  void Ask(const std::shared_ptr<Work>& work);
  // One of the steps that run side by side has ended.
  void Arrive(Work& work);
  void Finish(Work& work);

  const Collaborators in_;
  std::shared_mutex mu_;
  bus::ShardSet* shards_ = nullptr;  // guarded by mu_
};

}  // namespace frontdesk::dialog
