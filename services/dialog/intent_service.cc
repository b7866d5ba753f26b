#include "services/dialog/intent_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/finish_macros.h"
#include "libs/rpc/mutation.h"
#include "libs/text/language.h"
#include "services/dialog/domain/intent.h"
#include "services/dialog/intent_handlers.h"
#include "services/dialog/intent_store.h"
#include "services/dialog/store.h"
#include "services/dialog/texts.h"

namespace frontdesk::dialog {
namespace {

using engine::Context;
using engine::Reader;
using engine::Reply;
using engine::Txn;

constexpr char kModelName[] = "/intentModel";

absl::Status CheckParent(const rpc::Call& call, std::string_view parent) {
  if (parent == ResourceName({{"tenants", call.tenant}})) return absl::OkStatus();
  return InvalidField("parent", "must be tenants/{tenant}");
}

absl::StatusOr<std::string> IntentOf(const rpc::Call& call, std::string_view name,
                                     std::string_view field) {
  return ParseMember(name, call.tenant, "intents", field);
}

}  // namespace

void TellModels(std::shared_ptr<IntentModels> models, const Context& ctx, Txn& txn) {
  if (models == nullptr) return;
  txn.AfterCommit(
      [models = std::move(models), tenant = std::string(ctx.tenant)] { models->Changed(tenant); });
}

template <class Request, class Response, class Handle>
void IntentService::SubmitIntent(const rpc::Call& call, const Request& request, Response* response,
                                 Handle handle, rpc::Finish finish) {
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [handle = std::move(handle), models = in_.models, response](
                       const Context& ctx, Txn& txn, Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(handle(ctx, txn, response->mutable_intent()));
    reply.resource = response->intent().name();
    TellModels(models, ctx, txn);
    return absl::OkStatus();
  };
  command.rebuild = [tenant = call.tenant](const Reader& reader, std::string_view name,
                                           google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const std::string id, ParseMember(name, tenant, "intents", "name"));
    FD_ASSIGN_OR_RETURN(auto record, LoadIntentRecord(reader, tenant, id));
    *static_cast<Response*>(message)->mutable_intent() = std::move(*record.mutable_intent());
    return absl::OkStatus();
  };
  command.done = std::move(finish);
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void IntentService::CreateIntent(const rpc::Call& call, const v1::CreateIntentRequest& request,
                                 v1::CreateIntentResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  if (!request.intent_id().empty()) {
    FD_FINISH_IF_ERROR(ValidateId(request.intent_id(), "intent_id"));
  }
  FD_FINISH_IF_ERROR(CheckIntent(request.intent(), AllIntentPaths(), "intent."));
  SubmitIntent(
      call, request, response,
      [&request](const Context& ctx, Txn& txn, v1::Intent* intent) {
        return dialog::CreateIntent(request.intent_id(), request.intent(), ctx, txn, intent);
      },
      std::move(finish));
}

void IntentService::GetIntent(const rpc::Call& call, const v1::GetIntentRequest& request,
                              v1::GetIntentResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const std::string id, IntentOf(call, request.name(), "name"));
  in_.reads.Read(
      in_.shards.For(call.tenant).store(), /*snapshot=*/true,
      [id, tenant = call.tenant, response](const Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadIntentRecord(reader, tenant, id));
        *response->mutable_intent() = std::move(*record.mutable_intent());
        return absl::OkStatus();
      },
      std::move(finish));
}

void IntentService::ListIntents(const rpc::Call& call, const v1::ListIntentsRequest& request,
                                v1::ListIntentsResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_ASSIGN_OR_FINISH(const rpc::Page page, rpc::ParsePage(request));
  in_.reads.Read(
      in_.shards.For(call.tenant).store(), /*snapshot=*/false,
      [tenant = call.tenant, page, response](const Reader& reader) {
        response->Clear();
        return dialog::ListIntents(reader, tenant, page, response);
      },
      std::move(finish));
}

