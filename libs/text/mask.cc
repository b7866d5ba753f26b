#include "libs/text/mask.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "libs/base/status_macros.h"
#include "libs/text/digit_groups.h"
#include "libs/text/folded_view.h"
#include "libs/text/limits.h"
#include "libs/text/mask_rules.h"
#include "libs/text/phone_numbers.h"

namespace frontdesk::text {
namespace {

// What one kind takes can join what was apart for another (a number that is now all that stands
// there), so the rules run until they find nothing. Each round but the last takes something; text
// by people needs two.
constexpr int kMaxRounds = 8;

class Masker {
 public:
  explicit Masker(std::string_view text) : text_(text), view_(text) {}

  MaskedText Run() {
    for (int round = 0; round < kMaxRounds; ++round) {
      const size_t before = spans_.size();
      TakeEmails();
      const bool digits_left = view_.bytes().find_first_of("0123456789") != std::string_view::npos;
      if (digits_left) {
        TakeDigits(MaskKind::kId);
        TakeDigits(MaskKind::kCard);
        TakeDigits(MaskKind::kPhone);
      }
      if (spans_.size() == before) break;
    }
    std::sort(spans_.begin(), spans_.end(),
              [](const MaskSpan& a, const MaskSpan& b) { return a.begin < b.begin; });
    return {.text = Replace(), .spans = std::move(spans_)};
  }

 private:
  void Take(MaskKind kind, FoldedRange range) {
    spans_.push_back({.kind = kind,
                      .begin = view_.OriginalBegin(range.begin),
                      .end = view_.OriginalEnd(range.end - 1)});
    view_.Wall(range.begin, range.end);
  }

  void TakeEmails() {
    static const RE2 kEmail(
        "([A-Za-z0-9_%+\\x02][A-Za-z0-9._%+'\\x02-]*@"
        "(?:[A-Za-z0-9\\x02][A-Za-z0-9\\x02-]*\\.)+(?:xn--[A-Za-z0-9-]+|[A-Za-z\\x02]{2,24}))",
        RE2::Latin1);
    if (view_.bytes().find('@') == std::string_view::npos) return;
    const std::string bytes(view_.bytes());  // Take() writes to the view while RE2 reads
    re2::StringPiece rest(bytes);
    re2::StringPiece found;
    while (RE2::FindAndConsume(&rest, kEmail, &found)) {
      const auto begin = static_cast<size_t>(found.data() - bytes.data());
      Take(MaskKind::kEmail, {begin, begin + found.size()});
    }
  }

  void TakeDigits(MaskKind kind) {
    const std::vector<DigitGroup> groups = FindDigitGroups(view_);
    size_t i = 0;
    while (i < groups.size()) {
      std::optional<FoldedRange> range;
      if (groups[i].size() <= DigitWindow::kMaxDigits) range = Match(kind, groups, i);
      if (!range.has_value()) {
        ++i;
        continue;
      }
      Take(kind, *range);
      while (i < groups.size() && groups[i].begin < range->end) ++i;
    }
  }

  std::optional<FoldedRange> Match(MaskKind kind, const std::vector<DigitGroup>& groups, size_t i) {
    const DigitWindow window(view_, groups, i);
    switch (kind) {
      case MaskKind::kId:
        return MatchId(view_, window);
      case MaskKind::kCard:
        return MatchCard(view_, window);
      case MaskKind::kPhone:
        return MatchPhone(text_, view_, window, numbers_);
      case MaskKind::kEmail:
        break;
    }
    return std::nullopt;
  }

  std::string Replace() const {
    std::string out;
    out.reserve(text_.size());
    size_t from = 0;
    for (const MaskSpan& span : spans_) {
      out.append(text_.substr(from, span.begin - from));
      out.append(PlaceholderOf(span.kind));
      from = span.end;
    }
    out.append(text_.substr(from));
    return out;
  }

  std::string_view text_;
  FoldedView view_;
  PhoneNumbers numbers_;
  std::vector<MaskSpan> spans_;
};

}  // namespace

std::string_view PlaceholderOf(MaskKind kind) {
  switch (kind) {
    case MaskKind::kEmail:
      return "[email]";
    case MaskKind::kId:
      return "[id]";
    case MaskKind::kCard:
      return "[card]";
    case MaskKind::kPhone:
      return "[phone]";
  }
  return "[?]";
}

absl::StatusOr<MaskedText> MaskPersonalData(std::string_view text) {
  FD_RETURN_IF_ERROR(CheckText(text, kMaxTextBytes));
  return Masker(text).Run();
}

}  // namespace frontdesk::text
