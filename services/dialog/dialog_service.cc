#include "services/dialog/dialog_service.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/dialog/agent_handlers.h"
#include "services/dialog/domain/handoff.h"
#include "services/dialog/domain/phrases.h"

namespace frontdesk::dialog {
namespace {

using engine::Context;
using engine::Reader;
using engine::Reply;
using engine::Txn;

// Unwraps a StatusOr or ends the call with its error.
#define FD_ASSIGN_OR_FINISH(lhs, ...)                                \
  auto FD_CONCAT_(fd_or_, __LINE__) = (__VA_ARGS__);                 \
  if (!FD_CONCAT_(fd_or_, __LINE__).ok()) {                          \
    return finish(std::move(FD_CONCAT_(fd_or_, __LINE__)).status()); \
  }                                                                  \
  lhs = *std::move(FD_CONCAT_(fd_or_, __LINE__))
#define FD_FINISH_IF_ERROR(...)                                    \
  do {                                                             \
    if (absl::Status fd_status = (__VA_ARGS__); !fd_status.ok()) { \
      return finish(std::move(fd_status));                         \
    }                                                              \
  } while (false)

bool MayReadPlainText(const rpc::Call& call) { return call.caller.role != rpc::Role::kAnalyst; }

std::string LastSegment(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

Actor ActorOf(const rpc::Call& call) {
  Actor actor;
  actor.agent = ResourceName({{"tenants", call.tenant}, {"agents", call.caller.principal}});
  actor.person = call.caller.role == rpc::Role::kAgent || call.caller.role == rpc::Role::kAdmin;
  actor.admin = call.caller.role == rpc::Role::kAdmin;
  return actor;
}

absl::StatusOr<ConversationKey> ConversationOf(const rpc::Call& call, std::string_view name,
                                               std::string_view field) {
  FD_ASSIGN_OR_RETURN(ConversationKey key, ParseConversation(name, field));
  if (key.tenant.value() != call.tenant) return InvalidField(field, "must lie in the same tenant");
  return key;
}

absl::Status CheckParent(const rpc::Call& call, std::string_view parent) {
  if (parent == ResourceName({{"tenants", call.tenant}})) return absl::OkStatus();
  return InvalidField("parent", "must be tenants/{tenant}");
}

std::string NextToken(const std::string& next, const rpc::Page& page) {
  return next.empty() ? std::string() : rpc::MakePageToken(next, page.filter_hash);
}

absl::StatusOr<std::string> OptionalMember(const rpc::Call& call, std::string_view name,
                                           std::string_view collection, std::string_view field) {
  if (name.empty()) return std::string();
  return ParseMember(name, call.tenant, collection, field);
}

}  // namespace

void DialogService::Read(const rpc::Call& call, engine::ReadPool::ReadFn read,
                         engine::ReadPool::Done done) {
  in_.reads.Read(in_.shards.For(call.tenant).store(), /*snapshot=*/false, std::move(read),
                 std::move(done));
}

void DialogService::Submit(engine::Command command) {
  in_.shards.For(command.tenant).Submit(std::move(command));
}

absl::Duration DialogService::TimeLeft(const rpc::Call& call) const {
  return std::max(call.give_up_at - in_.clock.Steady(), absl::ZeroDuration());
}

template <class Request, class Response, class Handle>
void DialogService::SubmitConversation(const rpc::Call& call, const Request& request,
                                       Response* response, Handle handle, rpc::Finish finish) {
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.correlation = request.name();
  command.handle = [handle = std::move(handle), response](const Context& ctx, Txn& txn,
                                                          Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(handle(ctx, txn, response));
    reply.resource = response->conversation().name();
    if constexpr (requires { response->ticket_request(); }) {
      reply.resource += "#" + response->ticket_request();
    }
    return absl::OkStatus();
  };
  // A conversation with its summary is too large to be kept with the request id.
  command.rebuild = [](const Reader& reader, std::string_view resource,
                       google::protobuf::Message* message) -> absl::Status {
    const std::string_view name = resource.substr(0, resource.find('#'));
    FD_ASSIGN_OR_RETURN(const ConversationKey key, ParseConversation(name, "name"));
    FD_ASSIGN_OR_RETURN(auto record, LoadConversation(reader, key));
    auto& rebuilt = *static_cast<Response*>(message);
    *rebuilt.mutable_conversation() = std::move(*record.mutable_conversation());
    if constexpr (requires { rebuilt.ticket_request(); }) {
      rebuilt.set_ticket_request(std::string(resource.substr(name.size() + 1)));
    }
    return absl::OkStatus();
  };
  command.done = std::move(finish);
  Submit(std::move(command));
}

void DialogService::KeyOf(const rpc::Call& call, const ConversationKey& key, Texts::KeyDone done) {
  auto customer = std::make_shared<std::string>();
  Read(
      call,
      [key, customer](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(const auto record, LoadConversation(reader, key));
        *customer = LastSegment(record.conversation().customer());
        return absl::OkStatus();
      },
      [this, &call, customer, done = std::move(done)](absl::Status status) mutable {
        if (!status.ok()) return done(std::move(status));
        in_.texts.Key(call.tenant, *customer, TimeLeft(call), std::move(done));
      });
}

void DialogService::GetConversation(const rpc::Call& call,
                                    const v1::GetConversationRequest& request,
                                    v1::GetConversationResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ConversationKey key, ConversationOf(call, request.name(), "name"));
  Read(
      call,
      [key, response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadConversation(reader, key));
        *response->mutable_conversation() = std::move(*record.mutable_conversation());
        return absl::OkStatus();
      },
      [this, &call, response, finish = std::move(finish)](absl::Status status) mutable {
        const v1::Conversation& found = response->conversation();
        if (!status.ok() || !MayReadPlainText(call) || !found.has_summary()) {
          return finish(std::move(status));
        }
        in_.texts.Open(call.tenant, LastSegment(found.customer()),
                       {{found.name(), "summary", &found.summary()}}, TimeLeft(call),
                       response->mutable_opened(),
                       [finish = std::move(finish)]() mutable { finish(absl::OkStatus()); });
      });
}