void IntentService::UpdateIntent(const rpc::Call& call, const v1::UpdateIntentRequest& request,
                                 v1::UpdateIntentResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const std::string id, IntentOf(call, request.intent().name(), "intent.name"));
  FD_ASSIGN_OR_FINISH(std::vector<std::string> paths, IntentPaths(request));
  FD_FINISH_IF_ERROR(CheckIntent(request.intent(), paths, "intent."));
  SubmitIntent(
      call, request, response,
      [id, paths = std::move(paths), &request](const Context& ctx, Txn& txn, v1::Intent* intent) {
        return dialog::UpdateIntent(id, request.intent(), paths, ctx, txn, intent);
      },
      std::move(finish));
}

void IntentService::DeleteIntent(const rpc::Call& call, const v1::DeleteIntentRequest& request,
                                 v1::DeleteIntentResponse* response, rpc::Finish finish) {
  FD_ASSIGN_OR_FINISH(const std::string id, IntentOf(call, request.name(), "name"));
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [id, &request, models = in_.models](const Context& ctx, Txn& txn, Reply&) -> absl::Status {
        FD_RETURN_IF_ERROR(dialog::DeleteIntent(id, request.etag(), ctx, txn));
        TellModels(models, ctx, txn);
        return absl::OkStatus();
      },
      std::move(finish));
}

void IntentService::GetIntentModel(const rpc::Call& call, const v1::GetIntentModelRequest& request,
                                   v1::GetIntentModelResponse* response, rpc::Finish finish) {
  const std::string name = ResourceName({{"tenants", call.tenant}}) + kModelName;
  if (request.name() != name) {
    return finish(InvalidField("name", "must be tenants/{tenant}/intentModel"));
  }
  v1::IntentModel& model = *response->mutable_model();
  if (in_.models == nullptr) {
    model.set_state(v1::INTENT_MODEL_STATE_NONE);
    model.add_warnings("this process understands declared phrases only");
  } else {
    model = in_.models->Describe(call.tenant);
  }
  model.set_name(name);
  finish(absl::OkStatus());
}

void IntentService::DetectIntent(const rpc::Call& call, const v1::DetectIntentRequest& request,
                                 v1::DetectIntentResponse* response, rpc::Finish finish) {
  FD_FINISH_IF_ERROR(CheckParent(call, request.parent()));
  FD_ASSIGN_OR_FINISH(std::string text, Texts::Clean(request.text(), "text"));
  if (in_.understander == nullptr) {
    return finish(Error(absl::StatusCode::kFailedPrecondition, "NOT_READY",
                        "this process understands declared phrases only"));
  }
  const std::string_view guessed = text::GuessLanguage(text);
  response->set_language(guessed == "und" ? request.locale() : std::string(guessed));
  const absl::Duration left = std::max(call.give_up_at - in_.clock.Steady(), absl::ZeroDuration());
  auto explain = [response, text](Understood understood) {
    for (const v1::IntentScore& score : understood.scores) *response->add_scores() = score;
    response->set_in_scope_bps(understood.in_scope_bps);
    response->set_out_of_scope(understood.out_of_scope);
    for (const v1::DetectedEntity& entity : understood.entities) {
      *response->add_entities() = entity;
    }
    response->set_sentiment_bps(understood.sentiment_bps);
    response->set_emotion(std::string(understood.emotion));
    if (understood.model != nullptr) {
      response->set_fingerprint(understood.model->about.fingerprint());
    }
    Understander::Explain(text, understood, response);
  };
  // A long text takes milliseconds: not on gRPC's thread.
  auto owed = std::make_shared<rpc::Finish>(std::move(finish));
  const bool taken = in_.pool.TrySubmit([understander = in_.understander, tenant = call.tenant,
                                         text, left, explain, owed]() mutable {
    understander->Understand(tenant, text, left, [explain, owed](Understood understood) mutable {
      explain(std::move(understood));
      (*owed)(absl::OkStatus());
    });
  });
  if (taken) return;
  (*owed)(WithRetryDelay(
      Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "too many texts wait to be read"),
      absl::Seconds(1)));
}

}  // namespace frontdesk::dialog
