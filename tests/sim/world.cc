#include "tests/sim/world.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>
#include <google/protobuf/message.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/fault_point.h"
#include "libs/base/status_macros.h"
#include "libs/base/topics.h"
#include "libs/rpc/tenants_file.h"

namespace frontdesk::sim {
namespace {

constexpr const char* kData = "/data";
constexpr int kRestRoundsMax = 20'000;
// Longer than the longest pause after an error.
constexpr absl::Duration kLongestPause = absl::Seconds(40);

// Messages, bot resolutions and the base fee; what the model prices with.
rpc::TenantEntry MakeTenant(const std::string& id) {
  rpc::TenantEntry tenant;
  tenant.id = id;
  tenant.display_name = id;
  tenant.default_locale = "en";
  tenant.time_zone = "UTC";
  tenant.channel_accounts.push_back({"web", "web_chat", "Chat", "en", "Hello", {}});
  tenant.channel_accounts.push_back({"api", "open_api", "API", "en", "", {}});
  tenant.agents.push_back({"mia", "Mia", {"en"}, {}, 3});
  tenant.agents.push_back({"noah", "Noah", {"en", "zh"}, {}, 3});
  tenant.accounts.push_back({"shop", "Shop", "basic", {}, {}});
  tenant.accounts.push_back({"farm", "Farm", "basic", {}, {}});
  tenant.plans.push_back({"basic", "Basic", "EUR", 49'000'000, 20'000, 350'000});
  tenant.subscriptions.push_back({"main", "basic", "shop", ""});
  return tenant;
}

rpc::TenantsFile MakeTenants() {
  rpc::TenantsFile file;
  for (const char* tenant : kTenants) file.tenants.push_back(MakeTenant(tenant));
  return file;
}

struct ArticleText {
  const char* id;
  const char* locale;
  const char* title;
  const char* body;
  const char* question;
};
constexpr ArticleText kArticles[] = {
    {"delivery", "en", "Delivery time", "We deliver parcels within three working days.",
     "How long does delivery take?"},
    {"returns", "en", "Returning goods", "Send goods back within thirty days with the label.",
     "How can I return goods?"},
    {"peisong", "zh", "配送时间", "我们会在三个工作日内送达包裹。", "配送需要多长时间？"},
    {"tuihuo", "zh", "退货", "收到商品后三十天内可以退货。", "怎么退货？"},
};

}  // namespace

World::World(const Options& options)
    : random(options.seed * 2 + 1),
      log(random),
      options_(options),
      ring_(text::KeyRing::InMemory(random)),
      guard_({.directory = kData,
              .interval = absl::ZeroDuration(),
              .free_bytes = [this](const std::string&) { return free_bytes; }},
             metrics),
      read_pool_({.threads = 0}, metrics) {}

World::~World() {
  outstanding_.clear();
  ++life_;
  Close();
}

absl::Status World::Start() {
  FD_RETURN_IF_ERROR(Open(/*first_start=*/true));
  FD_RETURN_IF_ERROR(LoadTenants());
  FD_RETURN_IF_ERROR(PublishArticles());
  if (options_.sabotage == Sabotage::kSync) disk.PretendSyncs();
  if (options_.sabotage == Sabotage::kEvents) FD_BREAK_RULE("events.seen");
  return absl::OkStatus();
}

absl::Status World::Open(bool first_start) {
  FD_ASSIGN_OR_RETURN(
      installation_,
      bus::Installation::Open(
          {.data_dir = kData, .shard_count = options_.shard_count, .first_start = first_start},
          disk.environment(), clock.Now(), random));
  FD_ASSIGN_OR_RETURN(embedded_,
                      bus::EmbeddedLog::Open({disk.environment(), clock, random, metrics,
                                              [this](const absl::Status&) { fatal_ = true; }},
                                             {.directory = fmt::format("{}/bus", kData)}));
  log.set_inner(embedded_.get());
  if (first_start) FD_RETURN_IF_ERROR(embedded_->EnsureTopics(options_.shard_count));
  bus::PreparePool::Options prepare;
  prepare.threads = 0;
  prepare_pool_ = std::make_unique<bus::PreparePool>(prepare, metrics);
  deps_ = std::make_unique<bus::AppDeps>(
      bus::AppDeps{clock, random, disk.environment(), *installation_, log, metrics, guard_,
                   read_pool_, *prepare_pool_, [this](const absl::Status&) { fatal_ = true; }});
  guard_.Step(clock.Steady());
  return OpenApps();
}

absl::Status World::OpenApps() {
  channel::Config channel;
  channel.http_listen = "";
  FD_ASSIGN_OR_RETURN(channel_, channel::App::Open(*deps_, channel, *ring_, nullptr));
  local_transcripts_ = std::make_unique<suite::LocalTranscripts>(clock);
  transcripts_ = std::make_unique<process::TranscriptReader>(*local_transcripts_, clock);
  FD_ASSIGN_OR_RETURN(knowledge_,
                      knowledge::App::Open(*deps_, knowledge::Config(), /*host=*/nullptr,
                                           /*encoding=*/nullptr, transcripts_.get()));
  FD_ASSIGN_OR_RETURN(dialog_, dialog::App::Open(*deps_, dialog::Config(), channel_->data_keys(),
                                                 knowledge_->answers(), /*encoding=*/nullptr,
                                                 /*host=*/nullptr));
  FD_ASSIGN_OR_RETURN(ticket_,
                      ticket::App::Open(*deps_, ticket::Config(), channel_->data_keys(), nullptr));
  local_transcripts_->Bind(dialog_->service(), ticket_->service());
  FD_ASSIGN_OR_RETURN(health_, health::App::Open(*deps_, health::Config(), nullptr));
  FD_ASSIGN_OR_RETURN(billing_, billing::App::Open(*deps_, billing::Config(), nullptr));
  apps_ = {channel_.get(), knowledge_.get(), dialog_.get(),
           ticket_.get(),  health_.get(),    billing_.get()};
  return absl::OkStatus();
}

void World::Close() {
  for (process::App* app : apps_) {
    if (app != nullptr) app->shards().Abandon();
  }
  if (embedded_ != nullptr) embedded_->Abandon();
  disk.Crash(&random);
  apps_ = {};
  billing_.reset();
  health_.reset();
  ticket_.reset();
  dialog_.reset();
  knowledge_.reset();
  transcripts_.reset();
  local_transcripts_.reset();
  channel_.reset();
  deps_.reset();
  prepare_pool_.reset();
  log.set_inner(nullptr);
  embedded_.reset();
  installation_.reset();
  fatal_ = false;
}

absl::Status World::LoadTenants() {
  const rpc::TenantsFile file = MakeTenants();
  for (size_t i = 0; i < kServiceCount; ++i) {
    std::optional<absl::Status> result;
    apps_[i]->LoadTenants(file, [&](absl::Status status) { result = std::move(status); });
    FD_RETURN_IF_ERROR(Settle());
    if (!result.has_value()) return absl::InternalError("the tenants file was not loaded");
    if (!result->ok()) {
      return absl::Status(result->code(),
                          fmt::format("{}: {}", kServiceNames[i], result->message()));
    }
  }
  return absl::OkStatus();
}

absl::Status World::PublishArticles() {
  absl::Status failed;
  for (const char* tenant : kTenants) {
    for (const ArticleText& text : kArticles) {
      knowledge::v1::CreateArticleRequest create;
      create.set_parent(fmt::format("tenants/{}", tenant));
      create.set_article_id(text.id);
      create.mutable_article()->set_locale(text.locale);
      create.mutable_article()->mutable_content()->set_title(text.title);
      create.mutable_article()->mutable_content()->set_body(text.body);
      create.mutable_article()->mutable_content()->add_questions(text.question);
      create.set_request_id(fmt::format("create-{}", text.id));
      Send<knowledge::KnowledgeService, knowledge::v1::CreateArticleRequest,
           knowledge::v1::CreateArticleResponse>(
          &knowledge::KnowledgeService::CreateArticle, "CreateArticle", {tenant, "ann"}, create,
          [&](absl::Status status, const auto&) { failed.Update(status); });
      FD_RETURN_IF_ERROR(Settle());
      knowledge::v1::PublishArticleRequest publish;
      publish.set_name(fmt::format("tenants/{}/articles/{}", tenant, text.id));
      publish.set_request_id(fmt::format("publish-{}", text.id));
      Send<knowledge::KnowledgeService, knowledge::v1::PublishArticleRequest,
           knowledge::v1::PublishArticleResponse>(
          &knowledge::KnowledgeService::PublishArticle, "PublishArticle", {tenant, "ann"}, publish,
          [&](absl::Status status, const auto&) { failed.Update(status); });
      FD_RETURN_IF_ERROR(Settle());
    }
  }
  return failed;
}

bool World::StepEverything() {
  std::array<size_t, kServiceCount> order = {0, 1, 2, 3, 4, 5};
  for (size_t i = kServiceCount - 1; i > 0; --i) std::swap(order[i], order[random.Uniform(i + 1)]);
  guard_.Step(clock.Steady());
  bool moved = log.Step(clock.Now());
  for (const size_t i : order) {
    moved |= prepare_pool_->Step();
    if (fatal_) return true;
    moved |= apps_[i]->Step(clock.Now());
  }
  return moved || fatal_;
}

bool World::StepOne() {
  const absl::Time now = clock.Now();
  process::App& app = *apps_[random.Uniform(kServiceCount)];
  bus::Shard& shard = app.shards().shard(random.Uniform(options_.shard_count));
  switch (random.Uniform(9)) {
    case 0:
    case 1:
      return shard.committer().Step();
    case 2:
      return shard.committer().DeliverStep();
    case 3:
      return shard.relay().Step(now);
    case 4:
      return shard.consumer().Step(now);
    case 5:
      return shard.timers().Step(now);
    case 6:
      return prepare_pool_->Step();
    case 7:
      guard_.Step(clock.Steady());
      return log.Step(now);
    default:
      return app.Step(now);
  }
}

absl::Status World::Steps(int count) {
  for (int i = 0; i < count; ++i) {
    StepOne();
    FD_RETURN_IF_ERROR(DieIfFatal());
    if (random.Uniform(4) == 0) clock.Advance(absl::Milliseconds(1 + random.Uniform(30)));
  }
  return absl::OkStatus();
}

absl::Status World::Settle() {
  for (int round = 0; StepEverything(); ++round) {
    FD_RETURN_IF_ERROR(DieIfFatal());
    if (round > kRestRoundsMax) return absl::InternalError("the services never come to rest");
  }
  return absl::OkStatus();
}

absl::Status World::Advance(absl::Duration by) {
  clock.Advance(by);
  return Settle();
}

absl::Status World::DieIfFatal() {
  if (!fatal_) return absl::OkStatus();
  return Crash(absl::Seconds(1));
}

absl::Status World::Crash(absl::Duration away) {
  ++crashes;
  ++life_;
  Close();
  // Only now: what the callers do next must find the process gone.
  auto lost = std::exchange(outstanding_, {});
  clock.Advance(away);
  FD_RETURN_IF_ERROR(Open(/*first_start=*/false));
  for (auto& [number, tell] : lost) tell();
  return absl::OkStatus();
}

absl::Status World::Backup(ServiceId service) {
  std::vector<std::string> folders;
  bus::ShardSet& shards = app(service).shards();
  const int number = ++backup_number_;
  for (size_t i = 0; i < shards.size(); ++i) {
    folders.push_back(fmt::format("{}/backup-{}-{}-{}", kData, NameOf(service), i, number));
    FD_RETURN_IF_ERROR(shards.shard(i).store().Backup(folders.back()));
  }
  backups_[Index(service)] = std::move(folders);
  return absl::OkStatus();
}

absl::Status World::Restore(ServiceId service) {
  ++restores;
  ++life_;
  std::vector<std::string> directories;
  std::vector<uint64_t> epochs;
  for (uint32_t i = 0; i < options_.shard_count; ++i) {
    store::Store& store = app(service).shards().shard(i).store();
    directories.push_back(store.directory());
    epochs.push_back(store.epoch());
  }
  Close();
  auto lost = std::exchange(outstanding_, {});
  for (uint32_t i = 0; i < options_.shard_count; ++i) {
    FD_RETURN_IF_ERROR(disk.DeleteDirectory(directories[i]));
    FD_RETURN_IF_ERROR(store::Store::RestoreBackup(backups_[Index(service)][i], directories[i],
                                                   epochs[i], disk.environment(), clock.Now(),
                                                   random));
  }
  FD_RETURN_IF_ERROR(Open(/*first_start=*/false));
  for (auto& [number, tell] : lost) tell();
  return absl::OkStatus();
}

void World::JumpClock(absl::Duration by) {
  clock.JumpWall(by);
  clock_error_ += by;
}

absl::Status World::Quiesce() {
  log.faults = {};
  free_bytes = kPlenty;
  disk.FailSyncs(0);
  const absl::Duration error = std::exchange(clock_error_, absl::ZeroDuration());
  clock.JumpWall(-error);
  // What was stamped with the wrong time lies in the past then.
  clock.Advance(std::max(error, absl::ZeroDuration()));
  FD_RETURN_IF_ERROR(Settle());
  absl::Status at_rest;
  int quiet = 0;
  for (int round = 0; round < 60 && quiet < 3; ++round) {
    AcceptClocks();
    FD_RETURN_IF_ERROR(Advance(absl::Milliseconds(300)));
    at_rest = CheckAtRest();
    quiet = at_rest.ok() ? quiet + 1 : 0;
    FD_RETURN_IF_ERROR(Advance(quiet == 1 ? kLongestPause : absl::Seconds(3)));
  }
  if (!at_rest.ok()) return at_rest;
  return absl::OkStatus();
}

// As an operator does who was alerted and has looked.
void World::AcceptClocks() {
  for (process::App* app : apps_) {
    for (size_t i = 0; i < app->shards().size(); ++i) {
      store::Committer& committer = app->shards().shard(i).committer();
      if (committer.clock_jumped()) committer.AcceptClock();
    }
  }
}

absl::Status World::CheckAtRest() {
  if (!outstanding_.empty()) return absl::InternalError("a call was never answered");
  for (process::App* app : apps_) {
    bus::ShardSet& shards = app->shards();
    for (size_t i = 0; i < shards.size(); ++i) {
      bus::Shard& shard = shards.shard(i);
      const auto problem = [&](std::string what) {
        return absl::InternalError(fmt::format("{}/{}: {}", shards.service(), i, what));
      };
      if (absl::Status ready = shard.Ready(); !ready.ok()) {
        return problem(fmt::format("is not ready: {}", ready));
      }
      if (!shard.relay().Flushed()) return problem("the outbox does not drain");
      if (!shard.consumer().Idle()) return problem("the consumer waits for answers");
      for (const bus::PartitionStatus& status : shard.consumer().Status()) {
        if (status.state != bus::PartitionStatus::State::kReading ||
            status.next_offset < status.end_offset) {
          return problem(fmt::format("{}/{} stands at {} of {}: {}", status.topic, status.partition,
                                     status.next_offset, status.end_offset, status.reason));
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<bus::Record>> World::ReadTopic(std::string_view topic) {
  const int partitions =
      static_cast<int>(options_.shard_count) * FindTopic(topic)->partitions_per_shard;
  std::vector<bus::Assignment> assignments;
  for (int32_t partition = 0; partition < partitions; ++partition) {
    assignments.push_back({std::string(topic), partition, bus::kEarliestOffset});
  }
  FD_ASSIGN_OR_RETURN(auto subscription, embedded_->Subscribe("checker", assignments));
  std::vector<bus::Record> records;
  for (size_t i = 0; i < assignments.size(); ++i) {
    while (true) {
      FD_ASSIGN_OR_RETURN(std::vector<bus::Record> page, subscription->Poll(i, 500));
      if (page.empty()) break;
      std::move(page.begin(), page.end(), std::back_inserter(records));
    }
  }
  return records;
}

rpc::Call World::MakeCall(const char* name, const Caller& caller) {
  rpc::Call call;
  call.tenant = caller.tenant;
  call.caller = {caller.tenant, caller.principal, caller.role};
  call.method = name;
  call.give_up_at = clock.Steady() + absl::Hours(24 * 365);
  return call;
}

void World::Sabotaged(google::protobuf::Message& request) {
  if (options_.sabotage != Sabotage::kDedupe) return;
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return;
  const std::string id = request.GetReflection()->GetString(request, field);
  const int attempt = ++attempts_[id];
  if (attempt == 1) return;
  request.GetReflection()->SetString(&request, field, fmt::format("{}~{}", id, attempt));
}

}  // namespace frontdesk::sim
