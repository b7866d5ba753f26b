#pragma once

#include <string>
#include <utility>

#include "google/protobuf/message.h"
#include "libs/rpc/call.h"
#include "libs/store/command.h"
#include "libs/store/committer.h"

namespace frontdesk::rpc {

// Hash of a request without its `request_id`, the same for the same content in every process.
uint64_t PayloadHash(const google::protobuf::Message& request);

// The command of a mutation, complete but for `handle`, `rebuild` and `done`: the method's full
// name, tenant, actor, request id, payload hash, cause, trace, size, deadline and response.
store::Command MakeCommand(const Call& call, const google::protobuf::Message& request,
                           google::protobuf::Message* response);

// The common mutation: `handler` runs on the committer, fills *response and returns OK, or refuses.
//   rpc::Submit(committer, call, request, response,
//               [&request, response](const store::Context& ctx, store::Txn& txn, store::Reply&) {
//                 return HandleCreateTicket(ctx, txn, request, response);
//               }, std::move(finish));
// `request` and `response` live as long as `finish`, so the handler may hold references to both.
void Submit(store::Committer& committer, const Call& call, const google::protobuf::Message& request,
            google::protobuf::Message* response, store::Handler handler, Finish finish);

}  // namespace frontdesk::rpc
