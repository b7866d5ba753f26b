#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/proposal_jobs.h"
#include "services/knowledge/proposal_store.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using frontdesk::knowledge::testing::kParent;
using S = KnowledgeService;

namespace {

std::string Conversation(const std::string& id) {
  return fmt::format("{}/conversations/{}", kParent, id);
}
std::string Ticket(const std::string& id) { return fmt::format("{}/tickets/{}", kParent, id); }

std::string FirstField(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? "" : details.fields[0].first;
}

const std::vector<std::string> kPairing = {
    "Hi, my name is Ada Lovelace. How do I pair the lamp with my phone? Call me on +1 415 555 "
    "2671.",
    "Hello Ada! First, hold the button for seven seconds. Then open the app and tap Pair.",
    "Great, that worked!"};

v1::ProposeArticleRequest ProposeRequest(KnowledgeWorld& world, const std::string& source) {
  v1::ProposeArticleRequest request;
  request.set_parent(kParent);
  request.set_source(source);
  request.set_request_id(world.NewRequestId());
  return request;
}

absl::Status TryPropose(KnowledgeWorld& world, const std::string& source,
                        v1::ProposeArticleResponse* response) {
  return world.ProposeArticle(ProposeRequest(world, source), response);
}
absl::Status TryPropose(KnowledgeWorld& world, const std::string& source) {
  v1::ProposeArticleResponse response;
  return TryPropose(world, source, &response);
}

v1::ArticleProposal Propose(KnowledgeWorld& world, const std::string& source) {
  return world.Must(&S::ProposeArticle, ProposeRequest(world, source)).article_proposal();
}

v1::ArticleProposal ProposePairing(KnowledgeWorld& world) {
  world.transcripts.Say(Conversation("c1"), kPairing);
  return Propose(world, Conversation("c1"));
}

v1::ArticleProposal Get(KnowledgeWorld& world, const std::string& name) {
  v1::GetArticleProposalRequest request;
  request.set_name(name);
  return world.Must(&S::GetArticleProposal, request).article_proposal();
}

std::vector<v1::ArticleProposal> List(KnowledgeWorld& world,
                                      v1::ProposalState state = v1::PROPOSAL_STATE_UNSPECIFIED,
                                      const std::string& locale = "") {
  v1::ListArticleProposalsRequest request;
  request.set_parent(kParent);
  request.set_state(state);
  request.set_locale(locale);
  const auto response = world.Must(&S::ListArticleProposals, request);
  return {response.article_proposals().begin(), response.article_proposals().end()};
}

absl::Status Accept(
    KnowledgeWorld& world, const std::string& name, v1::AcceptArticleProposalResponse* response,
    const std::function<void(v1::AcceptArticleProposalRequest&)>& change = [](auto&) {}) {
  v1::AcceptArticleProposalRequest request;
  request.set_name(name);
  request.set_request_id(world.NewRequestId());
  change(request);
  return world.AcceptArticleProposal(request, response);
}

absl::Status Reject(KnowledgeWorld& world, const std::string& name, const std::string& note) {
  return world.Verb<v1::RejectArticleProposalRequest, v1::RejectArticleProposalResponse>(
      &S::RejectArticleProposal, name,
      [&](v1::RejectArticleProposalRequest& request) { request.set_note(note); });
}
absl::Status Reopen(KnowledgeWorld& world, const std::string& name) {
  return world.Verb<v1::ReopenArticleProposalRequest, v1::ReopenArticleProposalResponse>(
      &S::ReopenArticleProposal, name);
}
absl::Status Delete(KnowledgeWorld& world, const std::string& name, const std::string& etag = "") {
  return world.Verb<v1::DeleteArticleProposalRequest, v1::DeleteArticleProposalResponse>(
      &S::DeleteArticleProposal, name,
      [&](v1::DeleteArticleProposalRequest& request) { request.set_etag(etag); });
}

template <class Change>
absl::Status Edit(KnowledgeWorld& world, const std::string& name,
                  v1::UpdateArticleProposalResponse* response, Change change,
                  const std::string& etag = "") {
  v1::UpdateArticleProposalRequest request;
  request.mutable_article_proposal()->set_name(name);
  *request.mutable_article_proposal()->mutable_content() = Get(world, name).content();
  request.mutable_article_proposal()->set_etag(etag);
  change(*request.mutable_article_proposal()->mutable_content());
  request.mutable_update_mask()->add_paths("content");
  request.set_request_id(world.NewRequestId());
  return world.UpdateArticleProposal(request, response);
}

absl::Status SetRules(KnowledgeWorld& world, const std::string& path,
                      const std::function<void(v1::ProposalRules&)>& change) {
  v1::UpdateProposalRulesRequest request;
  request.mutable_proposal_rules()->set_name(std::string(kParent) + "/proposalRules");
  change(*request.mutable_proposal_rules());
  request.mutable_update_mask()->add_paths(path);
  request.set_request_id(world.NewRequestId());
  v1::UpdateProposalRulesResponse response;
  return world.UpdateProposalRules(request, &response);
}

void ResolveConversation(KnowledgeWorld& world, const std::string& id, int agent_replies = 1,
                         common::v1::AuthorKind by = common::v1::AUTHOR_KIND_AGENT) {
  dialog::v1::DialogEvent event;
  auto* fact = event.mutable_conversation_resolved();
  fact->mutable_conversation()->set_name(Conversation(id));
  fact->set_resolved_by(by);
  fact->set_bot_only(agent_replies == 0);
  fact->set_customer_message_count(2);
  fact->set_agent_reply_count(agent_replies);
  world.PublishEvent("acme/ada", event);
}

void ResolveTicket(KnowledgeWorld& world, const std::string& id, const std::string& assignee) {
  ticket::v1::TicketEvent event;
  auto* ticket = event.mutable_ticket_resolved()->mutable_ticket();
  ticket->set_name(Ticket(id));
  ticket->set_assignee(assignee);
  ticket->set_resolution("told the customer");
  world.PublishEvent("acme/" + id, event);
}

// In another three words, so that letters say that it is the same.
std::vector<std::string> PairingInOtherWords() {
  std::vector<std::string> said = kPairing;
  said[0] = "How do I pair the lamp with my phone? Why does the lamp not pair with my phone?";
  return said;
}

std::vector<std::string> Refund() {
  return {"Hello! Where can I see my refund?",
          "Open the Orders page. Then choose the order and tap Refund status."};
}

}  // namespace

