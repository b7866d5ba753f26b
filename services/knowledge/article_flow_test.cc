#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/article_import.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using frontdesk::knowledge::testing::kParent;
using S = KnowledgeService;

namespace {

std::string FirstField(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? "" : details.fields[0].first;
}

std::string VersionOf(const std::string& id, int number) {
  return fmt::format("{}/versions/{}", KnowledgeWorld::Name(id), number);
}

void SetBody(KnowledgeWorld& world, const std::string& id, const std::string& body) {
  REQUIRE(world.Edit(id, [&](v1::ArticleContent& content) { content.set_body(body); }).ok());
}

absl::Status RollBack(KnowledgeWorld& world, const std::string& id, int version) {
  return world.Verb<v1::RollBackArticleRequest, v1::RollBackArticleResponse>(
      &S::RollBackArticle, world.Name(id),
      [&](v1::RollBackArticleRequest& request) { request.set_version(version); });
}

absl::Status Submit(KnowledgeWorld& world, const std::string& id, int version) {
  return world.Verb<v1::SubmitArticleVersionRequest, v1::SubmitArticleVersionResponse>(
      &S::SubmitArticleVersion, VersionOf(id, version));
}

absl::Status Reject(KnowledgeWorld& world, const std::string& id, int version,
                    const std::string& note) {
  return world.Verb<v1::RejectArticleVersionRequest, v1::RejectArticleVersionResponse>(
      &S::RejectArticleVersion, VersionOf(id, version),
      [&](v1::RejectArticleVersionRequest& request) { request.set_note(note); });
}

absl::Status Restore(KnowledgeWorld& world, const std::string& id) {
  return world.Verb<v1::RestoreArticleRequest, v1::RestoreArticleResponse>(&S::RestoreArticle,
                                                                           world.Name(id));
}

absl::Status MoveNode(KnowledgeWorld& world, const std::string& node, const std::string& parent) {
  v1::UpdateKnowledgeNodeRequest request;
  request.mutable_knowledge_node()->set_name(fmt::format("{}/knowledgeNodes/{}", kParent, node));
  request.mutable_knowledge_node()->set_parent_node(parent);
  request.mutable_update_mask()->add_paths("parent_node");
  request.set_request_id(world.NewRequestId());
  v1::UpdateKnowledgeNodeResponse response;
  return world.UpdateKnowledgeNode(request, &response);
}

v1::ApprovalPolicy OnePeer() {
  v1::ApprovalPolicy policy;
  policy.add_steps()->set_name("peer");
  policy.set_four_eyes(true);
  return policy;
}

}  // namespace

TEST_CASE("with a policy only an approved version goes live, and not by its author") {
  KnowledgeWorld world;
  REQUIRE(world.SetPolicy(OnePeer()).ok());
  world.Create(world.CreateRequest("a", "Parking", "20 parking spaces."));
  const absl::Status unapproved = world.Publish("a");
  CHECK(absl::IsFailedPrecondition(unapproved));
  CHECK(ReasonOf(unapproved) == "VERSION_NOT_APPROVED");
  CHECK(ReasonOf(world.PublishAt("a", world.clock.Now() + absl::Hours(1))) ==
        "VERSION_NOT_APPROVED");
  CHECK(ReasonOf(world.Approve("a", 1, "tom")) == "VERSION_STATE");
  REQUIRE(Submit(world, "a", 1).ok());
  CHECK(world.List([](auto& r) { r.set_staged_state(v1::VERSION_STATE_IN_REVIEW); }) == "a");
  CHECK(ReasonOf(world.Approve("a", 1, "mia")) == "OWN_VERSION");
  CHECK(ReasonOf(world.Publish("a")) == "VERSION_NOT_APPROVED");
  REQUIRE(world.Approve("a", 1, "tom").ok());
  CHECK(world.Get("a").staged_state() == v1::VERSION_STATE_APPROVED);
  CHECK(world.List([](auto& r) { r.set_staged_state(v1::VERSION_STATE_IN_REVIEW); }) == "");
  REQUIRE(world.Publish("a").ok());
  CHECK(world.Ask("parking spaces").known());
  const v1::ArticleVersion version = world.Version("a", 1);
  CHECK(version.state() == v1::VERSION_STATE_PUBLISHED);
  REQUIRE(version.approvals_size() == 1);
  CHECK(version.approvals(0).approver() == "tenants/acme/agents/tom");
  const auto submitted = world.Events(v1::KnowledgeEvent::kArticleVersionSubmitted);
  REQUIRE(submitted.size() == 1);
  CHECK(submitted[0].article_version_submitted().step() == "peer");
  const auto approved = world.Events(v1::KnowledgeEvent::kArticleVersionApproved);
  REQUIRE(approved.size() == 1);
  CHECK(approved[0].article_version_approved().complete());
}

