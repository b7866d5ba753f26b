#include "services/knowledge/generation.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/text/segment.h"
#include "services/knowledge/article_import.h"
#include "services/knowledge/domain/passages.h"

using namespace frontdesk::knowledge;

namespace {

constexpr char kPassage[] =
    "收到退回的台灯后，我们会在五个工作日内退款。\n钱会退回您付款时使用的银行卡。";

v1::Answer Known(const std::string& quote, int start_byte = 100) {
  v1::Answer answer;
  answer.set_known(true);
  answer.set_locale("en");
  answer.set_text("as the article says");
  answer.set_generation(v1::ANSWER_GENERATION_UNAVAILABLE);
  auto& citation = *answer.add_citations();
  citation.set_article_version("tenants/t1/articles/a/versions/3");
  citation.set_title("Refunds 退款");
  citation.set_quote(quote);
  citation.set_start_byte(start_byte);
  citation.set_end_byte(start_byte + static_cast<int>(quote.size()));
  return answer;
}

v1::Answer Take(const std::string& text, v1::Answer answer) {
  TakeSupported(text, JudgeGenerated(text, answer), answer);
  return answer;
}

}  // namespace

TEST_CASE("generated: kept sentences stand as they stood, with their place in the article's body") {
  const v1::Answer answer =
      Take("好的。我们会在5个工作日内退款。钱会退回您付款的银行卡。\n我们还会送您一盏新灯。",
           Known(kPassage));
  CHECK(answer.generation() == v1::ANSWER_GENERATION_GENERATED_IN_PART);
  CHECK(answer.text() == "我们会在5个工作日内退款。钱会退回您付款的银行卡。");
  REQUIRE(answer.sentences_size() == 2);
  const auto& second = answer.sentences(1);
  CHECK(answer.text().substr(second.span().start_byte(),
                             second.span().end_byte() - second.span().start_byte()) ==
        "钱会退回您付款的银行卡。");
  // The passage begins at byte 100 of the body.
  CHECK(std::string(kPassage).substr(
            second.source_span().start_byte() - 100,
            second.source_span().end_byte() - second.source_span().start_byte()) ==
        "钱会退回您付款时使用的银行卡。");
  CHECK(second.article_version() == "tenants/t1/articles/a/versions/3");
  const v1::Answer list =
      Take("Lamps are green.\n\nLamps are big.", Known("Lamps are green. Lamps are big."));
  CHECK(list.generation() == v1::ANSWER_GENERATION_GENERATED);
  CHECK(list.text() == "Lamps are green.\nLamps are big.");
}

TEST_CASE("generated: half of the sentences are enough, less is refused, silence says nothing") {
  const v1::Answer known = Known("Lamps are green. Lamps are big.");
  struct Case {
    const char* text;
    v1::AnswerGeneration expected;
  };
  const Case cases[] = {{"Lamps are green. Cats sleep.", v1::ANSWER_GENERATION_GENERATED_IN_PART},
                        {"Lamps are green. Cats sleep. Dogs bark.", v1::ANSWER_GENERATION_REFUSED},
                        {"Sure! Lamps are green. I hope so!", v1::ANSWER_GENERATION_GENERATED},
                        {"Sure!", v1::ANSWER_GENERATION_REFUSED},
                        {"Lamps are not green.", v1::ANSWER_GENERATION_REFUSED}};
  for (const Case& test : cases) {
    INFO(test.text);
    const v1::Answer answer = Take(test.text, known);
    CHECK(answer.generation() == test.expected);
    if (test.expected == v1::ANSWER_GENERATION_REFUSED) {
      CHECK(answer.text() == "as the article says");
      CHECK(answer.sentences().empty());
    }
  }
  // No more than an answer may be.
  std::string quote, text;
  for (int i = 0; i < 40; ++i) {
    text += "Lamps are green and " + std::string(130, 'x') + ".\n";
  }
  quote = text.substr(0, 160);
  const v1::Answer cut = Take(text, Known(quote));
  CHECK(cut.generation() == v1::ANSWER_GENERATION_GENERATED_IN_PART);
  CHECK(cut.text().size() <= 4096);
  CHECK(cut.text().size() > 3500);
}