TEST_CASE("a resolved conversation becomes a draft without personal data") {
  KnowledgeWorld world;
  const v1::ArticleProposal proposal = ProposePairing(world);
  CHECK(proposal.state() == v1::PROPOSAL_STATE_PROPOSED);
  CHECK(proposal.locale() == "en");
  CHECK(proposal.content().title() == "How do I pair the lamp with my phone?");
  CHECK(proposal.content().body() ==
        "1. Hold the button for seven seconds.\n2. Open the app and tap Pair.");
  CHECK(proposal.sources_size() == 1);
  CHECK(proposal.sources(0) == Conversation("c1"));
  CHECK(proposal.findings_size() == 0);
  CHECK_FALSE(proposal.automatic());
  const std::string bytes = proposal.SerializeAsString();
  for (const char* secret : {"Ada", "Lovelace", "415", "2671"}) {
    INFO(secret);
    CHECK(bytes.find(secret) == std::string::npos);
  }
  CHECK(Get(world, proposal.name()).SerializeAsString() == bytes);

  const auto made = world.Events(v1::KnowledgeEvent::kArticleProposalMade);
  REQUIRE(made.size() == 1);
  CHECK(made[0].article_proposal_made().article_proposal() == proposal.name());
  CHECK(made[0].article_proposal_made().source() == Conversation("c1"));
  CHECK(made[0].article_proposal_made().error_count() == 0);
}

TEST_CASE("a repeated request gives the same proposal, and so does the same source") {
  KnowledgeWorld world;
  world.transcripts.Say(Conversation("c1"), kPairing);
  const v1::ProposeArticleRequest request = ProposeRequest(world, Conversation("c1"));
  const auto first = world.Must(&S::ProposeArticle, request);
  CHECK_FALSE(first.joined());
  CHECK(world.Must(&S::ProposeArticle, request).SerializeAsString() == first.SerializeAsString());
  const auto again = world.Must(&S::ProposeArticle, ProposeRequest(world, Conversation("c1")));
  CHECK(again.joined());
  CHECK(again.article_proposal().SerializeAsString() ==
        first.article_proposal().SerializeAsString());
  CHECK(List(world).size() == 1);
  CHECK(world.CountEvents(v1::KnowledgeEvent::kArticleProposalMade) == 1);
}

TEST_CASE("sources that can't be drafted from are refused and leave nothing") {
  KnowledgeWorld world;
  world.transcripts.Say(Conversation("open"), kPairing);
  world.transcripts.by_source[Conversation("open")].resolved = false;
  absl::Status status = TryPropose(world, Conversation("open"));
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(ReasonOf(status) == "SOURCE_NOT_RESOLVED");
  CHECK(ReasonOf(TryPropose(world, Conversation("unknown"))) == "NOT_FOUND");
  CHECK(ReasonOf(TryPropose(world, "tenants/other/conversations/c1")) == "WRONG_TENANT");
  CHECK(ReasonOf(TryPropose(world, "tenants/other/tickets/c1")) == "WRONG_TENANT");
  for (const char* source : {"", "c1", "tenants/acme/customers/ada", "tenants/acme/tickets/",
                             "tenants/acme/tickets/\x01", "\xFF\xFE"}) {
    INFO(source);
    CHECK(FirstField(TryPropose(world, source)) == "source");
  }
  world.transcripts.failure = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "");
  CHECK(absl::IsUnavailable(TryPropose(world, Conversation("open"))));
  CHECK(List(world).empty());
}

