#include "services/dialog/conversation_edit.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/process/sealing.h"
#include "services/dialog/derived_id.h"
#include "services/dialog/domain/context.h"
#include "services/dialog/domain/handoff.h"
#include "services/dialog/domain/intent.h"
#include "services/dialog/domain/proto_time.h"
#include "services/dialog/domain/speaker.h"
#include "services/dialog/events.h"
#include "services/dialog/intent_store.h"
#include "services/dialog/keys.h"

namespace frontdesk::dialog {
namespace {

using store::v1::ConversationRecord;
using store::v1::TimerState;

}  // namespace

ConversationEdit::ConversationEdit(const HandlerScope& scope, const engine::Context& ctx,
                                   engine::Txn& txn, ConversationKey key, ConversationRecord loaded)
    : scope_(scope),
      ctx_(ctx),
      txn_(txn),
      key_(std::move(key)),
      before_(loaded),
      record_(std::move(loaded)) {
  record_.set_version(record_.version() + 1);
  conversation().set_etag(std::to_string(record_.version()));
  ToProto(ctx.now, conversation().mutable_update_time());
}

absl::StatusOr<ConversationEdit> ConversationEdit::Load(const HandlerScope& scope,
                                                        const engine::Context& ctx,
                                                        engine::Txn& txn,
                                                        const ConversationKey& key) {
  FD_ASSIGN_OR_RETURN(ConversationRecord record, LoadConversation(txn, key));
  return ConversationEdit(scope, ctx, txn, key, std::move(record));
}

absl::StatusOr<ConversationEdit> ConversationEdit::Open(const HandlerScope& scope,
                                                        const engine::Context& ctx,
                                                        engine::Txn& txn,
                                                        const v1::Conversation& draft,
                                                        std::string_view message) {
  ConversationKey key{TenantId(ctx.tenant),
                      ConversationId(DerivedId("conversation", message, ctx.now))};
  ConversationRecord record;
  *record.mutable_conversation() = draft;
  record.mutable_conversation()->set_name(key.Name());
  ToProto(ctx.now, record.mutable_conversation()->mutable_create_time());
  ConversationEdit edit(scope, ctx, txn, std::move(key), std::move(record));
  edit.before_.reset();
  FD_RETURN_IF_ERROR(edit.Happen(Happening::kOpen));
  GiveSpeaker(kBotSpeaker, *edit.conversation().mutable_speaker_lease());
  const std::string early = kEarlyTickets.Key(ctx.tenant, edit.key_.conversation.value());
  FD_ASSIGN_OR_RETURN(const auto ticket, kEarlyTickets.Find(txn, early));
  if (ticket.has_value()) {
    edit.conversation().set_ticket(ticket->value());
    txn.Delete(early);
  }
  v1::DialogEvent event;
  v1::ConversationOpened& opened = *event.mutable_conversation_opened();
  *opened.mutable_conversation() = edit.conversation();
  opened.set_customer(draft.customer());
  opened.set_account(draft.account());
  edit.Append(std::move(event));
  return edit;
}

absl::Status ConversationEdit::CheckEtag(std::string_view etag) const {
  if (etag.empty() || (before_.has_value() && etag == before_->conversation().etag())) {
    return absl::OkStatus();
  }
  absl::Status status = Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                              "the conversation was changed since: read it again");
  status = WithMetadata(std::move(status), "name", conversation().name());
  return WithMetadata(std::move(status), "etag",
                      before_.has_value() ? before_->conversation().etag() : "");
}

absl::Status ConversationEdit::Happen(Happening happening) {
  FD_ASSIGN_OR_RETURN(const v1::ConversationState state,
                      NextState(conversation().state(), happening));
  conversation().set_state(state);
  return absl::OkStatus();
}

absl::Status ConversationEdit::Reopen() {
  FD_RETURN_IF_ERROR(Happen(Happening::kReopen));
  GiveSpeaker(kBotSpeaker, *conversation().mutable_speaker_lease());
  conversation().clear_assignee();
  conversation().clear_resolved_by();
  conversation().clear_resolve_time();
  conversation().set_bot_failure_count(0);
  conversation().set_reopen_count(conversation().reopen_count() + 1);
  record_.set_waiting_acknowledged(false);
  v1::DialogEvent event;
  v1::ConversationReopened& reopened = *event.mutable_conversation_reopened();
  *reopened.mutable_conversation() = conversation();
  reopened.set_customer(conversation().customer());
  reopened.set_account(conversation().account());
  Append(std::move(event));
  return absl::OkStatus();
}

