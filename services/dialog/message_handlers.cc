#include "services/dialog/message_handlers.h"

#include <optional>
#include <string>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/dialog/domain/context.h"
#include "services/dialog/domain/handoff.h"
#include "services/dialog/domain/phrases.h"
#include "services/dialog/domain/proto_time.h"
#include "services/dialog/domain/speaker.h"
#include "services/dialog/domain/templates.h"
#include "services/dialog/domain/understanding.h"
#include "services/dialog/intent_store.h"
#include "services/dialog/keys.h"

namespace frontdesk::dialog {
namespace {

using store::v1::ConversationRecord;

// The references of a message, checked.
struct Place {
  CustomerId customer;
  std::string channel_account;
  std::string message;
};

absl::StatusOr<Place> CheckMessage(std::string_view tenant,
                                   const channel::v1::MessageReceived& received) {
  const channel::v1::Message& message = received.message();
  FD_ASSIGN_OR_RETURN(const std::string customer,
                      ParseMember(message.customer(), tenant, "customers", "message.customer"));
  FD_ASSIGN_OR_RETURN(
      std::string account,
      ParseMember(message.channel_account(), tenant, "channelAccounts", "message.channel_account"));
  FD_ASSIGN_OR_RETURN(
      auto ids,
      ParseResourceName(message.name(), {"tenants", "customers", "messages"}, "message.name"));
  if (ids[0] != tenant) return InvalidField("message.name", "must lie in the same tenant");
  if (message.direction() == channel::v1::MESSAGE_DIRECTION_OUTBOUND) {
    return InvalidField("message.direction", "must be inbound");
  }
  return Place{CustomerId(customer), std::move(account), std::move(ids[2])};
}

// The conversation that a message belongs to: the open one, one that was resolved a moment ago, or
// a new one.
absl::StatusOr<ConversationEdit> ConversationFor(const HandlerScope& scope, const Place& place,
                                                 const channel::v1::MessageReceived& received,
                                                 const engine::Context& ctx, engine::Txn& txn) {
  const TenantId tenant(ctx.tenant);
  FD_ASSIGN_OR_RETURN(std::optional<ConversationRecord> latest,
                      FindLatest(txn, tenant, place.customer, place.channel_account));
  if (latest.has_value()) {
    FD_ASSIGN_OR_RETURN(const ConversationKey key,
                        ParseConversation(latest->conversation().name(), "conversation"));
    const bool resolved = latest->conversation().state() == v1::CONVERSATION_STATE_RESOLVED;
    const absl::Time resolve_time = FromProto(latest->conversation().resolve_time());
    ConversationEdit edit(scope, ctx, txn, key, *std::move(latest));
    if (!resolved) return edit;
    if (ctx.now - resolve_time < scope.config.reopen_window) {
      FD_RETURN_IF_ERROR(edit.Reopen());
      return edit;
    }
  }
  v1::Conversation draft;
  draft.set_customer(received.message().customer());
  draft.set_channel_account(received.message().channel_account());
  draft.set_account(received.account());
  draft.set_language(received.message().language());
  return ConversationEdit::Open(scope, ctx, txn, draft, received.message().name());
}

// Which priority a slot value means.
common::v1::Priority PriorityOf(std::string_view slot) {
  common::v1::Priority priority = common::v1::PRIORITY_UNSPECIFIED;
  common::v1::Priority_Parse("PRIORITY_" + std::string(slot), &priority);
  return priority;
}

// What the message wants by its words and by the intent that it was understood as, which is the one
// of now: prepare may have seen an older one.
absl::StatusOr<Wish> WishOf(const PreparedMessage* prepared, const engine::Context& ctx,
                            const engine::Txn& txn) {
  if (prepared == nullptr) return Wish();
  if (!prepared->understanding.has_value()) return prepared->wish;
  FD_ASSIGN_OR_RETURN(const auto intent,
                      FindIntent(txn, ctx.tenant, prepared->understanding->intent()));
  return JoinIntent(prepared->wish, *prepared->understanding,
                    intent.has_value() ? &*intent : nullptr);
}

void KeepUnderstanding(const v1::Understanding& understanding, const Wish& wish,
                       v1::Conversation& conversation) {
  const std::string& intent = understanding.intent();
  // Who wants a person wants one for what it was about before.
  if (IsAbout(understanding) && !wish.wants_person) {
    SetSlot(slots::kIntent, intent.substr(intent.rfind('/') + 1), conversation);
  }
  const std::string_view order = FirstValue(understanding, "order_number");
  if (!order.empty()) SetSlot(slots::kOrderNumber, order, conversation);
}

void KeepContext(const PreparedMessage* prepared, const Wish& wish, const v1::Turn& turn,
                 v1::Conversation& conversation) {
  if (prepared != nullptr && !prepared->language.empty()) {
    conversation.set_language(prepared->language);
  }
  const auto urgency =
      MoreUrgent(PriorityOf(FindSlot(conversation, slots::kUrgency)), wish.urgency);
  if (urgency != common::v1::PRIORITY_UNSPECIFIED) {
    SetSlot(slots::kUrgency,
            common::v1::Priority_Name(urgency).substr(std::string_view("PRIORITY_").size()),
            conversation);
  }
  // What only says hello, thanks or "agent please" is no matter of its own.
  if (wish.solved || wish.thanks || wish.greeting || wish.only_wish) return;
  SetSlot(slots::kLastQuestion, turn.text().masked(), conversation);
  if (prepared != nullptr && prepared->understanding.has_value()) {
    KeepUnderstanding(*prepared->understanding, wish, conversation);
  }
}

// One move of the bot about one message of the customer.
class BotTurn {
 public:
  BotTurn(const HandlerScope& scope, const PreparedMessage* prepared, const Wish& wish,
          const v1::Turn& question, ConversationEdit& edit)
      : scope_(scope), prepared_(prepared), wish_(wish), question_(question), edit_(edit) {}

