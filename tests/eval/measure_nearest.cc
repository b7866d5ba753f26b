// Which articles are nearest in meaning, by knowledge::ArticleTable beside FAISS, over the vectors of
// all sentences of the other sets. What is right is found by comparing every vector in full.
#include <algorithm>
#include <limits>
#include <random>

#include <fmt/format.h>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "libs/base/status_macros.h"
#include "libs/text/language.h"
#include "services/knowledge/article_table.h"
#include "services/knowledge/int8_vectors.h"
#include "tests/eval/ivf_baseline.h"
#include "tests/eval/measure.h"

namespace frontdesk::eval {
namespace {

using knowledge::ArticleTable;
using knowledge::QueryVector;

constexpr const char* kTenant = "eval";
constexpr const char* kFewProduct = "few";
constexpr size_t kLimit = 12;      // articles that a search adds by meaning
constexpr size_t kFewEvery = 100;  // every so many articles are of the product that is filtered by
constexpr size_t kQueriesMax = 300;  // a language
constexpr size_t kQueriesAtOnce = 30;
constexpr size_t kTextsMin = 50;
constexpr size_t kEncodedAtOnce = 256;
constexpr float kSameCosine = 1e-5F;  // texts that differ in case alone have the same vector

// Of one language.
struct Vectors {
  std::string locale;
  std::string encoder;
  size_t dimensions = 0;
  std::vector<float> queries = {};
  std::vector<float> articles = {};
  size_t query_count() const { return queries.size() / dimensions; }
  size_t article_count() const { return articles.size() / dimensions; }
  std::span<const float> Queries(size_t begin, size_t count) const {
    return std::span(queries).subspan(begin * dimensions, count * dimensions);
  }
};

absl::StatusOr<Vectors> EncodeTexts(const std::string& locale, std::vector<std::string_view> texts,
                                    const Tools& tools) {
  std::mt19937_64 random(1);
  std::shuffle(texts.begin(), texts.end(), random);
  text::Encoder& encoder = locale == "zh" ? *tools.chinese : *tools.english;
  Vectors out{locale, encoder.info().fingerprint, static_cast<size_t>(encoder.info().dimensions)};
  const size_t queries = std::min(kQueriesMax, texts.size() / 10);
  out.articles.reserve((texts.size() - queries) * out.dimensions);
  for (size_t i = 0; i < texts.size();) {
    const bool asks = i < queries;
    const size_t end = std::min(i + kEncodedAtOnce, asks ? queries : texts.size());
    FD_ASSIGN_OR_RETURN(const std::vector<float> made,
                        encoder.Encode(absl::MakeConstSpan(texts).subspan(i, end - i)));
    std::vector<float>& to = asks ? out.queries : out.articles;
    to.insert(to.end(), made.begin(), made.end());
    i = end;
    tools.progress("encode " + locale, static_cast<double>(i) / static_cast<double>(texts.size()));
  }
  return out;
}

// An article a vector, its number the id.
void Fill(const Vectors& vectors, ArticleTable& table) {
  constexpr size_t kBatch = 4096;
  std::vector<ArticleTable::Change> changes;
  for (size_t i = 0; i < vectors.article_count(); ++i) {
    auto article = std::make_unique<knowledge::IndexedArticle>();
    article->set_article(fmt::format("{}", i));
    article->set_locale(vectors.locale);
    article->set_encoder(vectors.encoder);
    article->set_dimensions(static_cast<int32_t>(vectors.dimensions));
    if (i % kFewEvery == 0) article->set_product(kFewProduct);
    article->add_units();
    article->set_vectors(knowledge::Quantize(
        std::span(vectors.articles).subspan(i * vectors.dimensions, vectors.dimensions)));
    changes.push_back({kTenant, article->article(), std::move(article)});
    if (changes.size() < kBatch && i + 1 < vectors.article_count()) continue;
    table.Apply(changes);
    changes.clear();
  }
}

// What is right for one query: every article's cosine, and which are among the nearest.
class Truth {
 public:
  // `cosines` must outlive it.
  Truth(std::span<const float> cosines, size_t every) : cosines_(cosines) {
    std::vector<float> sorted;
    for (size_t i = 0; i < cosines_.size(); i += every) sorted.push_back(cosines_[i]);
    count_ = std::min(kLimit, sorted.size());
    std::partial_sort(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(count_), sorted.end(),
                      std::greater<>());
    best_ = sorted.front() - kSameCosine;
    last_ = sorted[count_ - 1] - kSameCosine;
  }
  double Recall(std::span<const int64_t> found) const {
    const auto right = std::ranges::count_if(
        found, [&](int64_t row) { return cosines_[static_cast<size_t>(row)] >= last_; });
    return static_cast<double>(right) / static_cast<double>(count_);
  }
  double Top(std::span<const int64_t> found) const {
    return !found.empty() && cosines_[static_cast<size_t>(found[0])] >= best_ ? 1 : 0;
  }

