#include "services/knowledge/help_centre/help_centre.h"

#include <map>
#include <optional>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using knowledge::testing::KnowledgeWorld;

namespace {

// The help centre over a real service; visitors without a socket.
struct Site {
  Site()
      : pages({world.app->service(), world.clock, world.random, [] { return absl::OkStatus(); }},
              {}) {
    pages.SetTenants({"acme"});
  }
  http::Response Ask(http::Request request) {
    std::optional<http::Response> answer;
    pages.Handle(std::move(request),
                 [&](http::Response response) { answer = std::move(response); });
    world.Settle();
    REQUIRE(answer.has_value());
    return *std::move(answer);
  }
  http::Response Get(const std::string& target, std::map<std::string, std::string> headers = {}) {
    http::Request request;
    request.method = "GET";
    request.headers = std::move(headers);
    REQUIRE(http::ParseTarget(target, &request).ok());
    return Ask(std::move(request));
  }
  http::Response Post(const std::string& target, const std::string& body,
                      std::map<std::string, std::string> headers = {}) {
    http::Request request;
    request.method = "POST";
    request.headers = std::move(headers);
    request.body = body;
    REQUIRE(http::ParseTarget(target, &request).ok());
    return Ask(std::move(request));
  }
  void Publish(const std::string& id, const std::string& title, const std::string& body,
               std::vector<std::string> tags = {}, const std::string& locale = "en") {
    world.Create(world.CreateRequest(id, title, body, std::move(tags), locale));
    REQUIRE(world.Publish(id).ok());
    world.Settle();
  }

  void PublishTranslation(const std::string& id, const std::string& title, const std::string& of,
                          v1::Audience audience, const std::string& locale = "zh") {
    auto request = world.CreateRequest(id, title, "Body of " + id, {}, locale);
    if (!of.empty()) request.mutable_article()->set_translation_of(world.Name(of));
    request.mutable_article()->mutable_content()->set_audience(audience);
    world.Create(request);
    REQUIRE(world.Publish(id).ok());
    world.Settle();
  }

