#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/http/handler.h"
#include "services/knowledge/help_centre/pages.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/query_cache.h"

namespace frontdesk::knowledge {

// The public pages of all tenants of the process: published articles for everybody, in English and
// Chinese, made on the server. Its one script only completes what is typed in the search field.
//   GET  /help/{tenant}/{locale}                          by topic; ?topic=…&page=…
//   GET  /help/{tenant}/{locale}/search?q=…
//   GET  /help/{tenant}/{locale}/suggest?q=…              JSON, for the search field
//   GET  /help/{tenant}/{locale}/articles/{article}
//   POST /help/{tenant}/{locale}/articles/{article}/rate  helpful=yes|no&version=N
//   GET  /help/{tenant}/sitemap.xml, /robots.txt, /help/style.css,
//        /help/suggest.js, /healthz
//   GET  /, /help, /help/{tenant}                         lead on, in the reader's language
// A visitor is a random id in a cookie that the first vote sets (pages are kept by caches and set
// none), nothing else is kept of them. One vote a cookie: who brings none has a new vote, and the
// limit of all votes together is what a flood meets. Owned by the App. Thread safe, never blocks.
class HelpCentre final : public http::Handler {
 public:
  struct Collaborators {
    KnowledgeService& service;
    const Clock& clock;
    RandomSource& random;
    std::function<absl::Status()> ready;
    // KnowledgeService::ListRelatedArticles; null = articles are shown without related ones.
    std::function<void(const rpc::Call&, const v1::ListRelatedArticlesRequest&,
                       v1::ListRelatedArticlesResponse*, rpc::Finish)>
        related{};
  };
  struct Options {
    std::string default_tenant = "demo";
    // As readers see it, "https://help.example.com"; empty = taken from the request.
    std::string base_url{};
    // Of all visitors together: what a flood may write.
    double votes_per_second = 20;
  };

  HelpCentre(Collaborators in, Options options)
      : in_(std::move(in)), options_(std::move(options)) {}

  // Those whose help centre is open; pages of others are not found. Any thread.
  void SetTenants(std::vector<std::string> tenants);
  void Handle(http::Request request, http::Respond respond) override;

 private:
  static constexpr size_t kRenderedBytesMax = 16 << 20;
  struct Visit;
  struct Sitemap;

  void Route(std::shared_ptr<Visit> visit);
  void List(std::shared_ptr<Visit> visit);
  static void ShowList(Visit& visit, const v1::ListArticlesResponse& response);
  void Search(std::shared_ptr<Visit> visit);
  // What is wanted may be misspelt: with nothing found, once more as it was probably meant.
  void Find(std::shared_ptr<Visit> visit, const std::string& query, bool corrected);
  void Suggest(std::shared_ptr<Visit> visit);
  // The article, its other language, its published version, what is related to it: one read each.
  void Article(std::shared_ptr<Visit> visit);
  void ArticleAlternate(std::shared_ptr<Visit> visit, const v1::Article& article);
  void ArticleVersion(std::shared_ptr<Visit> visit, const v1::Article& article);
  void ArticleRelated(std::shared_ptr<Visit> visit, std::shared_ptr<HelpArticle> page);
  // Absolute, for search engines; empty without `base_url`.
  std::string Absolute(std::string_view url) const;
  rpc::Call CallOf(std::string_view name, const Visit& visit) const;
  void Rate(std::shared_ptr<Visit> visit);
  void Vote(std::shared_ptr<Visit> visit, v1::RateAnswerRequest request, const std::string& cookie);
  // Rendered once: anybody may ask for a page again and again.
  std::string BodyHtml(const v1::ArticleVersion& version);
  void SitemapPage(std::shared_ptr<Visit> visit, std::shared_ptr<Sitemap> sitemap);
  bool TakeVote();
  bool Open(std::string_view tenant) const;

  template <class Request, class Response>
  void Ask(void (KnowledgeService::*method)(const rpc::Call&, const Request&, Response*,
                                            rpc::Finish),
           std::string_view name, const Visit& visit, Request request,
           absl::AnyInvocable<void(absl::Status, Response&)> then);

  const Collaborators in_;
  const Options options_;
  QueryCache rendered_{kRenderedBytesMax};  // bodies as HTML, by version
  mutable std::mutex mu_;
  absl::flat_hash_set<std::string> tenants_;             // guarded by mu_
  double votes_left_ = 0;                                // guarded by mu_
  absl::Duration votes_at_ = -absl::InfiniteDuration();  // guarded by mu_; steady
};

}  // namespace frontdesk::knowledge
