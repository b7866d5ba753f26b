#include "services/channel/message_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/utf8.h"
#include "libs/process/sealing.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_scan.h"
#include "libs/text/language.h"
#include "libs/text/limits.h"
#include "libs/text/normalize.h"
#include "services/channel/channel_service.h"
#include "services/channel/domain/customer.h"
#include "services/channel/domain/message.h"

// The RPCs of messages: taking in, sending, reading.
namespace frontdesk::channel {
namespace {

constexpr int kPrepareAttempts = 5;
constexpr size_t kMaxDisplayNameBytes = 800;  // 200 characters of four bytes
constexpr size_t kMaxHintBytes = 512;         // 128 characters
constexpr size_t kMaxLanguageBytes = 35;
constexpr size_t kMaxReferenceBytes = 400;

bool IsStale(const absl::Status& status) {
  return absl::IsAborted(status) && ReasonOf(status) == "STALE_RESULT";
}

// The stored form of a message text: canonical, visible, at most 32 KiB, not empty.
absl::StatusOr<std::string> CleanText(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return InvalidField("text",
                        fmt::format("has {} bytes; the limit is {}", text.size(), kMaxTextBytes));
  }
  if (!IsValidUtf8(text)) return InvalidField("text", "is not UTF-8");
  FD_ASSIGN_OR_RETURN(std::string clean, text::CleanMessage(text, text::kMaxTextBytes));
  if (clean.size() > kMaxTextBytes) {
    return InvalidField("text", fmt::format("has over {} bytes", kMaxTextBytes));
  }
  if (clean.find_first_not_of(" \t\n") == std::string::npos) {
    return InvalidField("text", "is empty");
  }
  return clean;
}

absl::Status CheckShort(std::string_view text, size_t max_bytes, std::string_view field) {
  if (text.size() > max_bytes) {
    return InvalidField(field, fmt::format("has at most {} bytes", max_bytes));
  }
  if (!IsValidUtf8(text)) return InvalidField(field, "is not UTF-8");
  return absl::OkStatus();
}

template <class Response>
auto RebuildMessage(std::string tenant) {
  return [tenant = std::move(tenant)](const db::Reader& reader, std::string_view resource,
                                      google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const MessageIds ids, ParseMessageName(tenant, resource, "name"));
    const auto sequence = SequenceOf(ids.message);
    if (!sequence.has_value()) return NotFound("message", resource);
    FD_ASSIGN_OR_RETURN(auto record, kMessages.Load(reader,
                                                    kMessages.Key(tenant, ids.customer,
                                                                  static_cast<uint64_t>(*sequence)),
                                                    resource));
    *static_cast<Response*>(message)->mutable_message() = std::move(*record.mutable_message());
    return absl::OkStatus();
  };
}

}  // namespace

bool MaySeePlainText(const rpc::Call& call) { return call.caller.role != rpc::Role::kAnalyst; }

namespace {

void AddOpened(const text::DataKey& key, std::string_view tenant, std::string_view customer_id,
               const common::v1::SealedText& sealed, const std::string& name, std::string field,
               OpenedTexts& opened) {
  if (sealed.sealed().empty()) return;
  auto text = process::OpenText(key, tenant, customer_id, sealed);
  if (!text.ok()) return;
  common::v1::OpenedText& entry = *opened.Add();
  entry.set_name(name);
  entry.set_field(std::move(field));
  entry.set_text(*std::move(text));
}

}  // namespace

void OpenCustomer(const text::DataKey& key, std::string_view tenant, std::string_view customer_id,
                  const v1::Customer& customer, OpenedTexts& opened) {
  AddOpened(key, tenant, customer_id, customer.display_name(), customer.name(), "display_name",
            opened);
  for (int i = 0; i < customer.identities_size(); ++i) {
    AddOpened(key, tenant, customer_id, customer.identities(i).value(), customer.name(),
              fmt::format("identities[{}].value", i), opened);
  }
}