TEST_CASE("a refused version is never published: a new one has to go through review") {
  KnowledgeWorld world;
  REQUIRE(world.SetPolicy(OnePeer()).ok());
  world.Create(world.CreateRequest("a", "Title", "Body"));
  REQUIRE(Submit(world, "a", 1).ok());
  CHECK(FirstField(Reject(world, "a", 1, " ")) == "note");
  CHECK(FirstField(Reject(world, "a", 1, "bell\x07")) == "note");
  REQUIRE(Reject(world, "a", 1, "promises too much").ok());
  CHECK(world.Get("a").staged_state() == v1::VERSION_STATE_REJECTED);
  CHECK(world.Version("a", 1).rejection().note() == "promises too much");
  CHECK(ReasonOf(world.Publish("a")) == "VERSION_STATE");
  CHECK(ReasonOf(RollBack(world, "a", 1)) == "VERSION_STATE");
  REQUIRE(world.SetPolicy(v1::ApprovalPolicy()).ok());
  CHECK(ReasonOf(world.Publish("a")) == "VERSION_STATE");
  SetBody(world, "a", "Better body");
  REQUIRE(world.Publish("a").ok());
  CHECK(world.Version("a", 1).state() == v1::VERSION_STATE_REJECTED);
  CHECK(world.Events(v1::KnowledgeEvent::kArticleVersionRejected).size() == 1);
}

TEST_CASE("a scheduled version goes live by itself at its time, also across a crash") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("a").ok());
  SetBody(world, "a", "30 parking spaces.");
  const absl::Status past = world.PublishAt("a", world.clock.Now() - absl::Seconds(1));
  CHECK(absl::IsInvalidArgument(past));
  CHECK(ReasonOf(past) == "TIME_IN_PAST");
  CHECK(FirstField(past) == "publish_time");
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(2)).ok());
  CHECK(world.Get("a").staged_state() == v1::VERSION_STATE_SCHEDULED);
  CHECK(world.Get("a").published_version() == 1);
  CHECK(world.Events(v1::KnowledgeEvent::kArticleScheduled).size() == 1);
  world.Advance(absl::Hours(1));
  world.Crash();
  CHECK(world.Ask("parking spaces").text() == "20 parking spaces.");
  world.Advance(absl::Hours(1));
  world.Wait();
  CHECK(world.Get("a").published_version() == 2);
  CHECK(world.Get("a").staged_version() == 0);
  CHECK(world.Version("a", 1).state() == v1::VERSION_STATE_RETIRED);
  CHECK(world.Ask("parking spaces").text() == "30 parking spaces.");
  CHECK(world.Events(v1::KnowledgeEvent::kArticlePublished).size() == 2);
}

TEST_CASE("a plan can be moved and given up, and protects its version from a newer one") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "Body"));
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(1)).ok());
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(5)).ok());
  const absl::Status edit =
      world.Edit("a", [](v1::ArticleContent& content) { content.set_body("Other"); });
  CHECK(ReasonOf(edit) == "VERSION_STATE");
  world.Advance(absl::Hours(2));
  world.Wait();
  CHECK(world.Get("a").state() == v1::ARTICLE_STATE_DRAFT);
  const auto cancel = [&] {
    return world
        .Verb<v1::CancelScheduledPublicationRequest, v1::CancelScheduledPublicationResponse>(
            &S::CancelScheduledPublication, world.Name("a"));
  };
  REQUIRE(cancel().ok());
  CHECK(ReasonOf(cancel()) == "FAILED_TRANSITION");
  CHECK(world.Get("a").staged_state() == v1::VERSION_STATE_DRAFT);
  SetBody(world, "a", "Other");
  world.Advance(absl::Hours(10));
  world.Wait();
  CHECK(world.Get("a").state() == v1::ARTICLE_STATE_DRAFT);
  const auto events = world.Events(v1::KnowledgeEvent::kArticleScheduled);
  REQUIRE(events.size() == 3);
  CHECK(events[2].article_scheduled().cancelled());
  // Publishing at once does away with the plan, too.
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(1)).ok());
  REQUIRE(world.Publish("a").ok());
  world.Advance(absl::Hours(2));
  world.Wait();
  CHECK(world.Events(v1::KnowledgeEvent::kArticlePublished).size() == 1);
}