  absl::Status Make(AnswerOutcome outcome) {
    const BotSituation situation{
        .state = edit_.conversation().state(),
        .failure_count = edit_.conversation().bot_failure_count(),
        .last_answer_known = edit_.record().last_answer_known(),
        .waiting_acknowledged = edit_.record().waiting_acknowledged(),
        .pending_answers = edit_.record().pending_turn_sequences_size(),
        .retry_count = edit_.ExpectsAnswer(question_.sequence()) ? edit_.record().retry_count() : 0,
    };
    const BotPolicy policy{scope_.config.failures_max, scope_.config.retries_max,
                           scope_.config.pending_answers_max};
    const Move move = DecideMove(situation, wish_, outcome, policy);
    scope_.metrics.moves[static_cast<size_t>(move.kind)].Increment();
    if (move.unanswered) {
      edit_.conversation().set_bot_failure_count(edit_.conversation().bot_failure_count() + 1);
      edit_.SayUnanswered(question_, prepared_ == nullptr ? 0 : prepared_->answer.confidence_bps());
    }
    return Carry(move);
  }

 private:
  absl::Status Carry(const Move& move) {
    switch (move.kind) {
      case MoveKind::kStaySilent:
        return absl::OkStatus();
      case MoveKind::kAcknowledge:
        edit_.record().set_waiting_acknowledged(true);
        return Say(Notice(Phrase::kStillWaiting));
      case MoveKind::kAnswer:
        return Answer();
      case MoveKind::kClarify:
        edit_.record().set_last_answer_known(false);
        return Clarify();
      case MoveKind::kGreet:
        return SayAndExpect(Phrase::kGreeting);
      case MoveKind::kThank:
        return SayAndExpect(Phrase::kThanks);
      case MoveKind::kResolve:
        FD_RETURN_IF_ERROR(Say(OfBot(Phrase::kGoodbye)));
        return edit_.Resolve(common::v1::AUTHOR_KIND_CUSTOMER);
      case MoveKind::kRetry:
        edit_.ExpectAnswer(question_.sequence());
        return absl::OkStatus();
      case MoveKind::kHandOff:
        return HandOff(move.reason);
    }
    return Error(absl::StatusCode::kInternal, "INTERNAL", "a move without a way to carry it out");
  }

  absl::Status Answer() {
    const knowledge::v1::Answer& answer = prepared_->answer;
    Utterance utterance = OfBot(Phrase::kGreeting);
    utterance.text = answer.text();
    utterance.confidence_bps = answer.confidence_bps();
    utterance.citations = answer.citations();
    edit_.conversation().set_bot_failure_count(0);
    edit_.record().set_last_answer_known(true);
    if (answer.citations_size() > 0) {
      SetSlot(slots::kLastArticle, answer.citations(0).article_version(), edit_.conversation());
      // What knowledge was asked with, also when it was asked again later; it heard the plain text.
      utterance.question = CutCharacters(question_.text().masked(), kMaxQuestionCharacters);
    }
    FD_RETURN_IF_ERROR(edit_.Happen(Happening::kBotAnswered));
    FD_RETURN_IF_ERROR(Say(utterance));
    edit_.ExpectCustomer();
    return absl::OkStatus();
  }

  absl::Status Clarify() {
    Utterance question = OfBot(Phrase::kClarify);
    if (prepared_ != nullptr && prepared_->understanding.has_value() &&
        IsBetweenTwo(*prepared_->understanding)) {
      const std::string& language = edit_.conversation().language();
      FD_ASSIGN_OR_RETURN(const std::string one,
                          edit_.IntentTitle(prepared_->understanding->intent()));
      FD_ASSIGN_OR_RETURN(const std::string other,
                          edit_.IntentTitle(prepared_->understanding->second_intent()));
      if (!one.empty() && !other.empty()) question.text = ClarifyBetween(one, other, language);
    }
    return SayAndExpect(question);
  }