void DialogService::ListConversations(const rpc::Call& call,
                                      const v1::ListConversationsRequest& request,
                                      v1::ListConversationsResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_ASSIGN_OR_FINISH(const rpc::Page page, rpc::ParsePage(request));
  ConversationFilter filter;
  filter.tenant = TenantId(call.tenant);
  if (!v1::ConversationState_IsValid(request.state())) {
    return finish(InvalidField("state", "is not a state"));
  }
  filter.state = request.state();
  FD_ASSIGN_OR_FINISH(filter.customer,
                      OptionalMember(call, request.customer(), "customers", "customer"));
  FD_ASSIGN_OR_FINISH(filter.assignee,
                      OptionalMember(call, request.assignee(), "agents", "assignee"));
  Read(
      call,
      [filter = std::move(filter), page, response](const Reader& reader) -> absl::Status {
        response->Clear();
        FD_ASSIGN_OR_RETURN(auto listed,
                            dialog::ListConversations(reader, filter, page.after, page.size));
        for (v1::Conversation& item : listed.items) {
          *response->add_conversations() = std::move(item);
        }
        response->set_next_page_token(NextToken(listed.next, page));
        return absl::OkStatus();
      },
      std::move(finish));
}

void DialogService::ListTurns(const rpc::Call& call, const v1::ListTurnsRequest& request,
                              v1::ListTurnsResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ConversationKey key, ConversationOf(call, request.parent(), "parent"));
  FD_ASSIGN_OR_FINISH(const rpc::Page page, rpc::ParsePage(request));
  auto customer = std::make_shared<std::string>();
  Read(
      call,
      [key, page, customer, response](const Reader& reader) -> absl::Status {
        response->Clear();
        FD_ASSIGN_OR_RETURN(const auto record, LoadConversation(reader, key));
        *customer = LastSegment(record.conversation().customer());
        FD_ASSIGN_OR_RETURN(auto listed, dialog::ListTurns(reader, key, page.after, page.size));
        for (v1::Turn& item : listed.items) *response->add_turns() = std::move(item);
        response->set_next_page_token(NextToken(listed.next, page));
        return absl::OkStatus();
      },
      [this, &call, customer, response, finish = std::move(finish)](absl::Status status) mutable {
        if (!status.ok() || !MayReadPlainText(call)) return finish(std::move(status));
        std::vector<Texts::Closed> closed;
        for (const v1::Turn& turn : response->turns()) {
          closed.push_back({turn.name(), "text", &turn.text()});
        }
        in_.texts.Open(call.tenant, *customer, std::move(closed), TimeLeft(call),
                       response->mutable_opened(),
                       [finish = std::move(finish)]() mutable { finish(absl::OkStatus()); });
      });
}

