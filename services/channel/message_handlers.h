#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "frontdesk/channel/v1/channel_service.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/store/command.h"
#include "services/channel/customer_handlers.h"
#include "services/channel/keys.h"

// Commands on messages. They run on the committer: deterministic, no I/O; texts come sealed.
namespace frontdesk::channel {

inline constexpr uint8_t kExpiryTimer = 1;  // kinds are numbered in timers.cc
inline constexpr int kMaxFinishedPerCommand = 200;

// A message that was just committed, for whoever waits for it.
struct StoredMessage {
  std::string tenant;  // ids
  std::string customer;
  std::string channel_account;
  int64_t sequence = 0;
  bool outbound = false;
};

// What handlers need beside the state.
struct MessageRules {
  absl::Duration outbound_expiry = absl::Hours(72);
  // Called after the commit, on the delivering thread; must not block. May be null.
  std::function<void(const StoredMessage&)> on_stored;
};

struct PreparedInbound {
  PreparedCustomer sender;
  std::string message_ulid;
  common::v1::SealedText text;
  common::v1::SealedText display_name;  // masked empty: none was given
  std::string language;
};

// De-duplicates by channel account and channel message id; finds or makes the customer; stores the
// message under the customer's next sequence; MessageReceived. NOT_FOUND for the channel account,
// ALREADY_EXISTS when the id was another sender's, STALE_RESULT.
absl::Status IngestMessage(const v1::IngestMessageRequest& request, const PreparedInbound& prepared,
                           const MessageRules& rules, const db::Context& ctx, db::Txn& txn,
                           db::Reply& reply, v1::IngestMessageResponse* response);

struct PreparedOutbound {
  std::string customer;  // id
  std::string channel_account;
  std::string key_id;
  std::string message_ulid;
  common::v1::SealedText text;
  common::v1::AuthorKind author_kind = common::v1::AUTHOR_KIND_SYSTEM;
  std::string author;
};

absl::Status SendMessage(const v1::SendMessageRequest& request, const PreparedOutbound& prepared,
                         const MessageRules& rules, const db::Context& ctx, db::Txn& txn,
                         db::Reply& reply, v1::SendMessageResponse* response);

// One message per reply id, whatever is redelivered. An unknown customer becomes a placeholder; a
// reply that may not go out (lease lost, no route) is stored as FAILED.
absl::Status HandleReplyRequested(const dialog::v1::ReplyRequested& reply,
                                  const MessageRules& rules, const db::Context& ctx, db::Txn& txn);

absl::Status AcknowledgeMessages(const v1::AcknowledgeMessagesRequest& request,
                                 const db::Context& ctx, db::Txn& txn,
                                 v1::AcknowledgeMessagesResponse* response);

// The outcome of one delivery attempt; no effect on a message that is final.
absl::Status FinishDelivery(std::string_view customer, int64_t sequence, v1::MessageState state,
                            v1::MessageFailureReason reason, const std::string& channel_message_id,
                            const db::Context& ctx, db::Txn& txn);

// Gives up what is over its time, and sets the timer for what is left.
absl::Status ExpireMessages(std::string_view customer, const db::Context& ctx, db::Txn& txn);

}  // namespace frontdesk::channel