 private:
  const std::span<const float> cosines_;
  size_t count_ = 0;
  float best_ = 0;
  float last_ = 0;
};

std::vector<int64_t> RowsOf(const std::vector<ArticleTable::Near>& near) {
  std::vector<int64_t> rows;
  for (const ArticleTable::Near& one : near) {
    int64_t row = -1;
    if (absl::SimpleAtoi(one.article, &row)) rows.push_back(row);
  }
  return rows;
}

// The ways to look, over the same vectors.
class Ways {
 public:
  static constexpr std::string_view kNames[] = {"", "_exact", "_ivf32", "_ivf128"};
  static constexpr size_t kCount = std::size(kNames);
  static constexpr size_t kTwoSteps = 0, kExact = 1;

  static absl::StatusOr<std::unique_ptr<Ways>> Make(const Vectors& vectors, size_t exact_max,
                                                    const Tools& tools) {
    std::unique_ptr<Ways> ways(new Ways(vectors, exact_max));
    tools.progress("tables " + vectors.locale, 0);
    Fill(vectors, ways->two_steps_);
    Fill(vectors, ways->exact_);
    tools.progress("train FAISS " + vectors.locale, 0);
    FD_ASSIGN_OR_RETURN(ways->ivf_, IvfBaseline::Make(vectors.articles, vectors.dimensions));
    return ways;
  }

  absl::StatusOr<std::vector<int64_t>> Ask(size_t way, std::span<const float> query,
                                           size_t every) const {
    if (way >= 2) return ivf_->Nearest(query, kLimit, way == 2 ? 32 : 128, every);
    const QueryVector vector{vectors_.encoder, {query.begin(), query.end()}};
    knowledge::SearchFilter filter;
    if (every > 1) filter.product = kFewProduct;
    const ArticleTable& table = way == kTwoSteps ? two_steps_ : exact_;
    return RowsOf(table.Nearest(kTenant, vectors_.locale, vector, filter, kLimit));
  }