v1::Turn ConversationEdit::AddCustomerTurn(v1::Turn turn) {
  turn.set_author_kind(common::v1::AUTHOR_KIND_CUSTOMER);
  turn.set_author(conversation().customer());
  AddTurn(&turn);
  conversation().set_customer_message_count(conversation().customer_message_count() + 1);
  return turn;
}

absl::StatusOr<v1::Turn> ConversationEdit::Say(const process::DataKeys::Key& key,
                                               const Utterance& utterance) {
  v1::Turn turn;
  // The bot and its notices answer a message once.
  turn.set_reply(utterance.reply_to.empty() ? ctx_.NewId()
                                            : DerivedId("reply", utterance.reply_to, ctx_.now));
  const std::string resource = conversation().name() + "/replies/" + turn.reply();
  FD_ASSIGN_OR_RETURN(*turn.mutable_text(), Seal(key, resource, "text", utterance.text));
  turn.set_author_kind(utterance.author_kind);
  turn.set_author(utterance.author);
  *turn.mutable_citations() = utterance.citations;
  turn.set_confidence_bps(utterance.confidence_bps);
  AddTurn(&turn);
  if (utterance.author_kind == common::v1::AUTHOR_KIND_BOT) {
    conversation().set_bot_reply_count(conversation().bot_reply_count() + 1);
  } else if (utterance.author_kind == common::v1::AUTHOR_KIND_AGENT) {
    conversation().set_agent_reply_count(conversation().agent_reply_count() + 1);
  }
  v1::DialogEvent event;
  v1::ReplyRequested& reply = *event.mutable_reply_requested();
  reply.set_reply(turn.reply());
  reply.set_conversation(conversation().name());
  reply.set_customer(conversation().customer());
  reply.set_account(conversation().account());
  reply.set_channel_account(conversation().channel_account());
  *reply.mutable_text() = turn.text();
  *reply.mutable_citations() = turn.citations();
  reply.set_author_kind(turn.author_kind());
  reply.set_author(turn.author());
  *reply.mutable_speaker_lease() = conversation().speaker_lease();
  reply.set_reply_to(utterance.reply_to);
  reply.set_language(conversation().language());
  reply.set_question(utterance.question);
  Append(std::move(event));
  return turn;
}

absl::Status ConversationEdit::HandOff(const process::DataKeys::Key& key, v1::HandoffReason reason,
                                       const TicketWish& ticket) {
  FD_RETURN_IF_ERROR(Happen(Happening::kHandOff));
  StopExpectingCustomer();
  StopExpectingAnswers();
  conversation().set_handoff_reason(reason);
  record_.set_person_involved(true);
  record_.set_last_answer_known(false);
  record_.set_waiting_acknowledged(false);
  FD_RETURN_IF_ERROR(Summarise(key, reason));
  v1::DialogEvent event;
  v1::HandoffRequested& handoff = *event.mutable_handoff_requested();
  *handoff.mutable_conversation() = conversation();
  handoff.set_reason(reason);
  *handoff.mutable_summary() = conversation().summary();
  handoff.set_customer(conversation().customer());
  handoff.set_account(conversation().account());
  Append(std::move(event));
  scope_.metrics.handoffs[static_cast<size_t>(reason)].Increment();
  if (!conversation().ticket().empty() || !record_.pending_ticket_request().empty()) {
    return absl::OkStatus();
  }
  return RequestTicket(key, ticket).status();
}

