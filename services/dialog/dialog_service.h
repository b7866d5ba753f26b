#pragma once

#include <string>

#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "libs/base/clock.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/store/read_pool.h"
#include "services/dialog/conversation_edit.h"
#include "services/dialog/conversation_handlers.h"
#include "services/dialog/texts.h"

namespace frontdesk::dialog {

// The RPCs of frontdesk.dialog.v1.DialogService without gRPC: shape checks, then a command or a
// read. No rule lives here. Owned by the App, thread safe, never blocks. Request, response and call
// live until `finish`.
class DialogService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    engine::ReadPool& reads;
    Texts& texts;
    const Clock& clock;
    const HandlerScope& scope;
  };
  explicit DialogService(Collaborators in) : in_(in) {}

  void GetConversation(const rpc::Call& call, const v1::GetConversationRequest& request,
                       v1::GetConversationResponse* response, rpc::Finish finish);
  void ListConversations(const rpc::Call& call, const v1::ListConversationsRequest& request,
                         v1::ListConversationsResponse* response, rpc::Finish finish);
  void ListTurns(const rpc::Call& call, const v1::ListTurnsRequest& request,
                 v1::ListTurnsResponse* response, rpc::Finish finish);
  void TakeOverConversation(const rpc::Call& call, const v1::TakeOverConversationRequest& request,
                            v1::TakeOverConversationResponse* response, rpc::Finish finish);
  void ReplyToConversation(const rpc::Call& call, const v1::ReplyToConversationRequest& request,
                           v1::ReplyToConversationResponse* response, rpc::Finish finish);
  void ResolveConversation(const rpc::Call& call, const v1::ResolveConversationRequest& request,
                           v1::ResolveConversationResponse* response, rpc::Finish finish);
  void ReturnToBot(const rpc::Call& call, const v1::ReturnToBotRequest& request,
                   v1::ReturnToBotResponse* response, rpc::Finish finish);
  void RequestTicket(const rpc::Call& call, const v1::RequestTicketRequest& request,
                     v1::RequestTicketResponse* response, rpc::Finish finish);
  void CreateAgent(const rpc::Call& call, const v1::CreateAgentRequest& request,
                   v1::CreateAgentResponse* response, rpc::Finish finish);
  void GetAgent(const rpc::Call& call, const v1::GetAgentRequest& request,
                v1::GetAgentResponse* response, rpc::Finish finish);
  void ListAgents(const rpc::Call& call, const v1::ListAgentsRequest& request,
                  v1::ListAgentsResponse* response, rpc::Finish finish);
  void UpdateAgent(const rpc::Call& call, const v1::UpdateAgentRequest& request,
                   v1::UpdateAgentResponse* response, rpc::Finish finish);

 private:
  void Read(const rpc::Call& call, engine::ReadPool::ReadFn read, engine::ReadPool::Done done);
  void Submit(engine::Command command);
  // A mutation whose reply holds the conversation.
  template <class Request, class Response, class Handle>
  void SubmitConversation(const rpc::Call& call, const Request& request, Response* response,
                          Handle handle, rpc::Finish finish);
  // The key of the customer of a conversation, for what is to be sealed. NOT_FOUND, and as Texts.
  void KeyOf(const rpc::Call& call, const ConversationKey& key, Texts::KeyDone done);
  absl::Duration TimeLeft(const rpc::Call& call) const;

  const Collaborators in_;
};

}  // namespace frontdesk::dialog