void OpenMessage(const text::DataKey& key, std::string_view tenant, std::string_view customer_id,
                 const v1::Message& message, OpenedTexts& opened) {
  AddOpened(key, tenant, customer_id, message.text(), message.name(), "text", opened);
}

void ChannelService::GetMessage(const rpc::Call& call, const v1::GetMessageRequest& request,
                                v1::GetMessageResponse* response, rpc::Finish finish) {
  auto ids = ParseMessageName(call.tenant, request.name(), "name");
  if (!ids.ok()) return finish(ids.status());
  const auto sequence = SequenceOf(ids->message);
  if (!sequence.has_value()) return finish(NotFound("message", request.name()));
  auto opened = [this, &call, response, customer = ids->customer,
                 finish = std::move(finish)](absl::Status status) mutable {
    if (!status.ok() || !MaySeePlainText(call)) return finish(std::move(status));
    in_.keys.Get(call.tenant, {customer},
                 [&call, response, customer,
                  finish = std::move(finish)](absl::StatusOr<KeyVault::CustomerKeys> keys) mutable {
                   if (keys.ok() && keys->keys[0] != nullptr) {
                     OpenMessage(*keys->keys[0], call.tenant, customer, response->message(),
                                 *response->mutable_opened());
                   }
                   finish(keys.status());
                 });
  };
  in_.read_pool.Read(
      StoreOf(call.tenant), /*snapshot=*/false,
      [&call, &request, response, customer = ids->customer,
       sequence = *sequence](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            auto record,
            kMessages.Load(reader,
                           kMessages.Key(call.tenant, customer, static_cast<uint64_t>(sequence)),
                           request.name()));
        // The row of this sequence may be another message's since a restore.
        if (record.message().name() != request.name()) return NotFound("message", request.name());
        *response->mutable_message() = std::move(*record.mutable_message());
        return absl::OkStatus();
      },
      std::move(opened));
}

namespace {

absl::Status ReadMessages(const db::Reader& reader, const std::string& tenant,
                          const std::string& customer, const v1::ListMessagesRequest& request,
                          const rpc::Page& page, v1::ListMessagesResponse* response) {
  response->Clear();
  return rpc::ScanPage(
      reader, kMessages.Key(tenant, customer), page,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(auto record, kMessages.Parse(value));
        if (request.direction() != v1::MESSAGE_DIRECTION_UNSPECIFIED &&
            record.message().direction() != request.direction()) {
          return false;
        }
        *response->add_messages() = std::move(*record.mutable_message());
        return true;
      },
      response->mutable_next_page_token(),
      kMessages.Key(tenant, customer, static_cast<uint64_t>(request.after_sequence()) + 1));
}

}  // namespace

void ChannelService::ListMessages(const rpc::Call& call, const v1::ListMessagesRequest& request,
                                  v1::ListMessagesResponse* response, rpc::Finish finish) {
  auto customer = ParseCustomerName(call.tenant, request.parent(), "parent");
  auto page = rpc::ParsePage(request);
  absl::Status shape = !customer.ok() ? customer.status() : page.status();
  if (shape.ok() && request.after_sequence() < 0) {
    shape = InvalidField("after_sequence", "must not be negative");
  }
  if (!shape.ok()) return finish(std::move(shape));
  auto opened = [this, &call, response, customer = *customer,
                 finish = std::move(finish)](absl::Status status) mutable {
    if (!status.ok() || !MaySeePlainText(call) || response->messages().empty()) {
      return finish(std::move(status));
    }
    in_.keys.Get(call.tenant, {customer},
                 [&call, response, customer,
                  finish = std::move(finish)](absl::StatusOr<KeyVault::CustomerKeys> keys) mutable {
                   if (keys.ok() && keys->keys[0] != nullptr) {
                     for (const v1::Message& message : response->messages()) {
                       OpenMessage(*keys->keys[0], call.tenant, customer, message,
                                   *response->mutable_opened());
                     }
                   }
                   finish(keys.status());
                 });
  };
  in_.read_pool.Read(
      StoreOf(call.tenant), /*snapshot=*/true,
      [&call, &request, response, customer = *customer, page = *page](const db::Reader& reader) {
        return ReadMessages(reader, call.tenant, customer, request, page, response);
      },
      std::move(opened));
}

