#pragma once

#include <string_view>

#include "frontdesk/dialog/v1/dialog.pb.h"

// Facts kept over the turns of a conversation, ordered by key.
namespace frontdesk::dialog {

namespace slots {
inline constexpr std::string_view kIntent = "intent";               // id of the last one
inline constexpr std::string_view kLastArticle = "last_article";    // version of the last citation
inline constexpr std::string_view kLastQuestion = "last_question";  // masked
inline constexpr std::string_view kOrderNumber = "order_number";    // the last one named
inline constexpr std::string_view kUrgency = "urgency";             // "P0" to "P3"
}  // namespace slots

inline constexpr int kMaxSlots = 50;
inline constexpr size_t kMaxSlotCharacters = 500;

// "" when there is none. The view dies with the next change.
std::string_view FindSlot(const v1::Conversation& conversation, std::string_view key);

// Cuts the value to kMaxSlotCharacters; a new key past kMaxSlots is left out.
void SetSlot(std::string_view key, std::string_view value, v1::Conversation& conversation);

}  // namespace frontdesk::dialog
