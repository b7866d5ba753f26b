#include "libs/text/segment.h"

#include <unicode/brkiter.h>
#include <unicode/filteredbrk.h>
#include <unicode/locid.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <cstdint>
#include <memory>

#include <fmt/format.h>

#include "absl/status/statusor.h"
#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/errors.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

using Iterator = std::unique_ptr<icu::BreakIterator>;

absl::StatusOr<Iterator> NewWordIterator() {
  UErrorCode code = U_ZERO_ERROR;
  Iterator it(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), code));
  if (U_FAILURE(code)) return UnicodeLibraryError("word iterator", u_errorName(code));
  return it;
}

// A sentence rarely ends behind these. A list of our own: CLDR's holds "Ok." and "Up.", which end
// sentences in chat; "No." and "etc." are left out for the same reason.
constexpr const char16_t* kAbbreviations[] = {
    u"Mr.",  u"Mrs.", u"Ms.",     u"Dr.",  u"Prof.", u"St.",   u"Nr.",   u"vs.",
    u"e.g.", u"i.e.", u"approx.", u"Fig.", u"Vol.",  u"Dept.", u"Capt.", u"Jan.",
    u"Feb.", u"Aug.", u"Sept.",   u"Oct.", u"Nov.",  u"Dec.",  u"Mt.",   u"ext.",
};

absl::StatusOr<Iterator> NewSentenceIterator() {
  UErrorCode code = U_ZERO_ERROR;
  Iterator plain(icu::BreakIterator::createSentenceInstance(icu::Locale::getEnglish(), code));
  if (U_FAILURE(code)) return UnicodeLibraryError("sentence iterator", u_errorName(code));
  std::unique_ptr<icu::FilteredBreakIteratorBuilder> builder(
      icu::FilteredBreakIteratorBuilder::createEmptyInstance(code));
  if (U_FAILURE(code)) return UnicodeLibraryError("abbreviations", u_errorName(code));
  for (const char16_t* abbreviation : kAbbreviations) {
    builder->suppressBreakAfter(icu::UnicodeString(abbreviation), code);
  }
  Iterator filtered(builder->wrapIteratorWithFilter(plain.release(), code));
  if (U_FAILURE(code)) return UnicodeLibraryError("abbreviation filter", u_errorName(code));
  return filtered;
}

// Closes the view when the scope ends; the iterator may outlive it because each use sets its own
// text.
class Utf8View {
 public:
  explicit Utf8View(std::string_view text) {
    UErrorCode code = U_ZERO_ERROR;
    utext_openUTF8(&view_, text.data(), static_cast<int64_t>(text.size()), &code);
    FD_CHECK(U_SUCCESS(code), "utext_openUTF8: {}", u_errorName(code));
  }
  ~Utf8View() { utext_close(&view_); }
  Utf8View(const Utf8View&) = delete;
  Utf8View& operator=(const Utf8View&) = delete;

  void Feed(icu::BreakIterator& it) {
    UErrorCode code = U_ZERO_ERROR;
    it.setText(&view_, code);
    FD_CHECK(U_SUCCESS(code), "BreakIterator::setText: {}", u_errorName(code));
  }

 private:
  UText view_ = UTEXT_INITIALIZER;
};

icu::BreakIterator& ThreadWordIterator() {
  thread_local const Iterator it = [] {
    absl::StatusOr<Iterator> made = NewWordIterator();
    FD_CHECK(made.ok(), "{}", made.status());
    return *std::move(made);
  }();
  return *it;
}

icu::BreakIterator& ThreadSentenceIterator() {
  thread_local const Iterator it = [] {
    absl::StatusOr<Iterator> made = NewSentenceIterator();
    FD_CHECK(made.ok(), "{}", made.status());
    return *std::move(made);
  }();
  return *it;
}

// White space of ASCII plus the ideographic space, which Chinese input methods give.
std::string_view StripSpace(std::string_view text) {
  constexpr std::string_view kAscii = " \t\n\v\f\r";
  constexpr std::string_view kIdeographic = "\xE3\x80\x80";
  while (!text.empty()) {
    if (kAscii.find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
    } else if (kAscii.find(text.back()) != std::string_view::npos) {
      text.remove_suffix(1);
    } else if (text.starts_with(kIdeographic)) {
      text.remove_prefix(kIdeographic.size());
    } else if (text.ends_with(kIdeographic)) {
      text.remove_suffix(kIdeographic.size());
    } else {
      break;
    }
  }
  return text;
}

}  // namespace

absl::Status CheckSegmentationData() {
  FD_RETURN_IF_ERROR(NewWordIterator().status());
  return NewSentenceIterator().status();
}

void WordSpans(std::string_view text, std::vector<TextSpan>& spans) {
  Utf8View view(TruncateUtf8(text, kMaxTextBytes));
  icu::BreakIterator& it = ThreadWordIterator();
  view.Feed(it);
  spans.clear();
  int32_t begin = it.first();
  for (int32_t end = it.next(); end != icu::BreakIterator::DONE; begin = end, end = it.next()) {
    if (it.getRuleStatus() < UBRK_WORD_NONE_LIMIT) continue;
    spans.push_back({static_cast<size_t>(begin), static_cast<size_t>(end)});
  }
}

std::vector<std::string> Words(std::string_view text) {
  const std::string input = BoundedWellFormed(text);
  std::vector<TextSpan> spans;
  WordSpans(input, spans);
  std::vector<std::string> words;
  for (const TextSpan& span : spans) {
    words.push_back(input.substr(span.begin, span.end - span.begin));
  }
  return words;
}

std::vector<TextSpan> SentenceSpans(std::string_view text) {
  const std::string_view input = TruncateUtf8(text, kMaxTextBytes);
  Utf8View view(input);
  icu::BreakIterator& it = ThreadSentenceIterator();
  view.Feed(it);
  std::vector<TextSpan> spans;
  int32_t begin = it.first();
  for (int32_t end = it.next(); end != icu::BreakIterator::DONE; begin = end, end = it.next()) {
    const std::string_view sentence =
        StripSpace(input.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
    if (sentence.empty()) continue;
    const auto at = static_cast<size_t>(sentence.data() - input.data());
    spans.push_back({at, at + sentence.size()});
  }
  return spans;
}

std::vector<std::string> Sentences(std::string_view text) {
  const std::string input = BoundedWellFormed(text);
  std::vector<std::string> sentences;
  for (const TextSpan& span : SentenceSpans(input)) {
    sentences.push_back(input.substr(span.begin, span.end - span.begin));
  }
  return sentences;
}

}  // namespace frontdesk::text
