#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/dialog/conversation_edit.h"
#include "services/dialog/prepared.h"

// What the customer's side and the clock do to conversations.
namespace frontdesk::dialog {

// An answer that was not ready in time, to be asked for again outside of the committer.
struct AnswerWish {
  ConversationKey key;
  int64_t turn_sequence = 0;
};
using AskAgain = std::function<void(const AnswerWish&)>;

// A customer's message; `prepared` is null when preparing failed or was late. One effect per
// message, whatever event brings it. INVALID_ARGUMENT for a malformed one.
absl::Status TakeMessage(const HandlerScope& scope, const channel::v1::MessageReceived& received,
                         const PreparedMessage* prepared, const engine::Context& ctx,
                         engine::Txn& txn);

// The answer to a wish. ABORTED (STALE_RESULT) when nobody waits for it any more.
absl::Status TakeAnswer(const HandlerScope& scope, const AnswerWish& wish,
                        const PreparedMessage& prepared, const engine::Context& ctx,
                        engine::Txn& txn);

// The retry timer: asks again, once this is durable, or gives up and hands over.
absl::Status ReachRetry(const HandlerScope& scope, const AskAgain& ask_again,
                        const ConversationKey& key, const engine::Context& ctx, engine::Txn& txn);

// The idle timer: resolves the conversation that the customer has left.
absl::Status ReachQuietTime(const HandlerScope& scope, const ConversationKey& key,
                            const engine::Context& ctx, engine::Txn& txn);

// The ticket of a conversation was made. One that nobody asked for does not replace the first.
absl::Status TakeTicket(const HandlerScope& scope, const ticket::v1::TicketCreated& created,
                        const engine::Context& ctx, engine::Txn& txn);

}  // namespace frontdesk::dialog