void ChannelService::AcknowledgeMessages(const rpc::Call& call,
                                         const v1::AcknowledgeMessagesRequest& request,
                                         v1::AcknowledgeMessagesResponse* response,
                                         rpc::Finish finish) {
  absl::Status shape = ParseCustomerName(call.tenant, request.parent(), "parent").status();
  if (shape.ok()) {
    shape =
        ParseChannelAccountName(call.tenant, request.channel_account(), "channel_account").status();
  }
  if (shape.ok() && request.sequence() < 1) shape = InvalidField("sequence", "must be at least 1");
  if (!shape.ok()) return finish(std::move(shape));
  rpc::Submit(
      CommitterOf(call.tenant), call, request, response,
      [&request, response](const db::Context& ctx, db::Txn& txn, db::Reply&) {
        return channel::AcknowledgeMessages(request, ctx, txn, response);
      },
      std::move(finish));
}

// Everything a message needs while it is prepared, and prepared again.
struct ChannelService::Ingest {
  const rpc::Call& call;
  const v1::IngestMessageRequest& request;
  v1::IngestMessageResponse* response;
  rpc::Finish finish;
  std::string text;
  PreparedInbound prepared;
  KeyVault::Key key;
  std::string default_language;
  int attempts = 0;
};

void ChannelService::IngestMessage(const rpc::Call& call, const v1::IngestMessageRequest& request,
                                   v1::IngestMessageResponse* response, rpc::Finish finish) {
  auto work = std::make_shared<Ingest>(
      Ingest{call, request, response, std::move(finish), {}, {}, {}, {}, 0});
  const auto check = [&]() -> absl::Status {
    PreparedCustomer& sender = work->prepared.sender;
    FD_ASSIGN_OR_RETURN(sender.identity_scope,
                        ParseChannelAccountName(call.tenant, request.parent(), "parent"));
    FD_RETURN_IF_ERROR(CheckChannelMessageId(request.channel_message_id(), "channel_message_id"));
    FD_ASSIGN_OR_RETURN(
        const std::string value,
        NormalizeIdentity(v1::IDENTITY_KIND_CHANNEL_USER, request.sender_id(), "sender_id"));
    FD_ASSIGN_OR_RETURN(work->text, CleanText(request.text()));
    FD_RETURN_IF_ERROR(
        CheckShort(request.sender_display_name(), kMaxDisplayNameBytes, "sender_display_name"));
    FD_RETURN_IF_ERROR(CheckShort(request.language(), kMaxLanguageBytes, "language"));
    FD_RETURN_IF_ERROR(CheckShort(request.conversation_hint(), kMaxHintBytes, "conversation_hint"));
    if (!request.account().empty()) {
      FD_RETURN_IF_ERROR(CheckAccountName(call.tenant, request.account(), "account"));
    }
    sender.identity.set_kind(v1::IDENTITY_KIND_CHANNEL_USER);
    sender.identity.set_channel_account(request.parent());
    FD_ASSIGN_OR_RETURN(
        *sender.identity.mutable_value_hash(),
        in_.keys.IdentityHash(call.tenant, sender.identity.kind(), sender.identity_scope, value));
    return absl::OkStatus();
  };
  if (absl::Status status = check(); !status.ok()) return work->finish(std::move(status));
  PrepareIngest(std::move(work));
}

