#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "libs/process/peers.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/dialog/conversation_edit.h"

// What agents do to conversations. `who` is checked by then; each fills `result` with the
// conversation after the change.
namespace frontdesk::dialog {

// Who calls, as far as conversations care.
struct Actor {
  std::string agent;    // "tenants/{tenant}/agents/{principal}"
  bool person = false;  // an agent or admin, not a service
  bool admin = false;   // may act for other agents
};

// `agent` empty: the caller. PERMISSION_DENIED, NOT_FOUND, FAILED_PRECONDITION (FAILED_TRANSITION)
// for one who takes no conversations, ABORTED.
absl::Status TakeOverConversation(const HandlerScope& scope, const ConversationKey& key,
                                  const Actor& who, const std::string& agent, std::string_view etag,
                                  const engine::Context& ctx, engine::Txn& txn,
                                  v1::Conversation* result);

// FAILED_PRECONDITION (SPEAKER_LEASE_LOST) unless `token` is the present one and the caller speaks.
absl::Status ReplyToConversation(const HandlerScope& scope, const ConversationKey& key,
                                 const Actor& who, int64_t token, const std::string& text,
                                 const process::DataKeys::Key& data_key, const engine::Context& ctx,
                                 engine::Txn& txn, v1::Turn* result);

absl::Status ResolveConversation(const HandlerScope& scope, const ConversationKey& key,
                                 const Actor& who, std::string_view etag,
                                 const engine::Context& ctx, engine::Txn& txn,
                                 v1::Conversation* result);

absl::Status ReturnToBot(const HandlerScope& scope, const ConversationKey& key,
                         std::string_view etag, const engine::Context& ctx, engine::Txn& txn,
                         v1::Conversation* result);

absl::Status RequestTicket(const HandlerScope& scope, const ConversationKey& key,
                           const TicketWish& wish, const process::DataKeys::Key& data_key,
                           const engine::Context& ctx, engine::Txn& txn,
                           v1::RequestTicketResponse* result);

}  // namespace frontdesk::dialog
