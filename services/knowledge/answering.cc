#include "services/knowledge/answering.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/index_parts.h"
#include "services/knowledge/query_text.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxNearest = 3;
constexpr size_t kMaxAnswerBytes = 4 << 10;
constexpr size_t kMaxQuoteBytes = 2000;
constexpr size_t kMaxSnippetBytes = 500;
constexpr int kSearchDefault = 10;
constexpr int kSearchMax = 50;
constexpr int kSuggestDefault = 5;
constexpr int kSuggestMax = 20;
// Words of a query that are looked up among the known ones: each costs a walk over all of them.
constexpr size_t kCorrectedWordsMax = 3;
// So few results may come of a misspelt word.
constexpr double kSureEnough = 0.75;

common::v1::Citation Cite(const IndexedPassage& passage) {
  common::v1::Citation citation;
  citation.set_article_version(passage.article_version());
  citation.set_title(passage.title());
  citation.set_start_byte(passage.start_byte());
  citation.set_end_byte(passage.end_byte());
  citation.set_quote(std::string(TruncateUtf8(passage.text(), kMaxQuoteBytes)));
  return citation;
}

// The passage without its Markdown heading lines.
std::string AnswerText(std::string_view passage) {
  std::string text;
  while (!passage.empty()) {
    const size_t end = std::min(passage.find('\n'), passage.size() - 1) + 1;
    const std::string_view line = passage.substr(0, end);
    passage.remove_prefix(end);
    if (line.front() == '#') continue;
    if (text.empty() && line.find_first_not_of(" \r\n") == std::string_view::npos) continue;
    text.append(line);
  }
  return std::string(TruncateUtf8(text, kMaxAnswerBytes));
}

std::string AnswerId(const std::string& tenant, const v1::AnswerQuestionRequest& request,
                     const v1::Answer& answer) {
  std::string text = fmt::format("{}\n{}\n", tenant, text::MatchKey(request.question()));
  for (const auto& citation : answer.citations()) {
    text += fmt::format("{}@{}-{}\n", citation.article_version(), citation.start_byte(),
                        citation.end_byte());
  }
  return fmt::format("{:016x}{:016x}", Fingerprint64("1" + text), Fingerprint64("2" + text));
}

void Show(const Ranked& ranked, const std::vector<Word>& words, v1::SearchResult& result) {
  const IndexedPassage& passage = ranked.passage;
  result.set_article_version(passage.article_version());
  result.set_title(passage.title());
  result.set_snippet(Snippet(passage.text(), words, kMaxSnippetBytes));
  *result.mutable_tags() = passage.tags();
  for (v1::TextSpan& span : Highlights(result.title(), words)) {
    *result.add_title_spans() = std::move(span);
  }
  for (v1::TextSpan& span : Highlights(result.snippet(), words)) {
    *result.add_snippet_spans() = std::move(span);
  }
  if (ranked.best_question >= 0 && ranked.best_question < passage.questions_size()) {
    result.set_question(passage.questions(ranked.best_question));
  }
}

// The query with words that are nowhere replaced by near ones that `audience` may see; empty = there
// are none.
absl::StatusOr<std::string> Corrected(const SearchIndex& index, const std::string& tenant,
                                      const std::string& locale, v1::Audience audience,
                                      const std::string& query,
                                      const std::vector<std::string>& unseen) {
  std::map<std::string, std::string> looked_up;  // word -> near one
  const std::vector<Token> tokens = Tokenize(query);
  std::string corrected;
  size_t copied = 0;
  bool changed = false;
  const auto replace = [&](size_t begin, size_t end, const std::string& by) {
    corrected += query.substr(copied, begin - copied) + by;
    copied = end;
    changed = true;
  };
  for (const Token& token : tokens) {
    for (const std::string& word : unseen) {
      const std::string run = query.substr(token.begin, token.end - token.begin);
      const size_t at = token.han ? run.find(word) : 0;
      if (at == std::string::npos) continue;
      if (!token.han && QueryTerms(AnalyzeText(token.folded).words) != std::vector{word}) continue;
      const std::string known = token.han ? word : token.folded;
      if (!looked_up.contains(known)) {
        if (NearestPick(known).hopeless()) continue;
        if (looked_up.size() >= kCorrectedWordsMax) continue;
        FD_ASSIGN_OR_RETURN(looked_up[known], index.NearestWord(tenant, locale, audience, known));
      }
      const std::string& near = looked_up[known];
      if (near.empty()) continue;
      if (token.begin + at < copied) continue;
      replace(token.begin + at, token.han ? token.begin + at + word.size() : token.end, near);
    }
  }
  if (!changed) return std::string();
  return corrected + query.substr(copied);
}

