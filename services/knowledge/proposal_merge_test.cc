#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/testing/knowledge_world.h"

// Proposals that are merged into an article which has more than one version.

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using frontdesk::knowledge::testing::kParent;
using S = KnowledgeService;

namespace {

constexpr char kQuestion[] = "How do I pair the lamp with my phone?";
constexpr char kSteps[] = "1. Hold the button for seven seconds.\n2. Open the app and tap Pair.";

// A published article, and a proposal of `kQuestion` and `kSteps`.
struct Merging {
  explicit Merging(const std::string& title = "Lamp basics") {
    world.Create(world.CreateRequest("lamp", title, "Old."));
    REQUIRE(world.Publish("lamp").ok());
    const std::string source = fmt::format("{}/conversations/c1", kParent);
    world.transcripts.Say(
        source,
        {kQuestion, "First, hold the button for seven seconds. Then open the app and tap Pair.",
         "Great, that worked!"});
    v1::ProposeArticleRequest request;
    request.set_parent(kParent);
    request.set_source(source);
    request.set_request_id(world.NewRequestId());
    proposal = world.Must(&S::ProposeArticle, request).article_proposal();
  }

  absl::Status Write(const std::string& body) {
    return world.Edit("lamp", [&](v1::ArticleContent& content) { content.set_body(body); });
  }
  absl::Status RollBack(int version) {
    return world.Verb<v1::RollBackArticleRequest, v1::RollBackArticleResponse>(
        &S::RollBackArticle, KnowledgeWorld::Name("lamp"),
        [&](v1::RollBackArticleRequest& request) { request.set_version(version); });
  }
  absl::Status Accept(v1::ProposalMerge merge, v1::ProposalNextStep next) {
    v1::AcceptArticleProposalRequest request;
    request.set_name(proposal.name());
    request.set_request_id(world.NewRequestId());
    request.set_article(KnowledgeWorld::Name("lamp"));
    request.set_merge(merge);
    request.set_next_step(next);
    return world.AcceptArticleProposal(request, &accepted);
  }
  v1::ArticleProposal Read() {
    v1::GetArticleProposalRequest request;
    request.set_name(proposal.name());
    return world.Must(&S::GetArticleProposal, request).article_proposal();
  }
  v1::ArticleVersion Version(int number) { return world.Version("lamp", number); }

  KnowledgeWorld world;
  v1::ArticleProposal proposal;
  v1::AcceptArticleProposalResponse accepted;
};

}  // namespace

TEST_CASE("what another author works on neither goes live nor is lost by a merge") {
  Merging merging;
  REQUIRE(merging.Write("Half a thought.").ok());
  for (const auto next : {v1::PROPOSAL_NEXT_STEP_PUBLISH, v1::PROPOSAL_NEXT_STEP_UNSPECIFIED}) {
    const absl::Status refused = merging.Accept(v1::PROPOSAL_MERGE_APPEND, next);
    CHECK(absl::IsFailedPrecondition(refused));
    CHECK(ReasonOf(refused) == "VERSION_STATE");
    CHECK(refused.message().find("version 2 is DRAFT") != std::string_view::npos);
  }
  CHECK(merging.world.Get("lamp").published_version() == 1);
  CHECK(merging.world.Get("lamp").latest_version() == 2);
  CHECK(merging.Version(2).state() == v1::VERSION_STATE_DRAFT);
  CHECK(merging.Read().state() == v1::PROPOSAL_STATE_PROPOSED);
  // Once its author has brought it to an end, it is what the proposal goes into.
  REQUIRE(merging.world.Publish("lamp").ok());
  REQUIRE(merging.Accept(v1::PROPOSAL_MERGE_APPEND, v1::PROPOSAL_NEXT_STEP_PUBLISH).ok());
  CHECK(merging.Version(3).content().body() == std::string("Half a thought.\n\n") + kSteps);
  CHECK(merging.accepted.article().published_version() == 3);
}

TEST_CASE("a proposal is merged into what is live, not into what was rolled back") {
  Merging merging;
  REQUIRE(merging.Write("A mistake.").ok());
  REQUIRE(merging.world.Publish("lamp").ok());
  REQUIRE(merging.RollBack(1).ok());
  REQUIRE(merging.Accept(v1::PROPOSAL_MERGE_APPEND, v1::PROPOSAL_NEXT_STEP_PUBLISH).ok());
  CHECK(merging.Version(3).content().body() == std::string("Old.\n\n") + kSteps);
  CHECK(merging.accepted.article().published_version() == 3);
}

TEST_CASE("a merge that says nothing new leaves the live version live") {
  Merging merging(kQuestion);
  REQUIRE(merging.Write("A mistake.").ok());
  REQUIRE(merging.world.Publish("lamp").ok());
  REQUIRE(merging.RollBack(1).ok());
  REQUIRE(merging.Accept(v1::PROPOSAL_MERGE_QUESTIONS, v1::PROPOSAL_NEXT_STEP_PUBLISH).ok());
  CHECK(merging.accepted.article().published_version() == 1);
  CHECK(merging.accepted.article().latest_version() == 2);
  CHECK(merging.accepted.article_proposal().article_version() ==
        KnowledgeWorld::Name("lamp") + "/versions/1");
}

TEST_CASE("a version that was refused in review keeps no proposal back and stays refused") {
  Merging merging;
  v1::ApprovalPolicy policy;
  policy.add_steps()->set_name("peer");
  REQUIRE(merging.world.SetPolicy(policy).ok());
  REQUIRE(merging.Write("Nonsense.").ok());
  const std::string second = KnowledgeWorld::Name("lamp") + "/versions/2";
  REQUIRE(merging.world
              .Verb<v1::SubmitArticleVersionRequest, v1::SubmitArticleVersionResponse>(
                  &S::SubmitArticleVersion, second)
              .ok());
  CHECK(ReasonOf(merging.Accept(v1::PROPOSAL_MERGE_APPEND, v1::PROPOSAL_NEXT_STEP_SUBMIT)) ==
        "VERSION_STATE");
  merging.world.principal = "tom";
  REQUIRE(merging.world
              .Verb<v1::RejectArticleVersionRequest, v1::RejectArticleVersionResponse>(
                  &S::RejectArticleVersion, second,
                  [](v1::RejectArticleVersionRequest& request) { request.set_note("no"); })
              .ok());
  REQUIRE(merging.Accept(v1::PROPOSAL_MERGE_APPEND, v1::PROPOSAL_NEXT_STEP_SUBMIT).ok());
  CHECK(merging.Version(3).content().body() == std::string("Old.\n\n") + kSteps);
  CHECK(merging.Version(3).state() == v1::VERSION_STATE_IN_REVIEW);
  CHECK(merging.Version(2).state() == v1::VERSION_STATE_REJECTED);
}