TEST_CASE("whatever was said makes a draft that can be stored, if only with errors found") {
  KnowledgeWorld world;
  std::string controls = "Why\x01\x02 does it fail?\n\n\x1b[31m";
  controls += std::string("\0\xFF\xC3", 3);
  const std::vector<std::vector<std::string>> transcripts = {
      {},
      {""},
      {controls, "Press\x07 reset"},
      {std::string(100 << 10, 'x')},
      {std::string(100 << 10, 'q') + "?", std::string(100 << 10, '1')},
      {std::string(100 << 10, '\xE4')},
      {"<script>alert(1)</script> does not work", "# [x](y)"}};
  for (size_t i = 0; i < transcripts.size(); ++i) {
    INFO(i);
    world.transcripts.Say(Ticket(fmt::format("t{}", i)), transcripts[i]);
    const v1::ArticleProposal proposal = Propose(world, Ticket(fmt::format("t{}", i)));
    CHECK(proposal.ByteSizeLong() < 40'000);
    CHECK(proposal.SerializeAsString().find('\x1b') == std::string::npos);
  }
  const v1::ArticleProposal empty = Propose(world, Ticket("t0"));
  REQUIRE(empty.findings_size() == 2);
  CHECK(empty.findings(0).rule() == v1::PROPOSAL_RULE_MISSING_QUESTION);
  CHECK(empty.findings(1).rule() == v1::PROPOSAL_RULE_MISSING_STEPS);
  CHECK(empty.findings(0).severity() == v1::FINDING_SEVERITY_ERROR);
}

TEST_CASE("accepting makes a draft article, or one that is live, and only once") {
  KnowledgeWorld world;
  const v1::ArticleProposal proposal = ProposePairing(world);
  v1::AcceptArticleProposalResponse accepted;
  REQUIRE(Accept(world, proposal.name(), &accepted, [](auto& request) {
            request.set_article_id("pairing");
            request.set_next_step(v1::PROPOSAL_NEXT_STEP_PUBLISH);
          }).ok());
  CHECK(accepted.article_proposal().state() == v1::PROPOSAL_STATE_ACCEPTED);
  CHECK(accepted.article_proposal().reviewer() == "tenants/acme/agents/mia");
  CHECK(accepted.article_proposal().article_version() ==
        KnowledgeWorld::Name("pairing") + "/versions/1");
  CHECK(accepted.article().state() == v1::ARTICLE_STATE_PUBLISHED);
  const v1::ArticleVersion version = world.Version("pairing", 1);
  CHECK(version.content().body() == proposal.content().body());
  CHECK(version.note() == "from " + proposal.name());
  CHECK(world.Ask("How do I pair the lamp with my phone?").known());
  CHECK(List(world, v1::PROPOSAL_STATE_PROPOSED).empty());
  REQUIRE(List(world, v1::PROPOSAL_STATE_ACCEPTED).size() == 1);

  const auto decided = world.Events(v1::KnowledgeEvent::kArticleProposalDecided);
  REQUIRE(decided.size() == 1);
  CHECK(decided[0].article_proposal_decided().article_version() ==
        accepted.article_proposal().article_version());

  CHECK(ReasonOf(Accept(world, proposal.name(), &accepted)) == "FAILED_TRANSITION");
  CHECK(ReasonOf(Reject(world, proposal.name(), "no")) == "FAILED_TRANSITION");
  CHECK(ReasonOf(Reopen(world, proposal.name())) == "FAILED_TRANSITION");
  v1::UpdateArticleProposalResponse updated;
  CHECK(ReasonOf(Edit(world, proposal.name(), &updated, [](auto&) {})) == "FAILED_TRANSITION");
  CHECK(world.Get("pairing").latest_version() == 1);
}

TEST_CASE("a lost reply of an acceptance is made again") {
  KnowledgeWorld world;
  world.transcripts.Say(Conversation("long"), kPairing);
  const v1::ArticleProposal proposal = Propose(world, Conversation("long"));
  v1::UpdateArticleProposalResponse updated;
  REQUIRE(Edit(world, proposal.name(), &updated, [](v1::ArticleContent& content) {
            content.set_body(content.body() + "\n\n" + std::string(3000, 'a'));
          }).ok());
  v1::AcceptArticleProposalRequest request;
  request.set_name(proposal.name());
  request.set_request_id(world.NewRequestId());
  const auto first = world.Must(&S::AcceptArticleProposal, request);
  const auto again = world.Must(&S::AcceptArticleProposal, request);
  CHECK(again.SerializeAsString() == first.SerializeAsString());
}

TEST_CASE("an error found keeps a proposal back until it is mended or overridden") {
  KnowledgeWorld world;
  world.transcripts.Say(Ticket("t1"), {"How do I get a new lamp?",
                                       "Open the shop. We guarantee delivery on Monday."});
  const v1::ArticleProposal proposal = Propose(world, Ticket("t1"));
  REQUIRE(proposal.findings_size() == 1);
  CHECK(proposal.findings(0).rule() == v1::PROPOSAL_RULE_PROMISE);
  CHECK(proposal.findings(0).text() == "guarantee");
  v1::AcceptArticleProposalResponse accepted;
  absl::Status status = Accept(world, proposal.name(), &accepted);
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(ReasonOf(status) == "PROPOSAL_FINDINGS");
  CHECK(DetailsOf(status).metadata[0].second == proposal.findings(0).id());
  const auto override_with = [&](const std::string& id, const std::string& note) {
    return Accept(world, proposal.name(), &accepted, [&](auto& request) {
      request.add_overrides()->set_finding(id);
      request.mutable_overrides(0)->set_note(note);
    });
  };
  CHECK(FirstField(override_with(proposal.findings(0).id(), "")) == "overrides[0].note");
  CHECK(FirstField(override_with("promise-12345678", "yes")) == "overrides[0].finding");
  CHECK(Get(world, proposal.name()).etag() == proposal.etag());

  // What a person writes is checked anew.
  v1::UpdateArticleProposalResponse updated;
  REQUIRE(Edit(world, proposal.name(), &updated, [](v1::ArticleContent& content) {
            content.set_body("1. Write to ada@example.com.");
          }).ok());
  REQUIRE(updated.article_proposal().findings_size() == 1);
  CHECK(updated.article_proposal().findings(0).rule() == v1::PROPOSAL_RULE_PERSONAL_DATA);
  CHECK(updated.article_proposal().findings(0).text() == "[email]");
  CHECK_FALSE(override_with(proposal.findings(0).id(), "of before").ok());
  REQUIRE(override_with(updated.article_proposal().findings(0).id(), "our own address").ok());
  CHECK(accepted.article_proposal().overrides(0).note() == "our own address");
  CHECK(accepted.article().state() == v1::ARTICLE_STATE_DRAFT);
}

TEST_CASE("new rules are seen by proposals that wait") {
  KnowledgeWorld world;
  const v1::ArticleProposal proposal = ProposePairing(world);
  REQUIRE(SetRules(world, "phrases", [](v1::ProposalRules& rules) {
            rules.add_phrases()->set_phrase("tap pair");
          }).ok());
  REQUIRE(Get(world, proposal.name()).findings_size() == 1);
  REQUIRE(List(world)[0].findings_size() == 1);
  CHECK(List(world)[0].content().body().empty());
  v1::AcceptArticleProposalResponse accepted;
  CHECK(ReasonOf(Accept(world, proposal.name(), &accepted)) == "PROPOSAL_FINDINGS");
  CHECK(FirstField(SetRules(world, "duplicate_bps", [](auto&) {})) ==
        "proposal_rules.duplicate_bps");
  CHECK(FirstField(SetRules(world, "etag", [](auto&) {})) == "update_mask");
  REQUIRE(SetRules(world, "phrases", [](auto&) {}).ok());
  CHECK(Accept(world, proposal.name(), &accepted).ok());

  v1::GetProposalRulesRequest request;
  request.set_name(std::string(kParent) + "/proposalRules");
  CHECK(world.Must(&S::GetProposalRules, request).proposal_rules().etag() == "2");
  CHECK(ReasonOf(SetRules(world, "automatic", [](v1::ProposalRules& rules) {
          rules.set_etag("1");
        })) == "ETAG_MISMATCH");
}

TEST_CASE("an article that answers it already is shown, and takes the questions in") {
  KnowledgeWorld world;
  v1::CreateArticleRequest create =
      world.CreateRequest("pairing", "How do I pair the lamp with my phone?", "Hold the button.");
  world.Create(create);
  world.Create(world.CreateRequest("zh", "配对", "长按按钮。", {}, "zh"));
  REQUIRE(world.Publish("pairing").ok());
  world.Wait();
  world.transcripts.Say(Conversation("c1"), PairingInOtherWords());
  const v1::ArticleProposal proposal = Propose(world, Conversation("c1"));
  REQUIRE(proposal.similar_articles_size() == 1);
  CHECK(proposal.similar_articles(0).article() == KnowledgeWorld::Name("pairing"));
  CHECK(proposal.similar_articles(0).similarity_bps() > 7500);
  REQUIRE(proposal.findings_size() == 1);
  CHECK(proposal.findings(0).rule() == v1::PROPOSAL_RULE_DUPLICATE);
  CHECK(proposal.findings(0).article() == KnowledgeWorld::Name("pairing"));

  v1::AcceptArticleProposalResponse accepted;
  CHECK(ReasonOf(Accept(world, proposal.name(), &accepted)) == "PROPOSAL_FINDINGS");
  const auto into = [&](const std::string& article, v1::ProposalMerge merge) {
    return Accept(world, proposal.name(), &accepted, [&](auto& request) {
      request.set_article(article);
      request.set_merge(merge);
      request.set_next_step(v1::PROPOSAL_NEXT_STEP_PUBLISH);
    });
  };
  CHECK(FirstField(into("tenants/other/articles/pairing", v1::PROPOSAL_MERGE_QUESTIONS)) == "");
  CHECK(ReasonOf(into("tenants/other/articles/pairing", v1::PROPOSAL_MERGE_QUESTIONS)) ==
        "WRONG_TENANT");
  CHECK(ReasonOf(into(KnowledgeWorld::Name("none"), v1::PROPOSAL_MERGE_QUESTIONS)) ==
        "PROPOSAL_FINDINGS");
  REQUIRE(into(KnowledgeWorld::Name("pairing"), v1::PROPOSAL_MERGE_QUESTIONS).ok());
  const v1::ArticleContent content = world.Version("pairing", 2).content();
  CHECK(content.body() == "Hold the button.");
  REQUIRE(content.questions_size() == 1);
  CHECK(content.questions(0) == "Why does the lamp not pair with my phone?");
  CHECK(accepted.article().published_version() == 2);
}

TEST_CASE("a proposal can be merged into an article in three ways, of its own language only") {
  const struct {
    v1::ProposalMerge merge;
    const char* body;
  } cases[] = {{v1::PROPOSAL_MERGE_UNSPECIFIED, "Old."},
               {v1::PROPOSAL_MERGE_APPEND,
                "Old.\n\n1. Hold the button for seven seconds.\n2. Open the app and tap Pair."},
               {v1::PROPOSAL_MERGE_REPLACE,
                "1. Hold the button for seven seconds.\n2. Open the app and tap Pair."}};
  for (const auto& one : cases) {
    KnowledgeWorld world;
    world.Create(world.CreateRequest("other", "Lamp basics", "Old."));
    world.Create(world.CreateRequest("zh", "台灯", "长按按钮。", {}, "zh"));
    const v1::ArticleProposal proposal = ProposePairing(world);
    v1::AcceptArticleProposalResponse accepted;
    CHECK(FirstField(Accept(world, proposal.name(), &accepted, [](auto& request) {
            request.set_article(KnowledgeWorld::Name("zh"));
          })) == "article");
    CHECK(FirstField(Accept(world, proposal.name(), &accepted, [](auto& request) {
            request.set_merge(v1::PROPOSAL_MERGE_APPEND);
          })) == "merge");
    CHECK(FirstField(Accept(world, proposal.name(), &accepted, [](auto& request) {
            request.set_article(KnowledgeWorld::Name("other"));
            request.set_article_id("more");
          })) == "article_id");
    REQUIRE(Accept(world, proposal.name(), &accepted, [&](auto& request) {
              request.set_article(KnowledgeWorld::Name("other"));
              request.set_merge(one.merge);
            }).ok());
    CHECK(world.Version("other", 2).content().body() == one.body);
    CHECK(world.Version("other", 2).content().title() == "Lamp basics");
    CHECK(accepted.article().staged_state() == v1::VERSION_STATE_DRAFT);
  }
}

TEST_CASE("the approval policy holds for proposals, too") {
  KnowledgeWorld world;
  v1::ApprovalPolicy policy;
  policy.add_steps()->set_name("peer");
  REQUIRE(world.SetPolicy(policy).ok());
  const v1::ArticleProposal proposal = ProposePairing(world);
  v1::AcceptArticleProposalResponse accepted;
  CHECK(ReasonOf(Accept(world, proposal.name(), &accepted, [](auto& request) {
          request.set_next_step(v1::PROPOSAL_NEXT_STEP_PUBLISH);
        })) == "VERSION_NOT_APPROVED");
  CHECK(Get(world, proposal.name()).state() == v1::PROPOSAL_STATE_PROPOSED);
  CHECK(world.List([](auto&) {}).empty());
  REQUIRE(Accept(world, proposal.name(), &accepted, [](auto& request) {
            request.set_article_id("pairing");
            request.set_next_step(v1::PROPOSAL_NEXT_STEP_SUBMIT);
          }).ok());
  CHECK(accepted.article().staged_state() == v1::VERSION_STATE_IN_REVIEW);
  CHECK(world.CountEvents(v1::KnowledgeEvent::kArticleVersionSubmitted) == 1);
}

TEST_CASE("accepting refuses what no article may be and an id that is taken") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("taken", "Taken", "Old."));
  const v1::ArticleProposal proposal = ProposePairing(world);
  v1::AcceptArticleProposalResponse accepted;
  CHECK(ReasonOf(Accept(world, proposal.name(), &accepted, [](auto& request) {
          request.set_article_id("taken");
        })) == "ALREADY_EXISTS");
  CHECK(FirstField(Accept(world, proposal.name(), &accepted, [](auto& request) {
          request.set_article_id("Not an id");
        })) == "article_id");
  CHECK(FirstField(Accept(world, proposal.name(), &accepted,
                          [](auto& request) { request.set_note("a\x01"); })) == "note");
  // Overriding what is missing makes no article of nothing.
  world.transcripts.Say(Ticket("t0"), {});
  const v1::ArticleProposal empty = Propose(world, Ticket("t0"));
  CHECK(FirstField(Accept(world, empty.name(), &accepted, [&](auto& request) {
          for (const auto& finding : empty.findings()) {
            v1::FindingOverride& override = *request.add_overrides();
            override.set_finding(finding.id());
            override.set_note("so what");
          }
        })) == "article_proposal.content.title");
  CHECK(ReasonOf(Accept(world, std::string(kParent) + "/articleProposals/none", &accepted)) ==
        "NOT_FOUND");
  CHECK(List(world, v1::PROPOSAL_STATE_PROPOSED).size() == 2);
}

