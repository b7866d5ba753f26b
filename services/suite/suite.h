#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/bus/shard.h"
#include "libs/config/fields.h"
#include "libs/process/app.h"
#include "libs/process/encoding/encoding.h"
#include "libs/rpc/host.h"
#include "libs/text/key_ring.h"
#include "services/billing/app.h"
#include "services/channel/app.h"
#include "services/dialog/app.h"
#include "services/health/app.h"
#include "services/knowledge/app.h"
#include "services/suite/local_transcripts.h"
#include "services/ticket/app.h"

namespace frontdesk::suite {

// The options of all six and of what they share, each in a section of its own.
struct Config {
  channel::Config channel;
  knowledge::Config knowledge;
  dialog::Config dialog;
  ticket::Config ticket;
  health::Config health;
  billing::Config billing;
  process::EncodingConfig encoder;  // one copy for all

  void Describe(config::Fields& fields);
  absl::Status Validate() const;
};

// All six services in one process. What one asks of another is a function call here; everything else
// goes over the bus, as it does between processes. Owned by main or a test.
class Suite {
 public:
  // `ring` and `encoding` outlive it; `host` is null where nothing shall listen. Blocks.
  static absl::StatusOr<std::unique_ptr<Suite>> Open(const bus::AppDeps& deps, const Config& config,
                                                     text::KeyRing& ring,
                                                     process::Encoding& encoding, rpc::Host* host);

  // In the order of starting: who is asked comes before who asks.
  std::vector<process::App*> apps();

  channel::App& channel() { return *channel_; }
  knowledge::App& knowledge() { return *knowledge_; }
  dialog::App& dialog() { return *dialog_; }
  ticket::App& ticket() { return *ticket_; }
  health::App& health() { return *health_; }
  billing::App& billing() { return *billing_; }
  // What knowledge reads of conversations and tickets.
  process::Transcripts& transcripts() { return *transcripts_; }

 private:
  Suite() = default;

  std::unique_ptr<LocalTranscripts> local_transcripts_;
  std::unique_ptr<process::TranscriptReader> transcripts_;
  std::unique_ptr<channel::App> channel_;
  std::unique_ptr<knowledge::App> knowledge_;
  std::unique_ptr<dialog::App> dialog_;
  std::unique_ptr<ticket::App> ticket_;
  std::unique_ptr<health::App> health_;
  std::unique_ptr<billing::App> billing_;
};

}  // namespace frontdesk::suite
