#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/common/v1/citation.pb.h"
#include "frontdesk/common/v1/priority.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/process/peers.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/dialog/config.h"
#include "services/dialog/domain/lifecycle.h"
#include "services/dialog/metrics.h"
#include "services/dialog/store.h"

namespace frontdesk::dialog {

// What every handler works with besides its command: constant while the service runs.
struct HandlerScope {
  const Config& config;
  const Metrics& metrics;
};

// What is said to a customer.
struct Utterance {
  common::v1::AuthorKind author_kind = common::v1::AUTHOR_KIND_BOT;
  std::string author;
  std::string text;      // plain
  std::string reply_to;  // message, or empty
  google::protobuf::RepeatedPtrField<common::v1::Citation> citations;
  int32_t confidence_bps = 0;
  std::string question;  // masked; empty unless it is an answer with citations
};

// What a ticket shall be about.
struct TicketWish {
  std::string subject;  // masked
  common::v1::Priority priority = common::v1::PRIORITY_P2;
  std::string summary;    // plain; empty: the conversation's
  std::string requester;  // agent, or empty
  std::string message;    // that led to it, or empty
};

// One conversation inside one command: takes what happens, by the table of the life cycle, with its
// turns, timers and events, and puts the record with its index rows. Every text is sealed under
// `key`, the customer's data key, or kept in masked form only when that is null. Lives on the stack
// of a handler, which must Put in the end; one that returns an error before leaves nothing.
class ConversationEdit {
 public:
  // NOT_FOUND, DATA_LOSS.
  static absl::StatusOr<ConversationEdit> Load(const HandlerScope& scope,
                                               const engine::Context& ctx, engine::Txn& txn,
                                               const ConversationKey& key);
  ConversationEdit(const HandlerScope& scope, const engine::Context& ctx, engine::Txn& txn,
                   ConversationKey key, store::v1::ConversationRecord loaded);
  // A new one, begun by `message`; says ConversationOpened.
  static absl::StatusOr<ConversationEdit> Open(const HandlerScope& scope,
                                               const engine::Context& ctx, engine::Txn& txn,
                                               const v1::Conversation& draft,
                                               std::string_view message);

  const store::v1::ConversationRecord& record() const { return record_; }
  store::v1::ConversationRecord& record() { return record_; }
  const v1::Conversation& conversation() const { return record_.conversation(); }
  v1::Conversation& conversation() { return *record_.mutable_conversation(); }
  const ConversationKey& key() const { return key_; }

  // ABORTED (ETAG_MISMATCH) unless `etag` is empty or that of the stored conversation.
  absl::Status CheckEtag(std::string_view etag) const;
  // FAILED_PRECONDITION (FAILED_TRANSITION).
  absl::Status Happen(Happening happening);

  absl::Status Reopen();
  v1::Turn AddCustomerTurn(v1::Turn turn);
  // A turn, and ReplyRequested under the present speaker's lease.
  absl::StatusOr<v1::Turn> Say(const process::DataKeys::Key& key, const Utterance& utterance);
  // WAITING with a summary, HandoffRequested, and a ticket unless there is one.
  absl::Status HandOff(const process::DataKeys::Key& key, v1::HandoffReason reason,
                       const TicketWish& ticket);
  absl::StatusOr<std::string> RequestTicket(const process::DataKeys::Key& key,
                                            const TicketWish& wish);
  absl::Status TakeOver(const std::string& agent);
  absl::Status ReturnToBot();
  absl::Status Resolve(common::v1::AuthorKind by);
  // What an intent is called in the conversation's language; "" when there is none (any more).
  absl::StatusOr<std::string> IntentTitle(std::string_view intent) const;
  void SayUnanswered(const v1::Turn& question, int32_t confidence_bps);

  // The customer has to write within the quiet time.
  void ExpectCustomer();
  // The answer to the turn is asked for again after the retry delay.
  void ExpectAnswer(int64_t turn_sequence);
  void StopExpectingCustomer() { Cancel(kIdle, record_.mutable_idle_timer()); }
  // True when that turn still waits for its answer.
  bool ExpectsAnswer(int64_t turn_sequence) const;
  void StopExpectingAnswer(int64_t turn_sequence);
  // Somebody else speaks now, or nobody any more.
  void StopExpectingAnswers();
  // Sets the retry timer again, after it fired.
  void ArmRetry();

  void Put();

  static constexpr uint8_t kIdle = 1;  // timer kinds
  static constexpr uint8_t kRetry = 2;

 private:
  engine::Timer MakeTimer(uint8_t kind, const store::v1::TimerState& state) const;
  void Set(uint8_t kind, absl::Duration after, store::v1::TimerState* state);
  void Cancel(uint8_t kind, store::v1::TimerState* state);
  void AddTurn(v1::Turn* turn);
  void Append(v1::DialogEvent event);
  absl::StatusOr<common::v1::SealedText> Seal(const process::DataKeys::Key& key,
                                              std::string_view resource, std::string_view field,
                                              std::string_view text) const;
  absl::Status Summarise(const process::DataKeys::Key& key, v1::HandoffReason reason);
  void Assigned();

  const HandlerScope& scope_;
  const engine::Context& ctx_;
  engine::Txn& txn_;
  ConversationKey key_;
  std::optional<store::v1::ConversationRecord> before_;  // as loaded; nullopt: new
  store::v1::ConversationRecord record_;
};

}  // namespace frontdesk::dialog