TEST_CASE("two editors at once: the second one is told") {
  KnowledgeWorld world;
  const v1::ArticleProposal proposal = ProposePairing(world);
  v1::UpdateArticleProposalResponse updated;
  const auto retitle = [](v1::ArticleContent& content) { content.set_title("Pair the lamp"); };
  REQUIRE(Edit(world, proposal.name(), &updated, retitle, proposal.etag()).ok());
  CHECK(ReasonOf(Edit(world, proposal.name(), &updated, retitle, proposal.etag())) ==
        "ETAG_MISMATCH");
  v1::AcceptArticleProposalResponse accepted;
  CHECK(ReasonOf(Accept(world, proposal.name(), &accepted, [&](auto& request) {
          request.set_etag(proposal.etag());
        })) == "ETAG_MISMATCH");
  CHECK(ReasonOf(Delete(world, proposal.name(), proposal.etag())) == "ETAG_MISMATCH");
  CHECK(FirstField(Edit(world, proposal.name(), &updated, [](v1::ArticleContent& content) {
          content.set_body(std::string((64 << 10) + 1, 'x'));
        })) == "article_proposal.content.body");
  CHECK(Get(world, proposal.name()).content().title() == "Pair the lamp");

  // Both read the same version; only one of them is written.
  v1::UpdateArticleProposalRequest request;
  *request.mutable_article_proposal() = Get(world, proposal.name());
  request.mutable_article_proposal()->clear_etag();
  request.mutable_update_mask()->add_paths("content.title");
  request.mutable_article_proposal()->mutable_content()->set_title("One");
  request.set_request_id(world.NewRequestId());
  const auto one = world.Begin(&S::UpdateArticleProposal, request);
  request.mutable_article_proposal()->mutable_content()->set_title("Two");
  request.set_request_id(world.NewRequestId());
  const auto two = world.Begin(&S::UpdateArticleProposal, request);
  world.Settle();
  CHECK(one->status.ok());
  CHECK(ReasonOf(two->status) == "STALE_RESULT");
  CHECK(Get(world, proposal.name()).content().title() == "One");
}

