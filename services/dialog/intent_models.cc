#include "services/dialog/intent_models.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/store/small_file.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/thread_name.h"
#include "services/dialog/domain/proto_time.h"
#include "services/dialog/intent_store.h"
#include "services/dialog/intent_training.h"

namespace frontdesk::dialog {
namespace {

// Customers come before training: the thread gets what they leave.
constexpr int kNiceness = 10;

void SetDuration(absl::Duration duration, google::protobuf::Duration* proto) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  proto->set_seconds(seconds);
  proto->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
}

}  // namespace

void IntentModels::Start() {
  stop_ = false;
  thread_ = std::thread([this] { Run(); });
}

void IntentModels::Stop() {
  stop_ = true;
  wake_.Notify();
  if (thread_.joinable()) thread_.join();
}

void IntentModels::Run() {
  telemetry::NameThread("fd-intents");
  // Of this thread alone, on Linux. Without it training is merely less polite.
  (void)setpriority(PRIO_PROCESS, 0, kNiceness);
  while (!stop_) {
    if (!Step()) wake_.WaitFor(UntilNext());
  }
}

bool IntentModels::Step() {
  if (!tenants_found_) tenants_found_ = FindTenants();
  const std::optional<std::string> tenant = TakeDue();
  if (!tenant.has_value()) return false;
  Make(*tenant);
  return true;
}

bool IntentModels::FindTenants() {
  std::vector<std::string> found;
  for (size_t i = 0; i < shards_->size(); ++i) {
    const absl::Status status =
        shards_->shard(i).store().Read([&](const engine::Reader& reader) -> absl::Status {
          FD_ASSIGN_OR_RETURN(std::vector<std::string> tenants, TenantsWithIntents(reader));
          found.insert(found.end(), tenants.begin(), tenants.end());
          return absl::OkStatus();
        });
    if (!status.ok()) {
      telemetry::Log(telemetry::Level::kError, "dialog.intents_not_read", {{"status", status}});
      return false;
    }
  }
  const std::lock_guard lock(mu_);
  for (const std::string& tenant : found) {
    Entry& entry = entries_[tenant];
    entry.due = in_.clock.Steady();
    entry.state = v1::INTENT_MODEL_STATE_TRAINING;
  }
  return true;
}

void IntentModels::Changed(const std::string& tenant) {
  const absl::Duration now = in_.clock.Steady();
  {
    const std::lock_guard lock(mu_);
    Entry& entry = entries_[tenant];
    if (!entry.wanted_since.has_value()) entry.wanted_since = now;
    entry.due =
        std::min(now + options_.settle_time, *entry.wanted_since + options_.settle_time_max);
    entry.state = v1::INTENT_MODEL_STATE_TRAINING;
  }
  wake_.Notify();
}