TEST_CASE("a roll back makes an earlier live version live again, and no other") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("a").ok());
  SetBody(world, "a", "30 parking spaces.");
  CHECK(ReasonOf(RollBack(world, "a", 2)) == "VERSION_STATE");
  CHECK(ReasonOf(RollBack(world, "a", 1)) == "VERSION_STATE");
  CHECK(FirstField(RollBack(world, "a", 3)) == "version");
  CHECK(FirstField(RollBack(world, "a", 0)) == "version");
  REQUIRE(world.Publish("a").ok());
  // No approval is asked for: it had been live.
  REQUIRE(world.SetPolicy(OnePeer()).ok());
  REQUIRE(RollBack(world, "a", 1).ok());
  CHECK(world.Ask("parking spaces").text() == "20 parking spaces.");
  const auto events = world.Events(v1::KnowledgeEvent::kArticlePublished);
  REQUIRE(events.size() == 3);
  CHECK(events[2].article_published().rolled_back());
  CHECK(events[2].article_published().previous_version() == 2);
  REQUIRE(world.SetPolicy(v1::ApprovalPolicy()).ok());
  REQUIRE(world.Archive("a").ok());
  CHECK(ReasonOf(RollBack(world, "a", 2)) == "FAILED_TRANSITION");
  REQUIRE(world.Publish("a", 2).ok());
  // Version 1 was live when the article was archived.
  CHECK(ReasonOf(RollBack(world, "a", 1)) == "VERSION_STATE");
}

TEST_CASE("restoring an archived article brings back what was live") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("a").ok());
  SetBody(world, "a", "30 parking spaces.");
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(1)).ok());
  CHECK(ReasonOf(Restore(world, "a")) == "FAILED_TRANSITION");
  REQUIRE(world.Archive("a").ok());
  CHECK(world.Get("a").archived_version() == 1);
  CHECK(world.Get("a").staged_state() == v1::VERSION_STATE_DRAFT);
  world.Advance(absl::Hours(2));
  world.Wait();
  CHECK(world.Get("a").state() == v1::ARTICLE_STATE_ARCHIVED);
  REQUIRE(Restore(world, "a").ok());
  CHECK(world.Get("a").state() == v1::ARTICLE_STATE_PUBLISHED);
  CHECK(world.Ask("parking spaces").text() == "20 parking spaces.");
  CHECK(world.IndexState().published_articles() == 1);
  CHECK(world.Events(v1::KnowledgeEvent::kArticleArchived).size() == 1);
  world.Create(world.CreateRequest("b", "Never live", "Body"));
  REQUIRE(world.Archive("b").ok());
  REQUIRE(Restore(world, "b").ok());
  CHECK(world.Get("b").state() == v1::ARTICLE_STATE_DRAFT);
}

TEST_CASE("of two editors at once the second one is told") {
  KnowledgeWorld world;
  const std::string etag = world.Create(world.CreateRequest("a", "Title", "Body")).etag();
  REQUIRE(world
              .Edit(
                  "a", [](auto& content) { content.set_body("Mia's"); }, etag)
              .ok());
  const absl::Status second = world.Edit(
      "a", [](auto& content) { content.set_body("Tom's"); }, etag);
  CHECK(absl::IsAborted(second));
  CHECK(ReasonOf(second) == "ETAG_MISMATCH");
  CHECK(world.Get("a").content().body() == "Mia's");
  const absl::Status submit =
      world.Verb<v1::SubmitArticleVersionRequest, v1::SubmitArticleVersionResponse>(
          &S::SubmitArticleVersion, VersionOf("a", 2), [&](auto& r) { r.set_etag(etag); });
  CHECK(ReasonOf(submit) == "ETAG_MISMATCH");
  const absl::Status verify = world.Verb<v1::VerifyArticleRequest, v1::VerifyArticleResponse>(
      &S::VerifyArticle, world.Name("a"), [&](auto& r) { r.set_etag(etag); });
  CHECK(ReasonOf(verify) == "ETAG_MISMATCH");
}

