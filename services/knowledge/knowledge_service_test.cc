#include "services/knowledge/knowledge_service.h"

#include <set>

#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/article_import.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using frontdesk::knowledge::testing::kParent;

namespace {

std::string FirstField(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? "" : details.fields[0].first;
}

}  // namespace

TEST_CASE("a new article is a draft that nobody finds, and is found once it is published") {
  KnowledgeWorld world;
  const v1::Article article = world.Create(
      world.CreateRequest("parking", "Parking at the store", "There are 20 free parking spaces."));
  CHECK(article.state() == v1::ARTICLE_STATE_DRAFT);
  CHECK(article.latest_version() == 1);
  CHECK(article.content().body() == "There are 20 free parking spaces.");
  CHECK_FALSE(world.Ask("parking spaces at the store").known());
  REQUIRE(world.Publish("parking").ok());
  const v1::Answer answer = world.Ask("parking spaces at the store");
  CHECK(answer.known());
  CHECK(answer.text() == "There are 20 free parking spaces.");
  REQUIRE(answer.citations_size() == 1);
  CHECK(answer.citations(0).article_version() == "tenants/acme/articles/parking/versions/1");
}

TEST_CASE("an update makes a new version while the published one stays the answer") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  v1::UpdateArticleRequest update;
  update.mutable_article()->set_name(world.Name("parking"));
  update.mutable_article()->mutable_content()->set_body("30 parking spaces.");
  update.set_request_id(world.NewRequestId());
  v1::UpdateArticleResponse updated;
  REQUIRE(world.UpdateArticle(update, &updated).ok());
  CHECK(updated.article().latest_version() == 2);
  CHECK(updated.article().published_version() == 1);
  CHECK(updated.article().content().title() == "Parking");
  CHECK(world.Ask("parking spaces").text() == "20 parking spaces.");
  REQUIRE(world.Publish("parking").ok());
  CHECK(world.Ask("parking spaces").text() == "30 parking spaces.");
  // An earlier version can be published again, and old citations still open.
  REQUIRE(world.Publish("parking", 1).ok());
  CHECK(world.Ask("parking spaces").text() == "20 parking spaces.");
  v1::GetArticleVersionRequest get;
  get.set_name(world.Name("parking") + "/versions/2");
  v1::GetArticleVersionResponse version;
  REQUIRE(world.GetArticleVersion(get, &version).ok());
  CHECK(version.article_version().content().body() == "30 parking spaces.");
  CHECK(version.article_version().author() == "tenants/acme/agents/mia");
}

TEST_CASE("an update that changes nothing makes no version") {
  KnowledgeWorld world;
  const v1::Article before = world.Create(world.CreateRequest("a", "Title", "Body"));
  v1::UpdateArticleRequest update;
  update.mutable_article()->set_name(world.Name("a"));
  update.mutable_article()->mutable_content()->set_title("Title");
  update.set_request_id(world.NewRequestId());
  v1::UpdateArticleResponse updated;
  REQUIRE(world.UpdateArticle(update, &updated).ok());
  CHECK(updated.article().latest_version() == 1);
  CHECK(updated.article().etag() == before.etag());
}

TEST_CASE("a change made for an older etag is refused") {
  KnowledgeWorld world;
  const v1::Article first = world.Create(world.CreateRequest("a", "Title", "Body"));
  REQUIRE(world.Publish("a", 0, first.etag()).ok());
  const absl::Status late = world.Publish("a", 0, first.etag());
  CHECK(absl::IsAborted(late));
  CHECK(ReasonOf(late) == "ETAG_MISMATCH");
}

TEST_CASE("archiving takes an article out of search and can be undone by publishing") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  REQUIRE(world.Archive("parking").ok());
  CHECK_FALSE(world.Ask("parking spaces").known());
  CHECK(world.IndexState().indexed_articles() == 0);
  CHECK(world.IndexState().published_articles() == 0);
  CHECK(ReasonOf(world.Archive("parking")) == "FAILED_TRANSITION");
  REQUIRE(world.Publish("parking").ok());
  CHECK(world.Ask("parking spaces").known());
  CHECK(world.IndexState().published_articles() == 1);
}

