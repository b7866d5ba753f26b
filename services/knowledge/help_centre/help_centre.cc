#include "services/knowledge/help_centre/help_centre.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "absl/strings/str_split.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/strong_id.h"
#include "libs/base/ulid.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/formats/markdown.h"

namespace frontdesk::knowledge {
namespace {

constexpr absl::Duration kCallLife = absl::Seconds(5);
constexpr double kVotesBurst = 100;
constexpr int kListPageSize = 200;
constexpr size_t kSitemapUrlsMax = 50'000;  // of the sitemaps protocol
constexpr size_t kQueryBytesMax = 2'000;
constexpr std::string_view kVisitorCookie = "fd_visitor=";
constexpr std::string_view kSecurity =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src https: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

http::Response Html(std::string body, int status = 200) {
  http::Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(body);
  response.headers = {{"Content-Security-Policy", std::string(kSecurity)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "strict-origin-when-cross-origin"}};
  return response;
}

http::Response Redirect(int status, std::string location) {
  http::Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

http::Response Plain(std::string_view type, std::string body) {
  http::Response response;
  response.content_type = std::string(type);
  response.body = std::move(body);
  response.headers = {{"Cache-Control", "public, max-age=300"},
                      {"X-Content-Type-Options", "nosniff"}};
  return response;
}

// The better one of our languages; what a browser names first wins.
std::string LocaleOf(const http::Request& request) {
  const std::string accepted = request.Header("accept-language");
  const size_t zh = accepted.find("zh");
  const size_t en = accepted.find("en");
  return zh < en ? "zh" : "en";
}

std::string VisitorOf(const http::Request& request) {
  const std::string cookies = request.Header("cookie");
  const size_t at = cookies.find(kVisitorCookie);
  if (at == std::string::npos) return "";
  const std::string id = cookies.substr(at + kVisitorCookie.size(), 26);
  return IsUlid(id) ? id : "";
}

std::string IdOf(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

// The id in "…/articles/{id}/versions/{n}".
std::string ArticleOfVersion(std::string_view version) {
  return IdOf(version.substr(0, version.rfind("/versions/")));
}

std::vector<std::pair<int, int>> SpansOf(
    const google::protobuf::RepeatedPtrField<v1::TextSpan>& spans) {
  std::vector<std::pair<int, int>> pairs;
  for (const v1::TextSpan& span : spans) pairs.emplace_back(span.start_byte(), span.end_byte());
  return pairs;
}

// A snippet is a piece of Markdown: without the marks of emphasis, code and headings, its spans
// where they then are.
HelpEntry WithoutMarks(HelpEntry entry) {
  const std::string& text = entry.snippet;
  std::string plain;
  std::vector<int> place(text.size() + 1);
  for (size_t i = 0; i < text.size(); ++i) {
    place[i] = static_cast<int>(plain.size());
    const bool line_start = i == 0 || text[i - 1] == '\n' || text[i - 1] == '#';
    const bool emphasis =
        text[i] == '*' && (text.substr(i + 1, 1) == "*" || (i > 0 && text[i - 1] == '*'));
    if (emphasis || text[i] == '`' || (text[i] == '#' && line_start)) continue;
    plain.push_back(text[i]);
  }
  place[text.size()] = static_cast<int>(plain.size());
  for (auto& [start, end] : entry.snippet_spans) {
    const auto at = [&](int byte) {
      return place[static_cast<size_t>(std::clamp<int>(byte, 0, static_cast<int>(text.size())))];
    };
    start = at(start);
    end = at(end);
  }
  entry.snippet = std::move(plain);
  return entry;
}

std::string OtherLocale(std::string_view locale) { return locale == "zh" ? "en" : "zh"; }

std::string FirstTag(const v1::ArticleContent& content) {
  return content.tags().empty() ? std::string() : content.tags(0);
}

}  // namespace

// One request under way.
struct HelpCentre::Visit {
  http::Request request;
  http::Respond respond;
  HelpFrame frame;
  std::string article{};  // id, where the address names one

  void AddAlternate(std::string locale, std::string url) {
    if (!url.empty()) frame.alternates.emplace_back(std::move(locale), std::move(url));
  }
  void Fail(const absl::Status& status) {
    const int code = http::HttpStatusOf(status);
    respond(Html(ErrorPage(frame, code), code));
  }
  // A page that anybody may keep for a minute.
  void Show(std::string html) {
    const std::string tag = fmt::format("\"{:016x}\"", Fingerprint64(html));
    if (request.Header("if-none-match") == tag) {
      http::Response same;
      same.status = 304;
      same.headers = {{"ETag", tag}, {"Cache-Control", "public, max-age=60"}};
      return respond(std::move(same));
    }
    http::Response response = Html(std::move(html));
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", "public, max-age=60");
    respond(std::move(response));
  }
};

struct HelpCentre::Sitemap {
  std::string base;
  std::string page_token{};
  size_t urls = 0;
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";

  void Add(HelpFrame frame, const v1::Article& article) {
    if (urls++ >= kSitemapUrlsMax) return;
    frame.locale = article.locale().starts_with("zh") ? "zh" : "en";
    xml += fmt::format(
        "<url><loc>{}</loc><lastmod>{}</lastmod></url>\n",
        EscapeHtml(base + ArticleUrl(frame, IdOf(article.name()))),
        absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(article.update_time().seconds()),
                         absl::UTCTimeZone()));
  }
};

void HelpCentre::ShowList(Visit& visit, const v1::ListArticlesResponse& response) {
  HelpList list;
  list.topic = visit.request.Query("topic");
  std::map<std::string, HelpTopic> topics;
  for (const v1::Article& article : response.articles()) {
    const std::string name = list.topic.empty() ? FirstTag(article.content()) : list.topic;
    topics[name].name = name;
    topics[name].entries.push_back(
        {.article = IdOf(article.name()), .title = article.content().title()});
  }
  for (auto& [name, topic] : topics) list.topics.push_back(std::move(topic));
  if (!response.next_page_token().empty()) {
    list.next_page_url =
        fmt::format("{}?topic={}&page={}", HelpUrl(visit.frame), http::Encode(list.topic),
                    http::Encode(response.next_page_token()));
  }
  visit.Show(ListPage(visit.frame, list));
}

template <class Request, class Response>
void HelpCentre::Ask(void (KnowledgeService::*method)(const rpc::Call&, const Request&, Response*,
                                                      rpc::Finish),
                     std::string_view name, const Visit& visit, Request request,
                     absl::AnyInvocable<void(absl::Status, Response&)> then) {
  struct Exchange {
    rpc::Call call;
    Request request;
    Response response;
  };
  auto exchange = std::make_shared<Exchange>();
  exchange->call = CallOf(name, visit);
  exchange->request = std::move(request);
  (in_.service.*method)(exchange->call, exchange->request, &exchange->response,
                        [exchange, then = std::move(then)](absl::Status status) mutable {
                          then(std::move(status), exchange->response);
                        });
}

rpc::Call HelpCentre::CallOf(std::string_view name, const Visit& visit) const {
  rpc::Call call;
  call.tenant = visit.frame.tenant;
  const std::string visitor = VisitorOf(visit.request);
  call.caller = {visit.frame.tenant, visitor.empty() ? "help-centre" : "visitor-" + visitor,
                 rpc::Role::kChannel};
  call.method = name;
  call.give_up_at = in_.clock.Steady() + kCallLife;
  return call;
}

std::string HelpCentre::Absolute(std::string_view url) const {
  return options_.base_url.empty() ? std::string() : fmt::format("{}{}", options_.base_url, url);
}

void HelpCentre::SetTenants(std::vector<std::string> tenants) {
  const std::lock_guard lock(mu_);
  tenants_ = {tenants.begin(), tenants.end()};
}

bool HelpCentre::Open(std::string_view tenant) const {
  const std::lock_guard lock(mu_);
  return tenants_.contains(ToAbsl(tenant));
}

bool HelpCentre::TakeVote() {
  const absl::Duration now = in_.clock.Steady();
  const std::lock_guard lock(mu_);
  votes_left_ = std::min(kVotesBurst, votes_left_ + absl::ToDoubleSeconds(now - votes_at_) *
                                                        options_.votes_per_second);
  votes_at_ = now;
  if (votes_left_ < 1) return false;
  votes_left_ -= 1;
  return true;
}

void HelpCentre::Handle(http::Request request, http::Respond respond) {
  auto visit = std::make_shared<Visit>();
  visit->frame.tenant = options_.default_tenant;
  visit->frame.locale = LocaleOf(request);
  visit->request = std::move(request);
  visit->respond = std::move(respond);
  const std::string& path = visit->request.path;
  const bool get = visit->request.method == "GET" || visit->request.method == "HEAD";
  if (path == "/healthz" && get) {
    const absl::Status status = in_.ready();
    http::Response response = status.ok() ? http::Response() : http::ErrorResponse(status);
    if (status.ok()) response.body = R"({"status":"ok"})";
    return visit->respond(std::move(response));
  }
  if (path == "/help/style.css" && get) {
    return visit->respond(Plain("text/css; charset=utf-8", kHelpCss));
  }
  if (path == "/help/suggest.js" && get) {
    return visit->respond(Plain("text/javascript; charset=utf-8", kHelpScript));
  }
  if (path == "/robots.txt" && get) {
    return visit->respond(Plain("text/plain; charset=utf-8",
                                "User-agent: *\nDisallow: /help/*/*/search\n"
                                "Disallow: /help/*/*/suggest\n"));
  }
  if ((path == "/" || path == "/help" || path == "/help/") && get) {
    return visit->respond(Redirect(302, HelpUrl(visit->frame)));
  }
  Route(std::move(visit));
}

void HelpCentre::Route(std::shared_ptr<Visit> visit) {
  const std::string& path = visit->request.path;
  const bool post = visit->request.method == "POST";
  const bool get = visit->request.method == "GET" || visit->request.method == "HEAD";
  std::vector<std::string> parts =
      absl::StrSplit(ToAbsl(std::string_view(path)), '/', absl::SkipEmpty());
  if (parts.size() < 2 || parts[0] != "help" || !Open(parts[1])) {
    return visit->Fail(http::NoSuchPage(path));
  }
  visit->frame.tenant = parts[1];
  if (!get && !(post && parts.size() == 6)) {
    return visit->respond(http::ErrorResponse(http::WrongMethod("GET")));
  }
  if (parts.size() == 2) return visit->respond(Redirect(302, HelpUrl(visit->frame)));
  if (parts.size() == 3 && parts[2] == "sitemap.xml") {
    auto sitemap = std::make_shared<Sitemap>();
    sitemap->base = options_.base_url;
    // The Host header comes from outside: EscapeHtml keeps it inert.
    if (sitemap->base.empty()) sitemap->base = "http://" + visit->request.Header("host");
    return SitemapPage(std::move(visit), std::move(sitemap));
  }
  if (parts[2] != "en" && parts[2] != "zh") return visit->Fail(http::NoSuchPage(path));
  visit->frame.locale = parts[2];
  visit->frame.canonical_url = Absolute(path);
  if (absl::Status status = in_.ready(); ReasonOf(status) == "NOT_READY")
    return visit->Fail(status);
  HelpFrame other = visit->frame;
  other.locale = OtherLocale(visit->frame.locale);
  visit->frame.other_language_url = HelpUrl(other);
  if (parts.size() == 3) {
    visit->AddAlternate(visit->frame.locale, visit->frame.canonical_url);
    visit->AddAlternate(other.locale, Absolute(HelpUrl(other)));
    return List(std::move(visit));
  }
  if (parts.size() == 4 && parts[3] == "search") return Search(std::move(visit));
  if (parts.size() == 4 && parts[3] == "suggest") return Suggest(std::move(visit));
  if (parts.size() >= 5 && parts[3] == "articles" && IsId(parts[4])) {
    visit->article = parts[4];
    if (parts.size() == 5) return Article(std::move(visit));
    if (parts.size() == 6 && parts[5] == "rate" && post) return Rate(std::move(visit));
  }
  visit->Fail(http::NoSuchPage(path));
}

void HelpCentre::List(std::shared_ptr<Visit> visit) {
  v1::ListArticlesRequest request;
  request.set_parent("tenants/" + visit->frame.tenant);
  request.set_state(v1::ARTICLE_STATE_PUBLISHED);
  request.set_locale(visit->frame.locale);
  request.set_tag(visit->request.Query("topic"));
  request.set_page_size(kListPageSize);
  request.set_page_token(visit->request.Query("page"));
  Ask<v1::ListArticlesRequest, v1::ListArticlesResponse>(
      &KnowledgeService::ListPublicArticles, "ListArticles", *visit, std::move(request),
      [visit](absl::Status status, v1::ListArticlesResponse& response) {
        if (!status.ok()) return visit->Fail(status);
        ShowList(*visit, response);
      });
}

void HelpCentre::Search(std::shared_ptr<Visit> visit) {
  visit->frame.query = visit->request.Query("q");
  HelpFrame other = visit->frame;
  other.locale = OtherLocale(visit->frame.locale);
  visit->frame.other_language_url =
      fmt::format("{}?q={}", HelpUrl(other, "search"), http::Encode(visit->frame.query));
  if (visit->frame.query.empty()) return visit->respond(Redirect(302, HelpUrl(visit->frame)));
  if (visit->frame.query.size() > kQueryBytesMax) {
    return visit->Fail(InvalidField("q", "is longer than 500 characters"));
  }
  Find(visit, visit->frame.query, /*corrected=*/false);
}

void HelpCentre::Find(std::shared_ptr<Visit> visit, const std::string& query, bool corrected) {
  v1::SearchArticlesRequest request;
  request.set_parent("tenants/" + visit->frame.tenant);
  request.set_query(query);
  request.set_locale(visit->frame.locale);
  request.mutable_filter()->set_audience(v1::AUDIENCE_PUBLIC);
  request.set_page_size(20);
  Ask<v1::SearchArticlesRequest, v1::SearchArticlesResponse>(
      &KnowledgeService::SearchArticles, "SearchArticles", *visit, std::move(request),
      [this, visit, query, corrected](absl::Status status, v1::SearchArticlesResponse& response) {
        if (!status.ok()) return visit->Fail(status);
        if (!corrected && response.results().empty() && !response.suggested_query().empty()) {
          return Find(visit, response.suggested_query(), /*corrected=*/true);
        }
        HelpSearch search;
        search.shown_instead = corrected && !response.results().empty();
        search.suggested_query = corrected ? query : response.suggested_query();
        for (const v1::SearchResult& result : response.results()) {
          search.entries.push_back(
              WithoutMarks({.article = ArticleOfVersion(result.article_version()),
                            .title = result.title(),
                            .snippet = result.snippet(),
                            .title_spans = SpansOf(result.title_spans()),
                            .snippet_spans = SpansOf(result.snippet_spans())}));
        }
        visit->Show(SearchPage(visit->frame, search));
      });
}

void HelpCentre::Suggest(std::shared_ptr<Visit> visit) {
  const std::string typed = visit->request.Query("q");
  v1::SuggestArticlesRequest request;
  request.set_parent("tenants/" + visit->frame.tenant);
  request.set_prefix(typed);
  request.set_locale(visit->frame.locale);
  request.set_page_size(8);
  request.mutable_filter()->set_audience(v1::AUDIENCE_PUBLIC);
  Ask<v1::SuggestArticlesRequest, v1::SuggestArticlesResponse>(
      &KnowledgeService::SuggestArticles, "SuggestArticles", *visit, std::move(request),
      [visit](absl::Status status, v1::SuggestArticlesResponse& response) {
        if (!status.ok()) return visit->respond(http::ErrorResponse(status));
        std::vector<std::string> texts;
        for (const v1::ArticleSuggestion& one : response.suggestions()) {
          texts.push_back(one.text());
        }
        visit->respond(Plain("application/json; charset=utf-8", SuggestJson(texts)));
      });
}

void HelpCentre::Article(std::shared_ptr<Visit> visit) {
  v1::GetArticleRequest request;
  request.set_name(fmt::format("tenants/{}/articles/{}", visit->frame.tenant, visit->article));
  request.set_locale(visit->frame.locale);
  Ask<v1::GetArticleRequest, v1::GetArticleResponse>(
      &KnowledgeService::GetPublicArticle, "GetArticle", *visit, std::move(request),
      [this, visit](absl::Status status, v1::GetArticleResponse& response) {
        if (!status.ok()) return visit->Fail(status);
        const v1::Article& article = response.article();
        const std::string id = IdOf(article.name());
        if (id != visit->article) {
          return visit->respond(Redirect(302, ArticleUrl(visit->frame, id)));
        }
        ArticleAlternate(visit, article);
      });
}

void HelpCentre::ArticleAlternate(std::shared_ptr<Visit> visit, const v1::Article& article) {
  HelpFrame other = visit->frame;
  other.locale = OtherLocale(visit->frame.locale);
  v1::GetArticleRequest request;
  request.set_name(article.name());
  request.set_locale(other.locale);
  Ask<v1::GetArticleRequest, v1::GetArticleResponse>(
      &KnowledgeService::GetPublicArticle, "GetArticle", *visit, std::move(request),
      [this, visit, other, article](absl::Status status, v1::GetArticleResponse& response) {
        if (!status.ok()) return visit->Fail(status);
        const v1::Article& found = response.article();
        const bool translated = found.locale() == other.locale;
        const std::string url = ArticleUrl(other, translated ? IdOf(found.name()) : visit->article);
        visit->frame.other_language_url = url;
        visit->AddAlternate(visit->frame.locale, visit->frame.canonical_url);
        if (translated) visit->AddAlternate(other.locale, Absolute(url));
        ArticleVersion(visit, article);
      });
}

void HelpCentre::ArticleVersion(std::shared_ptr<Visit> visit, const v1::Article& article) {
  v1::GetArticleVersionRequest request;
  request.set_name(fmt::format("{}/versions/{}", article.name(), article.published_version()));
  Ask<v1::GetArticleVersionRequest, v1::GetArticleVersionResponse>(
      &KnowledgeService::GetArticleVersion, "GetArticleVersion", *visit, std::move(request),
      [this, visit, locale = article.locale()](absl::Status status,
                                               v1::GetArticleVersionResponse& response) {
        if (!status.ok()) return visit->Fail(status);
        const v1::ArticleVersion& version = response.article_version();
        if (version.content().audience() > v1::AUDIENCE_PUBLIC) {
          return visit->Fail(http::NoSuchPage(visit->article));
        }
        auto page = std::make_shared<HelpArticle>();
        page->article = visit->article;
        page->title = version.content().title();
        page->body_html = BodyHtml(version);
        page->version = version.version();
        page->publish_time = absl::FromUnixSeconds(version.publish_time().seconds());
        page->locale = locale;
        page->fallback_locale = locale != visit->frame.locale;
        page->rated = visit->request.query.contains("rated");
        ArticleRelated(visit, std::move(page));
      });
}

std::string HelpCentre::BodyHtml(const v1::ArticleVersion& version) {
  // A restored backup may have another text below the same number.
  const std::string& body = version.content().body();
  std::string key = fmt::format("{}/{:016x}", version.name(), Fingerprint64(body));
  if (std::optional<std::string> html = rendered_.Find(key)) return *std::move(html);
  std::string html = RenderMarkdown(body);
  rendered_.Insert(std::move(key), html);
  return html;
}

void HelpCentre::ArticleRelated(std::shared_ptr<Visit> visit, std::shared_ptr<HelpArticle> page) {
  if (!in_.related) return visit->Show(ArticlePage(visit->frame, *page));
  struct Exchange {
    rpc::Call call;
    v1::ListRelatedArticlesRequest request;
    v1::ListRelatedArticlesResponse response;
  };
  auto exchange = std::make_shared<Exchange>();
  exchange->call = CallOf("ListRelatedArticles", *visit);
  exchange->request.set_name(
      fmt::format("tenants/{}/articles/{}", visit->frame.tenant, visit->article));
  exchange->request.set_locale(visit->frame.locale);
  exchange->request.set_page_size(5);
  exchange->request.set_audience(v1::AUDIENCE_PUBLIC);
  in_.related(exchange->call, exchange->request, &exchange->response,
              [visit, page, exchange](absl::Status status) {
                // The article itself is worth showing without them.
                if (status.ok()) {
                  for (const v1::RelatedArticle& one : exchange->response.related_articles()) {
                    page->related.push_back({.article = IdOf(one.article()), .title = one.title()});
                  }
                }
                visit->Show(ArticlePage(visit->frame, *page));
              });
}

void HelpCentre::Rate(std::shared_ptr<Visit> visit) {
  http::Request form;
  const absl::Status parsed = visit->request.body.size() > kQueryBytesMax
                                  ? InvalidField("body", "is too long")
                                  : http::ParseTarget("/?" + visit->request.body, &form);
  if (!parsed.ok()) return visit->Fail(parsed);
  const std::string helpful = form.Query("helpful");
  const auto number = ParseVersionNumber(form.Query("version"), "version");
  if (!number.ok()) return visit->Fail(number.status());
  if (helpful != "yes" && helpful != "no") {
    return visit->Fail(InvalidField("helpful", "must be yes or no"));
  }
  if (!TakeVote()) {
    return visit->Fail(WithRetryDelay(
        Error(absl::StatusCode::kResourceExhausted, "RATE_LIMITED", "too many votes just now"),
        absl::Seconds(1)));
  }
  std::string cookie;
  if (VisitorOf(visit->request).empty()) {
    const std::string visitor = NewUlid(in_.clock.Now(), in_.random);
    visit->request.headers["cookie"] = fmt::format("{}{}", kVisitorCookie, visitor);
    cookie = fmt::format("{}{}; Path=/help; Max-Age=31536000; HttpOnly; SameSite=Lax",
                         kVisitorCookie, visitor);
  }
  v1::GetArticleRequest article;
  article.set_name(fmt::format("tenants/{}/articles/{}", visit->frame.tenant, visit->article));
  v1::GetArticleVersionRequest rated;
  rated.set_name(fmt::format("{}/versions/{}", article.name(), *number));
  v1::RateAnswerRequest request;
  request.set_parent("tenants/" + visit->frame.tenant);
  request.set_answer_id(
      fmt::format("page-{:016x}", Fingerprint64(fmt::format("{}@{}", visit->article, *number))));
  request.set_rating(helpful == "yes" ? v1::ANSWER_RATING_HELPFUL : v1::ANSWER_RATING_NOT_HELPFUL);
  request.add_article_versions(rated.name());
  request.set_request_id(NewUlid(in_.clock.Now(), in_.random));
  // Only what a reader can have seen is rated, and the answer tells of nothing else.
  Ask<v1::GetArticleRequest, v1::GetArticleResponse>(
      &KnowledgeService::GetPublicArticle, "GetArticle", *visit, std::move(article),
      [this, visit, rated, request, cookie](absl::Status status, v1::GetArticleResponse&) {
        if (!status.ok()) return visit->Fail(status);
        Ask<v1::GetArticleVersionRequest, v1::GetArticleVersionResponse>(
            &KnowledgeService::GetArticleVersion, "GetArticleVersion", *visit, rated,
            [this, visit, request, cookie](absl::Status failed,
                                           v1::GetArticleVersionResponse& response) {
              if (!failed.ok()) return visit->Fail(failed);
              if (AudienceOf(response.article_version().content()) > v1::AUDIENCE_PUBLIC) {
                return visit->Fail(http::NoSuchPage(visit->article));
              }
              Vote(visit, request, cookie);
            });
      });
}

void HelpCentre::Vote(std::shared_ptr<Visit> visit, v1::RateAnswerRequest request,
                      const std::string& cookie) {
  Ask<v1::RateAnswerRequest, v1::RateAnswerResponse>(
      &KnowledgeService::RateAnswer, "RateAnswer", *visit, std::move(request),
      [visit, cookie](absl::Status status, v1::RateAnswerResponse&) {
        if (!status.ok()) return visit->Fail(status);
        http::Response response =
            Redirect(303, ArticleUrl(visit->frame, visit->article) + "?rated=1");
        if (!cookie.empty()) response.headers.emplace_back("Set-Cookie", cookie);
        visit->respond(std::move(response));
      });
}

void HelpCentre::SitemapPage(std::shared_ptr<Visit> visit, std::shared_ptr<Sitemap> sitemap) {
  v1::ListArticlesRequest request;
  request.set_parent("tenants/" + visit->frame.tenant);
  request.set_state(v1::ARTICLE_STATE_PUBLISHED);
  request.set_page_size(kListPageSize);
  request.set_page_token(sitemap->page_token);
  Ask<v1::ListArticlesRequest, v1::ListArticlesResponse>(
      &KnowledgeService::ListPublicArticles, "ListArticles", *visit, std::move(request),
      [this, visit, sitemap](absl::Status status, v1::ListArticlesResponse& response) {
        if (!status.ok()) return visit->Fail(status);
        sitemap->page_token = response.next_page_token();
        for (const v1::Article& article : response.articles()) sitemap->Add(visit->frame, article);
        if (!sitemap->page_token.empty() && sitemap->urls < kSitemapUrlsMax) {
          return SitemapPage(visit, sitemap);
        }
        visit->respond(Plain("application/xml; charset=utf-8", sitemap->xml + "</urlset>\n"));
      });
}

}  // namespace frontdesk::knowledge