// The parts of a suggestion that were typed: words, and the beginning of a word.
std::vector<v1::TextSpan> Typed(const std::string& text, const std::vector<Word>& words,
                                const std::string& last) {
  std::vector<v1::TextSpan> spans = Highlights(text, words);
  for (const Token& token : Tokenize(text)) {
    if (last.empty() || !token.folded.starts_with(last)) continue;
    const bool marked = std::any_of(spans.begin(), spans.end(), [&](const v1::TextSpan& span) {
      return static_cast<size_t>(span.start_byte()) == token.begin;
    });
    if (marked) continue;
    v1::TextSpan& span = spans.emplace_back();
    span.set_start_byte(static_cast<int32_t>(token.begin));
    // Folding may have changed its length, of letters that are not plain.
    const bool plain = token.folded.size() == token.end - token.begin;
    span.set_end_byte(static_cast<int32_t>(plain ? token.begin + last.size() : token.end));
  }
  std::sort(spans.begin(), spans.end(), [](const v1::TextSpan& a, const v1::TextSpan& b) {
    return a.start_byte() < b.start_byte();
  });
  return spans;
}

}  // namespace

SearchFilter FilterOf(const v1::SearchFilter& asked, const std::string& tag) {
  SearchFilter filter;
  filter.tag = tag;
  filter.product = asked.product();
  filter.product_module = asked.product_module();
  filter.error_type = asked.error_type();
  filter.solution_kind = asked.solution_kind();
  filter.product_version = asked.product_version();
  filter.audience =
      asked.audience() == v1::AUDIENCE_UNSPECIFIED ? v1::AUDIENCE_CUSTOMERS : asked.audience();
  return filter;
}

std::string LocaleOf(const v1::AnswerQuestionRequest& request) {
  return SearchLocale(request.locale(), request.question());
}
std::string LocaleOf(const v1::SearchArticlesRequest& request) {
  return SearchLocale(request.locale(), request.query());
}

absl::StatusOr<v1::Answer> AnswerFrom(const SearchIndex& index, const QueryContext& context,
                                      const v1::AnswerQuestionRequest& request, int threshold_bps) {
  v1::Answer answer;
  answer.set_threshold_bps(threshold_bps);
  answer.set_locale(LocaleOf(request));
  FD_ASSIGN_OR_RETURN(const Ranking ranking, Rank(index, {.tenant = context.tenant,
                                                          .locale = answer.locale(),
                                                          .text = request.question(),
                                                          .context = request.context(),
                                                          .filter = FilterOf(request.filter(), ""),
                                                          .vector = context.vector,
                                                          .synonyms = context.synonyms}));
  const std::vector<Ranked>& articles = ranking.articles;
  if (!articles.empty()) {
    const double next = articles.size() > 1 ? articles[1].certainty : 0;
    answer.set_confidence_bps(ConfidenceBps(articles[0].certainty * ranking.substance,
                                            next * ranking.substance,
                                            articles[0].evidence.has_meaning));
    answer.set_known(answer.confidence_bps() >= threshold_bps);
    if (answer.known()) {
      answer.set_text(AnswerText(articles[0].passage.text()));
      answer.set_generation(v1::ANSWER_GENERATION_EXTRACTIVE);
    }
    for (const Ranked& article : articles) {
      if (answer.citations_size() >= (answer.known() ? 1 : kMaxNearest)) break;
      *answer.add_citations() = Cite(article.passage);
    }
  }
  answer.set_answer_id(AnswerId(context.tenant, request, answer));
  return answer;
}

