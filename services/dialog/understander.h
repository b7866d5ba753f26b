#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "libs/base/clock.h"
#include "libs/process/encoding/encoding.h"
#include "libs/text/entities/finder.h"
#include "libs/text/sentiment/lexicon_model.h"
#include "services/dialog/intent_models.h"
#include "services/dialog/metrics.h"

namespace frontdesk::dialog {

// What was read out of a text.
struct Understood {
  std::vector<v1::DetectedEntity> entities;  // with their places, personal data masked
  int32_t sentiment_bps = 0;
  std::string_view emotion = "neutral";
  // Null when no model serves the tenant, or the encoder was late: `scores` is empty then.
  std::shared_ptr<const IntentModels::Serving> model;
  process::Encoding::Vector vector;
  std::vector<v1::IntentScore> scores;  // the likeliest first
  int32_t in_scope_bps = 0;
  bool out_of_scope = false;

  // What is kept with a turn.
  v1::Understanding ForTurn() const;
};

// Reads intents, entities and feelings out of texts: a matter of microseconds but for the encoder,
// which is asked through its queue. Held by shared_ptr, as the encoder may answer after the App is
// gone. `encoding` outlives it. Thread safe.
class Understander : public std::enable_shared_from_this<Understander> {
 public:
  struct Collaborators {
    process::Encoding& encoding;
    std::shared_ptr<const IntentModels> models;
    const Clock& clock;
    Metrics metrics;  // a copy: cheap handles
  };
  // INTERNAL when ICU has no data.
  static absl::StatusOr<std::shared_ptr<Understander>> Make(Collaborators in);

  // Where the customers of the tenant live, for "tomorrow at nine". UTC unless told.
  void SetTimeZone(const std::string& tenant, absl::TimeZone zone);

  // `done` is called once, on any thread, also at once, and soon after `deadline` at the latest.
  // Whatever could not be read in time is left out.
  using Done = absl::AnyInvocable<void(Understood)>;
  void Understand(const std::string& tenant, std::string_view text, absl::Duration deadline,
                  Done done);

  // What put the first intent above the second.
  static void Explain(std::string_view text, const Understood& understood,
                      v1::DetectIntentResponse* response);

 private:
  Understander(Collaborators in, text::EntityFinder finder, text::LexiconModel feelings)
      : in_(std::move(in)), finder_(std::move(finder)), feelings_(std::move(feelings)) {}

  void ReadEntities(const std::string& tenant, std::string_view text, Understood& understood) const;
  absl::TimeZone ZoneOf(const std::string& tenant) const;

  const Collaborators in_;
  const text::EntityFinder finder_;
  const text::LexiconModel feelings_;
  mutable std::mutex mu_;
  std::map<std::string, absl::TimeZone> zones_;  // by tenant; guarded by mu_
};

}  // namespace frontdesk::dialog
