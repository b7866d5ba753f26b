#include "services/dialog/dialog_rpc.h"

namespace frontdesk::dialog {

rpc::Service MakeDialogRpc(rpc::Host& host, DialogService& dialogs, IntentService& intents) {
  rpc::Service service(host, "frontdesk.dialog.v1.DialogService");
  // A conversation is taken, answered and given back by people, never by another service.
  constexpr rpc::Roles kPeople(rpc::Role::kAdmin, rpc::Role::kAgent);
  const auto change = [&](std::string_view name, auto method, rpc::Roles roles) {
    service.Unary(dialogs, method, {.name = name, .roles = roles, .mutation = true});
  };
  const auto read = [&](std::string_view name, auto method) {
    service.Unary(dialogs, method, {.name = name, .roles = rpc::kReaders});
  };
  read("GetConversation", &DialogService::GetConversation);
  read("ListConversations", &DialogService::ListConversations);
  read("ListTurns", &DialogService::ListTurns);
  change("TakeOverConversation", &DialogService::TakeOverConversation, kPeople);
  change("ReplyToConversation", &DialogService::ReplyToConversation, kPeople);
  change("ResolveConversation", &DialogService::ResolveConversation, rpc::kAgents);
  change("ReturnToBot", &DialogService::ReturnToBot, kPeople);
  change("RequestTicket", &DialogService::RequestTicket, kPeople);
  change("CreateAgent", &DialogService::CreateAgent, rpc::kAdmins);
  read("GetAgent", &DialogService::GetAgent);
  read("ListAgents", &DialogService::ListAgents);
  change("UpdateAgent", &DialogService::UpdateAgent, rpc::kAdmins);
  const auto change_intent = [&](std::string_view name, auto method) {
    service.Unary(intents, method, {.name = name, .roles = rpc::kAdmins, .mutation = true});
  };
  const auto read_intent = [&](std::string_view name, auto method) {
    service.Unary(intents, method, {.name = name, .roles = rpc::kReaders});
  };
  change_intent("CreateIntent", &IntentService::CreateIntent);
  read_intent("GetIntent", &IntentService::GetIntent);
  read_intent("ListIntents", &IntentService::ListIntents);
  change_intent("UpdateIntent", &IntentService::UpdateIntent);
  change_intent("DeleteIntent", &IntentService::DeleteIntent);
  read_intent("GetIntentModel", &IntentService::GetIntentModel);
  read_intent("DetectIntent", &IntentService::DetectIntent);
  return service;
}

}  // namespace frontdesk::dialog
