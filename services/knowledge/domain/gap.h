#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"

namespace frontdesk::knowledge {

inline constexpr int kMaxGapConversations = 10;
inline constexpr int kMaxGapQuestionCharacters = 500;
// Longer than any topic keeps a question: what is delivered again is within it.
inline constexpr absl::Duration kCountedMessageLife = absl::Hours(24 * 40);

// The form in which questions are compared: a match key without punctuation. Empty when there is
// nothing to compare.
std::string NormalizeQuestion(std::string_view match_key);

// Id of the gap of a normalised question; `attempt` gives another one should two questions collide.
std::string GapId(std::string_view locale, std::string_view normalized, int attempt);

// A gap nobody has asked for yet.
store::v1::GapRecord NewGap(std::string name, std::string_view locale, std::string_view question,
                            std::string_view normalized, absl::Time now);
// One more question of the kind.
void CountQuestion(store::v1::GapRecord& record, std::string_view conversation, absl::Time now);

}  // namespace frontdesk::knowledge