TEST_CASE("each publication of a version is one event, and none when nothing changed") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "Body", {"x"}));
  REQUIRE(world.Publish("a").ok());
  REQUIRE(world.Publish("a").ok());
  const auto events = world.Events(v1::KnowledgeEvent::kArticlePublished);
  REQUIRE(events.size() == 1);
  const v1::ArticlePublished& fact = events[0].article_published();
  CHECK(fact.article_version() == "tenants/acme/articles/a/versions/1");
  CHECK(fact.previous_version() == 0);
  CHECK(fact.locale() == "en");
  CHECK(fact.tags(0) == "x");
  CHECK(events[0].metadata().tenant() == kParent);
  CHECK(events[0].metadata().actor() == "tenants/acme/agents/mia");
}

TEST_CASE("a repeated request id gives the same reply, also when it was too large to keep") {
  KnowledgeWorld world;
  const auto request = world.CreateRequest("", "Title", std::string(5000, 'x'));
  const v1::Article first = world.Create(request);
  const v1::Article again = world.Create(request);
  CHECK(first.name() == again.name());
  CHECK(again.content().body().size() == 5000);
}

TEST_CASE("what is wrong with a request is named") {
  KnowledgeWorld world;
  v1::CreateArticleResponse response;
  auto refused = [&](auto change) {
    auto request = world.CreateRequest("a", "Title", "Body");
    change(request);
    const absl::Status status = world.CreateArticle(request, &response);
    CHECK(absl::IsInvalidArgument(status));
    return FirstField(status);
  };
  using R = v1::CreateArticleRequest;
  const auto content = [](R& r) { return r.mutable_article()->mutable_content(); };
  CHECK(refused([](R& r) { r.set_parent("tenants/"); }) == "parent");
  CHECK(refused([](R& r) { r.set_article_id("Not An Id"); }) == "article_id");
  CHECK(refused([](R& r) { r.mutable_article()->set_locale("fr"); }) == "article.locale");
  CHECK(refused([&](R& r) { content(r)->clear_title(); }) == "article.content.title");
  CHECK(refused([&](R& r) { content(r)->set_title(std::string(201, 'x')); }) ==
        "article.content.title");
  CHECK(refused([&](R& r) { content(r)->set_body(" \n"); }) == "article.content.body");
  CHECK(refused([&](R& r) { content(r)->set_body(std::string((64 << 10) + 1, 'x')); }) ==
        "article.content.body");
  CHECK(refused([&](R& r) {
          for (int i = 0; i < 51; ++i) content(r)->add_questions("q");
        }) == "article.content.questions");
  CHECK(refused([&](R& r) { content(r)->add_tags(""); }) == "article.content.tags[0]");
  v1::CreateArticleRequest other = world.CreateRequest("a", "Title", "Body");
  other.set_parent("tenants/other");
  CHECK(ReasonOf(world.CreateArticle(other, &response)) == "WRONG_TENANT");
  v1::AnswerQuestionRequest ask;
  ask.set_parent(kParent);
  v1::AnswerQuestionResponse answer;
  CHECK(FirstField(world.AnswerQuestion(ask, &answer)) == "question");
}

TEST_CASE("an id that is taken is refused with its name") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "Body"));
  v1::CreateArticleResponse response;
  const absl::Status status =
      world.CreateArticle(world.CreateRequest("a", "Title", "Body"), &response);
  CHECK(absl::IsAlreadyExists(status));
  REQUIRE(DetailsOf(status).resource.has_value());
  CHECK(DetailsOf(status).resource->second == "tenants/acme/articles/a");
}