TEST_CASE("a refusal needs a reason and can be taken back; deleting is for good") {
  KnowledgeWorld world;
  const v1::ArticleProposal proposal = ProposePairing(world);
  CHECK(FirstField(Reject(world, proposal.name(), " ")) == "note");
  REQUIRE(Reject(world, proposal.name(), "too special").ok());
  const v1::ArticleProposal rejected = Get(world, proposal.name());
  CHECK(rejected.state() == v1::PROPOSAL_STATE_REJECTED);
  CHECK(rejected.note() == "too special");
  CHECK(rejected.has_decide_time());
  v1::AcceptArticleProposalResponse accepted;
  CHECK(ReasonOf(Accept(world, proposal.name(), &accepted)) == "FAILED_TRANSITION");
  REQUIRE(Reopen(world, proposal.name()).ok());
  CHECK(Get(world, proposal.name()).state() == v1::PROPOSAL_STATE_PROPOSED);
  CHECK_FALSE(Get(world, proposal.name()).has_decide_time());
  CHECK(world.CountEvents(v1::KnowledgeEvent::kArticleProposalDecided) == 2);
  REQUIRE(Delete(world, proposal.name()).ok());
  v1::GetArticleProposalRequest request;
  request.set_name(proposal.name());
  v1::GetArticleProposalResponse response;
  CHECK(ReasonOf(world.Do(&S::GetArticleProposal, request, &response)) == "NOT_FOUND");
  CHECK(List(world).empty());
  // The source is free again.
  CHECK(Propose(world, Conversation("c1")).name() != proposal.name());
}

