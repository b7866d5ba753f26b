#include "services/dialog/understander.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "libs/base/absl_interop.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "libs/text/mask.h"
#include "services/dialog/domain/phrases.h"
#include "services/dialog/intent_training.h"

namespace frontdesk::dialog {
namespace {

constexpr int kMaxEntities = 20;
constexpr size_t kMaxEntityBytes = 200;
constexpr size_t kAlternatives = 4;  // beside the likeliest
constexpr size_t kMaxPieces = 10;

int32_t Bps(double share) { return static_cast<int32_t>(std::lround(share * 10'000)); }

// What stands for an entity that says who somebody is; "" for any other.
std::string_view PlaceholderOf(text::EntityType type) {
  switch (type) {
    case text::EntityType::kEmail:
      return text::PlaceholderOf(text::MaskKind::kEmail);
    case text::EntityType::kIdCard:
      return text::PlaceholderOf(text::MaskKind::kId);
    case text::EntityType::kCard:
      return text::PlaceholderOf(text::MaskKind::kCard);
    case text::EntityType::kPhone:
      return text::PlaceholderOf(text::MaskKind::kPhone);
    case text::EntityType::kAddress:
      return "[address]";
    default:
      return {};
  }
}

// The same, also where masking has taken a part of it for personal data.
std::string_view PlaceholderOf(const text::Entity& entity, const text::MaskedText& masked) {
  const std::string_view by_type = PlaceholderOf(entity.type);
  if (!by_type.empty()) return by_type;
  const auto part =
      std::find_if(masked.spans.begin(), masked.spans.end(), [&](const text::MaskSpan& span) {
        return span.begin < entity.end && entity.begin < span.end;
      });
  return part == masked.spans.end() ? std::string_view() : text::PlaceholderOf(part->kind);
}

v1::DetectedEntity ToProto(const text::Entity& entity, const text::MaskedText& masked) {
  v1::DetectedEntity detected;
  detected.set_type(std::string(text::NameOf(entity.type)));
  detected.set_begin(static_cast<int32_t>(entity.begin));
  detected.set_end(static_cast<int32_t>(entity.end));
  const std::string_view placeholder = PlaceholderOf(entity, masked);
  if (!placeholder.empty()) {
    detected.set_text(std::string(placeholder));
    return detected;
  }
  detected.set_text(std::string(CutUtf8(entity.text, kMaxEntityBytes)));
  detected.set_value(std::string(CutUtf8(entity.value, kMaxEntityBytes)));
  return detected;
}

void Classify(const std::string& tenant, std::string_view text, Understood& understood) {
  const text::Classifier& classifier = *understood.model->classifier;
  const auto prediction = classifier.Predict(
      text, {understood.vector.fingerprint, understood.vector.values}, kAlternatives);
  if (!prediction.ok()) {
    telemetry::Log(telemetry::Level::kWarn, "dialog.intent_not_predicted",
                   {{"tenant", tenant}, {"status", prediction.status()}});
    understood.model = nullptr;
    return;
  }
  const auto add = [&](std::string_view label, double probability) {
    v1::IntentScore& score = understood.scores.emplace_back();
    score.set_intent(IntentName(tenant, label));
    score.set_confidence_bps(Bps(probability));
  };
  add(prediction->label, prediction->probability);
  for (const text::Alternative& other : prediction->alternatives) {
    add(other.label, other.probability);
  }
  understood.in_scope_bps = Bps(prediction->in_scope);
  understood.out_of_scope = prediction->out_of_scope;
}

}  // namespace

v1::Understanding Understood::ForTurn() const {
  v1::Understanding kept;
  if (!scores.empty()) {
    kept.set_intent(scores[0].intent());
    kept.set_confidence_bps(scores[0].confidence_bps());
    kept.set_out_of_scope(out_of_scope);
  }
  if (scores.size() > 1) {
    kept.set_second_intent(scores[1].intent());
    kept.set_second_confidence_bps(scores[1].confidence_bps());
  }
  for (const v1::DetectedEntity& entity : entities) {
    v1::DetectedEntity& added = *kept.add_entities();
    added = entity;
    added.clear_begin();
    added.clear_end();
  }
  kept.set_sentiment_bps(sentiment_bps);
  return kept;
}

absl::StatusOr<std::shared_ptr<Understander>> Understander::Make(Collaborators in) {
  FD_ASSIGN_OR_RETURN(text::EntityFinder finder, text::EntityFinder::Create({}));
  FD_ASSIGN_OR_RETURN(text::LexiconModel feelings, text::LexiconModel::Default());
  return std::shared_ptr<Understander>(
      new Understander(std::move(in), std::move(finder), std::move(feelings)));
}

void Understander::SetTimeZone(const std::string& tenant, absl::TimeZone zone) {
  const std::lock_guard lock(mu_);
  zones_[tenant] = zone;
}

absl::TimeZone Understander::ZoneOf(const std::string& tenant) const {
  const std::lock_guard lock(mu_);
  const auto found = zones_.find(tenant);
  return found == zones_.end() ? absl::UTCTimeZone() : found->second;
}

void Understander::ReadEntities(const std::string& tenant, std::string_view text,
                                Understood& understood) const {
  text::EntityContext context;
  context.now = in_.clock.Now();
  context.zone = ZoneOf(tenant);
  const auto found = finder_.Find(text, context);
  const auto masked = text::MaskPersonalData(text);
  if (!found.ok() || !masked.ok()) {
    telemetry::Log(telemetry::Level::kWarn, "dialog.entities_not_read",
                   {{"tenant", tenant}, {"status", found.ok() ? masked.status() : found.status()}});
    return;
  }
  for (const text::Entity& entity : *found) {
    if (understood.entities.size() == kMaxEntities) return;
    understood.entities.push_back(ToProto(entity, *masked));
  }
}

void Understander::Understand(const std::string& tenant, std::string_view text,
                              absl::Duration deadline, Done done) {
  Understood understood;
  ReadEntities(tenant, text, understood);
  const text::Feeling feeling = feelings_.Feel(text);
  understood.sentiment_bps = Bps(feeling.score);
  understood.emotion = text::NameOf(feeling.emotion);
  auto model = in_.models->Find(tenant);
  if (model == nullptr) {
    in_.metrics.understood_without_model.Increment();
    return done(std::move(understood));
  }
  // The encoder's queue may be asked but once, and keeps what it calls as a copyable function.
  struct Work {
    std::string tenant;
    std::string text;
    std::shared_ptr<const IntentModels::Serving> model;
    Understood understood;
    Done done;
  };
  auto work =
      std::make_shared<Work>(Work{tenant, std::string(CutCharacters(text, kIntentCharacters)),
                                  std::move(model), std::move(understood), std::move(done)});
  // A tenant whose examples are all in one language has a model that knows that encoder alone; it is
  // asked for every message then.
  const text::Model& knows = work->model->classifier->model();
  const absl::Status queued = in_.encoding.Encode(
      work->text,
      [&knows](std::string_view fingerprint) {
        return std::ranges::any_of(knows.blocks, [&](const text::Model::Block& block) {
          return block.of.fingerprint == fingerprint;
        });
      },
      in_.clock.Now() + deadline,
      [self = shared_from_this(), work](absl::StatusOr<process::Encoding::Vector> vector) {
        if (vector.ok()) {
          work->understood.vector = *std::move(vector);
          work->understood.model = std::move(work->model);
          Classify(work->tenant, work->text, work->understood);
        }
        (vector.ok() ? self->in_.metrics.understood : self->in_.metrics.understood_late)
            .Increment();
        work->done(std::move(work->understood));
      });
  if (queued.ok()) return;
  in_.metrics.understood_late.Increment();
  work->done(std::move(work->understood));
}

void Understander::Explain(std::string_view text, const Understood& understood,
                           v1::DetectIntentResponse* response) {
  if (understood.model == nullptr) return;
  const auto explanation = understood.model->classifier->Explain(
      CutCharacters(text, kIntentCharacters),
      {understood.vector.fingerprint, understood.vector.values}, kMaxPieces);
  if (!explanation.ok()) return;
  for (const text::Explanation::Piece& piece : explanation->pieces) {
    // A model that goes by the meaning alone gives spelling no weight.
    if (piece.weight == 0) continue;
    v1::ExplanationPiece& added = *response->add_explanation();
    added.set_text(piece.text);
    added.set_weight(piece.weight);
  }
  response->set_meaning_share_bps(Bps(explanation->meaning_share));
}

}  // namespace frontdesk::dialog