void ChannelService::PrepareIngest(std::shared_ptr<Ingest> work) {
  if (work->attempts++ > 0) in_.metrics.key_races.Increment();
  in_.read_pool.Read(
      StoreOf(work->call.tenant), /*snapshot=*/true,
      [this, work](const db::Reader& reader) -> absl::Status {
        const std::string& account = work->prepared.sender.identity_scope;
        FD_ASSIGN_OR_RETURN(
            auto record,
            kChannelAccounts.Load(reader, kChannelAccounts.Key(work->call.tenant, account),
                                  work->request.parent()));
        work->default_language = record.channel_account().default_language();
        return ReadSender(reader, work->call.tenant, work->prepared.sender, work->key);
      },
      [this, work](absl::Status status) {
        if (status.ok()) status = SealIngest(*work);
        if (!status.ok()) return work->finish(std::move(status));
        SubmitIngest(work);
      });
}

absl::Status ChannelService::SealIngest(Ingest& work) {
  PreparedInbound& prepared = work.prepared;
  const std::string& tenant = work.call.tenant;
  FD_RETURN_IF_ERROR(CompleteSender(tenant, work.request.sender_id(), prepared.sender, work.key));
  const std::string& customer = prepared.sender.customer;
  prepared.message_ulid = ids_.Next(in_.clock.Now());
  FD_ASSIGN_OR_RETURN(
      prepared.text,
      process::SealText(work.key.get(),
                        {.tenant = tenant,
                         .customer = customer,
                         .resource = MessageName(tenant, customer, prepared.message_ulid),
                         .field = "text"},
                        work.text));
  if (!work.request.sender_display_name().empty()) {
    FD_ASSIGN_OR_RETURN(prepared.display_name,
                        process::SealText(work.key.get(),
                                          {.tenant = tenant,
                                           .customer = customer,
                                           .resource = CustomerName(tenant, customer),
                                           .field = "display_name"},
                                          work.request.sender_display_name()));
  }
  prepared.language = work.request.language();
  if (prepared.language.empty()) {
    const std::string_view guess = text::GuessLanguage(work.text);
    prepared.language = guess == "und" ? work.default_language : std::string(guess);
  }
  return absl::OkStatus();
}

void ChannelService::SubmitIngest(std::shared_ptr<Ingest> work) {
  db::Command command = rpc::MakeCommand(work->call, work->request, work->response);
  command.bytes += work->prepared.text.ByteSizeLong();
  // The HTTP port has no request ids; what the channel calls the message is as good a trace of it.
  if (work->request.request_id().empty()) command.cause = work->request.channel_message_id();
  command.handle = [this, work](const db::Context& ctx, db::Txn& txn, db::Reply& reply) {
    return channel::IngestMessage(work->request, work->prepared, in_.rules, ctx, txn, reply,
                                  work->response);
  };
  command.rebuild = RebuildMessage<v1::IngestMessageResponse>(work->call.tenant);
  command.done = [this, work](absl::Status status) {
    if (IsStale(status) && work->attempts < kPrepareAttempts) return PrepareIngest(work);
    if (status.ok()) {
      (work->response->duplicate() ? in_.metrics.duplicates : in_.metrics.ingested).Increment();
    }
    work->finish(std::move(status));
  };
  CommitterOf(work->call.tenant).Submit(std::move(command));
}

struct ChannelService::Send {
  const rpc::Call& call;
  const v1::SendMessageRequest& request;
  v1::SendMessageResponse* response;
  rpc::Finish finish;
  std::string text;
  PreparedOutbound prepared;
  int attempts = 0;
};

