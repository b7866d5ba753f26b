#include "services/health/events.h"

#include <string>
#include <utility>

#include "frontdesk/health/v1/health_events.pb.h"
#include "libs/base/topics.h"
#include "libs/base/utf8.h"
#include "services/health/domain/proto_time.h"

namespace frontdesk::health {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::OutgoingEvent;

constexpr size_t kMaxCauseBytes = 128;

template <class Payload>
OutgoingEvent Wrap(const Context& ctx, const AccountRef& ref, v1::HealthEvent event) {
  OutgoingEvent out;
  out.id = ctx.NewId();
  common::v1::EventMetadata& metadata = *event.mutable_metadata();
  metadata.set_event_id(out.id);
  metadata.set_tenant("tenants/" + ref.tenant);
  ToProto(ctx.now, metadata.mutable_time());
  metadata.set_actor(std::string(ctx.actor));
  metadata.set_cause(std::string(TruncateUtf8(ctx.cause, kMaxCauseBytes)));
  metadata.set_correlation(std::string(ctx.correlation));

  out.topic = std::string(topics::kHealth);
  out.key = ref.tenant + "/" + ref.account;
  out.type = Payload::descriptor()->full_name();
  out.subject = ref.Name();
  out.tenant = ref.tenant;
  out.correlation = std::string(ctx.correlation);
  event.SerializeToString(&out.value);
  return out;
}

}  // namespace

OutgoingEvent HealthChangedEvent(const Context& ctx, const AccountRef& ref,
                                 const v1::HealthScore& before, const v1::HealthScore& after) {
  v1::HealthEvent event;
  v1::HealthChanged& payload = *event.mutable_health_changed();
  payload.set_account(ref.Name());
  payload.set_score_before_bps(before.score_bps());
  payload.set_score_after_bps(after.score_bps());
  payload.set_scored_before(before.scored());
  *payload.mutable_score() = after;
  return Wrap<v1::HealthChanged>(ctx, ref, std::move(event));
}

OutgoingEvent HealthAlertedEvent(const Context& ctx, const AccountRef& ref,
                                 const v1::HealthScore& score, const v1::HealthPolicy& policy) {
  v1::HealthEvent event;
  v1::HealthAlerted& payload = *event.mutable_health_alerted();
  payload.set_account(ref.Name());
  payload.set_score_bps(score.score_bps());
  payload.set_threshold_bps(policy.alert_threshold_bps());
  *payload.mutable_score() = score;
  return Wrap<v1::HealthAlerted>(ctx, ref, std::move(event));
}

}  // namespace frontdesk::health