TEST_CASE("generated: what is no answer has no sentences") {
  const v1::Answer known = Known("Lamps are green.");
  CHECK(JudgeGenerated("", known).empty());
  CHECK(JudgeGenerated("Lamps are \xFF green.", known).empty());
  CHECK(JudgeGenerated(std::string((16 << 10) + 1, 'x'), known).empty());
  std::string many;
  for (int i = 0; i < 51; ++i) many += "Lamps are green.\n";
  CHECK(JudgeGenerated(many, known).empty());
  CHECK(JudgeGenerated(many.substr(0, 50 * 17), known).size() == 50);
}

TEST_CASE("generated: other words for much of it are for the encoder to judge") {
  const v1::Answer known = Known("The money goes back to the card that you paid with.");
  const std::string text = "Your money returns to the bank card that you paid with. Cats sleep.";
  std::vector<GeneratedSentence> sentences = JudgeGenerated(text, known);
  REQUIRE(sentences.size() == 2);
  CHECK(IsDoubtful(sentences[0]));
  CHECK_FALSE(IsDoubtful(sentences[1]));
  JudgeByMeaning(text, known, sentences[0]);
  CHECK(sentences[0].support.ok());
  // It does not make up for what was invented.
  JudgeByMeaning(text, known, sentences[1]);
  CHECK_FALSE(sentences[1].support.ok());
}

TEST_CASE("generated: a generator is asked without personal data") {
  v1::AnswerQuestionRequest request;
  request.set_question("When do I get my refund? ada@example.com, 13812345678");
  const v1::GenerateAnswerRequest asked = GenerationRequest(request, Known("Lamps are green."));
  CHECK(asked.question() == "When do I get my refund? [email], [phone]");
  REQUIRE(asked.passages_size() == 1);
  CHECK(asked.passages(0).text() == "Lamps are green.");
  CHECK(asked.passages(0).title() == "Refunds 退款");
  CHECK(asked.locale() == "en");
}

TEST_CASE("generated: what an article says is supported by it, and hardly ever by another one") {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  const auto files =
      ReadArticleFiles(std::string(root == nullptr ? "." : root) + "/deploy/demo/articles");
  INFO(files.status());
  REQUIRE(files.ok());
  int said = 0;
  int unsupported = 0;
  int by_another = 0;
  for (size_t i = 0; i < files->size(); ++i) {
    const v1::ArticleContent& content = (*files)[i].content;
    // The files come by language; the last but one is about something else.
    const v1::ArticleContent& other = (*files)[(i + files->size() - 2) % files->size()].content;
    const SupportFinder elsewhere({{other.title(), other.body()}});
    for (const PassageSpan& span : SplitPassages(content.body())) {
      const std::string passage = content.body().substr(span.begin, span.end - span.begin);
      const SupportFinder own({{content.title(), passage}});
      for (const std::string& sentence : frontdesk::text::Sentences(passage)) {
        if (sentence.front() == '#') continue;
        const Support support = own.Find(sentence);
        if (support.unsupported == Unsupported::kSilent) continue;
        ++said;
        if (!support.ok()) {
          ++unsupported;
          UNSCOPED_INFO((*files)[i].id << ": " << sentence << " "
                                       << static_cast<int>(support.unsupported));
        }
        by_another += elsewhere.Find(sentence).ok() ? 1 : 0;
      }
    }
  }
  WARN(
      fmt::format("{} sentences: {} without support in their own passage, {} with support in "
                  "another article",
                  said, unsupported, by_another));
  CHECK(said > 1000);
  CHECK(unsupported * 1000 <= said * 5);
  // Some sentences stand in several articles ("Restart once.").
  CHECK(by_another * 100 <= said);
}