TEST_CASE("what says nearly the same joins an open proposal with its source and questions") {
  KnowledgeWorld world;
  const v1::ArticleProposal first = ProposePairing(world);
  world.transcripts.Say(Ticket("t2"), PairingInOtherWords());
  v1::ProposeArticleResponse joined;
  REQUIRE(TryPropose(world, Ticket("t2"), &joined).ok());
  CHECK(joined.joined());
  CHECK(joined.article_proposal().name() == first.name());
  CHECK(joined.article_proposal().source_count() == 2);
  CHECK(joined.article_proposal().sources(1) == Ticket("t2"));
  REQUIRE(joined.article_proposal().content().questions_size() == 2);
  CHECK(joined.article_proposal().content().questions(1) ==
        "Why does the lamp not pair with my phone?");
  CHECK(joined.article_proposal().content().body() == first.content().body());
  // Something else is another one.
  world.transcripts.Say(Ticket("t3"), Refund());
  CHECK(Propose(world, Ticket("t3")).name() != first.name());
  CHECK(List(world).size() == 2);
  // A person who asks for it gets a new one when the old one was refused.
  REQUIRE(Reject(world, first.name(), "no").ok());
  world.transcripts.Say(Ticket("t4"), PairingInOtherWords());
  CHECK(Propose(world, Ticket("t4")).name() != first.name());
}

