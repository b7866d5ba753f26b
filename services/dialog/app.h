#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/bus/shard.h"
#include "libs/process/app.h"
#include "libs/process/peers.h"
#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/dialog/answer_worker.h"
#include "services/dialog/config.h"
#include "services/dialog/dialog_service.h"
#include "services/dialog/message_preparer.h"
#include "services/dialog/metrics.h"
#include "services/dialog/texts.h"

namespace frontdesk::dialog {

// The dialog service, wired. See process::App for owner and life cycle. `keys` and `answers` outlive
// it.
class App final : public process::App {
 public:
  // `host` is null in the simulation. FAILED_PRECONDITION, INVALID_ARGUMENT. Blocks.
  static absl::StatusOr<std::unique_ptr<App>> Open(const bus::AppDeps& deps, const Config& config,
                                                   process::DataKeys& keys,
                                                   process::Answers& answers, rpc::Host* host);
  ~App() override;

  DialogService& service() { return *service_; }

  bus::ShardSet& shards() override { return *shards_; }
  std::vector<rpc::Service*> rpc_services() override;
  void LoadTenants(const rpc::TenantsFile& tenants,
                   absl::AnyInvocable<void(absl::Status)> done) override;

 private:
  App(const bus::AppDeps& deps, const Config& config, process::DataKeys& keys,
      process::Answers& answers);

  const Config config_;
  const Metrics metrics_;
  const std::shared_ptr<const HandlerScope> scope_;
  Texts texts_;
  const std::shared_ptr<MessagePreparer> preparer_;
  AnswerWorker worker_;
  const AskAgain ask_again_;
  std::unique_ptr<bus::ShardSet> shards_;
  std::unique_ptr<DialogService> service_;
  std::optional<rpc::Service> rpc_;
};

}  // namespace frontdesk::dialog
