#include "libs/process/encoding/encoding.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"

namespace frontdesk::process {
namespace {

text::EncodersOptions OptionsOf(const EncodingConfig& config) {
  text::EncodersOptions options;
  options.models_dir = config.models_dir;
  options.threads = config.threads;
  options.cache_bytes = static_cast<size_t>(config.cache.bytes);
  for (const auto& [language, mounted] : {std::pair("en", &config.en), {"zh", &config.zh}}) {
    if (mounted->directory.empty()) continue;
    text::OpenVinoOptions& model = options.models.emplace_back();
    model.directory = mounted->directory;
    model.language = language;
    model.pooling = mounted->pooling == "mean" ? text::Pooling::kMean : text::Pooling::kCls;
    model.prefix = mounted->prefix;
    model.tokens_max = mounted->tokens_max;
  }
  return options;
}

absl::Status Stopped() {
  return Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the process stops");
}

absl::Status NotLoaded() {
  return Error(absl::StatusCode::kUnavailable, "NOT_READY", "the encoders are not loaded yet");
}

}  // namespace

void MountedEncoderConfig::Describe(config::Fields& fields) {
  fields.Add("directory", &directory,
             "Folder with the model.onnx and tokenizer.json of another sentence-transformer for "
             "this language; empty: the one of models_dir.");
  fields.Add("pooling", &pooling, "How its token vectors become one: cls (bge) or mean (most).")
      .OneOf({"cls", "mean"});
  fields.Add("prefix", &prefix, "What it wants before every text, as \"query: \".");
  fields.Add("tokens_max", &tokens_max, "Longest text it was trained for; the rest is cut off.")
      .Range(8, 8192);
}

void EncodingConfig::Describe(config::Fields& fields) {
  fields.Add("models_dir", &models_dir,
             "Folder of the sentence encoders; empty, or not there: lexical ones, which know "
             "spelling and no meaning.");
  fields.Add("threads", &threads, "Threads of each encoder; 0 = one a core.").Range(0, 256);
  fields.Add("cache", &cache, "Vectors of texts that were encoded lately.")
      .Range(config::MiB(0), config::GiB(16));
  fields.Add("queue_texts_max", &queue_texts_max, "Texts that may wait, of each language.")
      .Range(1, 100'000);
  fields.Section("en", en);
  fields.Section("zh", zh);
}

// Turns what caches and batchers tell into metrics.
class Encoding::Observer final : public text::EncoderObserver {
 public:
  Observer(telemetry::Metrics& metrics, const std::string& queue)
      : queue_(metrics, queue),
        hits_(metrics.GetCounter("frontdesk_encoder_cache_hits_total",
                                 "Texts whose vector was known.")),
        misses_(metrics.GetCounter("frontdesk_encoder_cache_misses_total",
                                   "Texts that had to be encoded.")),
        expired_(metrics.GetCounter("frontdesk_encoder_expired_total",
                                    "Texts whose deadline passed before their turn.")),
        batch_(metrics.GetHistogram("frontdesk_encoder_batch_texts", "Texts encoded together.", {},
                                    telemetry::SizeBuckets())) {}

  void OnCache(size_t hits, size_t misses) override {
    hits_.Increment(static_cast<double>(hits));
    misses_.Increment(static_cast<double>(misses));
  }
  void OnDepth(size_t depth) override { queue_.OnDepth(depth); }
  void OnBatch(size_t texts, absl::Duration waited) override {
    batch_.Observe(static_cast<double>(texts));
    queue_.OnWaited(waited);
  }
  void OnRejected() override { queue_.OnRejected(); }
  void OnExpired() override { expired_.Increment(); }

 private:
  telemetry::QueueMetrics queue_;
  const telemetry::Counter hits_;
  const telemetry::Counter misses_;
  const telemetry::Counter expired_;
  const telemetry::Histogram batch_;
};

// The encoders and a batcher for each; the batchers go first.
struct Encoding::Loaded {
  std::vector<std::unique_ptr<Observer>> observers;
  std::shared_ptr<text::Encoders> encoders;
  std::vector<std::pair<text::Encoder*, std::unique_ptr<text::Batcher>>> batchers;
};

Encoding::Encoding(const EncodingConfig& config, const Clock& clock, telemetry::Metrics& metrics,
                   Threads threads)
    : config_(config), clock_(clock), metrics_(metrics), threads_(threads) {}

Encoding::~Encoding() { Stop(); }

std::shared_ptr<Encoding::Loaded> Encoding::Find() const {
  const std::lock_guard lock(mu_);
  return loaded_;
}

absl::StatusOr<std::shared_ptr<text::Encoders>> Encoding::Load() {
  const std::lock_guard loading(load_mu_);
  if (const auto loaded = Find(); loaded != nullptr) return loaded->encoders;
  {
    const std::lock_guard lock(mu_);
    if (stopped_) return Stopped();
  }
  const absl::Duration started = clock_.Steady();
  auto loaded = std::make_shared<Loaded>();
  loaded->observers.push_back(std::make_unique<Observer>(metrics_, "encoder"));
  text::EncodersOptions options = OptionsOf(config_);
  options.observer = loaded->observers.back().get();
  absl::StatusOr<std::shared_ptr<text::Encoders>> encoders = text::Encoders::Load(options);
  if (!encoders.ok()) {
    telemetry::Log(telemetry::Level::kError, "encoder.not_loaded", {{"status", encoders.status()}});
    return encoders.status();
  }
  loaded->encoders = *std::move(encoders);
  for (const text::Encoders::Health& health : loaded->encoders->health()) {
    telemetry::Log(health.lexical ? telemetry::Level::kWarn : telemetry::Level::kInfo,
                   "encoder.loaded", {{"language", health.language}, {"state", health.state}});
    metrics_
        .GetGauge("frontdesk_encoder_lexical", "1 where a language has no model.",
                  {{"language", health.language}})
        .Set(health.lexical ? 1 : 0);
    text::Encoder& encoder = loaded->encoders->For(health.language);
    loaded->observers.push_back(
        std::make_unique<Observer>(metrics_, fmt::format("encoder-{}", health.language)));
    text::BatcherOptions batching;
    batching.name = fmt::format("encode-{}", health.language);
    batching.queue_texts_max = static_cast<size_t>(config_.queue_texts_max);
    batching.observer = loaded->observers.back().get();
    auto batcher = std::make_unique<text::Batcher>(encoder, clock_, batching);
    if (threads_ == Threads::kOwn) batcher->Start();
    loaded->batchers.emplace_back(&encoder, std::move(batcher));
  }
  telemetry::Log(telemetry::Level::kInfo, "encoder.ready",
                 {{"took", clock_.Steady() - started}, {"models_dir", config_.models_dir}});
  const std::lock_guard lock(mu_);
  if (stopped_) return Stopped();
  loaded_ = loaded;
  return loaded->encoders;
}

absl::Status Encoding::Encode(std::string_view text, absl::Time deadline, Done done) {
  return Encode(
      text, [](std::string_view) { return true; }, deadline, std::move(done));
}

absl::Status Encoding::Encode(std::string_view text, Takes takes, absl::Time deadline, Done done) {
  const std::shared_ptr<Loaded> loaded = Find();
  if (loaded == nullptr) return NotLoaded();
  text::Encoder* encoder = &loaded->encoders->ForText(text);
  if (!takes(encoder->info().fingerprint)) {
    const auto taken = std::ranges::find_if(loaded->batchers, [&](const auto& entry) {
      return takes(entry.first->info().fingerprint);
    });
    if (taken != loaded->batchers.end()) encoder = taken->first;
  }
  return EncodeBy(*loaded, *encoder, text, deadline, std::move(done));
}

absl::Status Encoding::EncodeIn(std::string_view language, std::string_view text,
                                absl::Time deadline, Done done) {
  const std::shared_ptr<Loaded> loaded = Find();
  if (loaded == nullptr) return NotLoaded();
  return EncodeBy(*loaded, loaded->encoders->For(language), text, deadline, std::move(done));
}

absl::Status Encoding::EncodeBy(const Loaded& loaded, text::Encoder& encoder, std::string_view text,
                                absl::Time deadline, Done done) {
  for (const auto& [of, batcher] : loaded.batchers) {
    if (of != &encoder) continue;
    return batcher->Encode(text, deadline,
                           [of, done = std::move(done)](absl::StatusOr<std::vector<float>> values) {
                             if (!values.ok()) return done(values.status());
                             done(Vector{of->info().fingerprint, *std::move(values)});
                           });
  }
  return Error(absl::StatusCode::kInternal, "INTERNAL", "an encoder without a queue");
}

bool Encoding::Step() {
  const std::shared_ptr<Loaded> loaded = Find();
  bool moved = false;
  if (loaded != nullptr && threads_ == Threads::kNone) {
    for (const auto& entry : loaded->batchers) moved |= entry.second->Step();
  }
  return moved;
}

void Encoding::Stop() {
  {
    const std::lock_guard lock(mu_);
    stopped_ = true;
  }
  // Whoever still holds `loaded` finds batchers that refuse.
  if (const std::shared_ptr<Loaded> loaded = Find(); loaded != nullptr) {
    for (const auto& entry : loaded->batchers) entry.second->Stop();
  }
}

}  // namespace frontdesk::process
