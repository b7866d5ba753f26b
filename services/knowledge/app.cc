#include "services/knowledge/app.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/thread_name.h"
#include "libs/text/normalize.h"
#include "libs/text/segment.h"
#include "services/knowledge/article_import.h"
#include "services/knowledge/consumer.h"
#include "services/knowledge/insight_timers.h"
#include "services/knowledge/memory_index.h"
#include "services/knowledge/timers.h"
#include "services/knowledge/xapian_index.h"

namespace frontdesk::knowledge {
namespace {

constexpr const char* kService = "knowledge";
constexpr absl::Duration kProposerPollInterval = absl::Seconds(1);
// Every transcript has a deadline below this.
constexpr absl::Duration kLongestTranscript = absl::Seconds(10);
// For what timers have wished for; RPCs wake it.
constexpr absl::Duration kCalibratorPollInterval = absl::Seconds(5);

std::unique_ptr<IndexHome> MakeHome(const bus::AppDeps& deps, uint32_t shard) {
  if (deps.environment.simulated()) return std::make_unique<MemoryIndexHome>();
  return MakeXapianHome(fmt::format("{}/knowledge-index/{}", deps.installation.data_dir(), shard));
}

void MakeCommand(const engine::Timer& timer, engine::Command& command) {
  if (!MakeInsightCommand(timer, command)) MakeTimerCommand(timer, command);
}

}  // namespace

App::App(const bus::AppDeps& deps, const Config& config)
    : deps_(deps),
      config_(config),
      metrics_(deps.metrics),
      search_pool_({.threads = config.search_threads,
                    .queue_max = static_cast<size_t>(config.search_queue_max)},
                   deps.clock, deps.metrics) {}

absl::StatusOr<std::unique_ptr<App>> App::Open(const bus::AppDeps& deps, const Config& config,
                                               rpc::Host* host, process::Encoding* encoding,
                                               process::Transcripts* transcripts) {
  FD_RETURN_IF_ERROR(config.Validate());
  FD_RETURN_IF_ERROR(text::CheckUnicodeData());
  FD_RETURN_IF_ERROR(text::CheckSegmentationData());
  std::unique_ptr<App> app(new App(deps, config));
  bus::Shard::Options options;
  options.service = kService;
  if (!config.vectors) encoding = nullptr;
  app->clusters_ = std::make_unique<GapClusters>(
      [raw = app.get()](std::string_view tenant) -> const engine::Store& {
        return raw->shards_->For(tenant).store();
      },
      encoding, deps.clock);
  FD_ASSIGN_OR_RETURN(
      app->shards_,
      bus::ShardSet::Open(deps, options, MakeRoutes(*app->clusters_, config.propose_articles),
                          MakeCommand));
  Indexer::Options indexing;
  indexing.batch_articles = config.index_batch_articles;
  if (encoding != nullptr) indexing.load_encoders = [encoding] { return encoding->Load(); };
  std::vector<Indexer*> indexers;
  for (size_t i = 0; i < app->shards_->size(); ++i) {
    bus::Shard& shard = app->shards_->shard(i);
    app->indexers_.push_back(std::make_unique<Indexer>(
        shard.store(), MakeHome(deps, shard.number()), deps.clock, app->metrics_, indexing));
    indexers.push_back(app->indexers_.back().get());
  }
  if (transcripts != nullptr) app->transcripts_.emplace(*transcripts);
  // Not in the simulation: it talks to the outside on threads of its own.
  if (host != nullptr && !config.generator_target.empty()) {
    app->generator_ = std::make_unique<GeneratorClient>(
        GeneratorClient::Options{config.generator_target, config.generator_token,
                                 config.generator_calls_max},
        deps.clock, deps.random, deps.metrics);
  }
  app->calibrator_ = std::make_unique<Calibrator>(Calibrator::Collaborators{
      *app->shards_, deps.clock, indexers, encoding,
      [raw = app.get()](const std::string& tenant) { raw->service_->ForgetThreshold(tenant); }});
  app->topic_reporter_ =
      std::make_unique<TopicReporter>(*app->shards_, deps.clock, app->calibrator_->work());
  app->service_ = std::make_unique<KnowledgeService>(
      KnowledgeService::Collaborators{
          *app->shards_, deps.read_pool, app->search_pool_, deps.clock, app->metrics_,
          std::move(indexers), encoding, *app->clusters_, *app->calibrator_,
          transcripts == nullptr ? nullptr : &*app->transcripts_, app->generator_.get()},
      config);
  if (transcripts != nullptr && config.propose_articles) {
    for (size_t i = 0; i < app->shards_->size(); ++i) {
      app->proposers_.push_back(std::make_unique<Proposer>(app->shards_->shard(i), *app->service_,
                                                           deps.clock, app->metrics_));
    }
  }
  app->answers_ = std::make_unique<KnowledgeAnswers>(*app->service_, deps.clock);
  if (host != nullptr) {
    app->rpc_.emplace(MakeKnowledgeRpc(*host, *app->service_));
    // Not in the simulation: it talks to the outside on threads of its own.
    if (!config.http_listen.empty()) FD_RETURN_IF_ERROR(app->OpenHelpCentre());
  }
  return app;
}

absl::Status App::OpenHelpCentre() {
  FD_ASSIGN_OR_RETURN(http_, http::Server::Bind({.listen = config_.http_listen,
                                                 .threads = config_.http_threads,
                                                 .connections_max = config_.http_connections_max,
                                                 .idle_timeout = config_.http_idle_timeout},
                                                metrics_.http_port));
  help_centre_ = std::make_unique<HelpCentre>(
      HelpCentre::Collaborators{
          *service_, deps_.clock, deps_.random, [this] { return Ready(); },
          [this](const rpc::Call& call, const v1::ListRelatedArticlesRequest& request,
                 v1::ListRelatedArticlesResponse* response, rpc::Finish finish) {
            service_->ListRelatedArticles(call, request, response, std::move(finish));
          }},
      HelpCentre::Options{.default_tenant = config_.help_tenant,
                          .base_url = config_.help_base_url});
  return absl::OkStatus();
}

App::~App() {
  if (http_ != nullptr) http_->Stop(absl::ZeroDuration());
  if (generator_ != nullptr) generator_->Close();
  if (transcripts_.has_value()) transcripts_->Close(kLongestTranscript);
  stop_.store(true, std::memory_order_release);
  for (auto& indexer : indexers_) indexer->work().Notify();
  proposers_wake_.Notify();
  if (calibrator_ != nullptr) calibrator_->work().Notify();
  for (std::thread& thread : threads_) thread.join();
}

std::vector<rpc::Service*> App::rpc_services() {
  if (!rpc_.has_value()) return {};
  return {&*rpc_};
}

void App::LoadTenants(const rpc::TenantsFile& tenants,
                      absl::AnyInvocable<void(absl::Status)> done) {
  struct Load {
    std::mutex mu;
    size_t left = 1;      // guarded by mu
    absl::Status status;  // guarded by mu
    absl::AnyInvocable<void(absl::Status)> done;
    void Ended(absl::Status one) {
      {
        std::lock_guard lock(mu);
        if (status.ok()) status = std::move(one);
        if (--left > 0) return;
      }
      done(status);
    }
  };
  if (help_centre_ != nullptr) {
    std::vector<std::string> ids;
    for (const rpc::TenantEntry& tenant : tenants.tenants) ids.push_back(tenant.id);
    help_centre_->SetTenants(std::move(ids));
  }
  std::vector<std::pair<std::string, std::vector<ArticleFile>>> imports;
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    if (tenant.articles_dir.empty()) continue;
    auto files = ReadArticleFiles(tenant.articles_dir);
    if (!files.ok()) return done(files.status());
    imports.emplace_back(tenant.id, *std::move(files));
  }
  auto load = std::make_shared<Load>();
  load->left = imports.size() + 1;
  load->done = std::move(done);
  for (auto& [tenant, files] : imports) {
    bus::Shard& shard = shards_->For(tenant);
    Indexer& indexer = *indexers_[shard.number()];
    ImportArticles(shard, tenant, std::move(files), [load, &indexer](absl::Status status) {
      // Ready means that these articles are found.
      if (status.ok()) status = indexer.ExpectStored();
      indexer.work().Notify();
      load->Ended(std::move(status));
    });
  }
  load->Ended(absl::OkStatus());
}

