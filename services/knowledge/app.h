#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "libs/http/server.h"
#include "libs/process/app.h"
#include "libs/process/peers.h"
#include "libs/rpc/service.h"
#include "services/knowledge/config.h"
#include "services/knowledge/generator_client.h"
#include "services/knowledge/help_centre/help_centre.h"
#include "services/knowledge/indexer.h"
#include "services/knowledge/knowledge_answers.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/metrics.h"
#include "services/knowledge/pending_transcripts.h"
#include "services/knowledge/proposer.h"
#include "services/knowledge/search_pool.h"
#include "services/knowledge/topic_reporter.h"

namespace frontdesk::knowledge {

// The knowledge service of a process. Threads besides those of the shards: one indexer per shard,
// the calibrator, one for all proposers, and the search pool. On the simulated disk the search
// index lives in memory, and searches run on the caller's thread until Start.
class App final : public process::App {
 public:
  // `host` is null in the simulation: no gRPC surface then. `encoding` and `transcripts` outlive
  // the App; null: words alone are searched, and what conversations and tickets say is not known.
  // Blocks: opens the stores.
  static absl::StatusOr<std::unique_ptr<App>> Open(const bus::AppDeps& deps, const Config& config,
                                                   rpc::Host* host,
                                                   process::Encoding* encoding = nullptr,
                                                   process::Transcripts* transcripts = nullptr);
  ~App() override;

  KnowledgeService& service() { return *service_; }
  // What dialog asks, when it runs in the same process. Lives as long as the App.
  process::Answers& answers() { return *answers_; }

  bus::ShardSet& shards() override { return *shards_; }
  std::vector<rpc::Service*> rpc_services() override;
  // Imports the articles of each tenant's articles_dir.
  void LoadTenants(const rpc::TenantsFile& tenants,
                   absl::AnyInvocable<void(absl::Status)> done) override;
  void Start() override;
  void Stop(absl::Duration deadline) override;
  bool Step(absl::Time now) override;
  absl::Status Ready() override;
  // The help centre's port, also when 0 was asked for; 0 = none.
  int http_port() const { return http_ == nullptr ? 0 : http_->port(); }

 private:
  App(const bus::AppDeps& deps, const Config& config);
  void RunIndexer(Indexer& indexer);
  void RunProposers();
  void RunCalibrator();
  absl::Status OpenHelpCentre();

  const bus::AppDeps deps_;
  const Config config_;
  KnowledgeMetrics metrics_;
  SearchPool search_pool_;
  std::optional<PendingTranscripts> transcripts_;
  std::unique_ptr<GapClusters> clusters_;
  std::unique_ptr<Calibrator> calibrator_;         // hears from the shards to their end
  std::unique_ptr<TopicReporter> topic_reporter_;  // likewise
  std::unique_ptr<bus::ShardSet> shards_;
  std::vector<std::unique_ptr<Indexer>> indexers_;
  std::unique_ptr<GeneratorClient> generator_;  // null: none
  std::unique_ptr<KnowledgeService> service_;
  std::vector<std::unique_ptr<Proposer>> proposers_;  // none without transcripts
  Notifier proposers_wake_;
  std::unique_ptr<KnowledgeAnswers> answers_;
  std::optional<rpc::Service> rpc_;
  std::unique_ptr<HelpCentre> help_centre_;
  std::unique_ptr<http::Server> http_;  // both null: no HTTP port
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace frontdesk::knowledge