TEST_CASE("lists page through the index of their filter and bind their tokens to it") {
  KnowledgeWorld world;
  for (int i = 0; i < 7; ++i) {
    const std::string id = fmt::format("a{}", i);
    world.Create(world.CreateRequest(id, "Title", "Body", {i % 2 == 0 ? "even" : "odd"},
                                     i < 3 ? "zh" : "en"));
    if (i >= 4) REQUIRE(world.Publish(id).ok());
  }
  auto ids = [&](v1::ListArticlesRequest request) {
    request.set_parent(kParent);
    request.set_page_size(2);
    std::string found;
    while (true) {
      v1::ListArticlesResponse response;
      const absl::Status status = world.ListArticles(request, &response);
      INFO(status);
      REQUIRE(status.ok());
      CHECK(response.articles_size() <= 2);
      for (const auto& article : response.articles()) {
        found += article.name().substr(article.name().size() - 1);
        CHECK(article.content().body().empty());
        CHECK(article.content().title() == "Title");
      }
      if (response.next_page_token().empty()) return found;
      request.set_page_token(response.next_page_token());
    }
  };
  v1::ListArticlesRequest all;
  CHECK(ids(all) == "0123456");
  v1::ListArticlesRequest published;
  published.set_state(v1::ARTICLE_STATE_PUBLISHED);
  CHECK(ids(published) == "456");
  v1::ListArticlesRequest chinese;
  chinese.set_locale("zh");
  CHECK(ids(chinese) == "012");
  v1::ListArticlesRequest even;
  even.set_tag("even");
  CHECK(ids(even) == "0246");
  even.set_state(v1::ARTICLE_STATE_PUBLISHED);
  CHECK(ids(even) == "46");

  all.set_parent(kParent);
  all.set_page_size(2);
  v1::ListArticlesResponse response;
  REQUIRE(world.ListArticles(all, &response).ok());
  all.set_tag("odd");
  all.set_page_token(response.next_page_token());
  CHECK(ReasonOf(world.ListArticles(all, &response)) == "PAGE_TOKEN_INVALID");
}

TEST_CASE("versions are listed oldest first, page by page") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "Body 1"));
  for (int i = 2; i <= 5; ++i) {
    v1::UpdateArticleRequest update;
    update.mutable_article()->set_name(world.Name("a"));
    update.mutable_article()->mutable_content()->set_body(fmt::format("Body {}", i));
    update.set_request_id(world.NewRequestId());
    v1::UpdateArticleResponse updated;
    REQUIRE(world.UpdateArticle(update, &updated).ok());
  }
  v1::ListArticleVersionsRequest request;
  request.set_parent(world.Name("a"));
  request.set_page_size(2);
  std::string found;
  do {
    v1::ListArticleVersionsResponse response;
    REQUIRE(world.ListArticleVersions(request, &response).ok());
    for (const auto& version : response.article_versions()) {
      found += std::to_string(version.version());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  CHECK(found == "12345");
  request.set_parent(world.Name("none"));
  v1::ListArticleVersionsResponse response;
  CHECK(absl::IsNotFound(world.ListArticleVersions(request, &response)));
}

TEST_CASE("what nobody can have read is not rated") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("draft", "Title", "Body"));
  const std::pair<const char*, absl::StatusCode> versions[] = {
      {"draft/versions/1", absl::StatusCode::kNotFound},
      {"draft/versions/2", absl::StatusCode::kNotFound},
      {"unknown/versions/1", absl::StatusCode::kNotFound},
      {"draft/versions/x", absl::StatusCode::kInvalidArgument},
      {"draft/versions/1x", absl::StatusCode::kInvalidArgument},
      {"draft/versions/01", absl::StatusCode::kInvalidArgument},
      {"draft/versions/0", absl::StatusCode::kInvalidArgument},
      {"draft/versions/-1", absl::StatusCode::kInvalidArgument},
      {"draft/versions/99999999999", absl::StatusCode::kInvalidArgument}};
  for (const auto& [version, code] : versions) {
    v1::GetArticleVersionRequest get;
    get.set_name(world.Name(version));
    v1::GetArticleVersionResponse got;
    v1::RateAnswerRequest request;
    request.set_parent(kParent);
    request.set_answer_id("answer-1");
    request.set_rating(v1::ANSWER_RATING_HELPFUL);
    request.add_article_versions(world.Name(version));
    request.set_request_id(world.NewRequestId());
    v1::RateAnswerResponse response;
    INFO(version);
    CHECK(world.RateAnswer(request, &response).code() == code);
    // The same name is refused in the same way wherever it is given.
    if (code == absl::StatusCode::kInvalidArgument) {
      CHECK(world.GetArticleVersion(get, &got).code() == code);
    }
  }
  CHECK(world.Get("draft").helpful_count() == 0);
}

