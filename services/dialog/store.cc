#include "services/dialog/store.h"

#include <algorithm>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"

namespace frontdesk::dialog {
namespace {

using store::v1::ConversationRecord;
using store::v1::LatestConversationRecord;
using store::v1::TurnRecord;

// Rows that one page of a filtered list may look at.
constexpr int kMaxRowsLookedAt = 1000;

// The last id of a name whose form was checked when it was stored.
std::string LastId(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

std::string LastField(std::string_view key, std::string_view prefix) {
  std::string field;
  // Any first byte will do for the reader: it skips it.
  const std::string rest = std::string(1, key[0]) + std::string(key.substr(prefix.size()));
  engine::KeyReader reader(rest);
  return reader.Read(&field) ? field : std::string();
}

// The rows of a filtered list: a prefix whose next field is the conversation's id.
std::string ListPrefix(const ConversationFilter& filter) {
  const std::string& tenant = filter.tenant.value();
  if (!filter.customer.empty()) return kByCustomer.Key(tenant, filter.customer);
  if (!filter.assignee.empty()) return kByAssignee.Key(tenant, filter.assignee);
  if (filter.state != v1::CONVERSATION_STATE_UNSPECIFIED) {
    return kByState.Key(tenant, filter.state);
  }
  return kConversations.Key(tenant);
}

bool Matches(const ConversationFilter& filter, const v1::Conversation& conversation) {
  return (filter.state == v1::CONVERSATION_STATE_UNSPECIFIED ||
          filter.state == conversation.state()) &&
         (filter.customer.empty() || filter.customer == LastId(conversation.customer())) &&
         (filter.assignee.empty() || filter.assignee == LastId(conversation.assignee()));
}

}  // namespace

std::string ConversationKey::Name() const {
  return ResourceName({{"tenants", tenant.value()}, {"conversations", conversation.value()}});
}

absl::StatusOr<ConversationKey> ParseConversation(std::string_view name, std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, {"tenants", "conversations"}, field));
  return ConversationKey{TenantId(ids[0]), ConversationId(ids[1])};
}

absl::StatusOr<std::string> ParseMember(std::string_view name, std::string_view tenant,
                                        std::string_view collection, std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, {"tenants", collection}, field));
  if (ids[0] != tenant) return InvalidField(field, "must lie in the same tenant");
  return std::move(ids[1]);
}

absl::StatusOr<ConversationRecord> LoadConversation(const engine::Reader& reader,
                                                    const ConversationKey& key) {
  return kConversations.Load(
      reader, kConversations.Key(key.tenant.value(), key.conversation.value()), key.Name());
}

absl::StatusOr<std::optional<ConversationRecord>> FindLatest(const engine::Reader& reader,
                                                             const TenantId& tenant,
                                                             const CustomerId& customer,
                                                             std::string_view channel_account) {
  FD_ASSIGN_OR_RETURN(
      auto latest,
      kLatest.Find(reader, kLatest.Key(tenant.value(), customer.value(), channel_account)));
  if (!latest.has_value()) return std::optional<ConversationRecord>();
  FD_ASSIGN_OR_RETURN(
      auto record,
      kConversations.Find(reader, kConversations.Key(tenant.value(), latest->conversation())));
  if (!record.has_value()) return engine::CorruptRow(kLatest.name);
  return record;
}

void PutConversation(engine::Txn& txn, const ConversationKey& key, const ConversationRecord* before,
                     const ConversationRecord& after) {
  const std::string& tenant = key.tenant.value();
  const std::string& id = key.conversation.value();
  const v1::Conversation& now = after.conversation();
  kConversations.Put(txn, kConversations.Key(tenant, id), after);
  if (before == nullptr) {
    const std::string customer = LastId(now.customer());
    LatestConversationRecord latest;
    latest.set_conversation(id);
    kLatest.Put(txn, kLatest.Key(tenant, customer, LastId(now.channel_account())), latest);
    kByCustomer.Put(txn, kByCustomer.Key(tenant, customer, id));
  }
  if (before == nullptr || before->conversation().state() != now.state()) {
    if (before != nullptr) txn.Delete(kByState.Key(tenant, before->conversation().state(), id));
    kByState.Put(txn, kByState.Key(tenant, now.state(), id));
  }
  const std::string assignee_before =
      before == nullptr ? std::string() : before->conversation().assignee();
  if (assignee_before == now.assignee()) return;
  if (!assignee_before.empty()) {
    txn.Delete(kByAssignee.Key(tenant, LastId(assignee_before), id));
  }
  if (!now.assignee().empty()) {
    kByAssignee.Put(txn, kByAssignee.Key(tenant, LastId(now.assignee()), id));
  }
}

