#pragma once

#include <google/protobuf/wrappers.pb.h>

#include "frontdesk/dialog/store/v1/dialog_store.pb.h"
#include "libs/store/keys.h"
#include "libs/store/table.h"

namespace frontdesk::dialog {

// `store` alone means this service's records (frontdesk::dialog::store) in here.
namespace engine = ::frontdesk::store;

// Every key of this service. Numbers are never reused.

// 0x20 conversation: tenant, conversation id -> ConversationRecord. Ids are ULIDs, so the order of
//      keys is the order of opening. Written by store.cc
inline constexpr engine::Table<store::v1::ConversationRecord> kConversations{0x20, "conversation"};
// 0x21 turn: tenant, conversation id, sequence (u64) -> TurnRecord. Never changed
inline constexpr engine::Table<store::v1::TurnRecord> kTurns{0x21, "turn"};
// 0x22 latest conversation: tenant, customer id, channel account id -> LatestConversationRecord.
//      Never removed: holds the rule of one open conversation
inline constexpr engine::Table<store::v1::LatestConversationRecord> kLatest{0x22,
                                                                            "latest conversation"};
// 0x23 conversations by state: tenant, state (u8), conversation id
inline constexpr engine::Index kByState{0x23, "conversations by state"};
// 0x24 conversations by customer: tenant, customer id, conversation id
inline constexpr engine::Index kByCustomer{0x24, "conversations by customer"};
// 0x25 conversations by assignee: tenant, agent id, conversation id
inline constexpr engine::Index kByAssignee{0x25, "conversations by assignee"};
// 0x26 messages taken in: tenant, customer id, message id. A message has its effect once, under
//      whatever event it comes
inline constexpr engine::Index kMessages{0x26, "messages"};
// 0x27 agent: tenant, agent id -> AgentRecord
inline constexpr engine::Table<store::v1::AgentRecord> kAgentTable{0x27, "agent"};
// 0x28 early ticket: tenant, conversation id -> name of the ticket that was made for a conversation
//      which is not known yet: read again after a restore before the message that opens it.
//      Written by TakeTicket, taken away by ConversationEdit::Open
inline constexpr engine::Table<google::protobuf::StringValue> kEarlyTickets{0x28, "early ticket"};

// 0x29 intent: tenant, intent id -> IntentRecord, small: read with messages. Written by
//      intent_handlers.cc
inline constexpr engine::Table<store::v1::IntentRecord> kIntents{0x29, "intent"};
// 0x2a examples of an intent: tenant, intent id -> IntentExamplesRecord. Written with its intent
inline constexpr engine::Table<store::v1::IntentExamplesRecord> kIntentExamples{0x2a,
                                                                                "intent examples"};

}  // namespace frontdesk::dialog
