#include "services/knowledge/domain/proposal_rules.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

v1::ArticleProposal Sound() {
  v1::ArticleProposal proposal;
  proposal.mutable_content()->set_title("How do I pair it?");
  proposal.mutable_content()->add_questions("How do I pair it?");
  proposal.mutable_content()->set_body("1. Open the app.");
  return proposal;
}

v1::ArticleProposal WithBody(const std::string& body) {
  v1::ArticleProposal proposal = Sound();
  proposal.mutable_content()->set_body("1. Open the app.\n" + body);
  return proposal;
}

// What is found, as "promise:guarantee duplicate:".
std::string Found(const v1::ArticleProposal& proposal,
                  const v1::ProposalRules& rules = DefaultProposalRules(),
                  const std::vector<PersonalSpan>& personal = {}) {
  std::string all;
  for (const v1::ProposalFinding& finding : CheckProposal(proposal, rules, personal)) {
    all += (all.empty() ? "" : " ") + finding.id().substr(0, finding.id().rfind('-')) + ":" +
           finding.text();
  }
  return all;
}

std::string FirstField(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? "" : details.fields[0].first;
}

}  // namespace

TEST_CASE("the default rules are valid, and a sound proposal passes them") {
  CHECK(ValidateProposalRules(DefaultProposalRules(), "rules").ok());
  CHECK(DefaultProposalRules().automatic());
  CHECK(Found(Sound()) == "");
}

TEST_CASE(
    "promises and forbidden phrases are found in both languages, denied and harmless ones not") {
  const struct {
    const char* body;
    const char* found;
  } cases[] = {
      {"We guarantee delivery.", "promise:guarantee"},
      {"WE GUARANTEE it.", "promise:GUARANTEE"},
      {"We do not guarantee delivery.", ""},
      {"Delivery can't be guaranteed.", ""},
      {"This can't guarantee it.", ""},
      {"No, sorry. We guarantee it.", "promise:guarantee"},
      {"Guarantees are listed on the card.", ""},
      {"You get compensation.", "promise:compensation"},
      {"It always works.", "promise:always"},
      {"The always-on display drains it.", ""},
      {"It is 100% safe.", "promise:100%"},
      {"Charge it to 100% first.", ""},
      {"It was our fault.", "forbidden:our fault"},
      {"It is not our fault.", "forbidden:our fault"},
      {"我们保证明天到货。", "promise:保证"},
      {"我们不保证明天到货。", ""},
      {"保证金会退回。", ""},
      {"一定会到货。", "promise:一定"},
      {"请一定要备份。", ""},
      {"不一定会到货。", ""},
      {"绝对没问题。", "promise:绝对"},
      {"填写绝对路径。", ""},
      {"我们会赔偿您。", "promise:赔偿"},
      {"这是我们的责任。", "forbidden:我们的责任"},
  };
  for (const auto& one : cases) {
    INFO(one.body);
    CHECK(Found(WithBody(one.body)) == one.found);
  }
}

TEST_CASE("a finding says where it is, and its id stays when something else changes") {
  v1::ArticleProposal proposal = WithBody("We guarantee it, and guarantee it again.");
  const auto before = CheckProposal(proposal, DefaultProposalRules(), {});
  REQUIRE(before.size() == 2);
  CHECK(before[0].id() != before[1].id());
  CHECK(before[0].field() == "body");
  CHECK(proposal.content().body().substr(
            static_cast<size_t>(before[0].span().start_byte()),
            static_cast<size_t>(before[0].span().end_byte() - before[0].span().start_byte())) ==
        "guarantee");
  proposal.mutable_content()->set_body("1. Close the app.\nWe guarantee it.");
  proposal.mutable_content()->set_title("Other");
  const auto after = CheckProposal(proposal, DefaultProposalRules(), {});
  REQUIRE(after.size() == 1);
  CHECK(after[0].id() == before[0].id());
  CHECK(after[0].span().start_byte() != before[0].span().start_byte());
  // In a question it is another one.
  proposal.mutable_content()->add_questions("Do you guarantee it?");
  CHECK(CheckProposal(proposal, DefaultProposalRules(), {}).size() == 2);
}

TEST_CASE("what is missing, too long, alike or personal is found") {
  v1::ArticleProposal proposal = Sound();
  proposal.mutable_content()->clear_questions();
  proposal.mutable_content()->set_body("It works by itself.");
  CHECK(Found(proposal) == "missing-question: missing-steps:");
  proposal.mutable_content()->clear_title();
  CHECK(CheckProposal(proposal, DefaultProposalRules(), {})[0].field() == "title");
  for (const char* body : {"1. Open", "  2) Open", "- Open", "Text\n\n* Open"}) {
    INFO(body);
    proposal = Sound();
    proposal.mutable_content()->set_body(body);
    CHECK(Found(proposal) == "");
  }
  proposal.mutable_content()->set_body("2026 was a year.\n1.5 metres");
  CHECK(Found(proposal) == "missing-steps:");

  CHECK(Found(WithBody(std::string(3980, 'a'))) == "");
  CHECK(Found(WithBody(std::string(4000, 'a'))) == "long:");
  std::string steps;
  for (int i = 0; i < 21; ++i) steps += "\n1. Open it";
  CHECK(Found(WithBody(steps)) == "long:");

  proposal = Sound();
  for (const int bps : {9000, 7500, 7499}) {
    v1::SimilarArticle& similar = *proposal.add_similar_articles();
    similar.set_article("tenants/acme/articles/a" + std::to_string(bps));
    similar.set_similarity_bps(bps);
  }
  const auto found = CheckProposal(proposal, DefaultProposalRules(), {{"body", 3, 7, "[phone]"}});
  REQUIRE(found.size() == 3);
  CHECK(found[0].article() == "tenants/acme/articles/a9000");
  CHECK(found[1].article() == "tenants/acme/articles/a7500");
  CHECK(found[2].rule() == v1::PROPOSAL_RULE_PERSONAL_DATA);
  CHECK(found[2].text() == "[phone]");
}

