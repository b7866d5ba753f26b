#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/strong_id.h"
#include "libs/store/txn.h"
#include "services/dialog/keys.h"

// Loading and putting this service's records with their indexes. Free functions over a view, used
// by handlers (Txn) and by reads (Reader).
namespace frontdesk::dialog {

struct ConversationKey {
  TenantId tenant;
  ConversationId conversation;

  std::string Name() const;
};
// INVALID_ARGUMENT naming `field`.
absl::StatusOr<ConversationKey> ParseConversation(std::string_view name, std::string_view field);
// The id of "tenants/{t}/{collection}/{id}" of this tenant. INVALID_ARGUMENT naming `field`.
absl::StatusOr<std::string> ParseMember(std::string_view name, std::string_view tenant,
                                        std::string_view collection, std::string_view field);

// NOT_FOUND with the name.
absl::StatusOr<store::v1::ConversationRecord> LoadConversation(const engine::Reader& reader,
                                                               const ConversationKey& key);
// The newest conversation of customer and channel account; nullopt when there never was one.
absl::StatusOr<std::optional<store::v1::ConversationRecord>> FindLatest(
    const engine::Reader& reader, const TenantId& tenant, const CustomerId& customer,
    std::string_view channel_account);

// Puts the record and moves its index rows. `before` is what was loaded; null for a new one.
void PutConversation(engine::Txn& txn, const ConversationKey& key,
                     const store::v1::ConversationRecord* before,
                     const store::v1::ConversationRecord& after);

void PutTurn(engine::Txn& txn, const ConversationKey& key, const v1::Turn& turn);
// DATA_LOSS when a turn that must be there is not.
absl::StatusOr<v1::Turn> LoadTurn(const engine::Reader& reader, const ConversationKey& key,
                                  int64_t sequence);
// The last `max` turns, oldest first.
absl::StatusOr<std::vector<v1::Turn>> LastTurns(const engine::Reader& reader,
                                                const ConversationKey& key, size_t max);

template <class Item>
struct Listed {
  std::vector<Item> items;
  std::string next;  // where the next page begins, empty at the end
};

struct ConversationFilter {
  TenantId tenant;
  v1::ConversationState state = v1::CONVERSATION_STATE_UNSPECIFIED;
  std::string customer;  // ids; empty = all
  std::string assignee;
};
// Newest first, from the index that narrows most; looks at a bounded number of rows, so a page may
// be short though `next` is set.
absl::StatusOr<Listed<v1::Conversation>> ListConversations(const engine::Reader& reader,
                                                           const ConversationFilter& filter,
                                                           const std::string& after, int size);
absl::StatusOr<Listed<v1::Turn>> ListTurns(const engine::Reader& reader, const ConversationKey& key,
                                           const std::string& after, int size);
absl::StatusOr<Listed<v1::Agent>> ListAgents(const engine::Reader& reader, const TenantId& tenant,
                                             const std::string& after, int size);

}  // namespace frontdesk::dialog