  absl::Status SayAndExpect(Phrase phrase) { return SayAndExpect(OfBot(phrase)); }
  absl::Status SayAndExpect(const Utterance& utterance) {
    FD_RETURN_IF_ERROR(edit_.Happen(Happening::kBotAnswered));
    FD_RETURN_IF_ERROR(Say(utterance));
    edit_.ExpectCustomer();
    return absl::OkStatus();
  }

  absl::Status HandOff(v1::HandoffReason reason) {
    const v1::Conversation& conversation = edit_.conversation();
    const std::string_view asked_before = FindSlot(conversation, slots::kLastQuestion);
    TicketWish ticket;
    ticket.subject = MakeSubject(wish_.only_wish ? asked_before : question_.text().masked(),
                                 conversation.language());
    ticket.priority = TicketPriority(PriorityOf(FindSlot(conversation, slots::kUrgency)));
    ticket.message = question_.message();
    FD_RETURN_IF_ERROR(edit_.HandOff(Key(), reason, ticket));
    if (reason == v1::HANDOFF_REASON_CUSTOMER_REQUEST)
      return Say(Notice(Phrase::kHandoffRequested));
    return Say(Notice(wish_.needs_person ? Phrase::kHandoffDue : Phrase::kHandoffUnanswered));
  }

  Utterance OfBot(Phrase phrase) const {
    Utterance utterance;
    utterance.author = kBotSpeaker;
    utterance.text = TemplateText(phrase, edit_.conversation().language());
    utterance.reply_to = question_.message();
    return utterance;
  }

  Utterance Notice(Phrase phrase) const {
    Utterance utterance = OfBot(phrase);
    utterance.author_kind = common::v1::AUTHOR_KIND_SYSTEM;
    return utterance;
  }

  absl::Status Say(const Utterance& utterance) { return edit_.Say(Key(), utterance).status(); }
  process::DataKeys::Key Key() const { return prepared_ == nullptr ? nullptr : prepared_->key; }

  const HandlerScope& scope_;
  const PreparedMessage* prepared_;
  const Wish& wish_;
  const v1::Turn& question_;
  ConversationEdit& edit_;
};

// An answer counts only for the speaker it was asked for: who took over meanwhile must not hear the
// bot, even when the conversation is the bot's again.
AnswerOutcome OutcomeFor(const HandlerScope& scope, const PreparedMessage* prepared,
                         const ConversationEdit& edit, int64_t speaker_token) {
  if (prepared == nullptr) return AnswerOutcome::kNotReady;
  const bool late = prepared->conversation == edit.conversation().name() &&
                    prepared->speaker_token != speaker_token;
  if (!late) return prepared->outcome;
  if (prepared->outcome != AnswerOutcome::kNotReady) scope.metrics.late_answers.Increment();
  return AnswerOutcome::kNotReady;
}

}  // namespace

absl::Status TakeMessage(const HandlerScope& scope, const channel::v1::MessageReceived& received,
                         const PreparedMessage* prepared, const engine::Context& ctx,
                         engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const Place place, CheckMessage(ctx.tenant, received));
  const std::string seen = kMessages.Key(ctx.tenant, place.customer.value(), place.message);
  FD_ASSIGN_OR_RETURN(const auto row, txn.Get(seen));
  if (row.has_value()) {
    scope.metrics.repeated_messages.Increment();
    return absl::OkStatus();
  }
  if (prepared == nullptr) scope.metrics.unprepared.Increment();
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationFor(scope, place, received, ctx, txn));
  kMessages.Put(txn, seen);
  FD_RETURN_IF_ERROR(edit.Happen(Happening::kCustomerMessage));
  if (!received.account().empty()) edit.conversation().set_account(received.account());
  v1::Turn turn;
  *turn.mutable_text() = received.message().text();
  turn.set_message(received.message().name());
  if (prepared != nullptr && prepared->understanding.has_value()) {
    *turn.mutable_understanding() = *prepared->understanding;
  }
  turn = edit.AddCustomerTurn(std::move(turn));
  edit.StopExpectingCustomer();
  FD_ASSIGN_OR_RETURN(const Wish wish, WishOf(prepared, ctx, txn));
  KeepContext(prepared, wish, turn, edit.conversation());
  const int64_t token = edit.conversation().speaker_lease().token();
  const AnswerOutcome outcome = OutcomeFor(scope, prepared, edit, token);
  FD_RETURN_IF_ERROR(BotTurn(scope, prepared, wish, turn, edit).Make(outcome));
  edit.Put();
  return absl::OkStatus();
}