TEST_CASE("a person has one vote per answer, and the last one counts") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "Body"));
  REQUIRE(world.Publish("a").ok());
  auto rate = [&](v1::AnswerRating rating, const std::string& who) {
    v1::RateAnswerRequest request;
    request.set_parent(kParent);
    request.set_answer_id("answer-1");
    request.set_rating(rating);
    request.add_article_versions(world.Name("a") + "/versions/1");
    request.set_conversation("tenants/acme/conversations/c1");
    request.set_request_id(world.NewRequestId());
    world.principal = who;
    return world.Must(&KnowledgeService::RateAnswer, request).changed();
  };
  CHECK(rate(v1::ANSWER_RATING_HELPFUL, "mia"));
  CHECK_FALSE(rate(v1::ANSWER_RATING_HELPFUL, "mia"));
  CHECK(rate(v1::ANSWER_RATING_HELPFUL, "tom"));
  CHECK(world.Get("a").helpful_count() == 2);
  const std::string etag = world.Get("a").etag();
  CHECK(rate(v1::ANSWER_RATING_NOT_HELPFUL, "mia"));
  CHECK(world.Get("a").helpful_count() == 1);
  CHECK(world.Get("a").not_helpful_count() == 1);
  CHECK(world.Get("a").etag() == etag);
  const auto events = world.Events(v1::KnowledgeEvent::kAnswerRated);
  CHECK(events.size() == 3);
  CHECK(events[0].metadata().correlation() == "tenants/acme/conversations/c1");
}

TEST_CASE("questions of one kind make one gap, counted once per message") {
  KnowledgeWorld world;
  world.PublishUnanswered("Do you have parking?", "m1", "tenants/acme/conversations/c1");
  world.PublishUnanswered("do you have PARKING", "m2", "tenants/acme/conversations/c2");
  // The same message under another event id, as after a restore of its source.
  world.PublishUnanswered("Do you have parking?", "m1", "tenants/acme/conversations/c1");
  world.PublishUnanswered("有停车场吗？", "m3", "tenants/acme/conversations/c3", "zh");
  world.PublishUnanswered("???", "m4", "tenants/acme/conversations/c4");
  CHECK(world.Gaps().size() == 2);
  const auto english = world.Gaps("en");
  REQUIRE(english.size() == 1);
  CHECK(english[0].question() == "Do you have parking?");
  CHECK(english[0].count() == 2);
  CHECK(english[0].conversations_size() == 2);
  REQUIRE(world.Gaps("zh").size() == 1);
  const auto events = world.Events(v1::KnowledgeEvent::kKnowledgeGapFound);
  CHECK(events.size() == 2);
  CHECK(events[0].knowledge_gap_found().gap().count() == 1);
  CHECK(events[0].knowledge_gap_found().customer() == "tenants/acme/customers/ada");
  CHECK(events[0].knowledge_gap_found().account() == "tenants/acme/accounts/big");
}

TEST_CASE("after a crash the index is built again from what was acknowledged") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  world.Crash();
  CHECK(world.Ask("parking spaces").known());
  CHECK(world.app->Ready().ok());
}

TEST_CASE("a rebuild asked for twice with one request id happens once") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  const auto rebuilds = world.metrics.GetCounter("frontdesk_knowledge_index_rebuilds_total",
                                                 "Search indexes built anew");
  const double before = rebuilds.Value();
  world.Advance(absl::Seconds(60));
  v1::RebuildIndexRequest request;
  request.set_parent(kParent);
  request.set_request_id("rebuild-1");
  v1::RebuildIndexResponse response;
  REQUIRE(world.RebuildIndex(request, &response).ok());
  CHECK(response.index_status().rebuilding());
  CHECK(response.index_status().indexed_articles() == 1);
  REQUIRE(world.RebuildIndex(request, &response).ok());
  CHECK(rebuilds.Value() == before + 1);
  const v1::IndexStatus status = world.IndexState();
  CHECK_FALSE(status.rebuilding());
  CHECK(status.indexed_articles() == 1);
  CHECK(status.rebuild_time().seconds() == absl::ToUnixSeconds(world.clock.Now()));
  CHECK(world.Ask("parking spaces").known());
}

