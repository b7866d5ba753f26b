#include "services/dialog/conversation_handlers.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/dialog/domain/speaker.h"

namespace frontdesk::dialog {
namespace {

// An agent named by somebody else must be known; one who calls is known by the credential. Neither
// may be switched off.
absl::Status CheckTakesConversations(const engine::Txn& txn, std::string_view tenant,
                                     const std::string& agent, bool must_exist) {
  FD_ASSIGN_OR_RETURN(const std::string id, ParseMember(agent, tenant, "agents", "agent"));
  FD_ASSIGN_OR_RETURN(const auto record, kAgentTable.Find(txn, kAgentTable.Key(tenant, id)));
  if (!record.has_value()) return must_exist ? NotFound("agent", agent) : absl::OkStatus();
  if (record->agent().active()) return absl::OkStatus();
  return WithMetadata(
      Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION", "the agent is not active"),
      "verb", "TakeOverConversation");
}

}  // namespace

absl::Status TakeOverConversation(const HandlerScope& scope, const ConversationKey& key,
                                  const Actor& who, const std::string& agent, std::string_view etag,
                                  const engine::Context& ctx, engine::Txn& txn,
                                  v1::Conversation* result) {
  const std::string& holder = agent.empty() ? who.agent : agent;
  if (holder != who.agent && !who.admin) {
    return Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                 "only an admin may name another agent");
  }
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, key));
  FD_RETURN_IF_ERROR(edit.CheckEtag(etag));
  FD_RETURN_IF_ERROR(CheckTakesConversations(txn, ctx.tenant, holder, holder != who.agent));
  if (edit.conversation().state() == v1::CONVERSATION_STATE_WITH_AGENT &&
      edit.conversation().assignee() == holder) {
    FD_ASSIGN_OR_RETURN(auto record, LoadConversation(txn, key));
    *result = std::move(*record.mutable_conversation());
    return absl::OkStatus();
  }
  FD_RETURN_IF_ERROR(edit.TakeOver(holder));
  edit.Put();
  *result = edit.conversation();
  return absl::OkStatus();
}

absl::Status ReplyToConversation(const HandlerScope& scope, const ConversationKey& key,
                                 const Actor& who, int64_t token, const std::string& text,
                                 const process::DataKeys::Key& data_key, const engine::Context& ctx,
                                 engine::Txn& txn, v1::Turn* result) {
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, key));
  const v1::SpeakerLease& lease = edit.conversation().speaker_lease();
  FD_RETURN_IF_ERROR(CheckSpeakerToken(lease, token));
  FD_RETURN_IF_ERROR(edit.Happen(Happening::kAgentReplied));
  if (lease.holder() != who.agent && !who.admin) {
    absl::Status status = Error(absl::StatusCode::kFailedPrecondition, "SPEAKER_LEASE_LOST",
                                "another agent speaks here");
    status = WithMetadata(std::move(status), "holder", lease.holder());
    return WithMetadata(std::move(status), "token", std::to_string(lease.token()));
  }
  Utterance utterance;
  utterance.author_kind = common::v1::AUTHOR_KIND_AGENT;
  utterance.author = lease.holder();
  utterance.text = text;
  FD_ASSIGN_OR_RETURN(*result, edit.Say(data_key, utterance));
  edit.Put();
  return absl::OkStatus();
}

absl::Status ResolveConversation(const HandlerScope& scope, const ConversationKey& key,
                                 const Actor& who, std::string_view etag,
                                 const engine::Context& ctx, engine::Txn& txn,
                                 v1::Conversation* result) {
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, key));
  FD_RETURN_IF_ERROR(edit.CheckEtag(etag));
  FD_RETURN_IF_ERROR(
      edit.Resolve(who.person ? common::v1::AUTHOR_KIND_AGENT : common::v1::AUTHOR_KIND_SYSTEM));
  edit.Put();
  *result = edit.conversation();
  return absl::OkStatus();
}

absl::Status ReturnToBot(const HandlerScope& scope, const ConversationKey& key,
                         std::string_view etag, const engine::Context& ctx, engine::Txn& txn,
                         v1::Conversation* result) {
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, key));
  FD_RETURN_IF_ERROR(edit.CheckEtag(etag));
  FD_RETURN_IF_ERROR(edit.ReturnToBot());
  edit.Put();
  *result = edit.conversation();
  return absl::OkStatus();
}

absl::Status RequestTicket(const HandlerScope& scope, const ConversationKey& key,
                           const TicketWish& wish, const process::DataKeys::Key& data_key,
                           const engine::Context& ctx, engine::Txn& txn,
                           v1::RequestTicketResponse* result) {
  FD_ASSIGN_OR_RETURN(ConversationEdit edit, ConversationEdit::Load(scope, ctx, txn, key));
  FD_ASSIGN_OR_RETURN(std::string id, edit.RequestTicket(data_key, wish));
  edit.Put();
  result->set_ticket_request(std::move(id));
  *result->mutable_conversation() = edit.conversation();
  return absl::OkStatus();
}

}  // namespace frontdesk::dialog