TEST_CASE("an article that nobody verified in its interval is flagged until somebody does") {
  KnowledgeWorld world;
  auto request = world.CreateRequest("a", "Title", "Body");
  request.mutable_article()->set_owner("tenants/acme/agents/mia");
  request.mutable_article()->mutable_verify_interval()->set_seconds(3600);
  world.Create(request);
  world.Create(world.CreateRequest("b", "Title", "Body"));
  const auto overdue = [&] { return world.List([](auto& r) { r.set_overdue(true); }); };
  world.Advance(absl::Minutes(59));
  world.Wait();
  CHECK(overdue() == "");
  world.Crash();
  world.Advance(absl::Minutes(2));
  world.Wait();
  CHECK(overdue() == "a");
  CHECK(world.Get("a").verification_overdue());
  auto events = world.Events(v1::KnowledgeEvent::kArticleVerificationDue);
  REQUIRE(events.size() == 1);
  CHECK(events[0].article_verification_due().owner() == "tenants/acme/agents/mia");
  const auto verify = [&] {
    return world.Verb<v1::VerifyArticleRequest, v1::VerifyArticleResponse>(&S::VerifyArticle,
                                                                           world.Name("a"));
  };
  REQUIRE(verify().ok());
  CHECK(overdue() == "");
  world.Advance(absl::Minutes(61));
  world.Wait();
  CHECK(overdue() == "a");
  // What is archived needs no verification, and is due again when it comes back.
  REQUIRE(world.Archive("a").ok());
  CHECK(overdue() == "");
  REQUIRE(Restore(world, "a").ok());
  world.Wait();
  CHECK(overdue() == "a");
  v1::UpdateArticleRequest longer;
  longer.mutable_article()->set_name(world.Name("a"));
  longer.mutable_article()->mutable_verify_interval()->set_seconds(24 * 3600);
  longer.set_request_id(world.NewRequestId());
  v1::UpdateArticleResponse response;
  REQUIRE(world.UpdateArticle(longer, &response).ok());
  CHECK(response.article().latest_version() == 1);
  CHECK(overdue() == "");
}

TEST_CASE("a translation answers in its language and is stale once its source moves on") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("returns", "Returns", "Send it back."));
  REQUIRE(world.Publish("returns").ok());
  auto request = world.CreateRequest("returns-zh", "退货", "请寄回。", {}, "zh");
  request.mutable_article()->set_translation_of(world.Name("returns"));
  CHECK(world.Create(request).translated_version() == 1);
  const auto read = [&](const std::string& id, const std::string& locale) {
    v1::GetArticleRequest get;
    get.set_name(world.Name(id));
    get.set_locale(locale);
    const auto response = world.Must(&S::GetArticle, get);
    return response.article().content().title() + (response.locale_fallback() ? " (source)" : "");
  };
  CHECK(read("returns", "zh") == "Returns (source)");
  REQUIRE(world.Publish("returns-zh").ok());
  CHECK(read("returns", "zh") == "退货");
  CHECK(read("returns", "en") == "Returns");
  CHECK(read("returns-zh", "en") == "Returns");
  CHECK(read("returns-zh", "zh") == "退货");
  const auto stale = [&] { return world.List([](auto& r) { r.set_stale(true); }); };
  CHECK(stale() == "");
  const std::string etag = world.Get("returns-zh").etag();
  SetBody(world, "returns", "Send it back within 30 days.");
  CHECK(stale() == "");
  REQUIRE(world.Publish("returns").ok());
  CHECK(stale() == "returns-zh");
  CHECK(world.Get("returns-zh").etag() == etag);
  v1::UpdateArticleRequest update;
  update.mutable_article()->set_name(world.Name("returns-zh"));
  update.mutable_article()->mutable_content()->set_body("请在三十天内寄回。");
  update.mutable_article()->set_translated_version(2);
  update.set_request_id(world.NewRequestId());
  v1::UpdateArticleResponse updated;
  REQUIRE(world.UpdateArticle(update, &updated).ok());
  CHECK(stale() == "");
  CHECK(world.List([&](auto& r) { r.set_translation_of(world.Name("returns")); }) == "returns-zh");

  v1::CreateArticleResponse response;
  request.set_article_id("again");
  request.set_request_id(world.NewRequestId());
  CHECK(absl::IsAlreadyExists(world.CreateArticle(request, &response)));
  request.mutable_article()->set_translation_of(world.Name("none"));
  CHECK(FirstField(world.CreateArticle(request, &response)) == "article.translation_of");
  request.mutable_article()->set_translation_of(world.Name("returns-zh"));
  CHECK(FirstField(world.CreateArticle(request, &response)) == "article.translation_of");
}

