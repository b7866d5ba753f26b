// Sets of articles and questions.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/base/status_macros.h"
#include "libs/text/normalize.h"
#include "libs/text/segment.h"
#include "libs/text/tables/table.h"
#include "services/knowledge/article_import.h"
#include "tests/eval/sets.h"

namespace frontdesk::eval {
namespace {

constexpr size_t kFileBytesMax = size_t{64} << 20;
// From this share of common words on two answers are one article.
constexpr double kSameAnswer = 0.8;

using Words = std::set<std::string>;

Words WordsOf(const std::string& text) {
  Words words;
  for (std::string& word : text::Words(text::MatchKey(text))) words.insert(std::move(word));
  return words;
}

bool SameAnswer(const Words& a, const Words& b) {
  const size_t less = std::min(a.size(), b.size());
  const size_t more = std::max(a.size(), b.size());
  if (static_cast<double>(less) < kSameAnswer * static_cast<double>(more)) return false;
  size_t common = 0;
  for (const std::string& word : a) common += b.contains(word) ? 1 : 0;
  return static_cast<double>(common) >= kSameAnswer * static_cast<double>(less + more - common);
}

// The rows of a table as fields; none is refused silently.
absl::StatusOr<std::vector<text::TableRow>> Rows(const std::string& path, text::TableFormat format,
                                                 std::vector<std::string> columns,
                                                 size_t& refused) {
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, kFileBytesMax));
  text::TableOptions options;
  options.format = format;
  options.columns = std::move(columns);
  FD_ASSIGN_OR_RETURN(text::Table table, text::ParseTable(bytes, options));
  refused += table.refused.count;
  return std::move(table.rows);
}

}  // namespace

absl::StatusOr<SetData> LoadStackFaq(const std::string& folder) {
  const std::string path = "/stackfaq/StackFAQ_stackExchange-FAQ.json";
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(folder + path, kFileBytesMax));
  const auto file = nlohmann::json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  const nlohmann::json::json_pointer threads("/root/qapair");
  if (!file.is_object() || !file.contains(threads)) {
    return absl::InvalidArgumentError(fmt::format("{}: no /root/qapair", path));
  }
  SetData set;
  set.plan = Plan::kAnswers;
  for (const auto& thread : file[threads]) {
    FaqArticle article;
    article.id = fmt::format("thread-{}", set.articles.size());
    article.title = thread.value("question", "");
    for (const auto& answer : thread.value("answer", nlohmann::json::array())) {
      if (!answer.is_string()) continue;
      if (!article.body.empty()) article.body += "\n\n";
      article.body += answer.get<std::string>();
    }
    for (const auto& wording : thread.value("rephr", nlohmann::json::array())) {
      if (!wording.is_string()) continue;
      const std::string text = wording.get<std::string>();
      if (text != "*") set.questions.push_back({text, article.id});  // "*": there is none
    }
    set.articles.push_back(std::move(article));
  }
  return set;
}

// Questions whose answers are nearly the same are one article: its second, fourth … question is held
// out. Rows that are alone with their answer are articles with nothing to ask about them.
absl::StatusOr<SetData> LoadBankFaqs(const std::string& folder) {
  SetData set;
  set.plan = Plan::kAnswers;
  FD_ASSIGN_OR_RETURN(const auto rows,
                      Rows(folder + "/bank_faqs_en/BankFAQs.csv", text::TableFormat::kCsv,
                           {"Question", "Answer"}, set.refused));
  std::vector<Words> answers;                   // of the articles
  std::vector<std::set<std::string>> wordings;  // likewise
  for (const auto& row : rows) {
    const std::string& question = row.fields[0];
    const Words words = WordsOf(row.fields[1]);
    size_t at = 0;
    while (at < answers.size() && !SameAnswer(answers[at], words)) ++at;
    if (at == answers.size()) {
      answers.push_back(words);
      wordings.emplace_back();
      set.articles.push_back(
          {.id = fmt::format("faq-{}", at), .title = question, .body = row.fields[1]});
    }
    if (!wordings[at].insert(text::MatchKey(question)).second) continue;
    const size_t number = wordings[at].size();
    if (number == 1) continue;  // the title
    if (number % 2 == 0) {
      set.questions.push_back({question, set.articles[at].id});
    } else {
      set.articles[at].questions.push_back(question);
    }
  }
  return set;
}

absl::StatusOr<SetData> LoadDemo(const std::string&) {
  SetData set;
  set.plan = Plan::kAnswers;
  FD_ASSIGN_OR_RETURN(auto files, knowledge::ReadArticleFiles("deploy/demo/articles"));
  for (auto& file : files) {
    FaqArticle& article = set.articles.emplace_back();
    article.id = file.id;
    article.locale = file.locale;
    article.title = file.content.title();
    article.questions = {file.content.questions().begin(), file.content.questions().end()};
    article.body = file.content.body();
  }
  FD_ASSIGN_OR_RETURN(const auto rows,
                      Rows("tests/eval/demo_questions.tsv", text::TableFormat::kTsv,
                           {"question", "article"}, set.refused));
  for (const auto& row : rows) {
    set.questions.push_back({row.fields[0], row.fields[1] == "none" ? "" : row.fields[1]});
  }
  return set;
}

}  // namespace frontdesk::eval
