#include "services/channel/adapters/webhook.h"

#include <utility>

#include <fmt/core.h>

#include "libs/telemetry/thread_name.h"
#include "services/channel/domain/message.h"
#include "services/channel/message_json.h"
#include "services/channel/webhook_secret.h"

namespace frontdesk::channel {
namespace {

DeliveryOutcome OutcomeOf(const absl::StatusOr<int>& answer) {
  DeliveryOutcome outcome;
  outcome.kind = DeliveryOutcome::Kind::kRetry;
  if (!answer.ok()) {
    outcome.why = answer.status().ToString(absl::StatusToStringMode::kWithNoExtraData);
    return outcome;
  }
  outcome.why = fmt::format("answered {}", *answer);
  const bool later = *answer == 408 || *answer == 425 || *answer == 429;
  if (*answer >= 200 && *answer < 300) outcome.kind = DeliveryOutcome::Kind::kTaken;
  if (*answer >= 400 && *answer < 500 && !later) outcome.kind = DeliveryOutcome::Kind::kRefused;
  return outcome;
}

}  // namespace

WebhookAdapter::WebhookAdapter(const KeyVault& keys, Clock& clock, PostFn post, Options options)
    : keys_(keys),
      clock_(clock),
      post_(std::move(post)),
      options_(options),
      queue_(options.queue_max) {
  for (int i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

WebhookAdapter::~WebhookAdapter() {
  queue_.Close();
  for (std::thread& thread : threads_) thread.join();
}

void WebhookAdapter::Run() {
  telemetry::NameThread("fd-webhook");
  while (true) {
    std::optional<Job> job = queue_.PopFor(absl::Seconds(1));
    if (job.has_value()) {
      job->done(OutcomeOf(post_(job->post, options_.timeout)));
    } else if (queue_.closed()) {
      return;
    }
  }
}

Adapter::Description WebhookAdapter::describe() const {
  return {.kind = v1::CHANNEL_KIND_WEBHOOK, .name = "webhook", .acknowledges = false};
}

Adapter::Limits WebhookAdapter::limits() const { return {.text_bytes_max = kMaxTextBytes}; }

bool WebhookAdapter::availability(const Outbound& outbound) {
  return !outbound.account.webhook_url().empty();
}

absl::StatusOr<std::string> WebhookAdapter::render(const Outbound& outbound) const {
  return fmt::format(R"({{"type":"message","account":"{}","customer":"{}","message":{}}})",
                     outbound.channel_account, outbound.message.customer(),
                     MessageJson(outbound.message, outbound.text));
}

void WebhookAdapter::deliver(const Outbound& outbound, const std::string& rendered, Done done) {
  const auto secret = WebhookSecret(keys_, outbound.tenant, outbound.channel_account);
  DeliveryOutcome later;
  later.kind = DeliveryOutcome::Kind::kRetry;
  if (!secret.ok()) {
    later.why = "the tenant has no key";
    return done(std::move(later));
  }
  const absl::Time now = clock_.Now();
  Job job{{outbound.account.webhook_url(),
           {{"content-type", "application/json"},
            {"user-agent", "frontdesk"},
            {"webhook-id", outbound.message.name()},
            {"webhook-timestamp", fmt::format("{}", absl::ToUnixSeconds(now))},
            {"webhook-signature", SignWebhook(*secret, outbound.message.name(), now, rendered)}},
           rendered},
          std::move(done)};
  if (!queue_.TryPush(std::move(job))) {
    later.why = "too many webhooks wait";
    job.done(std::move(later));
  }
}

}  // namespace frontdesk::channel
