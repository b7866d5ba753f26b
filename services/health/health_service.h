#pragma once

#include "frontdesk/health/v1/health_service.pb.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/ulid.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/store/command.h"
#include "libs/store/read_pool.h"
#include "services/health/metrics.h"
#include "services/health/names.h"

namespace frontdesk::health {

// The RPCs, free of gRPC: shape checks, then a command to the tenant's committer; or a read from
// the store, memory first. No rule lives here. Owned by the App, thread safe, never blocks.
// Requests and responses live until `finish`.
class HealthService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    ::frontdesk::store::ReadPool& reads;
    const Clock& clock;
    RandomSource& random;
    const Metrics& metrics;
  };
  explicit HealthService(const Collaborators& in) : in_(in), ids_(in.random) {}

  void CreateAccount(const rpc::Call& call, const v1::CreateAccountRequest& request,
                     v1::CreateAccountResponse* response, rpc::Finish finish);
  void GetAccount(const rpc::Call& call, const v1::GetAccountRequest& request,
                  v1::GetAccountResponse* response, rpc::Finish finish);
  void ListAccounts(const rpc::Call& call, const v1::ListAccountsRequest& request,
                    v1::ListAccountsResponse* response, rpc::Finish finish);
  void UpdateAccount(const rpc::Call& call, const v1::UpdateAccountRequest& request,
                     v1::UpdateAccountResponse* response, rpc::Finish finish);
  void RecordSignals(const rpc::Call& call, const v1::RecordSignalsRequest& request,
                     v1::RecordSignalsResponse* response, rpc::Finish finish);
  void GetHealthScore(const rpc::Call& call, const v1::GetHealthScoreRequest& request,
                      v1::GetHealthScoreResponse* response, rpc::Finish finish);
  void ListHealthScores(const rpc::Call& call, const v1::ListHealthScoresRequest& request,
                        v1::ListHealthScoresResponse* response, rpc::Finish finish);
  void GetHealthPolicy(const rpc::Call& call, const v1::GetHealthPolicyRequest& request,
                       v1::GetHealthPolicyResponse* response, rpc::Finish finish);
  void UpdateHealthPolicy(const rpc::Call& call, const v1::UpdateHealthPolicyRequest& request,
                          v1::UpdateHealthPolicyResponse* response, rpc::Finish finish);

 private:
  void Submit(const rpc::Call& call, const google::protobuf::Message& request,
              google::protobuf::Message* response, ::frontdesk::store::Handler handler,
              rpc::Finish finish);
  // Reads on the calling thread when it is in memory, else on the read pool.
  void Read(const rpc::Call& call, ::frontdesk::store::ReadPool::ReadFn read, rpc::Finish finish);

  const Collaborators in_;
  UlidSource ids_;
};

}  // namespace frontdesk::health
