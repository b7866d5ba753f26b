#include "services/suite/suite.h"

#include "libs/base/status_macros.h"

namespace frontdesk::suite {

void Config::Describe(config::Fields& fields) {
  fields.Section("channel", channel);
  fields.Section("knowledge", knowledge);
  fields.Section("dialog", dialog);
  fields.Section("ticket", ticket);
  fields.Section("health", health);
  fields.Section("billing", billing);
  fields.Section("encoder", encoder);
}

absl::Status Config::Validate() const {
  FD_RETURN_IF_ERROR(channel.Validate());
  FD_RETURN_IF_ERROR(knowledge.Validate());
  FD_RETURN_IF_ERROR(dialog.Validate());
  FD_RETURN_IF_ERROR(ticket.Validate());
  FD_RETURN_IF_ERROR(health.Validate());
  return billing.Validate();
}

absl::StatusOr<std::unique_ptr<Suite>> Suite::Open(const bus::AppDeps& deps, const Config& config,
                                                   text::KeyRing& ring, process::Encoding& encoding,
                                                   rpc::Host* host) {
  std::unique_ptr<Suite> suite(new Suite());
  FD_ASSIGN_OR_RETURN(suite->channel_, channel::App::Open(deps, config.channel, ring, host));
  suite->local_transcripts_ = std::make_unique<LocalTranscripts>(deps.clock);
  suite->transcripts_ =
      std::make_unique<process::TranscriptReader>(*suite->local_transcripts_, deps.clock);
  FD_ASSIGN_OR_RETURN(
      suite->knowledge_,
      knowledge::App::Open(deps, config.knowledge, host, &encoding, suite->transcripts_.get()));
  process::DataKeys& keys = suite->channel_->data_keys();
  FD_ASSIGN_OR_RETURN(suite->ticket_, ticket::App::Open(deps, config.ticket, keys, host));
  FD_ASSIGN_OR_RETURN(
      suite->dialog_,
      dialog::App::Open(deps, config.dialog, keys, suite->knowledge_->answers(), &encoding, host));
  suite->local_transcripts_->Bind(suite->dialog_->service(), suite->ticket_->service());
  FD_ASSIGN_OR_RETURN(suite->health_, health::App::Open(deps, config.health, host));
  FD_ASSIGN_OR_RETURN(suite->billing_, billing::App::Open(deps, config.billing, host));
  return suite;
}

std::vector<process::App*> Suite::apps() {
  return {channel_.get(), knowledge_.get(), ticket_.get(),
          dialog_.get(),  health_.get(),    billing_.get()};
}

}  // namespace frontdesk::suite