void ChannelService::SendMessage(const rpc::Call& call, const v1::SendMessageRequest& request,
                                 v1::SendMessageResponse* response, rpc::Finish finish) {
  auto work = std::make_shared<Send>(Send{call, request, response, std::move(finish), {}, {}, 0});
  const auto check = [&]() -> absl::Status {
    PreparedOutbound& prepared = work->prepared;
    FD_ASSIGN_OR_RETURN(prepared.customer,
                        ParseCustomerName(call.tenant, request.parent(), "parent"));
    FD_ASSIGN_OR_RETURN(
        prepared.channel_account,
        ParseChannelAccountName(call.tenant, request.channel_account(), "channel_account"));
    FD_ASSIGN_OR_RETURN(work->text, CleanText(request.text()));
    FD_RETURN_IF_ERROR(CheckShort(request.reply_to(), kMaxReferenceBytes, "reply_to"));
    FD_RETURN_IF_ERROR(CheckShort(request.conversation(), kMaxReferenceBytes, "conversation"));
    const bool agent = call.caller.role == rpc::Role::kAgent;
    prepared.author_kind = agent ? common::v1::AUTHOR_KIND_AGENT : common::v1::AUTHOR_KIND_SYSTEM;
    prepared.author = agent
                          ? fmt::format("tenants/{}/agents/{}", call.tenant, call.caller.principal)
                          : call.caller.principal;
    return absl::OkStatus();
  };
  if (absl::Status status = check(); !status.ok()) return work->finish(std::move(status));
  PrepareSend(std::move(work));
}

void ChannelService::PrepareSend(std::shared_ptr<Send> work) {
  ++work->attempts;
  in_.keys.Get(
      work->call.tenant, {work->prepared.customer},
      [this, work](absl::StatusOr<KeyVault::CustomerKeys> keys) {
        if (!keys.ok()) return work->finish(keys.status());
        PreparedOutbound& prepared = work->prepared;
        const text::DataKey* key = keys->keys[0].get();
        prepared.key_id = key == nullptr ? std::string() : key->key_id;
        prepared.message_ulid = ids_.Next(in_.clock.Now());
        auto sealed = process::SealText(
            key,
            {.tenant = work->call.tenant,
             .customer = prepared.customer,
             .resource = MessageName(work->call.tenant, prepared.customer, prepared.message_ulid),
             .field = "text"},
            work->text);
        if (!sealed.ok()) return work->finish(sealed.status());
        prepared.text = *std::move(sealed);
        SubmitSend(work);
      });
}

void ChannelService::SubmitSend(std::shared_ptr<Send> work) {
  db::Command command = rpc::MakeCommand(work->call, work->request, work->response);
  command.bytes += work->prepared.text.ByteSizeLong();
  command.correlation = work->request.conversation();
  command.handle = [this, work](const db::Context& ctx, db::Txn& txn, db::Reply& reply) {
    return channel::SendMessage(work->request, work->prepared, in_.rules, ctx, txn, reply,
                                work->response);
  };
  command.rebuild = RebuildMessage<v1::SendMessageResponse>(work->call.tenant);
  command.done = [this, work](absl::Status status) {
    if (IsStale(status) && work->attempts < kPrepareAttempts) return PrepareSend(work);
    work->finish(std::move(status));
  };
  CommitterOf(work->call.tenant).Submit(std::move(command));
}

void ChannelService::FindSender(const std::string& tenant, const std::string& channel_account,
                                const std::string& sender, CustomerDone done) {
  auto hash =
      in_.keys.IdentityHash(tenant, v1::IDENTITY_KIND_CHANNEL_USER, channel_account, sender);
  if (!hash.ok()) return done(hash.status());
  auto found = std::make_shared<std::string>();
  in_.read_pool.Read(
      StoreOf(tenant), /*snapshot=*/false,
      [key = IdentityKey(tenant, v1::IDENTITY_KIND_CHANNEL_USER, channel_account, *hash),
       found](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto index, kIdentities.Find(reader, key));
        *found = index.has_value() ? index->customer() : std::string();
        return absl::OkStatus();
      },
      [found, done = std::move(done)](absl::Status status) mutable {
        if (!status.ok()) return done(std::move(status));
        done(std::move(*found));
      });
}

}  // namespace frontdesk::channel
