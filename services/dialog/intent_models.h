#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/dialog/store/v1/dialog_store.pb.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/bus/shard.h"
#include "libs/process/encoding/encoding.h"
#include "libs/store/environment.h"
#include "libs/text/classify/classifier.h"
#include "services/dialog/keys.h"
#include "services/dialog/metrics.h"

namespace frontdesk::dialog {

// The models that tell tenants' intents apart: each is made of a tenant's examples in the background,
// a moment after they change, and takes the place of the one before without stopping anything. Models
// are derived data: a file of each is kept so that a restart is quick, and may be lost at any time.
//
// Owned by the App. Thread safe. Between Start and Stop one thread of its own does the work, one
// model after the other, so the newest examples win; without Start, Step does it (tests). Never
// touches a committer.
class IntentModels {
 public:
  struct Options {
    std::string directory;  // of the files
    // Changes within it make one model, ...
    absl::Duration settle_time = absl::Seconds(1);
    // ... but one that is wanted for so long is made.
    absl::Duration settle_time_max = absl::Seconds(10);
    absl::Duration retry_delay = absl::Minutes(1);  // after a failure
  };
  struct Collaborators {
    process::Encoding& encoding;
    const Clock& clock;
    engine::Environment& environment;
    Metrics metrics;  // a copy: cheap handles
  };
  IntentModels(Collaborators in, Options options)
      : in_(std::move(in)), options_(std::move(options)) {}
  ~IntentModels() { Stop(); }

  // Once, before Start or Step: where the intents are. `shards` outlives Stop.
  void Attach(bus::ShardSet& shards) { shards_ = &shards; }
  void Start();
  // Gives up a training under way. Blocks for a moment.
  void Stop();
  // Makes the model that is due, if one is; blocks for it. False when there was nothing to do.
  bool Step();

  // The tenant's intents have changed. Never blocks.
  void Changed(const std::string& tenant);

  struct Serving {
    v1::IntentModel about;
    std::shared_ptr<const text::Classifier> classifier;
  };
  // Null when none serves (yet).
  std::shared_ptr<const Serving> Find(std::string_view tenant) const;
  // What the API shows.
  v1::IntentModel Describe(std::string_view tenant) const;

 private:
  struct Entry {
    absl::Duration due = absl::InfiniteDuration();  // steady
    std::optional<absl::Duration> wanted_since;
    v1::IntentModelState state = v1::INTENT_MODEL_STATE_NONE;
    std::string failure;
    std::shared_ptr<const Serving> serving;
  };

  void Run();
  bool FindTenants();
  // The tenant whose model is due; nullopt when none is.
  std::optional<std::string> TakeDue();
  absl::Duration UntilNext() const;
  void Make(const std::string& tenant);
  // Null: there is nothing to tell apart.
  absl::StatusOr<std::shared_ptr<const Serving>> Produce(const std::string& tenant);
  std::shared_ptr<const Serving> Read(const std::string& path, std::string_view fingerprint) const;
  void Write(const std::string& path, const store::v1::IntentModelFile& file) const;

  const Collaborators in_;
  const Options options_;
  bus::ShardSet* shards_ = nullptr;
  bool tenants_found_ = false;  // of the working thread
  std::atomic<bool> stop_{false};
  Notifier wake_;
  mutable std::mutex mu_;
  std::map<std::string, Entry, std::less<>> entries_;  // by tenant; guarded by mu_
  std::thread thread_;
};

}  // namespace frontdesk::dialog
