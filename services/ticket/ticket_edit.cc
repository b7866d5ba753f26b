#include "services/ticket/ticket_edit.h"

#include <string>
#include <utility>

#include "libs/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/events.h"
#include "services/ticket/keys.h"
#include "services/ticket/timers.h"

namespace frontdesk::ticket {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

absl::StatusOr<TicketEdit> TicketEdit::Load(const Context& ctx, Txn& txn, TicketRef ref,
                                            std::string_view etag) {
  FD_ASSIGN_OR_RETURN(auto record, LoadTicket(txn, ref));
  FD_RETURN_IF_ERROR(CheckEtag(record.ticket(), etag));
  TicketEdit edit(ctx, txn, std::move(ref), std::move(record));
  edit.before_ = IndexedFieldsOf(edit.ticket());
  edit.Settle();
  return edit;
}

TicketEdit TicketEdit::Create(const Context& ctx, Txn& txn, TicketRef ref,
                              store::v1::TicketRecord record) {
  TicketEdit edit(ctx, txn, std::move(ref), std::move(record));
  edit.record_.set_creator(std::string(ctx.actor));
  edit.record_.set_create_cause(std::string(ctx.cause));
  edit.Touch();
  txn.Append(TicketCreatedEvent(ctx, edit.record_));
  return edit;
}

absl::Status TicketEdit::Apply(absl::StatusOr<Change> change, const v1::Note* note) {
  FD_RETURN_IF_ERROR(change.status());
  if (!change->fields.empty()) Record(*change);
  if (!change->fields.empty() || note != nullptr) {
    txn_.Append(TicketChangedEvent(ctx_, record_, *change, note));
  }
  Settle();
  return absl::OkStatus();
}

void TicketEdit::Settle() {
  for (const SlaMark& mark : SettleClocks(record_, ctx_.now)) {
    Record(DescribeMark(mark));
    txn_.Append(SlaMarkEvent(ctx_, record_, mark));
  }
}

void TicketEdit::Touch() {
  record_.set_version(record_.version() + 1);
  v1::Ticket& ticket = *record_.mutable_ticket();
  ticket.set_etag(std::to_string(record_.version()));
  ToProto(ctx_.now, ticket.mutable_update_time());
  changed_ = true;
}

void TicketEdit::Record(const Change& change) {
  Touch();
  store::v1::ChangeRecord row;
  v1::TicketChange& entry = *row.mutable_change();
  entry.set_name(ticket().name() + "/changes/" + std::to_string(record_.version()));
  entry.set_action(change.action);
  entry.set_actor(std::string(ctx_.actor));
  entry.set_cause(std::string(ctx_.cause));
  ToProto(ctx_.now, entry.mutable_time());
  entry.mutable_fields()->Add(change.fields.begin(), change.fields.end());
  keys::kChanges.Put(txn_, keys::kChanges.Key(ref_.tenant, ref_.ticket, record_.version()), row);
}

void TicketEdit::MoveTimer() {
  const absl::Time due = NextMark(record_);
  const bool is_set = record_.has_timer_due_time();
  const absl::Time set_for = is_set ? FromProto(record_.timer_due_time()) : absl::InfiniteFuture();
  if (due == set_for) return;
  if (is_set) txn_.CancelTimer(ClockTimer(ref_, set_for, record_.timer_generation()));
  record_.clear_timer_due_time();
  record_.set_timer_generation(record_.timer_generation() + 1);
  if (due == absl::InfiniteFuture()) return;
  ToProto(due, record_.mutable_timer_due_time());
  txn_.SetTimer(ClockTimer(ref_, due, record_.timer_generation()));
}

void TicketEdit::Put() {
  if (!changed_) return;
  MoveTimer();
  PutTicket(txn_, ref_, before_, record_);
}

}  // namespace frontdesk::ticket