std::optional<std::string> IntentModels::TakeDue() {
  const absl::Duration now = in_.clock.Steady();
  const std::lock_guard lock(mu_);
  const auto next =
      std::min_element(entries_.begin(), entries_.end(),
                       [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
  if (next == entries_.end() || next->second.due > now) return std::nullopt;
  next->second.due = absl::InfiniteDuration();
  next->second.wanted_since.reset();
  return next->first;
}

absl::Duration IntentModels::UntilNext() const {
  absl::Duration wait = options_.retry_delay;
  const absl::Duration now = in_.clock.Steady();
  const std::lock_guard lock(mu_);
  for (const auto& [tenant, entry] : entries_) wait = std::min(wait, entry.due - now);
  return std::max(wait, absl::ZeroDuration());
}

void IntentModels::Make(const std::string& tenant) {
  absl::StatusOr<std::shared_ptr<const Serving>> made = Produce(tenant);
  if (absl::IsCancelled(made.status())) return;
  in_.metrics.intent_models[made.ok() ? 0 : 1].Increment();
  if (!made.ok()) {
    telemetry::Log(telemetry::Level::kError, "dialog.intent_model_failed",
                   {{"tenant", tenant}, {"status", made.status()}});
  }
  const std::lock_guard lock(mu_);
  Entry& entry = entries_[tenant];
  if (!made.ok()) {
    entry.failure = MessageOf(made.status());
    if (!entry.wanted_since.has_value()) entry.state = v1::INTENT_MODEL_STATE_FAILED;
    entry.due = std::min(entry.due, in_.clock.Steady() + options_.retry_delay);
    return;
  }
  entry.failure.clear();
  entry.serving.swap(*made);                   // the old one dies outside of the lock
  if (entry.wanted_since.has_value()) return;  // changed meanwhile: the next one is on its way
  entry.state =
      entry.serving == nullptr ? v1::INTENT_MODEL_STATE_NONE : v1::INTENT_MODEL_STATE_READY;
}

absl::StatusOr<std::shared_ptr<const IntentModels::Serving>> IntentModels::Produce(
    const std::string& tenant) {
  std::vector<IntentExamples> intents;
  FD_RETURN_IF_ERROR(
      shards_->For(tenant).store().Read(engine::Store::Tier::kMayBlock, /*snapshot=*/true,
                                        [&](const engine::Reader& reader) -> absl::Status {
                                          FD_ASSIGN_OR_RETURN(intents, AllExamples(reader, tenant));
                                          return absl::OkStatus();
                                        }));
  const auto to_tell_apart = std::count_if(
      intents.begin(), intents.end(), [](const IntentExamples& of) { return !of.out_of_scope; });
  if (to_tell_apart < 2) return std::shared_ptr<const Serving>();
  FD_ASSIGN_OR_RETURN(const std::shared_ptr<text::Encoders> encoders, in_.encoding.Load());
  const text::Dataset data = MakeDataset(intents);
  const std::string fingerprint = ModelFingerprint(data, *encoders);
  auto serving = Find(tenant);
  if (serving != nullptr && serving->about.fingerprint() == fingerprint) return serving;
  const std::string path = fmt::format("{}/{}.model", options_.directory, tenant);
  if (serving = Read(path, fingerprint); serving != nullptr) return serving;
  const absl::Duration started = in_.clock.Steady();
  FD_ASSIGN_OR_RETURN(store::v1::IntentModelFile file,
                      TrainIntentModel(data, *encoders, [this] { return !stop_; }));
  const absl::Duration took = in_.clock.Steady() - started;
  in_.metrics.intent_training_seconds.Observe(took);
  SetDuration(took, file.mutable_model()->mutable_train_duration());
  ToProto(in_.clock.Now(), file.mutable_model()->mutable_train_time());
  FD_ASSIGN_OR_RETURN(auto classifier, text::Classifier::Load(file.classifier()));
  Write(path, file);
  telemetry::Log(telemetry::Level::kInfo, "dialog.intent_model_made",
                 {{"tenant", tenant},
                  {"intents", file.model().intent_count()},
                  {"examples", file.model().example_count()},
                  {"accuracy_bps", file.model().accuracy_bps()},
                  {"took", took}});
  return std::make_shared<const Serving>(
      Serving{std::move(*file.mutable_model()), std::move(classifier)});
}

std::shared_ptr<const IntentModels::Serving> IntentModels::Read(
    const std::string& path, std::string_view fingerprint) const {
  const auto bytes = engine::ReadSmallFile(in_.environment, path);
  store::v1::IntentModelFile file;
  // One of other examples, or none at all, is the usual case after a change.
  if (!bytes.ok() || !file.ParseFromString(*bytes) || file.fingerprint() != fingerprint) {
    return nullptr;
  }
  auto classifier = text::Classifier::Load(file.classifier());
  if (!classifier.ok()) {
    telemetry::Log(telemetry::Level::kWarn, "dialog.intent_model_file_broken",
                   {{"file", path}, {"status", classifier.status()}});
    return nullptr;
  }
  return std::make_shared<const Serving>(
      Serving{std::move(*file.mutable_model()), *std::move(classifier)});
}

void IntentModels::Write(const std::string& path, const store::v1::IntentModelFile& file) const {
  const absl::Status written =
      engine::WriteSmallFile(in_.environment, path, file.SerializeAsString());
  if (written.ok()) return;
  // The next start learns it again.
  telemetry::Log(telemetry::Level::kWarn, "dialog.intent_model_not_kept",
                 {{"file", path}, {"status", written}});
}

std::shared_ptr<const IntentModels::Serving> IntentModels::Find(std::string_view tenant) const {
  const std::lock_guard lock(mu_);
  const auto found = entries_.find(tenant);
  return found == entries_.end() ? nullptr : found->second.serving;
}

v1::IntentModel IntentModels::Describe(std::string_view tenant) const {
  v1::IntentModel model;
  const std::lock_guard lock(mu_);
  const auto found = entries_.find(tenant);
  if (found == entries_.end()) {
    model.set_state(v1::INTENT_MODEL_STATE_NONE);
    return model;
  }
  const Entry& entry = found->second;
  if (entry.serving != nullptr) model = entry.serving->about;
  model.set_state(entry.state);
  if (!entry.failure.empty()) model.add_warnings(entry.failure);
  return model;
}

}  // namespace frontdesk::dialog