void PutTurn(engine::Txn& txn, const ConversationKey& key, const v1::Turn& turn) {
  TurnRecord record;
  *record.mutable_turn() = turn;
  kTurns.Put(txn,
             kTurns.Key(key.tenant.value(), key.conversation.value(),
                        static_cast<uint64_t>(turn.sequence())),
             record);
}

absl::StatusOr<v1::Turn> LoadTurn(const engine::Reader& reader, const ConversationKey& key,
                                  int64_t sequence) {
  FD_ASSIGN_OR_RETURN(auto record,
                      kTurns.Find(reader, kTurns.Key(key.tenant.value(), key.conversation.value(),
                                                     static_cast<uint64_t>(sequence))));
  if (!record.has_value()) return engine::CorruptRow(kTurns.name);
  return std::move(*record->mutable_turn());
}

absl::StatusOr<std::vector<v1::Turn>> LastTurns(const engine::Reader& reader,
                                                const ConversationKey& key, size_t max) {
  std::vector<v1::Turn> turns;
  absl::Status parsed;
  FD_RETURN_IF_ERROR(reader.ScanBackward(kTurns.Key(key.tenant.value(), key.conversation.value()),
                                         {}, [&](std::string_view, std::string_view value) {
                                           auto record = kTurns.Parse(value);
                                           parsed = record.status();
                                           if (!parsed.ok()) return false;
                                           turns.push_back(std::move(*record->mutable_turn()));
                                           return turns.size() < max;
                                         }));
  FD_RETURN_IF_ERROR(parsed);
  std::reverse(turns.begin(), turns.end());
  return turns;
}

absl::StatusOr<Listed<v1::Conversation>> ListConversations(const engine::Reader& reader,
                                                           const ConversationFilter& filter,
                                                           const std::string& after, int size) {
  const std::string prefix = ListPrefix(filter);
  const std::string before =
      after.empty() ? std::string() : std::move(engine::KeyWriter(prefix).Add(after)).Take();
  std::vector<std::string> ids;
  FD_RETURN_IF_ERROR(
      reader.ScanBackward(prefix, before, [&](std::string_view key, std::string_view) {
        ids.push_back(LastField(key, prefix));
        return ids.size() <= static_cast<size_t>(kMaxRowsLookedAt);
      }));
  Listed<v1::Conversation> page;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (static_cast<int>(page.items.size()) == size || i == static_cast<size_t>(kMaxRowsLookedAt)) {
      page.next = ids[i - 1];
      break;
    }
    const ConversationKey key{filter.tenant, ConversationId(ids[i])};
    FD_ASSIGN_OR_RETURN(ConversationRecord record, LoadConversation(reader, key));
    if (Matches(filter, record.conversation())) {
      page.items.push_back(std::move(*record.mutable_conversation()));
    }
  }
  return page;
}

absl::StatusOr<Listed<v1::Turn>> ListTurns(const engine::Reader& reader, const ConversationKey& key,
                                           const std::string& after, int size) {
  const std::string prefix = kTurns.Key(key.tenant.value(), key.conversation.value());
  Listed<v1::Turn> page;
  absl::Status parsed;
  const std::string start = after.empty() ? std::string() : prefix + after;
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, [&](std::string_view row, std::string_view value) {
    if (static_cast<int>(page.items.size()) == size) {
      page.next = row.substr(prefix.size());
      return false;
    }
    auto record = kTurns.Parse(value);
    parsed = record.status();
    if (!parsed.ok()) return false;
    page.items.push_back(std::move(*record->mutable_turn()));
    return true;
  }));
  FD_RETURN_IF_ERROR(parsed);
  return page;
}

absl::StatusOr<Listed<v1::Agent>> ListAgents(const engine::Reader& reader, const TenantId& tenant,
                                             const std::string& after, int size) {
  const std::string prefix = kAgentTable.Key(tenant.value());
  Listed<v1::Agent> page;
  absl::Status parsed;
  const std::string start = after.empty() ? std::string() : prefix + after;
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, [&](std::string_view row, std::string_view value) {
    if (static_cast<int>(page.items.size()) == size) {
      page.next = row.substr(prefix.size());
      return false;
    }
    auto record = kAgentTable.Parse(value);
    parsed = record.status();
    if (!parsed.ok()) return false;
    page.items.push_back(std::move(*record->mutable_agent()));
    return true;
  }));
  FD_RETURN_IF_ERROR(parsed);
  return page;
}

}  // namespace frontdesk::dialog
