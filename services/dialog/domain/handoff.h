#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frontdesk/dialog/v1/dialog.pb.h"

// What a person is told at a handoff. Made of masked texts only, so it is as fit for events and
// analysts as they are.
namespace frontdesk::dialog {

inline constexpr size_t kMaxSummaryBytes = 4 << 10;
inline constexpr size_t kSummaryTurns = 12;
inline constexpr size_t kMaxSubjectCharacters = 200;

// "CUSTOMER_REQUEST".
std::string_view ReasonName(v1::HandoffReason reason);

// At most kMaxSummaryBytes: why, what it is about (`topic`, the intent's name; may be empty), what is
// known, and the last turns (`turns` oldest first), in the conversation's language. When it gets too
// long the oldest turns go.
std::string MakeSummary(const v1::Conversation& conversation, v1::HandoffReason reason,
                        std::string_view topic, const std::vector<v1::Turn>& turns);

// Title of the ticket: the question at hand in one line, 1 to 200 characters.
std::string MakeSubject(std::string_view masked_question, std::string_view language);

}  // namespace frontdesk::dialog
