#include "services/knowledge/generation.h"

#include <utility>

#include "libs/base/utf8.h"
#include "libs/text/mask.h"
#include "libs/text/segment.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxGeneratedBytes = 16 << 10;
constexpr size_t kMaxAnswerBytes = 4 << 10;
constexpr size_t kMaxSentences = 50;

std::vector<SupportPassage> PassagesOf(const v1::Answer& answer) {
  std::vector<SupportPassage> passages;
  for (const common::v1::Citation& citation : answer.citations()) {
    passages.push_back({citation.title(), citation.quote()});
  }
  return passages;
}

void SetSpan(size_t begin, size_t end, v1::TextSpan& span) {
  span.set_start_byte(static_cast<int32_t>(begin));
  span.set_end_byte(static_cast<int32_t>(end));
}

// The white space between two sentences as it was: a list stays a list.
std::string_view GapBefore(const std::string& text, size_t begin) {
  size_t from = begin;
  while (from > 0 && (text[from - 1] == ' ' || text[from - 1] == '\n')) --from;
  const std::string_view gap = std::string_view(text).substr(from, begin - from);
  return gap.find('\n') != std::string_view::npos ? "\n" : gap.empty() ? "" : " ";
}

}  // namespace

v1::GenerateAnswerRequest GenerationRequest(const v1::AnswerQuestionRequest& request,
                                            const v1::Answer& answer) {
  v1::GenerateAnswerRequest generate;
  // What can't be masked does not leave the house.
  auto masked = text::MaskPersonalData(request.question());
  if (masked.ok()) generate.set_question(std::move(masked->text));
  generate.set_locale(answer.locale());
  for (const common::v1::Citation& citation : answer.citations()) {
    v1::GeneratorPassage& passage = *generate.add_passages();
    passage.set_article_version(citation.article_version());
    passage.set_title(citation.title());
    passage.set_text(citation.quote());
  }
  return generate;
}

std::vector<GeneratedSentence> JudgeGenerated(const std::string& text, const v1::Answer& answer) {
  std::vector<GeneratedSentence> sentences;
  if (text.size() > kMaxGeneratedBytes || !IsValidUtf8(text)) return sentences;
  const SupportFinder finder(PassagesOf(answer));
  for (const text::TextSpan& span : text::SentenceSpans(text)) {
    if (sentences.size() >= kMaxSentences) return {};
    GeneratedSentence& sentence = sentences.emplace_back();
    sentence.begin = span.begin;
    sentence.end = span.end;
    sentence.support =
        finder.Find(std::string_view(text).substr(span.begin, span.end - span.begin));
  }
  return sentences;
}

bool IsDoubtful(const GeneratedSentence& sentence) {
  return sentence.support.unsupported == Unsupported::kWords && sentence.support.passage >= 0 &&
         sentence.support.coverage >= kMinCoverageByMeaning;
}

void JudgeByMeaning(const std::string& text, const v1::Answer& answer,
                    GeneratedSentence& sentence) {
  sentence.support =
      SupportFinder(PassagesOf(answer))
          .Find(std::string_view(text).substr(sentence.begin, sentence.end - sentence.begin),
                kMinCoverageByMeaning);
}

void TakeSupported(const std::string& text, const std::vector<GeneratedSentence>& sentences,
                   v1::Answer& answer) {
  v1::Answer generated;
  size_t kept = 0;
  size_t said = 0;
  std::string& words = *generated.mutable_text();
  for (const GeneratedSentence& sentence : sentences) {
    if (sentence.support.unsupported == Unsupported::kSilent) continue;
    ++said;
    const std::string_view gap = words.empty() ? "" : GapBefore(text, sentence.begin);
    const size_t size = sentence.end - sentence.begin;
    if (!sentence.support.ok() || words.size() + gap.size() + size > kMaxAnswerBytes) continue;
    ++kept;
    words += gap;
    v1::AnswerSentence& shown = *generated.add_sentences();
    SetSpan(words.size(), words.size() + size, *shown.mutable_span());
    words += text.substr(sentence.begin, size);
    const common::v1::Citation& citation = answer.citations(sentence.support.passage);
    shown.set_article_version(citation.article_version());
    // A quote is the beginning of its passage.
    const auto start = static_cast<size_t>(citation.start_byte());
    SetSpan(start + sentence.support.begin, start + sentence.support.end,
            *shown.mutable_source_span());
    shown.set_coverage_bps(static_cast<int32_t>(sentence.support.coverage * 10'000));
  }
  if (kept == 0 || kept * 2 < said) {
    answer.set_generation(v1::ANSWER_GENERATION_REFUSED);
    return;
  }
  answer.set_text(std::move(words));
  *answer.mutable_sentences() = std::move(*generated.mutable_sentences());
  answer.set_generation(kept == said ? v1::ANSWER_GENERATION_GENERATED
                                     : v1::ANSWER_GENERATION_GENERATED_IN_PART);
}

}  // namespace frontdesk::knowledge