TEST_CASE("content points only to what is there, and links make no circles") {
  KnowledgeWorld world;
  REQUIRE(world.AddNode("phone", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
  REQUIRE(world.AddNode("watch", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
  REQUIRE(world.AddNode("camera", v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE, "phone").ok());
  REQUIRE(world.AddNode("lens", v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE, "camera").ok());
  for (const char* id : {"a", "b", "c"}) world.Create(world.CreateRequest(id, "Title", "Body"));
  const auto refused = [&](auto change) { return FirstField(world.Edit("a", change)); };
  CHECK(refused([](auto& c) { c.set_product("none"); }) == "article.content.product");
  CHECK(refused([](auto& c) { c.set_error_type("phone"); }) == "article.content.error_type");
  CHECK(refused([](auto& c) {
          c.set_product("watch");
          c.set_product_module("lens");
        }) == "article.content.product_module");
  CHECK(refused([](auto& c) {
          c.set_product("phone");
          c.set_product_module("lens");
        }) == "");
  CHECK(refused([](auto& c) {
          c.add_product_versions()->set_min_version("2.9");
          c.mutable_product_versions(0)->set_max_version("2.1");
        }) == "article.content.product_versions[0]");
  const auto link = [&](const std::string& from, const std::string& to, v1::ArticleLinkKind kind) {
    return world.Edit(from, [&](v1::ArticleContent& content) {
      v1::ArticleLink& added = *content.add_links();
      added.set_article(world.Name(to));
      added.set_kind(kind);
    });
  };
  CHECK(FirstField(link("a", "none", v1::ARTICLE_LINK_KIND_RELATED)) ==
        "article.content.links[0].article");
  CHECK(FirstField(link("a", "a", v1::ARTICLE_LINK_KIND_RELATED)) ==
        "article.content.links[0].article");
  REQUIRE(link("a", "b", v1::ARTICLE_LINK_KIND_PREREQUISITE).ok());
  REQUIRE(link("b", "c", v1::ARTICLE_LINK_KIND_PREREQUISITE).ok());
  const absl::Status circle = link("c", "a", v1::ARTICLE_LINK_KIND_PREREQUISITE);
  CHECK(ReasonOf(circle) == "REFERENCE_CYCLE");
  CHECK(link("c", "a", v1::ARTICLE_LINK_KIND_RELATED).ok());
}

TEST_CASE("nodes form trees of their kinds and stay while something points to them") {
  KnowledgeWorld world;
  REQUIRE(world.AddNode("phone", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
  REQUIRE(world.AddNode("camera", v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE, "phone").ok());
  REQUIRE(world.AddNode("blur", v1::KNOWLEDGE_NODE_KIND_ERROR, "camera").ok());
  REQUIRE(world.AddNode("dark", v1::KNOWLEDGE_NODE_KIND_ERROR, "", {"blur"}).ok());
  CHECK(absl::IsAlreadyExists(world.AddNode("dark", v1::KNOWLEDGE_NODE_KIND_ERROR)));
  CHECK(FirstField(world.AddNode("x", v1::KNOWLEDGE_NODE_KIND_PRODUCT, "blur")) ==
        "knowledge_node.parent_node");
  CHECK(FirstField(world.AddNode("x", v1::KNOWLEDGE_NODE_KIND_ERROR, "none")) ==
        "knowledge_node.parent_node");
  CHECK(FirstField(world.AddNode("x", v1::KNOWLEDGE_NODE_KIND_ERROR, "", {"none"})) ==
        "knowledge_node.related_nodes[0]");
  CHECK(FirstField(world.AddNode("x", v1::KNOWLEDGE_NODE_KIND_UNSPECIFIED)) ==
        "knowledge_node.kind");
  REQUIRE(world.AddNode("family", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
  REQUIRE(MoveNode(world, "phone", "family").ok());
  CHECK(ReasonOf(MoveNode(world, "family", "phone")) == "REFERENCE_CYCLE");
  CHECK(ReasonOf(MoveNode(world, "family", "family")) == "REFERENCE_CYCLE");
  const auto list = [&](v1::KnowledgeNodeKind kind, const std::string& parent) {
    v1::ListKnowledgeNodesRequest request;
    request.set_parent(kParent);
    request.set_kind(kind);
    request.set_parent_node(parent);
    std::string names;
    const auto reply = world.Must(&S::ListKnowledgeNodes, request);
    for (const auto& node : reply.knowledge_nodes()) {
      names += (names.empty() ? "" : " ") + node.display_name();
    }
    return names;
  };
  CHECK(list(v1::KNOWLEDGE_NODE_KIND_PRODUCT, "") == "family phone");
  CHECK(list(v1::KNOWLEDGE_NODE_KIND_ERROR, "") == "blur dark");
  CHECK(list(v1::KNOWLEDGE_NODE_KIND_UNSPECIFIED, "camera") == "blur");
  CHECK(list(v1::KNOWLEDGE_NODE_KIND_PRODUCT, "camera") == "");
  const auto remove = [&](const std::string& node, const std::string& etag = "") {
    return world.Verb<v1::DeleteKnowledgeNodeRequest, v1::DeleteKnowledgeNodeResponse>(
        &S::DeleteKnowledgeNode, fmt::format("{}/knowledgeNodes/{}", kParent, node),
        [&](v1::DeleteKnowledgeNodeRequest& request) { request.set_etag(etag); });
  };
  CHECK(ReasonOf(remove("camera")) == "RESOURCE_IN_USE");
  CHECK(ReasonOf(remove("blur")) == "RESOURCE_IN_USE");
  CHECK(ReasonOf(remove("dark", "7")) == "ETAG_MISMATCH");
  world.Create(world.CreateRequest("a", "Title", "Body"));
  REQUIRE(world.Edit("a", [](auto& c) { c.set_error_type("dark"); }).ok());
  REQUIRE(world.Publish("a").ok());
  REQUIRE(world.Edit("a", [](auto& c) { c.clear_error_type(); }).ok());
  // The published version still says so.
  CHECK(ReasonOf(remove("dark")) == "RESOURCE_IN_USE");
  REQUIRE(world.Publish("a").ok());
  REQUIRE(remove("dark").ok());
  CHECK(absl::IsNotFound(remove("dark")));
  REQUIRE(remove("blur").ok());
}

TEST_CASE("a tree of nodes has at most eight levels, also when it moves as a whole") {
  KnowledgeWorld world;
  // Seven levels fit below one more alone.
  for (int i = 0; i < 7; ++i) {
    const std::string above = i == 0 ? "" : fmt::format("deep-{}", i - 1);
    REQUIRE(world.AddNode(fmt::format("deep-{}", i), v1::KNOWLEDGE_NODE_KIND_SOLUTION, above).ok());
  }
  REQUIRE(world.AddNode("wide", v1::KNOWLEDGE_NODE_KIND_SOLUTION).ok());
  REQUIRE(world.AddNode("wide-1", v1::KNOWLEDGE_NODE_KIND_SOLUTION, "wide").ok());
  CHECK(FirstField(MoveNode(world, "deep-0", "wide-1")) == "knowledge_node.parent_node");
  REQUIRE(MoveNode(world, "deep-0", "wide").ok());
}

TEST_CASE("lists filter by every attribute through their indexes") {
  KnowledgeWorld world;
  REQUIRE(world.AddNode("phone", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
  REQUIRE(world.AddNode("camera", v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE, "phone").ok());
  REQUIRE(world.AddNode("blur", v1::KNOWLEDGE_NODE_KIND_ERROR).ok());
  REQUIRE(world.AddNode("restart", v1::KNOWLEDGE_NODE_KIND_SOLUTION).ok());
  auto a = world.CreateRequest("a", "Title", "Body", {"x"});
  a.mutable_article()->mutable_content()->set_product("phone");
  a.mutable_article()->set_owner("tenants/acme/agents/mia");
  world.Create(a);
  auto b = world.CreateRequest("b", "Title", "Body", {"x"});
  b.mutable_article()->mutable_content()->set_product("phone");
  b.mutable_article()->mutable_content()->set_product_module("camera");
  b.mutable_article()->mutable_content()->set_error_type("blur");
  world.Create(b);
  auto c = world.CreateRequest("c", "Title", "Body");
  c.mutable_article()->mutable_content()->set_solution_kind("restart");
  c.mutable_article()->set_owner("tenants/acme/agents/tom");
  world.Create(c);
  CHECK(world.List([](auto& r) { r.set_product("phone"); }) == "a b");
  CHECK(world.List([](auto& r) { r.set_product_module("camera"); }) == "b");
  CHECK(world.List([](auto& r) { r.set_error_type("blur"); }) == "b");
  CHECK(world.List([](auto& r) { r.set_error_type("camera"); }) == "");
  CHECK(world.List([](auto& r) { r.set_solution_kind("restart"); }) == "c");
  CHECK(world.List([](auto& r) { r.set_owner("tenants/acme/agents/tom"); }) == "c");
  CHECK(world.List([](auto& r) {
    r.set_product("phone");
    r.set_owner("tenants/acme/agents/mia");
  }) == "a");
  CHECK(world.List([](auto& r) { r.set_staged_state(v1::VERSION_STATE_DRAFT); }) == "a b c");
  REQUIRE(world.Publish("b").ok());
  CHECK(world.List([](auto& r) { r.set_staged_state(v1::VERSION_STATE_DRAFT); }) == "a c");
  // The published version is of the product, the newest is not: lists show the newest.
  REQUIRE(world
              .Edit("b",
                    [](auto& content) {
                      content.clear_product();
                      content.clear_product_module();
                    })
              .ok());
  CHECK(world.List([](auto& r) { r.set_product("phone"); }) == "a");
  v1::ListArticlesRequest bad;
  bad.set_parent(kParent);
  bad.set_owner("mia");
  v1::ListArticlesResponse response;
  CHECK(FirstField(world.ListArticles(bad, &response)) == "owner");
}

TEST_CASE("what changed between two versions is shown line by line") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "One\nTwo\nThree", {"x"}));
  REQUIRE(world.Publish("a").ok());
  REQUIRE(world
              .Edit("a",
                    [](v1::ArticleContent& content) {
                      content.set_body("One\n2\nThree");
                      content.add_tags("y");
                    })
              .ok());
  v1::DiffArticleVersionsRequest request;
  request.set_name(world.Name("a"));
  request.set_context_lines(1);
  const auto diff = world.Must(&S::DiffArticleVersions, request);
  CHECK(diff.base_version() == 1);
  CHECK(diff.version() == 2);
  CHECK(diff.unified_diff() ==
        "@@ -2,2 +2,3 @@\n tag: x\n+tag: y\n audience: PUBLIC\n"
        "@@ -5,3 +6,3 @@\n One\n-Two\n+2\n Three\n");
  CHECK(diff.added_lines() == 2);
  CHECK(diff.removed_lines() == 1);
  REQUIRE(diff.changed_fields_size() == 2);
  CHECK(diff.changed_fields(0) == "body");
  CHECK(diff.changed_fields(1) == "tags");
  v1::DiffArticleVersionsResponse response;
  request.set_version(1);
  CHECK(FirstField(world.DiffArticleVersions(request, &response)) == "version");
  request.set_base_version(9);
  CHECK(FirstField(world.DiffArticleVersions(request, &response)) == "base_version");
  request.set_context_lines(21);
  CHECK(FirstField(world.DiffArticleVersions(request, &response)) == "context_lines");
}

TEST_CASE("one can ask which answers used a version") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  SetBody(world, "parking", "30 parking spaces.");
  REQUIRE(world.Publish("parking").ok());
  const std::string first = "tenants/acme/conversations/c1";
  world.PublishReply("r1", first, {VersionOf("parking", 1)});
  world.PublishReply("r2", "tenants/acme/conversations/c2",
                     {VersionOf("parking", 1), VersionOf("parking", 2), VersionOf("parking", 99),
                      VersionOf("none", 1), "tenants/other/articles/parking/versions/1"});
  world.PublishReply("r3", first, {VersionOf("parking", 1)}, common::v1::AUTHOR_KIND_AGENT);
  world.PublishReply("r4", first, {});
  const std::string name = KnowledgeWorld::Name("parking");
  world.PublishReply("r5", first, {name + "/versions/1x", name + "/versions/01"});
  const auto answers = world.AnswersOf("parking", 1);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].answer_id() == "r2");
  CHECK(answers[1].answer_id() == "r1");
  CHECK(answers[1].conversation() == first);
  CHECK(answers[1].article_version() == VersionOf("parking", 1));
  CHECK(world.AnswersOf("parking", 2).size() == 1);
  CHECK(world.DeadLetters() == 0);
  v1::ListAnswersByArticleVersionRequest request;
  request.set_parent(VersionOf("parking", 9));
  v1::ListAnswersByArticleVersionResponse response;
  CHECK(absl::IsNotFound(world.ListAnswersByArticleVersion(request, &response)));
}

TEST_CASE("an answer that an agent asks for in a conversation is noted once it is given") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  REQUIRE(world.Publish("parking").ok());
  v1::AnswerQuestionRequest ask;
  ask.set_parent(kParent);
  ask.set_question("parking spaces");
  world.Must(&S::AnswerQuestion, ask);
  CHECK(world.AnswersOf("parking", 1).empty());
  ask.set_conversation("tenants/acme/conversations/c1");
  world.Must(&S::AnswerQuestion, ask, rpc::Role::kAnalyst);
  CHECK(world.AnswersOf("parking", 1).empty());
  const auto answer = world.Must(&S::AnswerQuestion, ask).answer();
  const auto noted = world.AnswersOf("parking", 1);
  REQUIRE(noted.size() == 1);
  CHECK(noted[0].answer_id() == answer.answer_id());
  CHECK(noted[0].conversation() == "tenants/acme/conversations/c1");
  ask.set_question("something entirely different");
  world.Must(&S::AnswerQuestion, ask);
  CHECK(world.AnswersOf("parking", 1).size() == 1);
  ask.set_conversation("tenants/other/conversations/c1");
  v1::AnswerQuestionResponse response;
  CHECK(ReasonOf(world.AnswerQuestion(ask, &response)) == "WRONG_TENANT");
}

TEST_CASE("the log of answers forgets what is older than 400 days") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "Body"));
  REQUIRE(world.Publish("a").ok());
  for (int i = 0; i < 3; ++i) {
    world.PublishReply(fmt::format("old-{}", i), "tenants/acme/conversations/c",
                       {VersionOf("a", 1)});
  }
  world.Advance(absl::Hours(24 * 401));
  world.PublishReply("new", "tenants/acme/conversations/c", {VersionOf("a", 1)});
  const auto answers = world.AnswersOf("a", 1);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].answer_id() == "new");
}

