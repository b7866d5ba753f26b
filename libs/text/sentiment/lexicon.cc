#include "libs/text/sentiment/lexicon.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/errors.h"
#include "libs/text/normalize.h"

namespace frontdesk::text {
namespace {

std::string_view Strip(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// What stands before the first `separator`, which is taken away with it.
std::string_view CutBefore(std::string_view& rest, char separator) {
  const size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return Strip(part);
}

bool ParseNumber(std::string_view text, double& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// "+0.8 joy", "boost 1.5", "negate", "contrast", "plain".
bool ParseHead(std::string_view head, Lexicon::Entry& entry) {
  const std::string_view first = CutBefore(head, ' ');
  head = Strip(head);
  if (first == "negate" || first == "contrast" || first == "plain") {
    entry.kind = first == "negate"     ? Lexicon::Kind::kNegation
                 : first == "contrast" ? Lexicon::Kind::kContrast
                                       : Lexicon::Kind::kPlain;
    return head.empty();
  }
  if (first == "boost") {
    entry.kind = Lexicon::Kind::kBoost;
    return ParseNumber(head, entry.value) && entry.value > 0 && entry.value < 4;
  }
  if (!ParseNumber(first, entry.value) || !(std::abs(entry.value) <= 1)) return false;
  if (head == "-") return true;
  const std::optional<Emotion> emotion = EmotionOf(head);
  entry.emotion = emotion.value_or(Emotion::kNeutral);
  return emotion.has_value();
}

// The traditional spelling of simplified Chinese; the text itself where there is nothing to change.
absl::StatusOr<std::string> Traditional(std::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  thread_local const std::unique_ptr<icu::Transliterator> transliterator(
      icu::Transliterator::createInstance("Simplified-Traditional", UTRANS_FORWARD, code));
  if (transliterator == nullptr) return UnicodeLibraryError("transliterator", u_errorName(code));
  icu::UnicodeString changed = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  transliterator->transliterate(changed);
  std::string out;
  return changed.toUTF8String(out);
}

bool IsPartOfWord(char32_t c) {
  // Scripts with spaces between words; Han, kana and signs stand alone.
  return c == '\'' || (u_isalnum(static_cast<UChar32>(c)) != 0 && c < 0x2E80);
}

Lexicon::Token::Type TypeOf(char32_t c) {
  switch (c) {
    case '!':
      return Lexicon::Token::Type::kExclamation;
    case '.':
    case '?':
    case U'。':
    case '~':
      return Lexicon::Token::Type::kEnd;
    case ',':
    case ';':
    case ':':
    case U'、':
    case '(':
    case ')':
      return Lexicon::Token::Type::kPause;
    default:
      return Lexicon::Token::Type::kWord;
  }
}

}  // namespace

absl::StatusOr<Lexicon> Lexicon::Parse(const std::vector<std::string_view>& lists) {
  Lexicon lexicon;
  for (const std::string_view list : lists) FD_RETURN_IF_ERROR(lexicon.ParseList(list));
  return lexicon;
}

absl::Status Lexicon::ParseList(std::string_view list) {
  const size_t first_of_list = entries_.size();
  for (int line_number = 1; !list.empty(); ++line_number) {
    std::string_view line = CutBefore(list, '\n');
    if (line.empty() || line.starts_with('#')) continue;
    Entry entry;
    const size_t bar = line.find('|');
    if (bar == std::string_view::npos || !ParseHead(CutBefore(line, '|'), entry)) {
      return InvalidField("lexicon",
                          fmt::format("line {}: no meaning in front of a |", line_number));
    }
    while (!line.empty()) {
      const absl::Status added = AddEntry(CutBefore(line, ','), entry, first_of_list);
      if (!added.ok()) return WithMetadata(added, "line", fmt::format("{}", line_number));
    }
  }
  return absl::OkStatus();
}

absl::Status Lexicon::AddEntry(std::string_view text, Entry entry, size_t first_of_list) {
  if (text.ends_with('~')) {
    entry.prefix = true;
    text.remove_suffix(1);
  }
  const std::string key = MatchKey(text);
  if (key.empty()) return InvalidField("lexicon", "an empty entry");
  FD_RETURN_IF_ERROR(Insert(key, entry, first_of_list));
  FD_ASSIGN_OR_RETURN(const std::string traditional, Traditional(key));
  // Two simplified words may have one traditional spelling: the first one keeps it.
  if (traditional != key) Insert(traditional, entry, first_of_list).IgnoreError();
  return absl::OkStatus();
}

absl::Status Lexicon::Insert(const std::string& key, const Entry& entry, size_t first_of_list) {
  uint32_t node = 0;
  for (const Letter& letter : Letters(key)) {
    const auto [edge, is_new] =
        edges_.try_emplace(static_cast<uint64_t>(node) << 21 | letter.code, nodes_);
    if (is_new) nodes_++;
    node = edge->second;
  }
  const auto [end, is_new] = ends_.try_emplace(node, static_cast<uint32_t>(entries_.size()));
  if (!is_new && end->second >= first_of_list) {
    return InvalidField("lexicon", fmt::format("\"{}\" is listed twice", key));
  }
  end->second = static_cast<uint32_t>(entries_.size());
  entries_.push_back(entry);
  return absl::OkStatus();
}

std::vector<Lexicon::Letter> Lexicon::Letters(std::string_view match_key) {
  std::vector<Letter> letters;
  letters.reserve(match_key.size());
  const auto* bytes = reinterpret_cast<const uint8_t*>(match_key.data());
  const auto size = static_cast<int32_t>(match_key.size());
  for (int32_t i = 0; i < size;) {
    const auto begin = static_cast<size_t>(i);
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c == 0x2019) c = '\'';  // as phones write it
    letters.push_back({static_cast<char32_t>(c < 0 ? 0xFFFD : c), begin, static_cast<size_t>(i)});
  }
  return letters;
}

Lexicon::Hit Lexicon::Longest(const std::vector<Letter>& letters, size_t at) const {
  Hit hit;
  uint32_t node = 0;
  for (size_t i = at; i < letters.size(); ++i) {
    const auto edge = edges_.find(static_cast<uint64_t>(node) << 21 | letters[i].code);
    if (edge == edges_.end()) break;
    node = edge->second;
    const auto end = ends_.find(node);
    if (end == ends_.end()) continue;
    const Entry& entry = entries_[end->second];
    size_t next = i + 1;
    const bool in_word =
        next < letters.size() && IsPartOfWord(letters[i].code) && IsPartOfWord(letters[next].code);
    if (in_word && !entry.prefix) continue;
    while (in_word && next < letters.size() && IsPartOfWord(letters[next].code)) ++next;
    hit = {next - at, &entry};
  }
  return hit;
}

std::vector<Lexicon::Token> Lexicon::Scan(std::string_view match_key) const {
  const std::vector<Letter> letters = Letters(match_key);
  std::vector<Token> tokens;
  for (size_t i = 0; i < letters.size();) {
    Token token{.begin = letters[i].begin};
    const Hit hit = Longest(letters, i);
    if (hit.entry != nullptr) {
      token.type = Token::Type::kEntry;
      token.entry = hit.entry;
      i += hit.letters;
    } else {
      token.type = TypeOf(letters[i].code);
      const bool is_space = letters[i].code == ' ';
      const bool is_word = IsPartOfWord(letters[i].code);
      do {
        ++i;
      } while (is_word && i < letters.size() && IsPartOfWord(letters[i].code));
      if (is_space) continue;
    }
    token.end = letters[i - 1].end;
    tokens.push_back(token);
  }
  return tokens;
}

}  // namespace frontdesk::text
