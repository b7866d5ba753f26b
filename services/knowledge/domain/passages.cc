#include "services/knowledge/domain/passages.h"

#include <algorithm>
#include <string>

#include "libs/base/utf8.h"

namespace frontdesk::knowledge {
namespace {

// A paragraph below this joins its neighbour: too little to answer with.
constexpr int kShortBytes = 120;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

PassageSpan Trim(std::string_view body, PassageSpan span) {
  while (span.begin < span.end && IsSpace(body[span.begin])) ++span.begin;
  while (span.end > span.begin && IsSpace(body[span.end - 1])) --span.end;
  return span;
}

std::vector<PassageSpan> Paragraphs(std::string_view body) {
  std::vector<PassageSpan> result;
  PassageSpan current;
  auto close = [&] {
    const PassageSpan trimmed = Trim(body, current);
    if (trimmed.begin < trimmed.end) result.push_back(trimmed);
  };
  size_t at = 0;
  while (at < body.size()) {
    size_t line_end = body.find('\n', at);
    line_end = line_end == std::string_view::npos ? body.size() : line_end + 1;
    const std::string_view line = body.substr(at, line_end - at);
    const bool blank = std::all_of(line.begin(), line.end(), IsSpace);
    if (blank) {
      close();
      current.begin = static_cast<int>(line_end);
    }
    current.end = static_cast<int>(line_end);
    at = line_end;
  }
  close();
  return result;
}

// Where a piece of `text` of at most kMaxPassageBytes may end.
size_t CutPoint(std::string_view text) {
  const std::string_view head = TruncateUtf8(text, kMaxPassageBytes);
  size_t best = 0;
  for (const std::string_view mark : {"\n", ". ", "! ", "? ", "。", "！", "？"}) {
    const size_t found = head.rfind(mark);
    if (found != std::string_view::npos) best = std::max(best, found + mark.size());
  }
  return best > head.size() / 2 ? best : head.size();
}

void AddCut(std::string_view body, PassageSpan span, std::vector<PassageSpan>& out) {
  while (span.end - span.begin > kMaxPassageBytes) {
    const size_t cut = CutPoint(body.substr(span.begin, span.end - span.begin));
    const PassageSpan piece = Trim(body, {span.begin, span.begin + static_cast<int>(cut)});
    if (piece.begin < piece.end) out.push_back(piece);
    span = Trim(body, {span.begin + static_cast<int>(cut), span.end});
  }
  if (span.begin < span.end) out.push_back(span);
}

}  // namespace

std::vector<PassageSpan> SplitPassages(std::string_view body) {
  std::vector<PassageSpan> pieces;
  for (const PassageSpan& paragraph : Paragraphs(body)) AddCut(body, paragraph, pieces);
  // Long bodies get longer passages, so that their number stays bounded.
  const int want = std::max(kShortBytes, static_cast<int>(body.size()) / (kMaxPassages / 2));
  std::vector<PassageSpan> result;
  for (const PassageSpan& piece : pieces) {
    const bool joins =
        !result.empty() &&
        (result.back().end - result.back().begin < want ||
         (body[result.back().begin] == '#' &&
          body.substr(result.back().begin, result.back().end - result.back().begin).find('\n') ==
              std::string_view::npos)) &&
        piece.end - result.back().begin <= kMaxPassageBytes;
    if (joins) {
      result.back().end = piece.end;
    } else {
      result.push_back(piece);
    }
  }
  return result;
}

}  // namespace frontdesk::knowledge