TEST_CASE("the log of answers keeps the newest of a tenant, and each answer once") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Title", "Body"));
  REQUIRE(world.Publish("a").ok());
  const absl::Time begin = world.clock.Now();
  const auto note = [&](int number, int64_t rows_max) {
    engine::Command command;
    command.method = "NoteAnswer";
    command.tenant = "acme";
    command.actor = "test";
    command.handle = [=](const engine::Context& context, engine::Txn& txn, engine::Reply&) {
      return NoteAnswer({fmt::format("answer-{}", number),
                         "tenants/acme/conversations/c",
                         {VersionOf("a", 1)},
                         begin + absl::Seconds(number)},
                        context, txn, rows_max);
    };
    absl::Status result = absl::UnknownError("not ended");
    command.done = [&](absl::Status status) { result = std::move(status); };
    world.app->shards().For("acme").Submit(std::move(command));
    world.Settle();
    INFO(result);
    REQUIRE(result.ok());
  };
  for (int i = 0; i < 8; ++i) note(i, 5);
  note(7, 5);
  auto answers = world.AnswersOf("a", 1);
  REQUIRE(answers.size() == 5);
  CHECK(answers.front().answer_id() == "answer-7");
  CHECK(answers.back().answer_id() == "answer-3");
  // A lower limit is reached step by step.
  note(8, 2);
  CHECK(world.AnswersOf("a", 1).size() == 3);
  note(9, 2);
  answers = world.AnswersOf("a", 1);
  REQUIRE(answers.size() == 2);
  CHECK(answers.back().answer_id() == "answer-8");
}