absl::Status TakeAnswer(const HandlerScope& scope, const AnswerWish& wish,
                        const PreparedMessage& prepared, const engine::Context& ctx,
                        engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, wish.key));
  const int64_t token = edit.conversation().speaker_lease().token();
  if (!edit.ExpectsAnswer(wish.turn_sequence) ||
      edit.conversation().state() != v1::CONVERSATION_STATE_BOT ||
      (!prepared.conversation.empty() && prepared.speaker_token != token)) {
    scope.metrics.late_answers.Increment();
    return WithMetadata(
        Error(absl::StatusCode::kAborted, "STALE_RESULT", "nobody waits for this answer any more"),
        "version", std::to_string(edit.record().version()));
  }
  FD_ASSIGN_OR_RETURN(const Wish wanted, WishOf(&prepared, ctx, txn));
  // The next retry asks again.
  if (prepared.outcome == AnswerOutcome::kNotReady && !wanted.needs_no_answer()) {
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(const v1::Turn question, LoadTurn(txn, wish.key, wish.turn_sequence));
  edit.StopExpectingAnswer(wish.turn_sequence);
  KeepContext(&prepared, wanted, question, edit.conversation());
  FD_RETURN_IF_ERROR(BotTurn(scope, &prepared, wanted, question, edit).Make(prepared.outcome));
  edit.Put();
  return absl::OkStatus();
}

absl::Status ReachRetry(const HandlerScope& scope, const AskAgain& ask_again,
                        const ConversationKey& key, const engine::Context& ctx, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, key));
  if (edit.record().retry_timer().generation() != ctx.generation) {
    scope.metrics.stale_timers.Increment();
    return absl::OkStatus();
  }
  edit.record().clear_retry_timer();
  const auto pending = edit.record().pending_turn_sequences();
  if (pending.empty()) {
    edit.Put();
    return absl::OkStatus();
  }
  if (edit.record().retry_count() >= scope.config.retries_max) {
    FD_ASSIGN_OR_RETURN(const v1::Turn question, LoadTurn(txn, key, pending[0]));
    FD_RETURN_IF_ERROR(
        BotTurn(scope, nullptr, Wish(), question, edit).Make(AnswerOutcome::kNotReady));
  } else {
    edit.record().set_retry_count(edit.record().retry_count() + 1);
    // Set before asking: should the answer or this process be lost, the next one asks again.
    edit.ArmRetry();
    for (const int64_t sequence : pending) {
      txn.AfterCommit([&ask_again, wish = AnswerWish{key, sequence}] { ask_again(wish); });
    }
  }
  edit.Put();
  return absl::OkStatus();
}

absl::Status ReachQuietTime(const HandlerScope& scope, const ConversationKey& key,
                            const engine::Context& ctx, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, key));
  if (edit.record().idle_timer().generation() != ctx.generation) {
    scope.metrics.stale_timers.Increment();
    return absl::OkStatus();
  }
  edit.record().clear_idle_timer();
  // A question that still waits for its answer is no silence of the customer.
  if (edit.record().pending_turn_sequences().empty()) {
    FD_RETURN_IF_ERROR(edit.Resolve(common::v1::AUTHOR_KIND_SYSTEM));
  }
  edit.Put();
  return absl::OkStatus();
}

absl::Status TakeTicket(const HandlerScope& scope, const ticket::v1::TicketCreated& created,
                        const engine::Context& ctx, engine::Txn& txn) {
  const ticket::v1::Ticket& ticket = created.ticket();
  if (ticket.conversation().empty()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const ConversationKey key,
                      ParseConversation(ticket.conversation(), "ticket.conversation"));
  if (key.tenant.value() != ctx.tenant) {
    return InvalidField("ticket.conversation", "must lie in the same tenant");
  }
  auto edit = ConversationEdit::Load(scope, ctx, txn, key);
  if (absl::IsNotFound(edit.status())) {
    // A ticket made by hand may name any conversation. One that was asked for here is read again
    // after a restore, perhaps before the message that opens its conversation.
    if (created.ticket_request().empty()) return absl::OkStatus();
    google::protobuf::StringValue row;
    row.set_value(ticket.name());
    kEarlyTickets.Put(txn, kEarlyTickets.Key(ctx.tenant, key.conversation.value()), row);
    return absl::OkStatus();
  }
  if (!edit.ok()) return edit.status();
  const bool awaited = !created.ticket_request().empty() &&
                       created.ticket_request() == edit->record().pending_ticket_request();
  if (!awaited && !edit->conversation().ticket().empty()) return absl::OkStatus();
  if (awaited) edit->record().clear_pending_ticket_request();
  edit->conversation().set_ticket(ticket.name());
  edit->Put();
  return absl::OkStatus();
}

}  // namespace frontdesk::dialog