 private:
  Ways(const Vectors& vectors, size_t exact_max) : vectors_(vectors), two_steps_(exact_max) {}
  const Vectors& vectors_;
  ArticleTable two_steps_;
  ArticleTable exact_{std::numeric_limits<size_t>::max()};
  std::unique_ptr<IvfBaseline> ivf_;
};

// What each way reached: sums over the queries.
struct Reached {
  double recall[Ways::kCount] = {};
  double top[Ways::kCount] = {};
  double as_exact = 0;  // share of what comparing every vector in bytes finds
};

absl::Status AskOne(const Ways& ways, std::span<const float> query, std::span<const float> cosines,
                    size_t every, Reached& reached) {
  const Truth truth(cosines, every);
  std::vector<int64_t> found[Ways::kCount];
  for (size_t way = 0; way < Ways::kCount; ++way) {
    FD_ASSIGN_OR_RETURN(found[way], ways.Ask(way, query, every));
    reached.recall[way] += truth.Recall(found[way]);
    reached.top[way] += truth.Top(found[way]);
  }
  const auto same = std::ranges::count_if(found[Ways::kExact], [&](int64_t row) {
    return std::ranges::find(found[Ways::kTwoSteps], row) != found[Ways::kTwoSteps].end();
  });
  reached.as_exact += static_cast<double>(same) / static_cast<double>(found[Ways::kExact].size());
  return absl::OkStatus();
}

absl::Status MeasureLanguage(const EvalSet& set, const Vectors& vectors, const Tools& tools,
                             std::vector<Row>& rows) {
  const size_t articles = vectors.article_count(), queries = vectors.query_count();
  // A small set is to go through both steps, too.
  const size_t exact_max =
      articles > knowledge::kVectorExactMax ? knowledge::kVectorExactMax : articles / 2;
  FD_ASSIGN_OR_RETURN(const auto ways, Ways::Make(vectors, exact_max, tools));
  Reached reached[2];
  std::vector<float> cosines(kQueriesAtOnce * articles);
  for (size_t begin = 0; begin < queries; begin += kQueriesAtOnce) {
    const size_t count = std::min(kQueriesAtOnce, queries - begin);
    InnerProducts(vectors.Queries(begin, count), vectors.articles, vectors.dimensions,
                  cosines.data());
    for (size_t i = 0; i < count; ++i) {
      const auto of = std::span(cosines).subspan(i * articles, articles);
      const auto query = vectors.Queries(begin + i, 1);
      FD_RETURN_IF_ERROR(AskOne(*ways, query, of, 1, reached[0]));
      FD_RETURN_IF_ERROR(AskOne(*ways, query, of, kFewEvery, reached[1]));
    }
    tools.progress("ask " + vectors.locale,
                   static_cast<double>(begin) / static_cast<double>(queries));
  }
  const auto add = [&](const std::string& metric, double value, bool count) {
    Row& row = rows.emplace_back();
    row.set = set.name;
    row.metric = vectors.locale + "_" + metric;
    row.value = count ? value : value / static_cast<double>(queries);
    row.mark = MarkOf(set, row.metric);
    row.count = count;
  };
  add("articles", static_cast<double>(articles), true);
  add("two_steps_above", static_cast<double>(exact_max), true);
  for (const std::string which : {"", "few_"}) {
    const Reached& of = reached[which.empty() ? 0 : 1];
    add(which + "as_exact", of.as_exact, false);
    for (size_t way = 0; way < Ways::kCount; ++way) {
      add(fmt::format("{}recall{}", which, Ways::kNames[way]), of.recall[way], false);
    }
    for (size_t way = 0; way < Ways::kCount; ++way) {
      add(fmt::format("{}top_1{}", which, Ways::kNames[way]), of.top[way], false);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SetData> LoadNearest(const std::string& folder) {
  SetData out;
  out.plan = Plan::kNearest;
  absl::flat_hash_set<std::string> known;
  for (const EvalSet& set : AllSets()) {
    if (set.load == LoadNearest) continue;
    const auto data = set.load(folder);
    if (!data.ok()) continue;
    const std::vector<std::string_view> texts = data->Texts();
    // A set is of one language, as its own measuring has it, so that stored vectors are found.
    const auto chinese = std::ranges::count_if(
        texts, [](std::string_view text) { return text::GuessLanguage(text) == "zh"; });
    const bool is_chinese = static_cast<size_t>(chinese) * 2 > texts.size();
    for (const std::string_view text : texts) {
      if (text.empty() || !known.insert(std::string(text)).second) continue;
      FaqArticle& article = out.articles.emplace_back();
      article.locale = is_chinese ? "zh" : "en";
      article.title = text;
    }
  }
  if (out.articles.empty()) return absl::NotFoundError("none of the other sets is there");
  return out;
}

absl::StatusOr<std::vector<Row>> MeasureNearest(const EvalSet& set, const SetData& data,
                                                const Tools& tools) {
  std::vector<Row> rows;
  for (const std::string locale : {"zh", "en"}) {
    std::vector<std::string_view> texts;
    for (const FaqArticle& article : data.articles) {
      if (article.locale == locale) texts.push_back(article.title);
    }
    if (texts.size() < kTextsMin) continue;
    FD_ASSIGN_OR_RETURN(const Vectors vectors, EncodeTexts(locale, std::move(texts), tools));
    FD_RETURN_IF_ERROR(MeasureLanguage(set, vectors, tools, rows));
  }
  return rows;
}

}  // namespace frontdesk::eval
