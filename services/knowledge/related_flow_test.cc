#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using S = KnowledgeService;

TEST_CASE("articles with the same tags are related, by the rarest first") {
  KnowledgeWorld world;
  const auto add = [&](const std::string& id, std::vector<std::string> tags) {
    world.Create(world.CreateRequest(id, id, "Body", std::move(tags)));
    REQUIRE(world.Publish(id).ok());
  };
  add("asked", {"lamp", "warranty"});
  add("lamp-1", {"lamp"});
  add("lamp-2", {"lamp"});
  add("rare", {"warranty"});
  add("both", {"warranty", "lamp"});
  add("other", {"garden"});
  world.Create(world.CreateRequest("draft", "draft", "Body", {"lamp"}));
  v1::ListRelatedArticlesRequest request;
  request.set_name(world.Name("asked"));
  std::string found;
  const auto reply = world.Must(&S::ListRelatedArticles, request);
  for (const auto& one : reply.related_articles()) {
    CHECK(one.reason() == v1::RELATION_REASON_SAME_TAG);
    found += one.title() + " ";
  }
  CHECK(found == "both rare lamp-1 lamp-2 ");
}

TEST_CASE("related articles come by links, error, module and product, best first") {
  KnowledgeWorld world;
  REQUIRE(world.AddNode("phone", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
  REQUIRE(world.AddNode("camera", v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE, "phone").ok());
  REQUIRE(world.AddNode("blur", v1::KNOWLEDGE_NODE_KIND_ERROR, "camera").ok());
  REQUIRE(world.AddNode("dark", v1::KNOWLEDGE_NODE_KIND_ERROR, "", {"blur"}).ok());
  const auto add = [&](const std::string& id, auto change, const std::string& locale = "en") {
    auto request = world.CreateRequest(id, id, "Body", {}, locale);
    change(*request.mutable_article());
    world.Create(request);
    REQUIRE(world.Publish(id).ok());
  };
  const auto link = [&](v1::Article& article, const std::string& to, v1::ArticleLinkKind kind) {
    v1::ArticleLink& added = *article.mutable_content()->add_links();
    added.set_article(world.Name(to));
    added.set_kind(kind);
  };
  add("linked", [](auto&) {});
  add("first", [](auto&) {});
  add("asked", [&](v1::Article& a) {
    link(a, "linked", v1::ARTICLE_LINK_KIND_RELATED);
    link(a, "first", v1::ARTICLE_LINK_KIND_PREREQUISITE);
    a.mutable_content()->set_error_type("blur");
    a.mutable_content()->set_product_module("camera");
  });
  add("newer", [&](v1::Article& a) { link(a, "asked", v1::ARTICLE_LINK_KIND_SUPERSEDES); });
  add("same-error", [](v1::Article& a) { a.mutable_content()->set_error_type("blur"); });
  add("near-error", [](v1::Article& a) { a.mutable_content()->set_error_type("dark"); });
  add("module", [](v1::Article& a) { a.mutable_content()->set_product_module("camera"); });
  add("product", [](v1::Article& a) { a.mutable_content()->set_product("phone"); });
  add("internal", [](v1::Article& a) {
    a.mutable_content()->set_error_type("blur");
    a.mutable_content()->set_audience(v1::AUDIENCE_AGENTS);
  });
  world.Create(world.CreateRequest("draft", "Draft", "Body"));
  const auto related = [&](auto change) {
    v1::ListRelatedArticlesRequest request;
    request.set_name(world.Name("asked"));
    change(request);
    std::string found;
    const auto reply = world.Must(&S::ListRelatedArticles, request);
    for (const auto& one : reply.related_articles()) {
      found += fmt::format("{}{}:{}{}", found.empty() ? "" : " ", one.title(), one.reason(),
                           one.locale_fallback() ? "!" : "");
    }
    return found;
  };
  CHECK(related([](auto&) {}) ==
        "newer:1 first:2 linked:3 same-error:4 near-error:5 module:6 product:7");
  CHECK(related([](auto& r) { r.set_page_size(2); }) == "newer:1 first:2");
  CHECK(related([](auto& r) { r.set_audience(v1::AUDIENCE_AGENTS); }).find("internal:4") !=
        std::string::npos);
  v1::ListRelatedArticlesRequest internal;
  internal.set_name(world.Name("asked"));
  internal.set_audience(v1::AUDIENCE_AGENTS);
  v1::ListRelatedArticlesResponse response;
  CHECK(ReasonOf(world.ListRelatedArticles(internal, &response, rpc::Role::kChannel)) ==
        "PERMISSION_DENIED");
  CHECK(world.ListRelatedArticles(internal, &response, rpc::Role::kAnalyst).ok());
  add(
      "newer-zh", [&](v1::Article& a) { a.set_translation_of(world.Name("newer")); }, "zh");
  CHECK(related([](auto& r) {
          r.set_locale("zh");
          r.set_page_size(2);
        }) == "newer-zh:1 first:2!");
  // Archived and edited away: what is not live any more is not recommended.
  REQUIRE(world.Archive("newer").ok());
  REQUIRE(world.Archive("same-error").ok());
  CHECK(related([](auto&) {}) == "first:2 linked:3 near-error:5 module:6 product:7");
}