absl::StatusOr<std::string> ConversationEdit::RequestTicket(const process::DataKeys::Key& key,
                                                            const TicketWish& wish) {
  FD_RETURN_IF_ERROR(Happen(Happening::kRequestTicket));
  v1::DialogEvent event;
  v1::TicketRequested& request = *event.mutable_ticket_requested();
  request.set_ticket_request(
      wish.message.empty() ? ctx_.NewId() : DerivedId("ticket request", wish.message, ctx_.now));
  request.set_conversation(conversation().name());
  request.set_customer(conversation().customer());
  request.set_account(conversation().account());
  request.set_subject(wish.subject);
  request.set_priority(wish.priority);
  if (!wish.summary.empty()) {
    const std::string resource =
        conversation().name() + "/ticketRequests/" + request.ticket_request();
    FD_ASSIGN_OR_RETURN(*request.mutable_summary(), Seal(key, resource, "summary", wish.summary));
  } else {
    if (!conversation().has_summary()) {
      FD_RETURN_IF_ERROR(Summarise(key, conversation().handoff_reason()));
    }
    *request.mutable_summary() = conversation().summary();
  }
  request.set_requester(wish.requester);
  request.set_channel_account(conversation().channel_account());
  request.set_language(conversation().language());
  record_.set_pending_ticket_request(request.ticket_request());
  std::string id = request.ticket_request();
  Append(std::move(event));
  return id;
}

absl::Status ConversationEdit::TakeOver(const std::string& agent) {
  const bool from_bot = conversation().state() == v1::CONVERSATION_STATE_BOT;
  FD_RETURN_IF_ERROR(Happen(Happening::kTakeOver));
  StopExpectingCustomer();
  StopExpectingAnswers();
  GiveSpeaker(agent, *conversation().mutable_speaker_lease());
  conversation().set_assignee(agent);
  if (from_bot) conversation().set_handoff_reason(v1::HANDOFF_REASON_AGENT_TAKEOVER);
  record_.set_person_involved(true);
  record_.set_last_answer_known(false);
  Assigned();
  return absl::OkStatus();
}

absl::Status ConversationEdit::ReturnToBot() {
  FD_RETURN_IF_ERROR(Happen(Happening::kReturnToBot));
  GiveSpeaker(kBotSpeaker, *conversation().mutable_speaker_lease());
  conversation().clear_assignee();
  conversation().set_bot_failure_count(0);
  record_.set_waiting_acknowledged(false);
  // The customer may never write again.
  ExpectCustomer();
  Assigned();
  return absl::OkStatus();
}