void DialogService::TakeOverConversation(const rpc::Call& call,
                                         const v1::TakeOverConversationRequest& request,
                                         v1::TakeOverConversationResponse* response,
                                         rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ConversationKey key, ConversationOf(call, request.name(), "name"));
  FD_ASSIGN_OR_FINISH(const std::string agent_id,
                      OptionalMember(call, request.agent(), "agents", "agent"));
  SubmitConversation(
      call, request, response,
      [this, key, &request, who = ActorOf(call)](const Context& ctx, Txn& txn, auto* reply) {
        return dialog::TakeOverConversation(in_.scope, key, who, request.agent(), request.etag(),
                                            ctx, txn, reply->mutable_conversation());
      },
      std::move(finish));
}

void DialogService::ReplyToConversation(const rpc::Call& call,
                                        const v1::ReplyToConversationRequest& request,
                                        v1::ReplyToConversationResponse* response,
                                        rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ConversationKey key, ConversationOf(call, request.name(), "name"));
  FD_ASSIGN_OR_FINISH(std::string text, Texts::Clean(request.text(), "text"));
  if (request.speaker_token() <= 0) {
    return finish(InvalidField("speaker_token", "is required: the token of the speaker lease"));
  }
  auto submit = [this, &call, &request, response, key, text = std::move(text),
                 finish =
                     std::move(finish)](absl::StatusOr<process::DataKeys::Key> data_key) mutable {
    if (!data_key.ok()) return finish(data_key.status());
    engine::Command command = rpc::MakeCommand(call, request, response);
    command.correlation = request.name();
    command.handle = [this, key, &request, response, who = ActorOf(call), text = std::move(text),
                      data_key = *std::move(data_key)](const Context& ctx, Txn& txn,
                                                       Reply& reply) -> absl::Status {
      FD_RETURN_IF_ERROR(dialog::ReplyToConversation(in_.scope, key, who, request.speaker_token(),
                                                     text, data_key, ctx, txn,
                                                     response->mutable_turn()));
      reply.resource = std::to_string(response->turn().sequence());
      return absl::OkStatus();
    };
    command.rebuild = [key](const Reader& reader, std::string_view sequence,
                            google::protobuf::Message* message) -> absl::Status {
      const int64_t number = std::strtoll(std::string(sequence).c_str(), nullptr, 10);
      FD_ASSIGN_OR_RETURN(v1::Turn turn, LoadTurn(reader, key, number));
      *static_cast<v1::ReplyToConversationResponse*>(message)->mutable_turn() = std::move(turn);
      return absl::OkStatus();
    };
    command.done = std::move(finish);
    Submit(std::move(command));
  };
  KeyOf(call, key, std::move(submit));
}

void DialogService::ResolveConversation(const rpc::Call& call,
                                        const v1::ResolveConversationRequest& request,
                                        v1::ResolveConversationResponse* response,
                                        rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ConversationKey key, ConversationOf(call, request.name(), "name"));
  SubmitConversation(
      call, request, response,
      [this, key, &request, who = ActorOf(call)](const Context& ctx, Txn& txn, auto* reply) {
        return dialog::ResolveConversation(in_.scope, key, who, request.etag(), ctx, txn,
                                           reply->mutable_conversation());
      },
      std::move(finish));
}

void DialogService::ReturnToBot(const rpc::Call& call, const v1::ReturnToBotRequest& request,
                                v1::ReturnToBotResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ConversationKey key, ConversationOf(call, request.name(), "name"));
  SubmitConversation(
      call, request, response,
      [this, key, &request](const Context& ctx, Txn& txn, auto* reply) {
        return dialog::ReturnToBot(in_.scope, key, request.etag(), ctx, txn,
                                   reply->mutable_conversation());
      },
      std::move(finish));
}

