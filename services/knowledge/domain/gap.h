#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
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

inline constexpr int kMaxGapVariants = 10;
// Wordings that lead to a gap without looking for it; others are looked for each time.
inline constexpr uint32_t kMaxGapAliases = 1000;
inline constexpr int kMaxGapVariantCharacters = 200;
inline constexpr int kMaxGapNoteCharacters = 500;

// The first `max` characters of valid UTF-8.
std::string FirstCharacters(std::string_view text, int max);

// True when both hold the same numbers in the same order: "error 502" is not "error 503".
bool SameNumbers(std::string_view a, std::string_view b);

// True when two questions are one, by how alike their letters are (0 to 1) and, where both have a
// vector, their meaning (a cosine; below 0 = not known).
bool SameQuestion(double jaccard, double cosine);

// A gap nobody has asked for yet.
store::v1::GapRecord NewGap(std::string name, std::string_view locale, std::string_view question,
                            std::string_view normalized, absl::Time now);
enum class GapSign { kUnanswered, kBadlyAnswered };
// One more question of the kind. True when it opened a resolved gap again.
bool CountQuestion(store::v1::GapRecord& record, GapSign sign, std::string_view conversation,
                   absl::Time now);
// Keeps another wording; one that is there already moves to the end.
void AddVariant(store::v1::GapRecord& record, std::string_view question);

// The verbs; `note` is kept. FAILED_TRANSITION from the wrong state, ETAG_MISMATCH when `etag` is
// neither empty nor the record's.
absl::Status CheckGapEtag(const store::v1::GapRecord& record, std::string_view etag);
absl::Status AssignGap(store::v1::GapRecord& record, std::string owner, absl::Time now);
absl::Status ResolveGap(store::v1::GapRecord& record, std::string article, std::string note,
                        absl::Time now);
absl::Status DismissGap(store::v1::GapRecord& record, std::string note, absl::Time now);
absl::Status ReopenGap(store::v1::GapRecord& record, std::string note, absl::Time now);

}  // namespace frontdesk::knowledge
