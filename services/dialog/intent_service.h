#pragma once

#include <memory>
#include <string>

#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "libs/bus/prepare_pool.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/store/command.h"
#include "libs/store/read_pool.h"
#include "services/dialog/intent_models.h"
#include "services/dialog/understander.h"

namespace frontdesk::dialog {

// The RPCs of frontdesk.dialog.v1.DialogService about intents, without gRPC: shape checks, then a
// command or a read. Owned by the App, thread safe, never blocks. Request, response and call live
// until `finish`.
class IntentService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    engine::ReadPool& reads;
    bus::PreparePool& pool;
    const Clock& clock;
    // Null where texts are not understood.
    std::shared_ptr<IntentModels> models;
    std::shared_ptr<Understander> understander;
  };
  explicit IntentService(Collaborators in) : in_(std::move(in)) {}

  void CreateIntent(const rpc::Call& call, const v1::CreateIntentRequest& request,
                    v1::CreateIntentResponse* response, rpc::Finish finish);
  void GetIntent(const rpc::Call& call, const v1::GetIntentRequest& request,
                 v1::GetIntentResponse* response, rpc::Finish finish);
  void ListIntents(const rpc::Call& call, const v1::ListIntentsRequest& request,
                   v1::ListIntentsResponse* response, rpc::Finish finish);
  void UpdateIntent(const rpc::Call& call, const v1::UpdateIntentRequest& request,
                    v1::UpdateIntentResponse* response, rpc::Finish finish);
  void DeleteIntent(const rpc::Call& call, const v1::DeleteIntentRequest& request,
                    v1::DeleteIntentResponse* response, rpc::Finish finish);
  void GetIntentModel(const rpc::Call& call, const v1::GetIntentModelRequest& request,
                      v1::GetIntentModelResponse* response, rpc::Finish finish);
  void DetectIntent(const rpc::Call& call, const v1::DetectIntentRequest& request,
                    v1::DetectIntentResponse* response, rpc::Finish finish);

 private:
  // A mutation whose reply holds the intent, which may be too large to be kept with the request id.
  template <class Request, class Response, class Handle>
  void SubmitIntent(const rpc::Call& call, const Request& request, Response* response,
                    Handle handle, rpc::Finish finish);

  const Collaborators in_;
};

// What a handler that changed intents calls last: the tenant's model is made anew once the change is
// durable. `models` may be null.
void TellModels(std::shared_ptr<IntentModels> models, const engine::Context& ctx, engine::Txn& txn);

}  // namespace frontdesk::dialog
