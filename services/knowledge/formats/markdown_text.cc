#include "services/knowledge/formats/markdown_text.h"

#include <algorithm>

#include <fmt/core.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/base/absl_interop.h"

namespace frontdesk::knowledge::formats {
namespace {

bool IsWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         (static_cast<unsigned char>(c) & 0x80);
}

// The longest run of `c`.
size_t LongestRun(std::string_view text, char c) {
  size_t longest = 0;
  size_t run = 0;
  for (const char each : text) {
    run = each == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool NeedsEscape(std::string_view text, size_t at, bool links) {
  const char c = text[at];
  const char next = at + 1 < text.size() ? text[at + 1] : ' ';
  const char before = at > 0 ? text[at - 1] : ' ';
  switch (c) {
    case '*':
    case '`':
      return true;
    case '\\':
      return absl::ascii_ispunct(static_cast<unsigned char>(next)) || next == '\n';
    case '_':
      return !(IsWord(before) && IsWord(next));
    case '~':
      return next == '~' || before == '~';
    case '[':
      return links;
    case '!':
      return next == '[';
    case '<':
      return IsWord(next) || next == '/' || next == '!' || next == '?';
    case '&':
      return next == '#' || absl::ascii_isalpha(static_cast<unsigned char>(next));
    default:
      return false;
  }
}

std::string Line(std::string_view line) {
  if (line.empty()) return {};
  const char first = line.front();
  const char next = line.size() > 1 ? line[1] : ' ';
  const bool rule = line.find_first_not_of("- ") == std::string_view::npos;
  if (first == '#' || first == '>' || first == '=' || first == '[' || first == '|' ||
      line.starts_with("~~~") || ((first == '-' || first == '+') && (next == ' ' || rule))) {
    // "[" begins a link that we made unless it was text, and then a definition is meant by "]:".
    if (first == '[' && line.find("]:") == std::string_view::npos) return std::string(line);
    return "\\" + std::string(line);
  }
  const size_t digits = line.find_first_not_of("0123456789");
  if (digits != std::string_view::npos && digits > 0 && digits < 10 &&
      (line[digits] == '.' || line[digits] == ')') &&
      (digits + 1 == line.size() || line[digits + 1] == ' ')) {
    return fmt::format("{}\\{}", line.substr(0, digits), line.substr(digits));
  }
  return std::string(line);
}

}  // namespace

std::string EscapeMarkdown(std::string_view text) {
  const bool links =
      text.find("](") != std::string_view::npos || text.find("]:") != std::string_view::npos;
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    if (NeedsEscape(text, i, links)) escaped += '\\';
    escaped += text[i];
  }
  return escaped;
}

std::string MarkdownParagraph(std::string_view inlines) {
  std::string paragraph;
  while (!inlines.empty()) {
    const size_t end = std::min(inlines.find('\n'), inlines.size());
    const std::string_view line = ToStd(absl::StripAsciiWhitespace(ToAbsl(inlines.substr(0, end))));
    inlines.remove_prefix(std::min(end + 1, inlines.size()));
    if (line.empty()) continue;
    if (!paragraph.empty()) paragraph += "  \n";  // a line end here is one that was asked for
    paragraph += Line(line);
  }
  return paragraph;
}

std::string MarkdownCode(std::string_view code) {
  if (ToStd(absl::StripAsciiWhitespace(ToAbsl(code))).empty()) return {};
  const std::string ticks(LongestRun(code, '`') + 1, '`');
  const bool pad = code.front() == '`' || code.back() == '`';
  return fmt::format("{}{}{}{}{}", ticks, pad ? " " : "", code, pad ? " " : "", ticks);
}

std::string MarkdownFence(std::string_view code) {
  while (code.starts_with('\n')) code.remove_prefix(1);
  while (code.ends_with('\n')) code.remove_suffix(1);
  if (code.empty()) return {};
  const std::string ticks(std::max<size_t>(3, LongestRun(code, '`') + 1), '`');
  return fmt::format("{}\n{}\n{}", ticks, code, ticks);
}

std::string MarkdownEmphasis(std::string_view inner, std::string_view mark) {
  const std::string_view text = ToStd(absl::StripAsciiWhitespace(ToAbsl(inner)));
  if (text.empty() || text.find('\n') != std::string_view::npos) return std::string(inner);
  std::string_view kept = text;
  // A mark behind punctuation closes nothing when a letter follows, as it does in Chinese.
  bool more = true;
  while (more) {
    more = false;
    for (const std::string_view end : {":", "：", "。", "，", "！", "？", "；", ".", ","}) {
      if (!kept.ends_with(end) || kept.size() == end.size()) continue;
      kept.remove_suffix(end.size());
      more = true;
    }
  }
  const size_t begin = static_cast<size_t>(text.data() - inner.data());
  return fmt::format("{}{}{}{}{}", inner.substr(0, begin), mark, kept, mark,
                     inner.substr(begin + kept.size()));
}

std::string MarkdownAddress(std::string_view url) {
  url = ToStd(absl::StripAsciiWhitespace(ToAbsl(url)));
  const size_t colon = url.find(':');
  const bool relative = colon == std::string_view::npos || url.find_first_of("/?#") < colon;
  bool kept = relative && !url.starts_with("//");
  for (const std::string_view scheme : {"https:", "http:", "mailto:", "tel:"}) {
    kept = kept || absl::StartsWithIgnoreCase(ToAbsl(url), ToAbsl(scheme));
  }
  if (!kept || url.empty()) return {};
  std::string address;
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '<' || c == '>' || c == '(' || c == ')' || c == '\\') {
      address += fmt::format("%{:02X}", byte);
    } else {
      address += c;
    }
  }
  return address;
}

std::string Indented(std::string_view text, std::string_view indent) {
  std::string indented;
  for (size_t i = 0; i < text.size(); ++i) {
    indented += text[i];
    if (text[i] == '\n' && i + 1 < text.size() && text[i + 1] != '\n') indented += indent;
  }
  return indented;
}

}  // namespace frontdesk::knowledge::formats
