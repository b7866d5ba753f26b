#include "services/knowledge/query_text.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/find_text.h"
#include "libs/base/utf8.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/stemmer.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxHighlights = 50;
constexpr size_t kFamilyPrefixBytes = 4;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsControl(std::string_view text, size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  if (c < 0x20) return !IsSpace(text[at]);
  if (c == 0x7F) return true;
  // U+0080 to U+009F.
  return c == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

bool HitsToken(const Word& word, const Token& token, const std::string& stem) {
  if (word.han || token.han) return false;
  const std::string_view shorter = word.text.size() < stem.size() ? word.text : stem;
  const std::string_view longer = word.text.size() < stem.size() ? stem : word.text;
  return word.text == stem || (shorter.size() >= kFamilyPrefixBytes && longer.starts_with(shorter));
}

void Add(size_t begin, size_t end, std::vector<v1::TextSpan>& spans) {
  v1::TextSpan& span = spans.emplace_back();
  span.set_start_byte(static_cast<int32_t>(begin));
  span.set_end_byte(static_cast<int32_t>(end));
}

void Mark(std::string_view text, const Token& token, const Word& word, const std::string& stem,
          std::vector<v1::TextSpan>& spans) {
  if (!token.han) {
    if (HitsToken(word, token, stem)) Add(token.begin, token.end, spans);
    return;
  }
  if (!word.han) return;
  const std::string_view run = text.substr(token.begin, token.end - token.begin);
  for (size_t at = FindText(run, word.text); at != std::string_view::npos;
       at = FindText(run, word.text, at + word.text.size())) {
    Add(token.begin + at, token.begin + at + word.text.size(), spans);
  }
}

// In order, what overlaps made one.
void Merge(std::vector<v1::TextSpan>& spans) {
  std::sort(spans.begin(), spans.end(), [](const v1::TextSpan& a, const v1::TextSpan& b) {
    return a.start_byte() < b.start_byte();
  });
  std::vector<v1::TextSpan> merged;
  for (const v1::TextSpan& span : spans) {
    if (!merged.empty() && span.start_byte() <= merged.back().end_byte()) {
      merged.back().set_end_byte(std::max(merged.back().end_byte(), span.end_byte()));
    } else if (merged.size() < kMaxHighlights) {
      merged.push_back(span);
    }
  }
  spans = std::move(merged);
}

// Starts of lines and sentences, the first one included.
std::vector<size_t> Starts(std::string_view text) {
  std::vector<size_t> starts{0};
  for (size_t i = 0; i < text.size(); ++i) {
    size_t next = 0;
    if (text[i] == '\n') {
      next = i + 1;
    } else if ((text[i] == '.' || text[i] == '!' || text[i] == '?') && i + 1 < text.size() &&
               IsSpace(text[i + 1])) {
      next = i + 2;
    } else if (text[i] == '\xE3' || text[i] == '\xEF') {
      const std::string_view mark = text.substr(i, 3);
      if (mark == "。" || mark == "！" || mark == "？") next = i + 3;
    }
    if (next > 0 && next < text.size()) starts.push_back(next);
  }
  return starts;
}

}  // namespace

absl::Status CheckQueryText(std::string_view text, int min, int max, std::string_view field) {
  if (!IsValidUtf8(text)) return InvalidField(field, "must be valid UTF-8");
  const int count = Characters(text);
  const bool blank = std::all_of(text.begin(), text.end(), IsSpace);
  if (min > 0 && (count < min || blank)) return InvalidField(field, "is required");
  if (count > max) return InvalidField(field, fmt::format("must have at most {} characters", max));
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsControl(text, i)) return InvalidField(field, "must not hold control characters");
  }
  return absl::OkStatus();
}

std::vector<v1::TextSpan> Highlights(std::string_view text, const std::vector<Word>& words) {
  std::vector<v1::TextSpan> spans;
  const Heads heads = HeadsOf(words);
  for (const Token& token : Tokenize(text)) {
    if (token.folded.empty()) continue;
    if (!token.han && !heads.test(static_cast<unsigned char>(token.folded.front()))) continue;
    const std::string stem = token.han ? std::string() : StemEnglish(token.folded);
    for (const Word& word : words) {
      Mark(text, token, word, stem, spans);
      for (const std::vector<Word>& same : word.same) {
        for (const Word& other : same) Mark(text, token, other, stem, spans);
      }
    }
  }
  Merge(spans);
  return spans;
}

std::string Snippet(std::string_view passage, const std::vector<Word>& words, size_t max_bytes) {
  size_t begin = 0;
  if (passage.size() > max_bytes) {
    const std::vector<v1::TextSpan> spans = Highlights(passage, words);
    size_t most = 0;
    for (const size_t start : Starts(passage)) {
      const auto held = static_cast<size_t>(
          std::count_if(spans.begin(), spans.end(), [&](const v1::TextSpan& span) {
            return static_cast<size_t>(span.start_byte()) >= start &&
                   static_cast<size_t>(span.end_byte()) <= start + max_bytes;
          }));
      if (held <= most) continue;
      most = held;
      begin = start;
    }
  }
  passage.remove_prefix(begin);
  while (!passage.empty() && (passage.front() == '#' || IsSpace(passage.front()))) {
    passage.remove_prefix(1);
  }
  return std::string(TruncateUtf8(passage, max_bytes));
}

}  // namespace frontdesk::knowledge
