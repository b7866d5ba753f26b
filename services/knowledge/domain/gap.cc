#include "services/knowledge/domain/gap.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/hash.h"
#include "services/knowledge/domain/article.h"

namespace frontdesk::knowledge {
namespace {

// Bytes of the punctuation mark at the head of `text`: ASCII, general (U+2010 to U+205E), Chinese
// (U+3000 to U+303F) and full-width marks; 0 for anything else.
size_t PunctuationBytes(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  if (byte(0) < 0x80) {
    const bool word = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
                      (text[0] >= '0' && text[0] <= '9') || text[0] == ' ';
    return word ? 0 : 1;
  }
  const bool general = byte(0) == 0xE2 && (byte(1) == 0x80 || byte(1) == 0x81);
  const bool chinese = byte(0) == 0xE3 && byte(1) == 0x80;
  const bool full_width = byte(0) == 0xEF && (byte(1) == 0xBC || byte(1) == 0xBD);
  return general || chinese || full_width ? 3 : 0;
}

std::string FirstCharacters(std::string_view text, int max) {
  size_t at = 0;
  for (int count = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++count > max) break;
  }
  return std::string(text.substr(0, at));
}

}  // namespace

std::string NormalizeQuestion(std::string_view match_key) {
  std::string result;
  while (!match_key.empty()) {
    const size_t mark = PunctuationBytes(match_key);
    const bool space = mark > 0 || match_key.front() == ' ';
    if (!space) {
      result.push_back(match_key.front());
    } else if (!result.empty() && result.back() != ' ') {
      result.push_back(' ');
    }
    match_key.remove_prefix(std::min(std::max<size_t>(1, mark), match_key.size()));
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string GapId(std::string_view locale, std::string_view normalized, int attempt) {
  const std::string text = fmt::format("{}/{}/{}", locale, attempt, normalized);
  return fmt::format("{:016x}{:016x}", Fingerprint64("a" + text), Fingerprint64("b" + text));
}

store::v1::GapRecord NewGap(std::string name, std::string_view locale, std::string_view question,
                            std::string_view normalized, absl::Time now) {
  store::v1::GapRecord record;
  v1::KnowledgeGap& gap = *record.mutable_gap();
  gap.set_name(std::move(name));
  gap.set_question(FirstCharacters(question, kMaxGapQuestionCharacters));
  gap.set_locale(std::string(locale));
  *gap.mutable_create_time() = ToTimestamp(now);
  record.set_normalized_question(std::string(normalized));
  return record;
}

void CountQuestion(store::v1::GapRecord& record, std::string_view conversation, absl::Time now) {
  v1::KnowledgeGap& gap = *record.mutable_gap();
  gap.set_count(gap.count() + 1);
  *gap.mutable_update_time() = ToTimestamp(now);
  auto& conversations = *gap.mutable_conversations();
  if (conversation.empty() ||
      std::find(conversations.begin(), conversations.end(), conversation) != conversations.end()) {
    return;
  }
  if (conversations.size() >= kMaxGapConversations) conversations.DeleteSubrange(0, 1);
  gap.add_conversations(std::string(conversation));
}

}  // namespace frontdesk::knowledge
