#include "services/channel/message_handlers.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/channel/domain/customer.h"
#include "services/channel/domain/message.h"
#include "services/channel/domain/names.h"
#include "services/channel/domain/version.h"
#include "services/channel/events.h"

namespace frontdesk::channel {
namespace {

// A command may write 1 MiB; each outcome writes the message twice, as row and as event.
constexpr size_t kMaxFinishedBytes = 256 << 10;

std::string LastId(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

std::string MessageKey(std::string_view tenant, std::string_view customer, int64_t sequence) {
  return kMessages.Key(tenant, customer, static_cast<uint64_t>(sequence));
}

void Announce(const MessageRules& rules, StoredMessage stored, db::Txn& txn) {
  if (rules.on_stored == nullptr) return;
  txn.AfterCommit([on_stored = rules.on_stored, stored = std::move(stored)] { on_stored(stored); });
}

// The fields that messages of both directions share; takes the customer's next sequence.
v1::Message NextMessage(std::string_view ulid, records::CustomerRecord& customer,
                        const db::Context& ctx) {
  customer.set_last_sequence(customer.last_sequence() + 1);
  v1::Message message;
  const std::string customer_id = LastId(customer.customer().name());
  message.set_name(MessageName(ctx.tenant, customer_id, MessageId(ulid, customer.last_sequence())));
  message.set_customer(customer.customer().name());
  message.set_account(customer.customer().account());
  message.set_sequence(customer.last_sequence());
  *message.mutable_create_time() = ToTimestamp(ctx.now);
  return message;
}

void SetExpiryTimer(std::string_view customer_id, absl::Time due, records::CustomerRecord& customer,
                    const db::Context& ctx, db::Txn& txn) {
  customer.set_expiry_generation(customer.expiry_generation() + 1);
  customer.set_expiry_due_us(absl::ToUnixMicros(due));
  txn.SetTimer({.due = absl::FromUnixMicros(customer.expiry_due_us()),
                .kind = kExpiryTimer,
                .subject = db::EncodeKey(kExpiryTimer, ctx.tenant, customer_id),
                .generation = customer.expiry_generation()});
}

// Stores an outbound message under its record's sequence: as SENDING with its time to be given up,
// or as FAILED with the event.
void PutOutbound(const records::MessageRecord& record, const MessageRules& rules,
                 records::CustomerRecord& customer, const db::Context& ctx, db::Txn& txn) {
  const v1::Message& message = record.message();
  const std::string customer_id = LastId(message.customer());
  kMessages.Put(txn, MessageKey(ctx.tenant, customer_id, message.sequence()), record);
  if (message.state() == v1::MESSAGE_STATE_SENDING) {
    const absl::Time expire = ctx.now + rules.outbound_expiry;
    records::UndeliveredRecord undelivered;
    undelivered.set_channel_account(message.channel_account());
    undelivered.set_expire_time_us(absl::ToUnixMicros(expire));
    kUndelivered.Put(
        txn, kUndelivered.Key(ctx.tenant, customer_id, static_cast<uint64_t>(message.sequence())),
        undelivered);
    if (customer.expiry_due_us() == 0) SetExpiryTimer(customer_id, expire, customer, ctx, txn);
    Announce(rules,
             {std::string(ctx.tenant), customer_id, LastId(message.channel_account()),
              message.sequence(), /*outbound=*/true},
             txn);
  } else {
    EmitMessageFailed(message, ctx, txn);
  }
  PutCustomer(customer, /*changed=*/false, ctx, txn);
}

// Loads, changes and stores one SENDING message and tells of it; the undelivered row goes.
// False when it was final before.
absl::StatusOr<bool> Finish(std::string_view customer, int64_t sequence, v1::MessageState state,
                            v1::MessageFailureReason reason, const std::string& channel_message_id,
                            const db::Context& ctx, db::Txn& txn, size_t* bytes) {
  const std::string key = MessageKey(ctx.tenant, customer, sequence);
  FD_ASSIGN_OR_RETURN(records::MessageRecord record,
                      kMessages.Load(txn, key, CustomerName(ctx.tenant, customer)));
  txn.Delete(kUndelivered.Key(ctx.tenant, customer, static_cast<uint64_t>(sequence)));
  if (IsFinal(record.message().state())) return false;
  FD_RETURN_IF_ERROR(FinishMessage(state, reason, ctx.now, record));
  if (!channel_message_id.empty()) {
    record.mutable_message()->set_channel_message_id(channel_message_id);
  }
  kMessages.Put(txn, key, record);
  if (state == v1::MESSAGE_STATE_DELIVERED) {
    EmitMessageDelivered(record.message(), ctx, txn);
  } else {
    EmitMessageFailed(record.message(), ctx, txn);
  }
  if (bytes != nullptr) *bytes += record.ByteSizeLong();
  return true;
}

struct Undelivered {
  int64_t sequence;
  records::UndeliveredRecord record;
};

// The customer's undelivered messages in order, up to one more than a command may finish: those of
// one channel account (resource name) up to a sequence, or all when it is empty.
absl::StatusOr<std::vector<Undelivered>> ListUndelivered(std::string_view customer,
                                                         std::string_view channel_account,
                                                         int64_t last_sequence,
                                                         const db::Context& ctx,
                                                         const db::Reader& reader) {
  std::vector<Undelivered> found;
  absl::Status status;
  FD_RETURN_IF_ERROR(
      reader.Scan(kUndelivered.Key(ctx.tenant, customer), {},
                  [&](std::string_view key, std::string_view value) {
                    db::KeyReader fields(key);
                    std::string skipped;
                    uint64_t sequence = 0;
                    auto record = kUndelivered.Parse(value);
                    if (!fields.Read(&skipped) || !fields.Read(&skipped) ||
                        !fields.Read(&sequence) || !record.ok()) {
                      status = db::CorruptRow(kUndelivered.name);
                      return false;
                    }
                    if (static_cast<int64_t>(sequence) > last_sequence) return false;
                    if (!channel_account.empty() && record->channel_account() != channel_account)
                      return true;
                    found.push_back({static_cast<int64_t>(sequence), *std::move(record)});
                    return found.size() <= static_cast<size_t>(kMaxFinishedPerCommand);
                  }));
  FD_RETURN_IF_ERROR(status);
  return found;
}

// The message that the channel message id became; nullopt for a new id.
absl::StatusOr<std::optional<records::MessageRecord>> FindDuplicate(
    const v1::IngestMessageRequest& request, const std::string& account, const db::Context& ctx,
    const db::Reader& reader) {
  FD_ASSIGN_OR_RETURN(auto index, kChannelMessages.Find(
                                      reader, kChannelMessages.Key(ctx.tenant, account,
                                                                   request.channel_message_id())));
  if (!index.has_value()) return std::optional<records::MessageRecord>();
  FD_ASSIGN_OR_RETURN(
      records::MessageRecord record,
      kMessages.Load(reader, MessageKey(ctx.tenant, index->customer(), index->sequence()),
                     CustomerName(ctx.tenant, index->customer())));
  return std::optional<records::MessageRecord>(std::move(record));
}

// The channel message id is stored, and not for the prepared customer: either the sender became
// known after the preparation, by this very message, or the id is someone else's.
absl::Status OfAnotherSender(const PreparedCustomer& sender, const db::Context& ctx,
                             const db::Reader& reader) {
  FD_ASSIGN_OR_RETURN(
      auto known,
      kIdentities.Find(reader, IdentityKey(ctx.tenant, sender.identity.kind(),
                                           sender.identity_scope, sender.identity.value_hash())));
  if (known.has_value() && known->customer() != sender.customer) return StalePreparation();
  return WithField(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                         "the channel message id was used by another sender"),
                   "channel_message_id", "is another sender's");
}

// What the message tells about its sender.
bool LearnAboutSender(const v1::IngestMessageRequest& request, const PreparedInbound& prepared,
                      const std::string& account, records::CustomerRecord& record) {
  v1::Customer& customer = *record.mutable_customer();
  const std::string before = customer.SerializeAsString();
  if (!request.account().empty()) customer.set_account(request.account());
  if (!prepared.language.empty()) customer.set_language(prepared.language);
  if (!prepared.display_name.masked().empty()) {
    *customer.mutable_display_name() = prepared.display_name;
  }
  record.set_last_channel_account(account);
  return customer.SerializeAsString() != before;
}

}  // namespace

absl::Status IngestMessage(const v1::IngestMessageRequest& request, const PreparedInbound& prepared,
                           const MessageRules& rules, const db::Context& ctx, db::Txn& txn,
                           db::Reply& reply, v1::IngestMessageResponse* response) {
  FD_ASSIGN_OR_RETURN(const std::string account,
                      ParseChannelAccountName(ctx.tenant, request.parent(), "parent"));
  FD_RETURN_IF_ERROR(
      kChannelAccounts.Load(txn, kChannelAccounts.Key(ctx.tenant, account), request.parent())
          .status());
  FD_ASSIGN_OR_RETURN(auto duplicate, FindDuplicate(request, account, ctx, txn));
  if (duplicate.has_value()) {
    if (LastId(duplicate->message().customer()) != prepared.sender.customer) {
      return OfAnotherSender(prepared.sender, ctx, txn);
    }
    *response->mutable_message() = std::move(*duplicate->mutable_message());
    response->set_duplicate(true);
    reply.resource = response->message().name();
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(records::CustomerRecord customer,
                      FindOrMakeCustomer(prepared.sender, ctx, txn));
  const bool changed = LearnAboutSender(request, prepared, account, customer);
  records::MessageRecord record;
  record.set_version(1);
  record.set_conversation_hint(request.conversation_hint());
  if (request.has_send_time()) {
    record.set_send_time_us(absl::ToUnixMicros(ToTime(request.send_time())));
  }
  v1::Message message = NextMessage(prepared.message_ulid, customer, ctx);
  message.set_direction(v1::MESSAGE_DIRECTION_INBOUND);
  message.set_channel_account(request.parent());
  message.set_channel_message_id(request.channel_message_id());
  *message.mutable_text() = prepared.text;
  message.set_state(v1::MESSAGE_STATE_RECEIVED);
  *message.mutable_final_time() = message.create_time();
  message.set_author_kind(common::v1::AUTHOR_KIND_CUSTOMER);
  message.set_author(message.customer());
  message.set_language(prepared.language);
  *record.mutable_message() = std::move(message);

  kMessages.Put(txn, MessageKey(ctx.tenant, prepared.sender.customer, record.message().sequence()),
                record);
  records::MessageIndexRecord index;
  index.set_customer(prepared.sender.customer);
  index.set_sequence(record.message().sequence());
  kChannelMessages.Put(txn, kChannelMessages.Key(ctx.tenant, account, request.channel_message_id()),
                       index);
  PutCustomer(customer, changed, ctx, txn);
  EmitMessageReceived(record, ctx, txn);
  Announce(rules,
           {std::string(ctx.tenant), prepared.sender.customer, account, record.message().sequence(),
            /*outbound=*/false},
           txn);
  reply.resource = record.message().name();
  *response->mutable_message() = std::move(*record.mutable_message());
  return absl::OkStatus();
}

absl::Status SendMessage(const v1::SendMessageRequest& request, const PreparedOutbound& prepared,
                         const MessageRules& rules, const db::Context& ctx, db::Txn& txn,
                         db::Reply& reply, v1::SendMessageResponse* response) {
  FD_ASSIGN_OR_RETURN(
      records::CustomerRecord customer,
      kCustomers.Load(txn, kCustomers.Key(ctx.tenant, prepared.customer), request.parent()));
  FD_RETURN_IF_ERROR(kChannelAccounts
                         .Load(txn, kChannelAccounts.Key(ctx.tenant, prepared.channel_account),
                               request.channel_account())
                         .status());
  FD_RETURN_IF_ERROR(CheckRoute(customer.customer(), request.channel_account()));
  if (customer.data_key_id() != prepared.key_id) return StalePreparation();
  records::MessageRecord record;
  record.set_version(1);
  v1::Message message = NextMessage(prepared.message_ulid, customer, ctx);
  message.set_direction(v1::MESSAGE_DIRECTION_OUTBOUND);
  message.set_channel_account(request.channel_account());
  *message.mutable_text() = prepared.text;
  message.set_state(v1::MESSAGE_STATE_SENDING);
  message.set_reply_to(request.reply_to());
  message.set_conversation(request.conversation());
  message.set_author_kind(prepared.author_kind);
  message.set_author(prepared.author);
  message.set_language(customer.customer().language());
  *record.mutable_message() = std::move(message);
  PutOutbound(record, rules, customer, ctx, txn);
  reply.resource = record.message().name();
  *response->mutable_message() = std::move(*record.mutable_message());
  return absl::OkStatus();
}

namespace {

// Keeps the newest token of the conversation; true when this reply's is older.
absl::StatusOr<bool> PassFence(const dialog::v1::ReplyRequested& reply, const db::Context& ctx,
                               db::Txn& txn) {
  const int64_t token = reply.speaker_lease().token();
  const std::string key = kSpeakerTokens.Key(ctx.tenant, reply.conversation());
  FD_ASSIGN_OR_RETURN(auto newest, kSpeakerTokens.Find(txn, key));
  const int64_t newest_token = newest.has_value() ? newest->token() : 0;
  if (token > newest_token) {
    records::SpeakerTokenRecord record;
    record.set_token(token);
    kSpeakerTokens.Put(txn, key, record);
  }
  return SpeakerLeaseLost(newest_token, token);
}

absl::StatusOr<records::CustomerRecord> FindOrPlaceholder(const dialog::v1::ReplyRequested& reply,
                                                          const std::string& customer,
                                                          const db::Context& ctx,
                                                          const db::Reader& reader) {
  FD_ASSIGN_OR_RETURN(auto known, kCustomers.Find(reader, kCustomers.Key(ctx.tenant, customer)));
  if (known.has_value()) return *std::move(known);
  records::CustomerRecord record;
  record.set_version(1);
  record.set_placeholder(true);
  record.mutable_customer()->set_name(reply.customer());
  record.mutable_customer()->set_account(reply.account());
  record.mutable_customer()->set_etag(EtagOf(record.version()));
  *record.mutable_customer()->mutable_create_time() = ToTimestamp(ctx.now);
  *record.mutable_customer()->mutable_update_time() = ToTimestamp(ctx.now);
  return record;
}

}  // namespace

absl::Status HandleReplyRequested(const dialog::v1::ReplyRequested& reply,
                                  const MessageRules& rules, const db::Context& ctx, db::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const std::string customer_id,
                      ParseCustomerName(ctx.tenant, reply.customer(), "customer"));
  FD_RETURN_IF_ERROR(
      ParseChannelAccountName(ctx.tenant, reply.channel_account(), "channel_account").status());
  if (reply.reply().empty()) return InvalidField("reply", "is required");
  const std::string reply_key = kReplies.Key(ctx.tenant, reply.reply());
  FD_ASSIGN_OR_RETURN(auto sent, kReplies.Find(txn, reply_key));
  if (sent.has_value()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const bool lease_lost, PassFence(reply, ctx, txn));
  FD_ASSIGN_OR_RETURN(records::CustomerRecord customer,
                      FindOrPlaceholder(reply, customer_id, ctx, txn));

  records::MessageRecord record;
  record.set_version(1);
  record.set_reply(reply.reply());
  record.set_speaker_token(reply.speaker_lease().token());
  v1::Message message = NextMessage(ctx.NewId(), customer, ctx);
  message.set_direction(v1::MESSAGE_DIRECTION_OUTBOUND);
  message.set_channel_account(reply.channel_account());
  *message.mutable_text() = reply.text();
  *message.mutable_citations() = reply.citations();
  message.set_reply_to(reply.reply_to());
  message.set_conversation(reply.conversation());
  message.set_author_kind(reply.author_kind());
  message.set_author(reply.author());
  message.set_language(reply.language());
  if (!reply.account().empty()) message.set_account(reply.account());
  message.set_state(v1::MESSAGE_STATE_SENDING);
  *record.mutable_message() = std::move(message);
  if (lease_lost) {
    FD_RETURN_IF_ERROR(FinishMessage(
        v1::MESSAGE_STATE_FAILED, v1::MESSAGE_FAILURE_REASON_SPEAKER_LEASE_LOST, ctx.now, record));
  } else if (!HasRoute(customer.customer(), reply.channel_account())) {
    FD_RETURN_IF_ERROR(FinishMessage(v1::MESSAGE_STATE_FAILED, v1::MESSAGE_FAILURE_REASON_NO_ROUTE,
                                     ctx.now, record));
  }
  records::MessageIndexRecord index;
  index.set_customer(customer_id);
  index.set_sequence(record.message().sequence());
  kReplies.Put(txn, reply_key, index);
  PutOutbound(record, rules, customer, ctx, txn);
  return absl::OkStatus();
}

absl::Status AcknowledgeMessages(const v1::AcknowledgeMessagesRequest& request,
                                 const db::Context& ctx, db::Txn& txn,
                                 v1::AcknowledgeMessagesResponse* response) {
  FD_ASSIGN_OR_RETURN(const std::string customer,
                      ParseCustomerName(ctx.tenant, request.parent(), "parent"));
  FD_ASSIGN_OR_RETURN(
      const std::vector<Undelivered> waiting,
      ListUndelivered(customer, request.channel_account(), request.sequence(), ctx, txn));
  size_t bytes = 0;
  int count = 0;
  for (const Undelivered& undelivered : waiting) {
    if (count == kMaxFinishedPerCommand || bytes > kMaxFinishedBytes) {
      response->set_more(true);
      break;
    }
    FD_ASSIGN_OR_RETURN(const bool finished,
                        Finish(customer, undelivered.sequence, v1::MESSAGE_STATE_DELIVERED,
                               v1::MESSAGE_FAILURE_REASON_UNSPECIFIED, {}, ctx, txn, &bytes));
    if (finished) ++count;
  }
  response->set_delivered_count(count);
  return absl::OkStatus();
}

absl::Status FinishDelivery(std::string_view customer, int64_t sequence, v1::MessageState state,
                            v1::MessageFailureReason reason, const std::string& channel_message_id,
                            const db::Context& ctx, db::Txn& txn) {
  return Finish(customer, sequence, state, reason, channel_message_id, ctx, txn, nullptr).status();
}

absl::Status ExpireMessages(std::string_view customer_id, const db::Context& ctx, db::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto customer, kCustomers.Find(txn, kCustomers.Key(ctx.tenant, customer_id)));
  if (!customer.has_value() || customer->expiry_generation() != ctx.generation) {
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(
      const std::vector<Undelivered> waiting,
      ListUndelivered(customer_id, {}, std::numeric_limits<int64_t>::max(), ctx, txn));
  customer->set_expiry_due_us(0);
  size_t bytes = 0;
  int count = 0;
  for (const Undelivered& undelivered : waiting) {
    const absl::Time expire = absl::FromUnixMicros(undelivered.record.expire_time_us());
    const bool full = bytes > kMaxFinishedBytes || count++ == kMaxFinishedPerCommand;
    if (expire > ctx.now || full) {
      SetExpiryTimer(customer_id, full ? ctx.now : expire, *customer, ctx, txn);
      break;
    }
    FD_RETURN_IF_ERROR(Finish(customer_id, undelivered.sequence, v1::MESSAGE_STATE_FAILED,
                              v1::MESSAGE_FAILURE_REASON_EXPIRED, {}, ctx, txn, &bytes)
                           .status());
  }
  PutCustomer(*customer, /*changed=*/false, ctx, txn);
  return absl::OkStatus();
}

}  // namespace frontdesk::channel
