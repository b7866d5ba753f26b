#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/ticket/store/v1/ticket_store.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/ticket/domain/ticket.h"
#include "services/ticket/names.h"
#include "services/ticket/store.h"

namespace frontdesk::ticket {

// One ticket inside one command: settles its clocks when it is opened, takes the changes that rules
// make, and puts the record with its index rows, history and the one timer for the next mark of a
// clock. Lives on the stack of a handler. A handler that returns an error before Put leaves
// nothing.
//
//   FD_ASSIGN_OR_RETURN(TicketEdit edit, TicketEdit::Load(ctx, txn, ref));
//   FD_RETURN_IF_ERROR(edit.Apply(StartTicket(edit.record(), ctx.now)));
//   edit.Put();
class TicketEdit {
 public:
  // NOT_FOUND, DATA_LOSS; ABORTED when `etag` is not empty and not that of the ticket as callers have
  // seen it, before its clocks are settled.
  static absl::StatusOr<TicketEdit> Load(const ::frontdesk::store::Context& ctx,
                                         ::frontdesk::store::Txn& txn, TicketRef ref,
                                         std::string_view etag = {});
  // A ticket that is not stored yet; says TicketCreated.
  static TicketEdit Create(const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                           TicketRef ref, store::v1::TicketRecord record);

  store::v1::TicketRecord& record() { return record_; }
  const v1::Ticket& ticket() const { return record_.ticket(); }

  // Takes what a rule has done to the record: history, event, and the marks that it moved clocks
  // over. A change without fields leaves no trace, unless it is that of a note.
  absl::Status Apply(absl::StatusOr<Change> change, const v1::Note* note = nullptr);

  // The timer that runs this command is gone from the store: Put sets the next one even when this
  // one had nothing to do.
  void ForgetTimer() {
    record_.clear_timer_due_time();
    changed_ = true;
  }

  // Writes what has changed, if anything.
  void Put();
  // The last thing: the ticket, as Put has left it.
  v1::Ticket Take() { return std::move(*record_.mutable_ticket()); }

 private:
  TicketEdit(const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn, TicketRef ref,
             store::v1::TicketRecord record)
      : ctx_(ctx), txn_(txn), ref_(std::move(ref)), record_(std::move(record)) {}

  void Settle();
  // Raises the version; the history gets an entry.
  void Record(const Change& change);
  void Touch();
  void MoveTimer();

  const ::frontdesk::store::Context& ctx_;
  ::frontdesk::store::Txn& txn_;
  TicketRef ref_;
  store::v1::TicketRecord record_;
  IndexedFields before_;
  bool changed_ = false;
};

}  // namespace frontdesk::ticket
