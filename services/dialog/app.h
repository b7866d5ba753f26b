#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/bus/shard.h"
#include "libs/process/app.h"
#include "libs/process/encoding/encoding.h"
#include "libs/process/peers.h"
#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/dialog/answer_worker.h"
#include "services/dialog/config.h"
#include "services/dialog/dialog_service.h"
#include "services/dialog/intent_models.h"
#include "services/dialog/intent_service.h"
#include "services/dialog/message_preparer.h"
#include "services/dialog/metrics.h"
#include "services/dialog/texts.h"
#include "services/dialog/understander.h"

namespace frontdesk::dialog {

// The dialog service, wired. See process::App for owner and life cycle. `keys`, `answers` and
// `encoding` outlive it.
class App final : public process::App {
 public:
  // `encoding` is null where texts are not understood and declared phrases alone decide: in the
  // simulation. `host` is null there, too. FAILED_PRECONDITION, INVALID_ARGUMENT. Blocks.
  static absl::StatusOr<std::unique_ptr<App>> Open(const bus::AppDeps& deps, const Config& config,
                                                   process::DataKeys& keys,
                                                   process::Answers& answers,
                                                   process::Encoding* encoding, rpc::Host* host);
  ~App() override;

  DialogService& service() { return *service_; }
  IntentService& intents() { return *intents_; }

  bus::ShardSet& shards() override { return *shards_; }
  std::vector<rpc::Service*> rpc_services() override;
  void LoadTenants(const rpc::TenantsFile& tenants,
                   absl::AnyInvocable<void(absl::Status)> done) override;
  void Start() override;
  void Stop(absl::Duration deadline) override;
  bool Step(absl::Time now) override;

 private:
  App(const bus::AppDeps& deps, const Config& config, process::DataKeys& keys,
      process::Answers& answers, process::Encoding* encoding, std::shared_ptr<IntentModels> models,
      std::shared_ptr<Understander> understander);

  const Config config_;
  const Metrics metrics_;
  const std::shared_ptr<const HandlerScope> scope_;
  Texts texts_;
  process::Encoding* const encoding_;           // null: texts are not understood,
  const std::shared_ptr<IntentModels> models_;  // and so are these two
  const std::shared_ptr<Understander> understander_;
  const std::shared_ptr<MessagePreparer> preparer_;
  AnswerWorker worker_;
  const AskAgain ask_again_;
  std::unique_ptr<bus::ShardSet> shards_;
  std::unique_ptr<DialogService> service_;
  std::unique_ptr<IntentService> intents_;
  std::optional<rpc::Service> rpc_;
};

}  // namespace frontdesk::dialog