void App::Start() {
  shards_->Start();
  search_pool_.Start();
  if (http_ != nullptr) http_->Serve(*help_centre_);
  for (auto& indexer : indexers_) {
    threads_.emplace_back([this, &indexer = *indexer] { RunIndexer(indexer); });
  }
  threads_.emplace_back([this] { RunCalibrator(); });
  if (!proposers_.empty()) threads_.emplace_back([this] { RunProposers(); });
}

void App::RunProposers() {
  telemetry::NameThread("fd-know-propose");
  while (!stop_.load(std::memory_order_acquire)) {
    for (auto& proposer : proposers_) proposer->Step(deps_.clock.Now());
    proposers_wake_.WaitFor(kProposerPollInterval);
  }
}

void App::RunCalibrator() {
  telemetry::NameThread("fd-know-calib");
  while (!stop_.load(std::memory_order_acquire)) {
    bool moved = calibrator_->Step();
    moved |= topic_reporter_->Step();
    if (!moved) calibrator_->work().WaitFor(kCalibratorPollInterval);
  }
}

void App::RunIndexer(Indexer& indexer) {
  telemetry::NameThread("fd-know-index");
  while (!stop_.load(std::memory_order_acquire)) {
    if (!indexer.Step(deps_.clock.Now())) indexer.work().WaitFor(config_.index_poll_interval);
  }
}

void App::Stop(absl::Duration deadline) {
  if (http_ != nullptr) http_->Stop(std::min(deadline / 3, absl::Seconds(3)));
  if (generator_ != nullptr) generator_->Close();
  if (transcripts_.has_value()) transcripts_->Close(std::min(deadline / 3, kLongestTranscript));
  // Those who read the stores go before the stores.
  search_pool_.Stop();
  stop_.store(true, std::memory_order_release);
  for (auto& indexer : indexers_) indexer->work().Notify();
  proposers_wake_.Notify();
  if (calibrator_ != nullptr) calibrator_->work().Notify();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (auto& proposer : proposers_) proposer->Wait(deadline / 3);
  shards_->Stop(deadline);
}

bool App::Step(absl::Time now) {
  bool moved = shards_->Step(now);
  for (auto& indexer : indexers_) moved |= indexer->Step(now);
  for (auto& proposer : proposers_) moved |= proposer->Step(now);
  moved |= calibrator_->Step();
  moved |= topic_reporter_->Step();
  return moved;
}

absl::Status App::Ready() {
  FD_RETURN_IF_ERROR(shards_->Ready());
  for (const auto& indexer : indexers_) {
    if (!indexer->abreast()) {
      return Error(absl::StatusCode::kUnavailable, "NOT_READY", "the search index is being built");
    }
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