TEST_CASE("two that are proposed at once do not both become new") {
  KnowledgeWorld world;
  world.transcripts.Say(Conversation("c1"), kPairing);
  world.transcripts.Say(Conversation("c2"), kPairing);
  const auto one = world.Begin(&S::ProposeArticle, ProposeRequest(world, Conversation("c1")));
  const auto two = world.Begin(&S::ProposeArticle, ProposeRequest(world, Conversation("c2")));
  world.Settle();
  REQUIRE(one->status.ok());
  REQUIRE(two->status.ok());
  CHECK(two->response.joined());
  CHECK(List(world).size() == 1);
}

TEST_CASE("proposals are listed newest first, in pages, by state and language") {
  KnowledgeWorld world;
  const char* things[] = {"lamp", "router", "invoice", "kettle", "wardrobe"};
  for (int i = 0; i < 5; ++i) {
    world.Advance(absl::Seconds(1));
    world.transcripts.Say(
        Ticket(fmt::format("t{}", i)),
        {fmt::format("Where is my {}?", things[i]),
         fmt::format("Open the {0} page and choose {0} number {1}.", things[i], 1111 * i)});
    Propose(world, Ticket(fmt::format("t{}", i)));
  }
  world.transcripts.Say(Ticket("zh"), {"台灯怎么重新配对？", "请长按按钮七秒。"});
  world.Advance(absl::Seconds(1));
  Propose(world, Ticket("zh"));
  v1::ListArticleProposalsRequest request;
  request.set_parent(kParent);
  request.set_locale("en");
  request.set_page_size(2);
  std::string order;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = world.Must(&S::ListArticleProposals, request);
    for (const auto& proposal : page.article_proposals()) {
      order += proposal.sources(0).back();
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  CHECK(order == "43210");
  CHECK(List(world, v1::PROPOSAL_STATE_UNSPECIFIED, "zh").size() == 1);
  REQUIRE(Reject(world, List(world)[0].name(), "no").ok());
  CHECK(List(world, v1::PROPOSAL_STATE_PROPOSED).size() == 5);
  CHECK(List(world, v1::PROPOSAL_STATE_REJECTED).size() == 1);
  CHECK(List(world).size() == 6);
  request.set_state(v1::PROPOSAL_STATE_REJECTED);
  v1::ListArticleProposalsResponse response;
  CHECK(ReasonOf(world.Do(&S::ListArticleProposals, request, &response)) == "PAGE_TOKEN_INVALID");
}

TEST_CASE("what people resolved is drafted from by itself, once however often its event comes") {
  KnowledgeWorld world;
  world.transcripts.Say(Conversation("c1"), kPairing);
  world.transcripts.Say(Ticket("t1"), Refund());
  ResolveConversation(world, "c1");
  ResolveTicket(world, "t1", "tenants/acme/agents/mia");
  REQUIRE(List(world).size() == 2);
  CHECK(List(world)[0].automatic());
  const int asked = world.transcripts.asked;
  ResolveConversation(world, "c1");
  ResolveTicket(world, "t1", "tenants/acme/agents/mia");
  world.Advance(absl::Hours(2));
  CHECK(world.transcripts.asked == asked);
  CHECK(List(world).size() == 2);
  CHECK(world.DeadLetters() == 0);
  const auto made = world.Events(v1::KnowledgeEvent::kArticleProposalMade);
  REQUIRE(made.size() == 2);
  CHECK(made[0].article_proposal_made().automatic());
  CHECK(made[0].metadata().actor() == "services/knowledge");
}

TEST_CASE("what no person solved is not drafted from") {
  KnowledgeWorld world;
  for (const char* id : {"bot", "timeout", "ticketed"}) {
    world.transcripts.Say(Conversation(id), kPairing);
  }
  ResolveConversation(world, "bot", 0, common::v1::AUTHOR_KIND_BOT);
  ResolveConversation(world, "timeout", 1, common::v1::AUTHOR_KIND_SYSTEM);
  world.transcripts.Say(Ticket("nobody"), kPairing);
  ResolveTicket(world, "nobody", "");
  world.Advance(absl::Hours(1));
  CHECK(world.transcripts.asked == 0);

  ticket::v1::TicketResolved ticket;
  ticket.mutable_ticket()->set_assignee("tenants/acme/agents/mia");
  CHECK_FALSE(IsWorthDrafting(ticket));
  ticket.mutable_ticket()->mutable_description()->set_masked("It does not work");
  CHECK(IsWorthDrafting(ticket));
  dialog::v1::ConversationResolved conversation;
  conversation.set_agent_reply_count(1);
  conversation.set_customer_message_count(1);
  conversation.set_resolved_by(common::v1::AUTHOR_KIND_CUSTOMER);
  CHECK(IsWorthDrafting(conversation));
  conversation.mutable_conversation()->set_ticket(Ticket("t1"));
  CHECK_FALSE(IsWorthDrafting(conversation));
}

TEST_CASE("a tenant and a process can say that nothing is proposed by itself") {
  KnowledgeWorld world;
  world.transcripts.Say(Conversation("c1"), kPairing);
  REQUIRE(SetRules(world, "automatic", [](auto&) {}).ok());
  ResolveConversation(world, "c1");
  CHECK(world.transcripts.asked == 0);
  REQUIRE(SetRules(world, "automatic", [](auto& rules) { rules.set_automatic(true); }).ok());
  world.config.propose_articles = false;
  world.Crash();
  ResolveConversation(world, "c1");
  CHECK(world.transcripts.asked == 0);
  // Asking for it works all the same.
  CHECK(TryPropose(world, Conversation("c1")).ok());
}

TEST_CASE("what was refused or accepted is not proposed by itself again, only counted") {
  KnowledgeWorld world;
  const v1::ArticleProposal proposal = ProposePairing(world);
  REQUIRE(Reject(world, proposal.name(), "no").ok());
  world.transcripts.Say(Conversation("c2"), PairingInOtherWords());
  ResolveConversation(world, "c2");
  REQUIRE(List(world).size() == 1);
  const v1::ArticleProposal counted = Get(world, proposal.name());
  CHECK(counted.source_count() == 2);
  CHECK(counted.state() == v1::PROPOSAL_STATE_REJECTED);
  CHECK(counted.content().questions_size() == proposal.content().questions_size());
}

TEST_CASE("a source that can't be read is tried later and later, and given up in the end") {
  KnowledgeWorld world;
  world.transcripts.failure = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "");
  ResolveConversation(world, "c1");
  CHECK(world.transcripts.asked == 1);
  world.Advance(absl::Seconds(9));
  CHECK(world.transcripts.asked == 1);
  world.Advance(absl::Seconds(2));
  CHECK(world.transcripts.asked == 2);
  world.Advance(absl::Seconds(15));
  CHECK(world.transcripts.asked == 2);
  world.Advance(absl::Seconds(6));
  CHECK(world.transcripts.asked == 3);
  world.transcripts.failure = absl::OkStatus();
  world.transcripts.Say(Conversation("c1"), kPairing);
  world.Advance(absl::Hours(1));
  CHECK(List(world).size() == 1);

  world.transcripts.failure = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "");
  const int before = world.transcripts.asked;
  ResolveConversation(world, "c2");
  for (int i = 0; i < 30; ++i) world.Advance(absl::Hours(1));
  CHECK(world.transcripts.asked == before + kMaxJobAttempts);
  // What is gone is not tried again.
  world.transcripts.failure = absl::OkStatus();
  ResolveConversation(world, "gone");
  world.Advance(absl::Hours(30));
  CHECK(world.transcripts.asked == before + kMaxJobAttempts + 1);
}

