#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// Whether the bot's answers solved what they were given for: what a conversation came to, joined with
// the articles that were cited in it. An article counts once in a conversation: open until the
// conversation is resolved; solved when it ended without people; not solved when it was handed over,
// became a ticket or was opened again, unless the customer then says that it helped. What it came to after the last answer becomes a label of the
// question (last_answer.h).
namespace frontdesk::knowledge {

// Longer than any topic keeps what it is joined with.
inline constexpr absl::Duration kCitedConversationLife = absl::Hours(24 * 60);

// A reply went out: of the bot with citations, or of a person after one. `question`: what it replies
// to, without personal data; empty = not known.
absl::Status NoteCitations(const dialog::v1::DialogEvent& event, const std::string& question,
                           const engine::Context& context, engine::Txn& txn);
absl::Status NoteUnanswered(const dialog::v1::DialogEvent& event, const engine::Context& context,
                            engine::Txn& txn);
absl::Status NoteResolved(const dialog::v1::DialogEvent& event, const engine::Context& context,
                          engine::Txn& txn);
absl::Status NoteHandoff(const dialog::v1::DialogEvent& event, const engine::Context& context,
                         engine::Txn& txn);
absl::Status NoteReopened(const dialog::v1::DialogEvent& event, const engine::Context& context,
                          engine::Txn& txn);
absl::Status NoteTicket(const ticket::v1::TicketEvent& event, const engine::Context& context,
                        engine::Txn& txn);

}  // namespace frontdesk::knowledge
