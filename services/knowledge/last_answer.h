#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// What a conversation says of the bot's last answer in it, counted into the labelled question of what
// was asked. It speaks of the last answer alone: an earlier one was followed by something else. These
// change the record of the conversation, which the caller puts.
namespace frontdesk::knowledge {

// What came of an answer, as CitedConversationRecord keeps it.
enum Outcome : uint32_t { kOpen = 0, kSolved = 1, kNotSolved = 2 };

// The bot has given an answer: from now on it is the last. `question` is without personal data. None
// is waited for when the question is not told, is longer than a label may be, or leans on what was asked
// before it.
absl::Status ExpectOutcome(const dialog::v1::DialogEvent& event, const std::string& question,
                           const engine::Context& context, engine::Txn& txn,
                           records::CitedConversationRecord& record);

// The customer said that it helped, also when that seemed doubtful before.
absl::Status MarkSolved(const engine::Context& context, engine::Txn& txn,
                        records::CitedConversationRecord& record);
// It seems not to have solved it: the conversation was opened again, or a ticket was made, `at` the
// time; what happened before the answer says nothing of it.
absl::Status MarkDoubted(absl::Time at, const engine::Context& context, engine::Txn& txn,
                         records::CitedConversationRecord& record);
// A person had to go on. Nothing changes that any more.
absl::Status MarkRejected(const engine::Context& context, engine::Txn& txn,
                          records::CitedConversationRecord& record);
// The conversation went on with something else: a doubt may have come from that and is taken back,
// and what comes now says nothing of the answer.
absl::Status MoveOn(const engine::Context& context, engine::Txn& txn,
                    records::CitedConversationRecord& record);

}  // namespace frontdesk::knowledge
