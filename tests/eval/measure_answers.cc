// Search and answers, by the service's own index, ranking and answering.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <fmt/format.h>

#include "libs/base/status_macros.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/answering.h"
#include "services/knowledge/config.h"
#include "services/knowledge/index_article.h"
#include "services/knowledge/xapian_index.h"
#include "tests/eval/measure.h"

namespace frontdesk::eval {
namespace {

using knowledge::QueryVector;
using knowledge::SearchIndex;

constexpr const char* kTenant = "eval";
constexpr int kDeep = 100;      // how far a right article is looked for
constexpr int kDetailsMax = 5;  // candidates a question

enum Way { kWords, kMeaning, kBoth, kWays };
constexpr double Row::*kColumns[kWays] = {&Row::sparse, &Row::dense, &Row::value};

// An index of some of the articles in a folder that goes with it.
class Base {
 public:
  static absl::StatusOr<std::unique_ptr<Base>> Make(const std::vector<FaqArticle>& articles,
                                                    const Tools& tools) {
    std::unique_ptr<Base> base(new Base());
    std::string name = (std::filesystem::temp_directory_path() / "fd-eval-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return absl::UnavailableError("no temporary folder");
    base->folder_ = name;
    FD_ASSIGN_OR_RETURN(base->index_, knowledge::OpenXapianIndex(name + "/index"));
    for (size_t i = 0; i < articles.size(); ++i) {
      FD_RETURN_IF_ERROR(base->Add(articles[i], tools));
      tools.progress("index", 1.0 * static_cast<double>(i) / static_cast<double>(articles.size()));
    }
    FD_RETURN_IF_ERROR(base->index_->Commit({}));
    return base;
  }
  ~Base() {
    index_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  const SearchIndex& index() const { return *index_; }

 private:
  Base() = default;
  absl::Status Add(const FaqArticle& article, const Tools& tools) {
    knowledge::v1::ArticleVersion version;
    version.set_name(fmt::format("tenants/{}/articles/{}/versions/1", kTenant, article.id));
    version.set_locale(article.locale);
    auto& content = *version.mutable_content();
    content.set_title(article.title);
    content.set_body(article.body);
    for (const std::string& question : article.questions) content.add_questions(question);
    knowledge::IndexEntry entry = knowledge::MakeIndexEntry(article.id, version);
    text::Encoder& encoder = article.locale == "zh" ? *tools.chinese : *tools.english;
    if (!encoder.info().lexical) {
      FD_RETURN_IF_ERROR(knowledge::AddVectors(encoder, {}, entry).status());
    }
    return index_->Put(kTenant, entry.article, entry.passages);
  }

  std::string folder_;
  std::unique_ptr<SearchIndex> index_;
};

absl::StatusOr<QueryVector> VectorOf(const std::string& text, const std::string& locale,
                                     const Tools& tools) {
  text::Encoder& encoder = locale == "zh" ? *tools.chinese : *tools.english;
  const std::string_view texts[] = {text};
  QueryVector vector{encoder.info().fingerprint, {}};
  FD_ASSIGN_OR_RETURN(vector.values, encoder.Encode(texts));
  return vector;
}

// The articles as one way orders them, best first.
absl::StatusOr<std::vector<std::string>> Ordered(const SearchIndex& index,
                                                 const std::string& question, Way way,
                                                 const QueryVector& vector) {
  const std::string locale = knowledge::SearchLocale("", question);
  std::vector<std::string> order;
  const auto add = [&](const std::string& article) {
    if (std::find(order.begin(), order.end(), article) == order.end()) order.push_back(article);
  };
  if (way == kBoth) {
    FD_ASSIGN_OR_RETURN(const knowledge::Ranking ranking,
                        knowledge::Rank(index, {.tenant = kTenant,
                                                .locale = locale,
                                                .text = question,
                                                .vector = &vector,
                                                .candidates = knowledge::SearchCandidates(10),
                                                .one_per_article = true}));
    for (const knowledge::Ranked& one : ranking.articles) add(one.passage.article());
    return order;
  }
  knowledge::SearchQuery query{.tenant = kTenant, .locale = locale};
  query.limit = query.vector_limit = kDeep;
  if (way == kWords) {
    query.terms = knowledge::QueryTerms(knowledge::AnalyzeText(question).words);
    query.one_per_article = true;
  } else {
    query.vector = &vector;
  }
  FD_ASSIGN_OR_RETURN(const knowledge::SearchReply reply, index.Search(query));
  for (const knowledge::SearchHit& hit : reply.hits) add(hit.passage.article());
  return order;
}

// What came of the questions, one way.
struct Asked {
  double first = 0;       // right article first
  double reciprocal = 0;  // sum of 1 / its place
  struct Answered {
    int confidence_bps = 0;
    bool right = false;
    bool known = false;
    bool answerable = false;
  };
  std::vector<Answered> answers;
};

absl::Status AskOne(const SearchIndex& index, const FaqQuestion& question, Way way,
                    const QueryVector& vector, Asked& asked) {
  FD_ASSIGN_OR_RETURN(const auto order, Ordered(index, question.text, way, vector));
  const auto place = std::find(order.begin(), order.end(), question.article);
  if (place == order.begin() && !order.empty()) asked.first += 1;
  if (place != order.end())
    asked.reciprocal += 1.0 / static_cast<double>(place - order.begin() + 1);
  if (way == kMeaning) return absl::OkStatus();
  knowledge::v1::AnswerQuestionRequest request;
  request.set_question(question.text);
  FD_ASSIGN_OR_RETURN(const auto answer,
                      knowledge::AnswerFrom(index, {kTenant, way == kBoth ? &vector : nullptr},
                                            request, knowledge::Config().answer_threshold_bps));
  Asked::Answered& one = asked.answers.emplace_back();
  one.confidence_bps = answer.confidence_bps();
  one.known = answer.known();
  one.answerable = !question.article.empty();
  one.right = one.answerable && answer.citations_size() > 0 &&
              answer.citations(0).article_version() ==
                  fmt::format("tenants/{}/articles/{}/versions/1", kTenant, question.article);
  return absl::OkStatus();
}

absl::Status WriteDetails(const SearchIndex& index, const FaqQuestion& question, size_t number,
                          const QueryVector& vector, std::ofstream& out) {
  const std::string locale = knowledge::SearchLocale("", question.text);
  FD_ASSIGN_OR_RETURN(
      const knowledge::Ranking ranking,
      knowledge::Rank(
          index, {.tenant = kTenant, .locale = locale, .text = question.text, .vector = &vector}));
  for (size_t i = 0; i < ranking.articles.size() && i < kDetailsMax; ++i) {
    const knowledge::Ranked& one = ranking.articles[i];
    out << fmt::format(
        "{}\t{}\t{}\t{}\t{}\t{:.4f}\t{:.4f}\t{:.4f}\t{:.4f}\t{:.4f}\t{:.4f}\t{:.4f}\n", number,
        locale, one.passage.article(), one.passage.article() == question.article ? 1 : 0,
        question.article.empty() ? 0 : 1, one.evidence.words, one.evidence.question,
        one.evidence.title, one.evidence.passage, one.certainty, one.score, ranking.substance);
  }
  return absl::OkStatus();
}

// Share of right answers among the surest `coverage` of the answerable questions.
double PrecisionAt(std::vector<Asked::Answered> answers, double coverage) {
  std::erase_if(answers, [](const auto& one) { return !one.answerable; });
  std::stable_sort(answers.begin(), answers.end(), [](const auto& a, const auto& b) {
    return a.confidence_bps > b.confidence_bps;
  });
  const auto count = static_cast<size_t>(coverage * static_cast<double>(answers.size()));
  if (count == 0) return 0;
  size_t right = 0;
  for (size_t i = 0; i < count; ++i) right += answers[i].right ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(count);
}

using Numbers = std::vector<std::pair<std::string, double>>;

Numbers NumbersOf(const Asked& asked, const Asked& halved, Way way) {
  Numbers numbers;
  double answerable = 0, half_answerable = 0, half_right = 0, half_wrong = 0, half_refused = 0;
  for (const auto& one : asked.answers) answerable += one.answerable ? 1 : 0;
  numbers.emplace_back("p_at_1", asked.first);
  numbers.emplace_back("mrr", asked.reciprocal);
  if (way == kMeaning) return numbers;
  for (const int percent : {50, 60, 70, 80, 90, 100}) {
    numbers.emplace_back(fmt::format("precision_at_{}", percent),
                         PrecisionAt(asked.answers, percent / 100.0));
  }
  for (const auto& one : halved.answers) {
    half_answerable += one.answerable ? 1 : 0;
    half_right += one.known && one.right ? 1 : 0;
    half_wrong += one.known && !one.right ? 1 : 0;
    half_refused += !one.known && !one.answerable ? 1 : 0;
  }
  const double outside = static_cast<double>(halved.answers.size()) - half_answerable;
  const double answered = half_right + half_wrong;
  if (half_answerable > 0) numbers.emplace_back("half_right", half_right / half_answerable);
  if (outside > 0) numbers.emplace_back("half_outside_refused", half_refused / outside);
  if (answered > 0) numbers.emplace_back("half_precision", half_right / answered);
  return numbers;
}

// The same questions to every second article: those of the others have no answer any more.
SetData Halved(const SetData& data) {
  SetData half = data;
  std::vector<FaqArticle> kept;
  std::vector<std::string> gone;
  for (size_t i = 0; i < data.articles.size(); ++i) {
    if (i % 2 == 0) {
      kept.push_back(data.articles[i]);
    } else {
      gone.push_back(data.articles[i].id);
    }
  }
  std::sort(gone.begin(), gone.end());
  half.articles = std::move(kept);
  for (FaqQuestion& question : half.questions) {
    if (std::binary_search(gone.begin(), gone.end(), question.article)) question.article.clear();
  }
  return half;
}

absl::StatusOr<std::vector<Asked>> AskAll(const SetData& data, const Tools& tools,
                                          std::string_view stage, std::ofstream* details) {
  FD_ASSIGN_OR_RETURN(const auto base, Base::Make(data.articles, tools));
  std::vector<Asked> asked(kWays);
  size_t answerable = 0;
  for (size_t i = 0; i < data.questions.size(); ++i) {
    const FaqQuestion& question = data.questions[i];
    answerable += question.article.empty() ? 0 : 1;
    FD_ASSIGN_OR_RETURN(const QueryVector vector,
                        VectorOf(question.text, knowledge::SearchLocale("", question.text), tools));
    for (const Way way : {kWords, kMeaning, kBoth}) {
      FD_RETURN_IF_ERROR(AskOne(base->index(), question, way, vector, asked[way]));
    }
    if (details != nullptr) {
      FD_RETURN_IF_ERROR(WriteDetails(base->index(), question, i, vector, *details));
    }
    tools.progress(stage, static_cast<double>(i) / static_cast<double>(data.questions.size()));
  }
  for (Asked& one : asked) {
    one.first /= static_cast<double>(std::max<size_t>(1, answerable));
    one.reciprocal /= static_cast<double>(std::max<size_t>(1, answerable));
  }
  return asked;
}

}  // namespace

absl::StatusOr<std::vector<Row>> MeasureAnswers(const EvalSet& set, const SetData& data,
                                                const Tools& tools) {
  std::ofstream details;
  if (!tools.details.empty()) details.open(tools.details + "." + std::string(set.name));
  FD_ASSIGN_OR_RETURN(const auto whole,
                      AskAll(data, tools, "ask", details.is_open() ? &details : nullptr));
  FD_ASSIGN_OR_RETURN(const auto half, AskAll(Halved(data), tools, "ask half", nullptr));
  std::vector<Row> rows;
  for (const Way way : {kBoth, kWords, kMeaning}) {
    for (const auto& [metric, value] : NumbersOf(whole[way], half[way], way)) {
      auto row = std::find_if(rows.begin(), rows.end(),
                              [&](const Row& one) { return one.metric == metric; });
      if (row == rows.end()) {
        row = rows.insert(rows.end(), Row{.set = std::string(set.name), .metric = metric});
        row->mark = MarkOf(set, metric);
      }
      (*row).*kColumns[way] = value;
    }
  }
  return rows;
}

}  // namespace frontdesk::eval