TEST_CASE("what was opened again meanwhile is drafted from when it is resolved anew") {
  KnowledgeWorld world;
  world.transcripts.Say(Conversation("c1"), kPairing);
  world.transcripts.by_source[Conversation("c1")].resolved = false;
  ResolveConversation(world, "c1");
  world.Advance(absl::Hours(1));
  CHECK(world.transcripts.asked == 1);
  CHECK(List(world).empty());
  world.transcripts.by_source[Conversation("c1")].resolved = true;
  ResolveConversation(world, "c1");
  CHECK(List(world).size() == 1);
}

TEST_CASE("a crash between the event and the proposal loses neither and doubles none") {
  KnowledgeWorld world;
  world.transcripts.failure = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "");
  world.transcripts.Say(Conversation("c1"), kPairing);
  ResolveConversation(world, "c1");
  world.Crash();
  world.transcripts.failure = absl::OkStatus();
  world.Advance(absl::Minutes(1));
  REQUIRE(List(world).size() == 1);
  world.Crash();
  world.Advance(absl::Hours(1));
  CHECK(List(world).size() == 1);
  CHECK(world.CountEvents(v1::KnowledgeEvent::kArticleProposalMade) == 1);
}

TEST_CASE("proposals do not live for ever") {
  KnowledgeWorld world;
  const v1::ArticleProposal open = ProposePairing(world);
  world.transcripts.Say(Ticket("t1"), Refund());
  const v1::ArticleProposal decided = Propose(world, Ticket("t1"));
  REQUIRE(Reject(world, decided.name(), "no").ok());
  world.Advance(absl::Hours(24 * 91));
  world.transcripts.Say(Ticket("t2"), {"How do I print a label?", "Open the print page."});
  const v1::ArticleProposal next = Propose(world, Ticket("t2"));
  REQUIRE(List(world).size() == 2);
  CHECK(List(world)[1].name() == open.name());
  world.Advance(absl::Hours(24 * 90));
  world.transcripts.Say(Ticket("t3"), {"Is there a student discount?", "Enter your school."});
  Propose(world, Ticket("t3"));
  REQUIRE(List(world).size() == 2);
  CHECK(List(world)[1].name() == next.name());
}