TEST_CASE("importing the same files again changes nothing, and a changed one makes a version") {
  KnowledgeWorld world;
  auto parse = [](const std::string& body) {
    auto file = ParseArticleFile(
        "---\nid: parking\nlocale: en\ntitle: Parking\ntags: a, b\n---\n" + body, "p.md");
    REQUIRE(file.ok());
    return *file;
  };
  auto import = [&](const ArticleFile& file) {
    absl::Status result = absl::UnknownError("not ended");
    ImportArticles(world.app->shards().For("acme"), "acme", {file},
                   [&](absl::Status status) { result = std::move(status); });
    world.Settle();
    INFO(result);
    REQUIRE(result.ok());
  };
  import(parse("20 parking spaces."));
  CHECK(world.Get("parking").state() == v1::ARTICLE_STATE_PUBLISHED);
  const std::string etag = world.Get("parking").etag();
  import(parse("20 parking spaces."));
  CHECK(world.Get("parking").etag() == etag);
  CHECK(world.Events(v1::KnowledgeEvent::kArticlePublished).size() == 1);
  // What somebody has archived meanwhile stays so until the file changes.
  REQUIRE(world.Archive("parking").ok());
  import(parse("20 parking spaces."));
  CHECK(world.Get("parking").state() == v1::ARTICLE_STATE_ARCHIVED);
  import(parse("30 parking spaces."));
  CHECK(world.Get("parking").published_version() == 2);
  CHECK(world.Ask("parking spaces").text() == "30 parking spaces.");
}

TEST_CASE("other services are answered through the peer interface") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  v1::AnswerQuestionRequest request;
  request.set_parent(kParent);
  request.set_question("parking spaces");
  int answered = 0;
  world.app->answers().Answer(request, absl::Milliseconds(300),
                              [&](absl::StatusOr<v1::AnswerQuestionResponse> response) {
                                ++answered;
                                REQUIRE(response.ok());
                                CHECK(response->answer().known());
                              });
  CHECK(answered == 1);
  world.app->answers().Answer(request, -absl::Milliseconds(1),
                              [&](absl::StatusOr<v1::AnswerQuestionResponse> response) {
                                ++answered;
                                CHECK(absl::IsDeadlineExceeded(response.status()));
                              });
  CHECK(answered == 2);
}

TEST_CASE("a search gives each reader what is for them and for their version") {
  KnowledgeWorld world;
  const auto publish = [&](const std::string& id, v1::Audience audience, const char* min) {
    auto request = world.CreateRequest(id, "Charging the lamp", "The lamp charges in two hours.");
    request.mutable_article()->mutable_content()->set_audience(audience);
    if (min[0] != '\0') {
      request.mutable_article()->mutable_content()->add_product_versions()->set_min_version(min);
    }
    world.Create(request);
    REQUIRE(world.Publish(id).ok());
  };
  publish("public", v1::AUDIENCE_UNSPECIFIED, "");
  publish("customers", v1::AUDIENCE_CUSTOMERS, "2.10");
  publish("agents", v1::AUDIENCE_AGENTS, "");
  world.Settle();
  const auto found = [&](v1::Audience audience, const std::string& version) {
    v1::SearchArticlesRequest request;
    request.set_parent(kParent);
    request.set_query("charging lamp");
    request.mutable_filter()->set_audience(audience);
    request.mutable_filter()->set_product_version(version);
    std::set<std::string> ids;
    const auto reply = world.Must(&KnowledgeService::SearchArticles, request);
    for (const auto& result : reply.results()) {
      const std::string& name = result.article_version();
      const size_t begin = name.find("/articles/") + 10;
      ids.insert(name.substr(begin, name.find("/versions/") - begin));
    }
    return ids;
  };
  using Ids = std::set<std::string>;
  CHECK(found(v1::AUDIENCE_PUBLIC, "") == Ids{"public"});
  CHECK(found(v1::AUDIENCE_UNSPECIFIED, "") == Ids{"public", "customers"});
  CHECK(found(v1::AUDIENCE_AGENTS, "") == Ids{"public", "customers", "agents"});
  CHECK(found(v1::AUDIENCE_AGENTS, "2.9") == Ids{"public", "agents"});
  CHECK(found(v1::AUDIENCE_AGENTS, "2.10.1") == Ids{"public", "customers", "agents"});
  // Analysts are the tenant's own people and read these articles by name, too.
  world.role = rpc::Role::kAnalyst;
  CHECK(found(v1::AUDIENCE_AGENTS, "") == Ids{"public", "customers", "agents"});
  CHECK(world.Get("agents").content().audience() == v1::AUDIENCE_AGENTS);
  world.role = rpc::Role::kChannel;
  v1::SearchArticlesRequest request;
  request.set_parent(kParent);
  request.set_query("lamp");
  request.mutable_filter()->set_audience(v1::AUDIENCE_AGENTS);
  v1::SearchArticlesResponse response;
  CHECK(absl::IsPermissionDenied(world.SearchArticles(request, &response)));
}