absl::Status ConversationEdit::Resolve(common::v1::AuthorKind by) {
  FD_RETURN_IF_ERROR(Happen(Happening::kResolve));
  StopExpectingCustomer();
  StopExpectingAnswers();
  if (by == common::v1::AUTHOR_KIND_AGENT) record_.set_person_involved(true);
  conversation().set_resolved_by(by);
  ToProto(ctx_.now, conversation().mutable_resolve_time());
  v1::DialogEvent event;
  v1::ConversationResolved& resolved = *event.mutable_conversation_resolved();
  *resolved.mutable_conversation() = conversation();
  resolved.set_resolved_by(by);
  resolved.set_bot_only(record_.last_answer_known() && !record_.person_involved());
  resolved.set_customer_message_count(conversation().customer_message_count());
  resolved.set_bot_reply_count(conversation().bot_reply_count());
  resolved.set_agent_reply_count(conversation().agent_reply_count());
  resolved.set_customer(conversation().customer());
  resolved.set_account(conversation().account());
  (resolved.bot_only() ? scope_.metrics.resolved_by_bot : scope_.metrics.resolved_with_person)
      .Increment();
  Append(std::move(event));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ConversationEdit::IntentTitle(std::string_view intent) const {
  FD_ASSIGN_OR_RETURN(const auto found, FindIntent(txn_, ctx_.tenant, intent));
  if (!found.has_value()) return std::string();
  return std::string(DisplayName(*found, conversation().language()));
}

void ConversationEdit::SayUnanswered(const v1::Turn& question, int32_t confidence_bps) {
  v1::DialogEvent event;
  v1::QuestionUnanswered& unanswered = *event.mutable_question_unanswered();
  unanswered.set_conversation(conversation().name());
  unanswered.set_message(question.message());
  *unanswered.mutable_question() = question.text();
  unanswered.set_language(conversation().language());
  unanswered.set_confidence_bps(confidence_bps);
  unanswered.set_customer(conversation().customer());
  unanswered.set_account(conversation().account());
  Append(std::move(event));
}

void ConversationEdit::ExpectCustomer() {
  Set(kIdle, scope_.config.quiet_time, record_.mutable_idle_timer());
}

void ConversationEdit::ExpectAnswer(int64_t turn_sequence) {
  // The count belongs to the oldest that waits, so that writing on can't put a person off.
  if (record_.pending_turn_sequences().empty()) ArmRetry();
  record_.add_pending_turn_sequences(turn_sequence);
}

bool ConversationEdit::ExpectsAnswer(int64_t turn_sequence) const {
  return std::ranges::count(record_.pending_turn_sequences(), turn_sequence) > 0;
}

void ConversationEdit::StopExpectingAnswer(int64_t turn_sequence) {
  auto& pending = *record_.mutable_pending_turn_sequences();
  pending.erase(std::remove(pending.begin(), pending.end(), turn_sequence), pending.end());
  if (pending.empty()) StopExpectingAnswers();
}

void ConversationEdit::StopExpectingAnswers() {
  Cancel(kRetry, record_.mutable_retry_timer());
  record_.clear_pending_turn_sequences();
  record_.clear_retry_count();
}

void ConversationEdit::ArmRetry() {
  Set(kRetry, scope_.config.retry_delay, record_.mutable_retry_timer());
}

void ConversationEdit::Put() {
  PutConversation(txn_, key_, before_.has_value() ? &*before_ : nullptr, record_);
}

engine::Timer ConversationEdit::MakeTimer(uint8_t kind, const TimerState& state) const {
  return {FromProto(state.due_time()), kind,
          fmt::format("{}/{}", key_.tenant.value(), key_.conversation.value()), state.generation()};
}

void ConversationEdit::Set(uint8_t kind, absl::Duration after, TimerState* state) {
  Cancel(kind, state);
  state->set_generation(record_.version());
  ToProto(ctx_.now + after, state->mutable_due_time());
  txn_.SetTimer(MakeTimer(kind, *state));
}

void ConversationEdit::Cancel(uint8_t kind, TimerState* state) {
  if (state->generation() != 0) txn_.CancelTimer(MakeTimer(kind, *state));
  state->Clear();
}

void ConversationEdit::AddTurn(v1::Turn* turn) {
  record_.set_last_turn_sequence(record_.last_turn_sequence() + 1);
  turn->set_sequence(record_.last_turn_sequence());
  turn->set_name(fmt::format("{}/turns/{}", conversation().name(), turn->sequence()));
  ToProto(ctx_.now, turn->mutable_create_time());
  *conversation().mutable_last_turn_time() = turn->create_time();
  PutTurn(txn_, key_, *turn);
}

void ConversationEdit::Append(v1::DialogEvent event) {
  AppendEvent(ctx_, conversation().customer(), conversation().name(), std::move(event), txn_);
}

absl::StatusOr<common::v1::SealedText> ConversationEdit::Seal(const process::DataKeys::Key& key,
                                                              std::string_view resource,
                                                              std::string_view field,
                                                              std::string_view text) const {
  const std::string& customer = conversation().customer();
  return process::SealText(key.get(),
                           {.tenant = key_.tenant.value(),
                            .customer = std::string_view(customer).substr(customer.rfind('/') + 1),
                            .resource = resource,
                            .field = field,
                            .version = record_.version()},
                           text);
}

absl::Status ConversationEdit::Summarise(const process::DataKeys::Key& key,
                                         v1::HandoffReason reason) {
  FD_ASSIGN_OR_RETURN(const std::vector<v1::Turn> turns, LastTurns(txn_, key_, kSummaryTurns));
  FD_ASSIGN_OR_RETURN(const std::string topic,
                      IntentTitle(FindSlot(conversation(), slots::kIntent)));
  FD_ASSIGN_OR_RETURN(*conversation().mutable_summary(),
                      Seal(key, conversation().name(), "summary",
                           MakeSummary(conversation(), reason, topic, turns)));
  return absl::OkStatus();
}

void ConversationEdit::Assigned() {
  v1::DialogEvent event;
  v1::ConversationAssigned& assigned = *event.mutable_conversation_assigned();
  *assigned.mutable_conversation() = conversation();
  assigned.set_assignee(conversation().assignee());
  assigned.set_customer(conversation().customer());
  assigned.set_account(conversation().account());
  Append(std::move(event));
}

}  // namespace frontdesk::dialog