  KnowledgeWorld world;
  HelpCentre pages;
};

std::string HeaderOf(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

bool Holds(const http::Response& response, std::string_view part) {
  return response.body.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(Site, "the list shows published articles of the language by topic") {
  Publish("refunds", "How refunds work", "Back in 5 days.", {"money"});
  Publish("refunds-zh", "退款说明", "五天内退回。", {"付款"}, "zh");
  world.Create(world.CreateRequest("secret", "Not yet public", "Soon."));
  const http::Response english = Get("/help/acme/en");
  CHECK(english.status == 200);
  CHECK(Holds(english, "<html lang=\"en\">"));
  CHECK(Holds(english, "<h2>money</h2>"));
  CHECK(Holds(english, "<a href=\"/help/acme/en/articles/refunds\">How refunds work</a>"));
  CHECK_FALSE(Holds(english, "Not yet public"));
  CHECK_FALSE(Holds(english, "退款说明"));
  const http::Response chinese = Get("/help/acme/zh");
  CHECK(Holds(chinese, "帮助中心"));
  CHECK(Holds(chinese, "退款说明"));
  CHECK(Holds(chinese, "hreflang=\"en\" href=\"/help/acme/en\""));
  CHECK_FALSE(Holds(Get("/help/acme/en?topic=other"), "How refunds work"));
}

TEST_CASE_METHOD(Site, "an article is shown as it was published, whatever is being written") {
  Publish("refunds", "How refunds work", "## Card\n\nBack in **5** days. <script>x</script>");
  v1::UpdateArticleRequest update;
  update.mutable_article()->set_name(world.Name("refunds"));
  update.mutable_article()->mutable_content()->set_title("A title nobody has approved");
  update.set_request_id("u1");
  v1::UpdateArticleResponse updated;
  REQUIRE(world.UpdateArticle(update, &updated).ok());
  for (const char* target : {"/help/acme/en/articles/refunds", "/help/acme/en"}) {
    const http::Response page = Get(target);
    CHECK(page.status == 200);
    CHECK(Holds(page, "How refunds work"));
    CHECK_FALSE(Holds(page, "nobody has approved"));
  }
  const http::Response page = Get("/help/acme/en/articles/refunds");
  CHECK(Holds(page, "<h3>Card</h3>"));
  CHECK(Holds(page, "<strong>5</strong>"));
  CHECK_FALSE(Holds(page, "<script>"));
  const std::string policy = HeaderOf(page, "Content-Security-Policy");
  CHECK(policy.starts_with("default-src 'none'"));
  CHECK(policy.find("unsafe") == std::string::npos);
  const http::Response again =
      Get("/help/acme/en/articles/refunds", {{"if-none-match", HeaderOf(page, "ETag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
}

TEST_CASE_METHOD(Site, "a search finds, shows the words safely, and says when there is nothing") {
  Publish("refunds", "How refunds <b>work</b>", "A refund takes 5 days.");
  const http::Response found = Get("/help/acme/en/search?q=refund+days");
  CHECK(found.status == 200);
  CHECK(Holds(found, "/help/acme/en/articles/refunds"));
  CHECK(Holds(found, "&lt;b&gt;"));
  CHECK_FALSE(Holds(found, "<b>"));
  CHECK(Holds(found, "noindex"));
  const http::Response none = Get("/help/acme/en/search?q=%22%3E%3Cscript%3Ealert(1)");
  CHECK(none.status == 200);
  CHECK(Holds(none, "Nothing was found."));
  CHECK_FALSE(Holds(none, "<script>"));
  CHECK(Get("/help/acme/en/search?q=" + std::string(3000, 'a')).status == 400);
  CHECK(Get("/help/acme/en/search?q=").status == 302);
}

TEST_CASE_METHOD(Site, "what is for customers or agents is on no public page") {
  for (const v1::Audience audience : {v1::AUDIENCE_CUSTOMERS, v1::AUDIENCE_AGENTS}) {
    const std::string id = audience == v1::AUDIENCE_AGENTS ? "inside" : "members";
    auto request = world.CreateRequest(id, "Confidential " + id, "A refund takes 5 days.");
    request.mutable_article()->mutable_content()->set_audience(audience);
    world.Create(request);
    REQUIRE(world.Publish(id).ok());
  }
  world.Settle();
  for (const char* target :
       {"/help/acme/en", "/help/acme/en/search?q=confidential+refund", "/help/acme/sitemap.xml"}) {
    INFO(target);
    const http::Response page = Get(target);
    CHECK(page.status == 200);
    CHECK_FALSE(Holds(page, "inside"));
    CHECK_FALSE(Holds(page, "members"));
  }
  CHECK(Get("/help/acme/en/articles/inside").status == 404);
  CHECK(Get("/help/acme/en/articles/members").status == 404);
}

TEST_CASE_METHOD(Site, "one cookie has one vote, and only a version that is there gets one") {
  Publish("refunds", "How refunds work", "Back in 5 days.");
  const http::Response thanked =
      Post("/help/acme/en/articles/refunds/rate", "helpful=yes&version=1");
  CHECK(thanked.status == 303);
  CHECK(HeaderOf(thanked, "Location") == "/help/acme/en/articles/refunds?rated=1");
  const std::string cookie = HeaderOf(thanked, "Set-Cookie");
  REQUIRE(cookie.starts_with("fd_visitor="));
  CHECK(world.Get("refunds").helpful_count() == 1);
  const std::string visitor = cookie.substr(0, cookie.find(';'));
  CHECK(Post("/help/acme/en/articles/refunds/rate", "helpful=no&version=1", {{"cookie", visitor}})
            .status == 303);
  CHECK(world.Get("refunds").helpful_count() == 0);
  CHECK(world.Get("refunds").not_helpful_count() == 1);
  CHECK(Post("/help/acme/en/articles/refunds/rate", "helpful=no&version=1").status == 303);
  CHECK(world.Get("refunds").not_helpful_count() == 2);
  CHECK(Holds(Get("/help/acme/en/articles/refunds?rated=1"), "Thank you."));
  CHECK(Post("/help/acme/en/articles/refunds/rate", "helpful=perhaps&version=1").status == 400);
  for (const char* version : {"x", "1x", "01", "0", "-1", "+1", "", "99999999999"}) {
    INFO(version);
    const std::string body = fmt::format("helpful=yes&version={}", http::Encode(version));
    CHECK(Post("/help/acme/en/articles/refunds/rate", body).status == 400);
  }
  CHECK(Post("/help/acme/en/articles/refunds/rate", "helpful=yes&version=9").status >= 400);
  CHECK(world.Get("refunds").helpful_count() == 0);
}

TEST_CASE_METHOD(Site, "pages that caches may keep give nobody a name") {
  Publish("refunds", "How refunds work", "Back in 5 days.");
  for (const char* target : {"/help/acme/en", "/help/acme/en/articles/refunds"}) {
    const http::Response page = Get(target);
    CHECK(HeaderOf(page, "Cache-Control") == "public, max-age=60");
    CHECK(HeaderOf(page, "Set-Cookie").empty());
  }
}

TEST_CASE_METHOD(Site, "a flood of votes is slowed down") {
  Publish("refunds", "How refunds work", "Back in 5 days.");
  int refused = 0;
  for (int i = 0; i < 130; ++i) {
    refused += Post("/help/acme/en/articles/refunds/rate", "helpful=yes&version=1").status == 429;
  }
  CHECK(refused > 0);
  CHECK(refused <= 30);
}

TEST_CASE_METHOD(Site, "what is not there, not public or not a page is an error page") {
  world.Create(world.CreateRequest("draft", "Draft", "Soon."));
  for (const char* target :
       {"/help/acme/en/articles/draft", "/help/acme/en/articles/none", "/help/acme/en/articles/UP",
        "/help/acme/fr", "/help/other/en", "/help/acme/en/nothing", "/nothing"}) {
    INFO(target);
    const http::Response page = Get(target);
    CHECK(page.status == 404);
    CHECK(Holds(page, "<h1>"));
  }
  CHECK(Post("/help/acme/en", "").status == 405);
}

TEST_CASE_METHOD(Site, "a reader is led to their language") {
  CHECK(HeaderOf(Get("/help/acme", {{"accept-language", "zh-CN,zh;q=0.9,en;q=0.5"}}), "Location") ==
        "/help/acme/zh");
  CHECK(HeaderOf(Get("/help/acme", {{"accept-language", "en-GB,zh;q=0.2"}}), "Location") ==
        "/help/acme/en");
  CHECK(HeaderOf(Get("/"), "Location") == "/help/demo/en");
}

TEST_CASE_METHOD(Site, "the sitemap names what is public") {
  Publish("refunds", "How refunds work", "Back in 5 days.");
  Publish("refunds-zh", "退款说明", "五天内退回。", {}, "zh");
  world.Create(world.CreateRequest("draft", "Draft", "Soon."));
  const http::Response map = Get("/help/acme/sitemap.xml", {{"host", "help.example.com"}});
  CHECK(map.status == 200);
  CHECK(Holds(map, "<loc>http://help.example.com/help/acme/en/articles/refunds</loc>"));
  CHECK(Holds(map, "<loc>http://help.example.com/help/acme/zh/articles/refunds-zh</loc>"));
  CHECK_FALSE(Holds(map, "draft"));
}

TEST_CASE_METHOD(Site, "a search marks the words and shows public articles only") {
  Publish("refunds", "How refunds work", "## When\n**A refund** takes 5 `days`.");
  auto inside = world.CreateRequest("inside", "Refunds for agents", "A refund is made by hand.");
  inside.mutable_article()->mutable_content()->set_audience(v1::AUDIENCE_AGENTS);
  world.Create(inside);
  REQUIRE(world.Publish("inside").ok());
  world.Settle();
  const http::Response found = Get("/help/acme/en/search?q=refund");
  CHECK(Holds(found, "How <mark>refunds</mark> work"));
  CHECK(Holds(found, "A <mark>refund</mark> takes 5 days."));
  CHECK_FALSE(Holds(found, "for agents"));
  CHECK(Get("/help/acme/en/articles/inside").status == 404);
  CHECK_FALSE(Holds(Get("/help/acme/en"), "for agents"));
  const http::Response typed = Get("/help/acme/en/suggest?q=How+ref");
  CHECK(typed.status == 200);
  CHECK(typed.body == "{\"suggestions\":[\"How refunds work\"]}");
  CHECK(Get("/help/acme/en/suggest?q=Refunds+for").body == "{\"suggestions\":[]}");
  CHECK(Get("/help/acme/en/suggest?q=").status == 400);
  CHECK(Holds(Get("/help/suggest.js"), "addEventListener"));
}

TEST_CASE("a misspelt search leads to what was meant, or says that it shows that") {
  const HelpFrame frame{.tenant = "acme", .locale = "en", .query = "pasword"};
  HelpSearch search{.entries = {}, .suggested_query = "password <b>"};
  CHECK(SearchPage(frame, search).find("Did you mean <a href=\"/help/acme/en/search?q=password") !=
        std::string::npos);
  CHECK(SearchPage(frame, search).find("These are") == std::string::npos);
  search.entries.push_back({.article = "a", .title = "Passwords", .snippet = {}});
  search.shown_instead = true;
  const std::string page = SearchPage(frame, search);
  CHECK(page.find("Nothing was found. These are the results for <a ") != std::string::npos);
  CHECK(page.find("password &lt;b&gt;</a>") != std::string::npos);
  CHECK(page.find("value=\"pasword\"") != std::string::npos);
}

TEST_CASE("pages name their own address and that of the other language") {
  HelpFrame frame{.tenant = "acme", .locale = "en"};
  frame.canonical_url = "https://help.example.com/help/acme/en";
  frame.alternates = {{"en", frame.canonical_url}, {"zh", "https://help.example.com/help/acme/zh"}};
  const std::string page = ListPage(frame, {});
  CHECK(page.find("<link rel=\"canonical\" href=\"https://help.example.com/help/acme/en\">") !=
        std::string::npos);
  CHECK(page.find("<link rel=\"alternate\" hreflang=\"zh\" "
                  "href=\"https://help.example.com/help/acme/zh\">") != std::string::npos);
  CHECK(SearchPage(frame, {}).find("canonical") == std::string::npos);
}

TEST_CASE_METHOD(Site, "an article shows what is related to it, and does without when that fails") {
  Publish("refunds", "How refunds work", "Back in 5 days.");
  absl::Status answer;
  HelpCentre related(
      {world.app->service(), world.clock, world.random, [] { return absl::OkStatus(); },
       [&](const rpc::Call& call, const v1::ListRelatedArticlesRequest& request,
           v1::ListRelatedArticlesResponse* response, rpc::Finish finish) {
         CHECK(call.tenant == "acme");
         CHECK(request.name() == world.Name("refunds"));
         CHECK(request.audience() == v1::AUDIENCE_PUBLIC);
         v1::RelatedArticle& one = *response->add_related_articles();
         one.set_article(world.Name("returns"));
         one.set_title("How to <return>");
         finish(answer);
       }},
      {});
  related.SetTenants({"acme"});
  http::Request request;
  request.method = "GET";
  REQUIRE(http::ParseTarget("/help/acme/en/articles/refunds", &request).ok());
  for (const bool fails : {false, true}) {
    answer = fails ? absl::UnavailableError("gone") : absl::OkStatus();
    std::optional<http::Response> page;
    related.Handle(request, [&](http::Response response) { page = std::move(response); });
    world.Settle();
    REQUIRE(page.has_value());
    CHECK(page->status == 200);
    CHECK(Holds(*page, "/help/acme/en/articles/returns") != fails);
    CHECK(Holds(*page, "How to &lt;return&gt;") != fails);
  }
}

TEST_CASE_METHOD(Site, "a body that is expensive to render is shown as text, a new version anew") {
  std::string body(15'001, '|');
  body += "\n";
  for (int i = 0; i < 15'000; ++i) body += "|-";
  Publish("wide", "Wide", body);
  const http::Response wide = Get("/help/acme/en/articles/wide");
  CHECK(wide.status == 200);
  CHECK_FALSE(Holds(wide, "<table"));
  CHECK(Holds(wide, "|-|-"));
  CHECK(Get("/help/acme/en/articles/wide").body == wide.body);
  REQUIRE(world.Edit("wide", [](v1::ArticleContent& c) { c.set_body("|a|\n|-|\n|b|"); }).ok());
  REQUIRE(world.Publish("wide").ok());
  CHECK(Holds(Get("/help/acme/en/articles/wide"), "<td>b</td>"));
}

TEST_CASE_METHOD(Site, "a translation that is not for everybody leaves the reader the source") {
  Publish("returns", "How to return", "Send it back.");
  PublishTranslation("returns-zh", "退货", "returns", v1::AUDIENCE_AGENTS);
  const http::Response page = Get("/help/acme/zh/articles/returns");
  CHECK(page.status == 200);
  CHECK(Holds(page, "How to return"));
  CHECK(Holds(page, "这篇文章暂时没有中文版。"));
  CHECK_FALSE(Holds(page, "returns-zh"));
  CHECK_FALSE(Holds(Get("/help/acme/en/articles/returns"), "returns-zh"));
  CHECK(Get("/help/acme/zh/articles/returns-zh").status == 404);
  // It does not even tell whose translation it is.
  CHECK(Get("/help/acme/en/articles/returns-zh").status == 404);
  REQUIRE(
      world.Edit("returns-zh", [](v1::ArticleContent& c) { c.set_audience(v1::AUDIENCE_PUBLIC); })
          .ok());
  CHECK(Get("/help/acme/zh/articles/returns").status == 200);
  REQUIRE(world.Publish("returns-zh").ok());
  CHECK(HeaderOf(Get("/help/acme/zh/articles/returns"), "Location") ==
        "/help/acme/zh/articles/returns-zh");
}

TEST_CASE_METHOD(Site, "a translation outlives its source") {
  Publish("returns", "How to return", "Send it back.");
  PublishTranslation("returns-zh", "退货", "returns", v1::AUDIENCE_PUBLIC);
  REQUIRE(world.Archive("returns").ok());
  const http::Response english = Get("/help/acme/en/articles/returns-zh");
  CHECK(english.status == 200);
  CHECK(Holds(english, "退货"));
  CHECK(Holds(english, "This article is not available in English yet."));
  const http::Response chinese = Get("/help/acme/zh/articles/returns-zh");
  CHECK(Holds(chinese, "/help/acme/en/articles/returns-zh"));
  CHECK_FALSE(Holds(chinese, "articles/returns\""));
  CHECK(Get("/help/acme/zh/articles/returns").status == 404);
  v1::GetArticleRequest get;
  get.set_name(world.Name("returns-zh"));
  get.set_locale("en");
  const auto read = world.Must(&KnowledgeService::GetArticle, get);
  CHECK(read.article().name() == world.Name("returns-zh"));
  CHECK(read.locale_fallback());
}

TEST_CASE_METHOD(Site, "nobody votes on what they can't have read") {
  PublishTranslation("plain", "Plain", "", v1::AUDIENCE_PUBLIC, "en");
  REQUIRE(world.Archive("plain").ok());
  for (const v1::Audience audience : {v1::AUDIENCE_CUSTOMERS, v1::AUDIENCE_AGENTS}) {
    const std::string id = audience == v1::AUDIENCE_AGENTS ? "inside" : "members";
    PublishTranslation(id, "Inside", "", audience, "en");
  }
  const http::Response unknown = Post("/help/acme/en/articles/none/rate", "helpful=no&version=1");
  CHECK(unknown.status == 404);
  for (const char* id : {"inside", "members", "plain"}) {
    INFO(id);
    const http::Response refused =
        Post(fmt::format("/help/acme/en/articles/{}/rate", id), "helpful=no&version=1");
    CHECK(refused.status == 404);
    CHECK(refused.body == unknown.body);
    CHECK(refused.headers == unknown.headers);
    CHECK(world.Get(id).not_helpful_count() == 0);
  }
  // Nor on versions of a public article that were for others.
  REQUIRE(world.Edit("inside", [](v1::ArticleContent& c) { c.set_audience(v1::AUDIENCE_PUBLIC); })
              .ok());
  REQUIRE(world.Publish("inside").ok());
  CHECK(Post("/help/acme/en/articles/inside/rate", "helpful=no&version=1").status == 404);
  CHECK(world.Get("inside").not_helpful_count() == 0);
  CHECK(Post("/help/acme/en/articles/inside/rate", "helpful=no&version=2").status == 303);
  CHECK(world.Get("inside").not_helpful_count() == 1);
}

TEST_CASE_METHOD(Site, "topics and languages are those of what is published, not of a draft") {
  Publish("stripes", "About stripes", "Black and white.", {"zebra"});
  PublishTranslation("stripes-zh", "条纹", "stripes", v1::AUDIENCE_PUBLIC);
  REQUIRE(world
              .Edit("stripes",
                    [](v1::ArticleContent& c) {
                      c.clear_tags();
                      c.add_tags("giraffe");
                      c.set_audience(v1::AUDIENCE_AGENTS);
                    })
              .ok());
  REQUIRE(
      world.Edit("stripes-zh", [](v1::ArticleContent& c) { c.set_audience(v1::AUDIENCE_AGENTS); })
          .ok());
  const auto tagged = [&](const std::string& tag) {
    return world.List([&](v1::ListArticlesRequest& r) { r.set_tag(tag); });
  };
  CHECK(Holds(Get("/help/acme/en?topic=zebra"), "About stripes"));
  CHECK_FALSE(Holds(Get("/help/acme/en?topic=giraffe"), "About stripes"));
  CHECK(Holds(Get("/help/acme/en"), "<h2>zebra</h2>"));
  CHECK(tagged("zebra").empty());
  CHECK(tagged("giraffe") == "stripes");
  CHECK(Holds(Get("/help/acme/en/articles/stripes"), "/help/acme/zh/articles/stripes-zh"));
  CHECK(Holds(Get("/help/acme/sitemap.xml"), "/help/acme/en/articles/stripes<"));
  // Once it is published, the draft is what counts; once archived, nothing is left of the old tag.
  REQUIRE(world.Publish("stripes-zh").ok());
  CHECK_FALSE(Holds(Get("/help/acme/en/articles/stripes"), "stripes-zh"));
  REQUIRE(world.Edit("stripes", [](v1::ArticleContent& c) { c.set_audience(v1::AUDIENCE_PUBLIC); })
              .ok());
  REQUIRE(world.Publish("stripes").ok());
  CHECK_FALSE(Holds(Get("/help/acme/en?topic=zebra"), "About stripes"));
  CHECK(Holds(Get("/help/acme/en?topic=giraffe"), "About stripes"));
  CHECK(tagged("zebra").empty());
}
