#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using S = KnowledgeService;

// A time of publication was set under one policy and comes under another.
namespace {

v1::ApprovalPolicy Steps(std::vector<std::string> names) {
  v1::ApprovalPolicy policy;
  for (std::string& name : names) policy.add_steps()->set_name(std::move(name));
  return policy;
}

absl::Status HandIn(KnowledgeWorld& world, const std::string& id, int version) {
  return world.Verb<v1::SubmitArticleVersionRequest, v1::SubmitArticleVersionResponse>(
      &S::SubmitArticleVersion, fmt::format("{}/versions/{}", world.Name(id), version));
}

std::string InReview(KnowledgeWorld& world) {
  return world.List([](auto& r) { r.set_staged_state(v1::VERSION_STATE_IN_REVIEW); });
}

void ReachTheTime(KnowledgeWorld& world) {
  world.Advance(absl::Hours(2));
  world.Wait();
}

constexpr char kBody[] = "20 parking spaces.";

}  // namespace

TEST_CASE("what a stricter policy does not let through waits in review when its time comes") {
  KnowledgeWorld world;
  REQUIRE(world.SetPolicy(Steps({"peer"})).ok());
  world.Create(world.CreateRequest("a", "Parking", kBody));
  REQUIRE(HandIn(world, "a", 1).ok());
  REQUIRE(world.Approve("a", 1, "tom").ok());
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(2)).ok());
  v1::ApprovalPolicy stricter = Steps({"peer", "legal"});
  stricter.mutable_steps(1)->add_approvers("tenants/acme/agents/eve");
  REQUIRE(world.SetPolicy(stricter).ok());
  world.Crash();
  ReachTheTime(world);

  CHECK_FALSE(world.Ask("parking spaces").known());
  const v1::Article article = world.Get("a");
  CHECK(article.published_version() == 0);
  CHECK(article.staged_state() == v1::VERSION_STATE_IN_REVIEW);
  CHECK_FALSE(article.has_scheduled_publish_time());
  CHECK(InReview(world) == "a");
  const v1::ArticleVersion version = world.Version("a", 1);
  CHECK(version.content().body() == kBody);
  CHECK(version.approvals_size() == 1);  // goes on counting
  // Told as a plan that was given up, and to those whose turn it is.
  const auto plans = world.Events(v1::KnowledgeEvent::kArticleScheduled);
  REQUIRE(plans.size() == 2);
  CHECK(plans[1].article_scheduled().cancelled());
  const auto submitted = world.Events(v1::KnowledgeEvent::kArticleVersionSubmitted);
  REQUIRE(submitted.size() == 2);
  CHECK(submitted[1].article_version_submitted().step() == "legal");
  CHECK(world.CountEvents(v1::KnowledgeEvent::kArticlePublished) == 0);

  REQUIRE(world.Approve("a", 1, "eve").ok());
  REQUIRE(world.Publish("a").ok());
  CHECK(world.Ask("parking spaces").text() == kBody);
}

TEST_CASE("an approval of somebody who may not approve any more does not publish by time") {
  KnowledgeWorld world;
  v1::ApprovalPolicy policy = Steps({"legal"});
  policy.mutable_steps(0)->add_approvers("tenants/acme/agents/tom");
  REQUIRE(world.SetPolicy(policy).ok());
  world.Create(world.CreateRequest("a", "Parking", kBody));
  REQUIRE(HandIn(world, "a", 1).ok());
  REQUIRE(world.Approve("a", 1, "tom").ok());
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(2)).ok());
  policy.mutable_steps(0)->set_approvers(0, "tenants/acme/agents/eve");
  REQUIRE(world.SetPolicy(policy).ok());
  ReachTheTime(world);
  CHECK(InReview(world) == "a");
  CHECK(ReasonOf(world.Publish("a")) == "VERSION_NOT_APPROVED");
}

TEST_CASE("a draft with a time waits in review when approvals were asked for meanwhile") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Parking", "10 parking spaces."));
  REQUIRE(world.Publish("a").ok());
  REQUIRE(world.Edit("a", [](auto& content) { content.set_body(kBody); }).ok());
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(2)).ok());
  REQUIRE(world.SetPolicy(Steps({"peer"})).ok());
  ReachTheTime(world);
  // What is live stays live.
  CHECK(world.Get("a").published_version() == 1);
  CHECK(world.Ask("parking spaces").text() == "10 parking spaces.");
  CHECK(world.Version("a", 2).state() == v1::VERSION_STATE_IN_REVIEW);
  CHECK(world.Version("a", 2).has_submit_time());
  REQUIRE(world.Approve("a", 2, "tom").ok());
  REQUIRE(world.Publish("a").ok());
  CHECK(world.Ask("parking spaces").text() == kBody);
}

TEST_CASE("a policy that changed and still lets a version through publishes it by time") {
  KnowledgeWorld world;
  REQUIRE(world.SetPolicy(Steps({"peer", "legal"})).ok());
  world.Create(world.CreateRequest("a", "Parking", kBody));
  REQUIRE(HandIn(world, "a", 1).ok());
  REQUIRE(world.Approve("a", 1, "tom").ok());
  REQUIRE(world.Approve("a", 1, "eve").ok());
  REQUIRE(world.PublishAt("a", world.clock.Now() + absl::Hours(2)).ok());
  REQUIRE(world.SetPolicy(Steps({"legal"})).ok());
  ReachTheTime(world);
  CHECK(world.Get("a").published_version() == 1);
  CHECK(world.CountEvents(v1::KnowledgeEvent::kArticleVersionSubmitted) == 1);
}