TEST_CASE("a file does not go round the people who approve") {
  KnowledgeWorld world;
  REQUIRE(world.SetPolicy(OnePeer()).ok());
  const auto import = [&](const std::string& body) {
    auto file = ParseArticleFile("---\nid: parking\nlocale: en\ntitle: Parking\n---\n" + body, "p");
    REQUIRE(file.ok());
    absl::Status result = absl::UnknownError("not ended");
    ImportArticles(world.app->shards().For("acme"), "acme", {*file},
                   [&](absl::Status status) { result = std::move(status); });
    world.Settle();
    REQUIRE(result.ok());
  };
  import("20 parking spaces.");
  CHECK(world.Get("parking").state() == v1::ARTICLE_STATE_DRAFT);
  CHECK(world.Get("parking").staged_state() == v1::VERSION_STATE_IN_REVIEW);
  const auto submitted = world.Events(v1::KnowledgeEvent::kArticleVersionSubmitted);
  REQUIRE(submitted.size() == 1);
  CHECK(submitted[0].article_version_submitted().step() == "peer");
  REQUIRE(world.Approve("parking", 1, "tom").ok());
  REQUIRE(world.Publish("parking").ok());
  import("30 parking spaces.");
  CHECK(world.Get("parking").published_version() == 1);
  CHECK(world.Get("parking").staged_state() == v1::VERSION_STATE_IN_REVIEW);
  // The same words again are what was refused, with a policy or without one.
  REQUIRE(Reject(world, "parking", 2, "there are 20").ok());
  REQUIRE(world.SetPolicy(v1::ApprovalPolicy()).ok());
  import("\n30 parking spaces.");
  CHECK(world.Get("parking").published_version() == 1);
  CHECK(world.Get("parking").staged_state() == v1::VERSION_STATE_REJECTED);
}

TEST_CASE("the policy is changed with its etag") {
  KnowledgeWorld world;
  v1::GetApprovalPolicyRequest get;
  get.set_name(std::string(kParent) + "/approvalPolicy");
  CHECK(world.Must(&S::GetApprovalPolicy, get).approval_policy().steps().empty());
  REQUIRE(world.SetPolicy(OnePeer()).ok());
  v1::ApprovalPolicy policy = world.Must(&S::GetApprovalPolicy, get).approval_policy();
  CHECK(policy.etag() == "1");
  CHECK(policy.name() == get.name());
  policy.add_steps()->set_name("legal");
  REQUIRE(world.SetPolicy(policy).ok());
  CHECK(ReasonOf(world.SetPolicy(policy)) == "ETAG_MISMATCH");
  policy.clear_etag();
  policy.add_steps()->set_name("legal");
  CHECK(FirstField(world.SetPolicy(policy)) == "approval_policy.steps[2].name");
  get.set_name(std::string(kParent) + "/other");
  v1::GetApprovalPolicyResponse response;
  CHECK(FirstField(world.GetApprovalPolicy(get, &response)) == "name");
}