absl::StatusOr<v1::SearchArticlesResponse> SearchIn(const SearchIndex& index,
                                                    const QueryContext& context,
                                                    const v1::SearchArticlesRequest& request) {
  v1::SearchArticlesResponse response;
  response.set_locale(LocaleOf(request));
  const int limit =
      request.page_size() == 0 ? kSearchDefault : std::min(request.page_size(), kSearchMax);
  FD_ASSIGN_OR_RETURN(Ranking ranking,
                      Rank(index, {.tenant = context.tenant,
                                   .locale = response.locale(),
                                   .text = request.query(),
                                   .filter = FilterOf(request.filter(), request.tag()),
                                   .vector = context.vector,
                                   .synonyms = context.synonyms,
                                   .candidates = SearchCandidates(limit),
                                   .one_per_article = true,
                                   .with_facets = request.with_facets()}));
  const std::vector<Ranked>& articles = ranking.articles;
  for (const Ranked& article : articles) {
    if (response.results_size() >= limit) break;
    v1::SearchResult& result = *response.add_results();
    Show(article, ranking.words, result);
    const double share = article.score / articles.front().score;
    result.set_score_bps(std::clamp(static_cast<int>(share * 10'000), 1, 10'000));
    result.set_confidence_bps(ConfidenceBps(article.certainty * ranking.substance, 0));
  }
  for (v1::FacetCount& facet : ranking.facets) *response.add_facets() = std::move(facet);
  if (!ranking.unseen.empty() && (articles.empty() || articles[0].certainty < kSureEnough)) {
    FD_ASSIGN_OR_RETURN(
        *response.mutable_suggested_query(),
        Corrected(index, context.tenant, response.locale(), FilterOf(request.filter(), "").audience,
                  request.query(), ranking.unseen));
  }
  return response;
}

absl::StatusOr<v1::SuggestArticlesResponse> SuggestIn(const SearchIndex& index,
                                                      const std::string& tenant,
                                                      const v1::SuggestArticlesRequest& request) {
  v1::SuggestArticlesResponse response;
  response.set_locale(SearchLocale(request.locale(), request.prefix()));
  SuggestQuery query;
  query.tenant = tenant;
  query.locale = response.locale();
  query.filter = FilterOf(request.filter(), "");
  query.prefix = text::MatchKey(request.prefix());
  query.limit =
      request.page_size() == 0 ? kSuggestDefault : std::min(request.page_size(), kSuggestMax);
  if (query.prefix.empty()) return response;
  std::vector<Token> tokens = Tokenize(request.prefix());
  // A word is complete when something stands behind it.
  if (!tokens.empty() && !tokens.back().han && tokens.back().end == request.prefix().size()) {
    query.last = tokens.back().folded;
    tokens.pop_back();
  }
  std::vector<Word> words;
  for (const Token& token : tokens) {
    for (Word& word : AnalyzeText(token.folded).words) words.push_back(std::move(word));
  }
  query.words = QueryTerms(words);
  FD_ASSIGN_OR_RETURN(const std::vector<Suggested> found, index.Suggest(query));
  for (const Suggested& one : found) {
    v1::ArticleSuggestion& suggestion = *response.add_suggestions();
    suggestion.set_text(one.text);
    suggestion.set_article_version(one.article_version);
    for (v1::TextSpan& span : Typed(one.text, words, query.last)) {
      *suggestion.add_spans() = std::move(span);
    }
  }
  return response;
}

}  // namespace frontdesk::knowledge