void DialogService::RequestTicket(const rpc::Call& call, const v1::RequestTicketRequest& request,
                                  v1::RequestTicketResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const ConversationKey key, ConversationOf(call, request.name(), "name"));
  TicketWish wish;
  FD_ASSIGN_OR_FINISH(wish.subject, Texts::CleanAndMask(request.subject(), "subject"));
  if (CountCharacters(request.subject()) > kMaxSubjectCharacters) {
    return finish(InvalidField("subject", "must have 1 to 200 characters"));
  }
  if (!request.summary().empty()) {
    FD_ASSIGN_OR_FINISH(wish.summary, Texts::Clean(request.summary(), "summary"));
  }
  if (!common::v1::Priority_IsValid(request.priority())) {
    return finish(InvalidField("priority", "is not a priority"));
  }
  wish.subject = CutCharacters(std::string(wish.subject), kMaxSubjectCharacters);
  wish.priority = request.priority() == common::v1::PRIORITY_UNSPECIFIED ? common::v1::PRIORITY_P2
                                                                         : request.priority();
  wish.requester = ActorOf(call).agent;
  KeyOf(call, key,
        [this, &call, &request, response, key, wish = std::move(wish),
         finish = std::move(finish)](absl::StatusOr<process::DataKeys::Key> data_key) mutable {
          if (!data_key.ok()) return finish(data_key.status());
          SubmitConversation(
              call, request, response,
              [this, key, wish = std::move(wish), data_key = *std::move(data_key)](
                  const Context& ctx, Txn& txn, v1::RequestTicketResponse* reply) {
                return dialog::RequestTicket(in_.scope, key, wish, data_key, ctx, txn, reply);
              },
              std::move(finish));
        });
}

void DialogService::CreateAgent(const rpc::Call& call, const v1::CreateAgentRequest& request,
                                v1::CreateAgentResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  if (!request.agent_id().empty()) {
    FD_FINISH_IF_ERROR(ValidateId(request.agent_id(), "agent_id"));
  }
  FD_FINISH_IF_ERROR(CheckAgent(request.agent(), "agent."));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [&request, response](const Context& ctx, Txn& txn, Reply&) {
        return dialog::CreateAgent(request.agent_id(), request.agent(), ctx, txn,
                                   response->mutable_agent());
      },
      std::move(finish));
}

void DialogService::GetAgent(const rpc::Call& call, const v1::GetAgentRequest& request,
                             v1::GetAgentResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const std::string id,
                      ParseMember(request.name(), call.tenant, "agents", "name"));
  Read(
      call,
      [id, tenant = call.tenant, &request, response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record,
                            kAgentTable.Load(reader, kAgentTable.Key(tenant, id), request.name()));
        *response->mutable_agent() = std::move(*record.mutable_agent());
        return absl::OkStatus();
      },
      std::move(finish));
}

void DialogService::ListAgents(const rpc::Call& call, const v1::ListAgentsRequest& request,
                               v1::ListAgentsResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_ASSIGN_OR_FINISH(const rpc::Page page, rpc::ParsePage(request));
  Read(
      call,
      [tenant = TenantId(call.tenant), page, response](const Reader& reader) -> absl::Status {
        response->Clear();
        FD_ASSIGN_OR_RETURN(auto listed, dialog::ListAgents(reader, tenant, page.after, page.size));
        for (v1::Agent& item : listed.items) *response->add_agents() = std::move(item);
        response->set_next_page_token(NextToken(listed.next, page));
        return absl::OkStatus();
      },
      std::move(finish));
}

void DialogService::UpdateAgent(const rpc::Call& call, const v1::UpdateAgentRequest& request,
                                v1::UpdateAgentResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const std::string id,
                      ParseMember(request.agent().name(), call.tenant, "agents", "agent.name"));
  FD_ASSIGN_OR_FINISH(std::vector<std::string> paths, AgentPaths(request));
  v1::Agent checked = request.agent();
  // What is not changed need not be well-formed.
  const bool renames = std::find(paths.begin(), paths.end(), "display_name") != paths.end();
  if (!renames) checked.set_display_name("unchanged");
  FD_FINISH_IF_ERROR(CheckAgent(checked, "agent."));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [id, paths = std::move(paths), &request, response](const Context& ctx, Txn& txn, Reply&) {
        return dialog::UpdateAgent(id, request.agent(), paths, ctx, txn, response->mutable_agent());
      },
      std::move(finish));
}

}  // namespace frontdesk::dialog
