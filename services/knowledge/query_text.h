#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "services/knowledge/domain/confidence.h"

// Texts of queries, and texts that are shown for them. Pure, thread safe.
namespace frontdesk::knowledge {

// INVALID_ARGUMENT for what is no text to look for: invalid UTF-8, control characters besides white
// space, nothing but white space where `min` is above 0, more than `max` characters.
absl::Status CheckQueryText(std::string_view text, int min, int max, std::string_view field);

// Where `text` holds `words` or their synonyms: in order, not overlapping.
std::vector<v1::TextSpan> Highlights(std::string_view text, const std::vector<Word>& words);

// The part of a passage that shows best why it was found, at most `max_bytes`: from the start of a
// sentence, without marks of headings at its front.
std::string Snippet(std::string_view passage, const std::vector<Word>& words, size_t max_bytes);

}  // namespace frontdesk::knowledge
