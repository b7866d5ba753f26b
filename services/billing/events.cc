#include "services/billing/events.h"

#include <string>
#include <utility>

#include "frontdesk/billing/v1/billing_events.pb.h"
#include "libs/base/topics.h"
#include "libs/base/utf8.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/rating.h"
#include "services/billing/names.h"

namespace frontdesk::billing {
namespace {

constexpr size_t kMaxCauseBytes = 128;

// `subject`: the resource whose events stay in order.
template <class Payload>
db::OutgoingEvent Wrap(const db::Context& ctx, const std::string& subject, v1::BillingEvent event) {
  db::OutgoingEvent out;
  out.id = ctx.NewId();
  common::v1::EventMetadata& metadata = *event.mutable_metadata();
  metadata.set_event_id(out.id);
  metadata.set_tenant("tenants/" + std::string(ctx.tenant));
  ToProto(ctx.now, metadata.mutable_time());
  metadata.set_actor(std::string(ctx.actor));
  metadata.set_cause(std::string(TruncateUtf8(ctx.cause, kMaxCauseBytes)));
  metadata.set_correlation(std::string(ctx.correlation));

  out.topic = std::string(topics::kBilling);
  out.key = std::string(ctx.tenant) + "/" + IdOf(subject);
  out.type = Payload::descriptor()->full_name();
  out.subject = subject;
  out.tenant = std::string(ctx.tenant);
  out.correlation = std::string(ctx.correlation);
  event.SerializeToString(&out.value);
  return out;
}

}  // namespace

db::OutgoingEvent UsageRecordedEvent(const db::Context& ctx, const std::vector<v1::Usage>& usages) {
  v1::BillingEvent event;
  event.mutable_usage_recorded()->mutable_usages()->Assign(usages.begin(), usages.end());
  return Wrap<v1::UsageRecorded>(ctx, usages.front().name(), std::move(event));
}

db::OutgoingEvent OutcomeBilledEvent(const db::Context& ctx, const v1::Usage& usage,
                                     const v1::Plan& plan) {
  v1::BillingEvent event;
  v1::OutcomeBilled& payload = *event.mutable_outcome_billed();
  payload.set_conversation(usage.evidence_size() == 0 ? std::string() : usage.evidence(0));
  payload.set_usage(usage.name());
  if (const v1::MeterPrice* price = FindPrice(plan, usage.meter()); price != nullptr) {
    *payload.mutable_unit_price() = price->unit_price();
  } else {
    ToProto(Money{plan.base_fee().currency_code(), 0}, payload.mutable_unit_price());
  }
  *payload.mutable_amount() = usage.amount();
  payload.set_customer(usage.customer());
  payload.set_account(usage.account());
  return Wrap<v1::OutcomeBilled>(ctx, payload.conversation(), std::move(event));
}

db::OutgoingEvent InvoiceIssuedEvent(const db::Context& ctx, const v1::Invoice& invoice) {
  v1::BillingEvent event;
  *event.mutable_invoice_issued()->mutable_invoice() = invoice;
  return Wrap<v1::InvoiceIssued>(ctx, invoice.name(), std::move(event));
}

}  // namespace frontdesk::billing