TEST_CASE("findings are bounded, errors first") {
  std::string body;
  for (int i = 0; i < 500; ++i) body += "It always works. ";
  v1::ArticleProposal proposal = WithBody(body + "Compensation.");
  const auto found = CheckProposal(proposal, DefaultProposalRules(), {});
  CHECK(found.size() == static_cast<size_t>(kMaxFindings));
  CHECK(found[0].severity() == v1::FINDING_SEVERITY_ERROR);
}

TEST_CASE("an error keeps a proposal back until it is overridden with a note") {
  v1::ArticleProposal proposal = WithBody("We guarantee it. It always works.");
  v1::SimilarArticle& similar = *proposal.add_similar_articles();
  similar.set_article("tenants/acme/articles/pairing");
  similar.set_similarity_bps(9000);
  std::string duplicate, promise;
  for (const auto& finding : CheckProposal(proposal, DefaultProposalRules(), {})) {
    *proposal.add_findings() = finding;
    if (finding.rule() == v1::PROPOSAL_RULE_DUPLICATE) duplicate = finding.id();
    if (finding.text() == "guarantee") promise = finding.id();
  }
  google::protobuf::RepeatedPtrField<v1::FindingOverride> given;
  absl::Status status = CheckOverrides(proposal, "", given);
  CHECK(ReasonOf(status) == "PROPOSAL_FINDINGS");
  CHECK(DetailsOf(status).metadata[0].second == duplicate + ", " + promise);
  // Into that very article it is no duplicate.
  status = CheckOverrides(proposal, "tenants/acme/articles/pairing", given);
  CHECK(DetailsOf(status).metadata[0].second == promise);

  v1::FindingOverride& override = *given.Add();
  override.set_finding(promise);
  CHECK(FirstField(CheckOverrides(proposal, "", given)) == "overrides[0].note");
  override.set_note("legal has agreed");
  CHECK(CheckOverrides(proposal, "tenants/acme/articles/pairing", given).ok());
  CHECK_FALSE(CheckOverrides(proposal, "", given).ok());
  override.set_finding("promise-00000000");
  CHECK(FirstField(CheckOverrides(proposal, "", given)) == "overrides[0].finding");
}

TEST_CASE("rules of a tenant are merged by their mask and checked") {
  const v1::ProposalRules current = DefaultProposalRules();
  v1::ProposalRules wanted;
  v1::PhraseRule& phrase = *wanted.add_phrases();
  phrase.set_phrase("cheap");
  google::protobuf::FieldMask mask;
  CHECK(FirstField(MergeProposalRules(current, wanted, mask).status()) == "update_mask");
  mask.add_paths("phrases");
  v1::ProposalRules merged = MergeProposalRules(current, wanted, mask).value();
  CHECK(merged.automatic());
  CHECK(Found(WithBody("It is cheap, we guarantee it."), merged) == "forbidden:cheap");
  mask.add_paths("automatic");
  CHECK_FALSE(MergeProposalRules(current, wanted, mask)->automatic());
  mask.add_paths("name");
  CHECK_FALSE(MergeProposalRules(current, wanted, mask).ok());

  const auto field_of = [&](auto change) {
    v1::ProposalRules rules = merged;
    change(rules);
    return FirstField(ValidateProposalRules(rules, "r"));
  };
  CHECK(field_of([](auto& r) { r.mutable_phrases(0)->set_phrase(" "); }) == "r.phrases[0].phrase");
  CHECK(field_of([](auto& r) { r.mutable_phrases(0)->set_phrase("a\x01"); }) ==
        "r.phrases[0].phrase");
  CHECK(field_of([](auto& r) { r.mutable_phrases(0)->set_rule(v1::PROPOSAL_RULE_TOO_LONG); }) ==
        "r.phrases[0].rule");
  CHECK(field_of([](auto& r) { r.mutable_phrases(0)->add_exceptions("costly"); }) ==
        "r.phrases[0].exceptions[0]");
  CHECK(field_of([](auto& r) { r.add_phrases()->set_phrase("Cheap"); }) == "r.phrases[1].phrase");
  CHECK(field_of([](auto& r) { r.set_duplicate_bps(0); }) == "r.duplicate_bps");
  CHECK(field_of([](auto& r) { r.set_max_body_characters(1); }) == "r.max_body_characters");
  CHECK(field_of([](auto& r) {
          for (int i = 0; i < 200; ++i) r.add_phrases()->set_phrase("p" + std::to_string(i));
        }) == "r.phrases");
}
