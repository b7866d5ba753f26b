#include "services/knowledge/domain/review.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const Reviewer kMia{"tenants/t1/agents/mia", common::v1::ROLE_AGENT};
const Reviewer kTom{"tenants/t1/agents/tom", common::v1::ROLE_AGENT};
const Reviewer kAnn{"tenants/t1/admins/ann", common::v1::ROLE_ADMIN};

v1::ApprovalStep& AddStep(v1::ApprovalPolicy& policy, const std::string& name, int min = 0) {
  v1::ApprovalStep& step = *policy.add_steps();
  step.set_name(name);
  step.set_approvals_min(min);
  return step;
}

v1::ArticleVersion Draft(const std::string& author) {
  v1::ArticleVersion version;
  version.set_version(3);
  version.set_author(author);
  version.set_state(v1::VERSION_STATE_DRAFT);
  return version;
}

std::string Metadata(const absl::Status& status, const std::string& wanted) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == wanted) return value;
  }
  return "";
}

}  // namespace

TEST_CASE("a version goes through the steps one after the other") {
  v1::ApprovalPolicy policy;
  AddStep(policy, "peer", 2);
  AddStep(policy, "chief").add_roles(common::v1::ROLE_ADMIN);
  v1::ArticleVersion version = Draft("tenants/t1/agents/eve");
  CHECK(ReasonOf(Approve(policy, kMia, "", version, kNow)) == "VERSION_STATE");
  REQUIRE(Submit(policy, version, kNow).ok());
  CHECK(version.state() == v1::VERSION_STATE_IN_REVIEW);
  CHECK(ReasonOf(Submit(policy, version, kNow)) == "VERSION_STATE");
  const absl::Status unapproved = CheckApproved(policy, version);
  CHECK(absl::IsFailedPrecondition(unapproved));
  CHECK(ReasonOf(unapproved) == "VERSION_NOT_APPROVED");
  CHECK(Metadata(unapproved, "step") == "peer");
  CHECK(Metadata(unapproved, "missing") == "2");
  REQUIRE(Approve(policy, kMia, "fine", version, kNow).ok());
  CHECK(ReasonOf(Approve(policy, kMia, "", version, kNow)) == "ALREADY_APPROVED");
  REQUIRE(Approve(policy, kTom, "", version, kNow).ok());
  CHECK(Metadata(CheckApproved(policy, version), "step") == "chief");
  const absl::Status not_tom = Approve(policy, kTom, "", version, kNow);
  CHECK(absl::IsPermissionDenied(not_tom));
  CHECK(ReasonOf(not_tom) == "NOT_AN_APPROVER");
  REQUIRE(Approve(policy, kAnn, "", version, kNow).ok());
  CHECK(version.state() == v1::VERSION_STATE_APPROVED);
  CHECK(CheckApproved(policy, version).ok());
  REQUIRE(version.approvals_size() == 3);
  CHECK(version.approvals(0).note() == "fine");
  CHECK(version.approvals(2).step() == "chief");
}

TEST_CASE("with four eyes nobody approves the own version") {
  v1::ApprovalPolicy policy;
  AddStep(policy, "peer");
  v1::ArticleVersion version = Draft(kMia.principal);
  REQUIRE(Submit(policy, version, kNow).ok());
  policy.set_four_eyes(true);
  const absl::Status own = Approve(policy, kMia, "", version, kNow);
  CHECK(absl::IsPermissionDenied(own));
  CHECK(ReasonOf(own) == "OWN_VERSION");
  CHECK(version.approvals().empty());
  policy.set_four_eyes(false);
  CHECK(Approve(policy, kMia, "", version, kNow).ok());
}

TEST_CASE("a step names people, roles or both") {
  struct Case {
    std::vector<std::string> approvers;
    std::vector<common::v1::Role> roles;
    bool mia, tom, ann;
  };
  const Case kCases[] = {
      {{}, {}, true, true, true},
      {{kTom.principal}, {}, false, true, false},
      {{}, {common::v1::ROLE_ADMIN}, false, false, true},
      {{kMia.principal}, {common::v1::ROLE_ADMIN}, true, false, true},
      {{}, {common::v1::ROLE_AGENT}, true, true, false},
  };
  for (const Case& c : kCases) {
    v1::ApprovalPolicy policy;
    v1::ApprovalStep& step = AddStep(policy, "s");
    for (const auto& approver : c.approvers) step.add_approvers(approver);
    for (const auto role : c.roles) step.add_roles(role);
    for (const auto& [reviewer, may] : {std::pair{kMia, c.mia}, {kTom, c.tom}, {kAnn, c.ann}}) {
      v1::ArticleVersion version = Draft("eve");
      REQUIRE(Submit(policy, version, kNow).ok());
      INFO(reviewer.principal);
      CHECK(Approve(policy, reviewer, "", version, kNow).ok() == may);
      v1::ArticleVersion other = Draft("eve");
      REQUIRE(Submit(policy, other, kNow).ok());
      CHECK(Reject(policy, reviewer, "no", other, kNow).ok() == may);
    }
  }
}

TEST_CASE("without steps a submitted version is approved") {
  v1::ArticleVersion version = Draft("eve");
  REQUIRE(Submit(v1::ApprovalPolicy(), version, kNow).ok());
  CHECK(version.state() == v1::VERSION_STATE_APPROVED);
  CHECK(CheckApproved(v1::ApprovalPolicy(), version).ok());
}

TEST_CASE("a version can be refused while it is in review or approved, and keeps the reason") {
  v1::ApprovalPolicy policy;
  AddStep(policy, "peer");
  struct Case {
    v1::VersionState state;
    bool allowed;
  };
  const Case kCases[] = {{v1::VERSION_STATE_DRAFT, false},     {v1::VERSION_STATE_IN_REVIEW, true},
                         {v1::VERSION_STATE_APPROVED, true},   {v1::VERSION_STATE_REJECTED, false},
                         {v1::VERSION_STATE_SCHEDULED, false}, {v1::VERSION_STATE_PUBLISHED, false},
                         {v1::VERSION_STATE_RETIRED, false},   {v1::VERSION_STATE_ARCHIVED, false}};
  for (const Case& c : kCases) {
    v1::ArticleVersion version = Draft("eve");
    version.set_state(c.state);
    INFO(VersionStateName(c.state));
    CHECK(Reject(policy, kMia, "say why", version, kNow).ok() == c.allowed);
    if (!c.allowed) continue;
    CHECK(version.state() == v1::VERSION_STATE_REJECTED);
    CHECK(version.rejection().note() == "say why");
    CHECK(version.rejection().rejecter() == kMia.principal);
    CHECK(version.rejection().step() == "peer");
  }
}

TEST_CASE("a policy that became stricter asks for the new approvals") {
  v1::ApprovalPolicy policy;
  AddStep(policy, "peer");
  v1::ArticleVersion version = Draft("eve");
  REQUIRE(Submit(policy, version, kNow).ok());
  REQUIRE(Approve(policy, kMia, "", version, kNow).ok());
  AddStep(policy, "legal");
  CHECK(Metadata(CheckApproved(policy, version), "step") == "legal");
}

TEST_CASE("approvals count by the policy as it is now, and another person can give what lacks") {
  v1::ApprovalPolicy policy;
  AddStep(policy, "peer");
  const Reviewer author{"tenants/t1/agents/eve", common::v1::ROLE_AGENT};
  const Reviewer admin{"tenants/t1/agents/boss", common::v1::ROLE_ADMIN};
  v1::ArticleVersion version = Draft(author.principal);
  REQUIRE(Submit(policy, version, kNow).ok());
  REQUIRE(Approve(policy, author, "", version, kNow).ok());
  REQUIRE(CheckApproved(policy, version).ok());
  // Nobody approves the own version any more.
  policy.set_four_eyes(true);
  CHECK(ReasonOf(CheckApproved(policy, version)) == "VERSION_NOT_APPROVED");
  REQUIRE(Approve(policy, kMia, "", version, kNow).ok());
  CHECK(version.state() == v1::VERSION_STATE_APPROVED);
  CHECK(CheckApproved(policy, version).ok());
  // Only administrators do.
  policy.mutable_steps(0)->add_roles(common::v1::ROLE_ADMIN);
  CHECK(ReasonOf(CheckApproved(policy, version)) == "VERSION_NOT_APPROVED");
  CHECK(ReasonOf(Approve(policy, kMia, "", version, kNow)) == "NOT_AN_APPROVER");
  REQUIRE(Approve(policy, admin, "", version, kNow).ok());
  CHECK(CheckApproved(policy, version).ok());
  CHECK(version.approvals(2).role() == common::v1::ROLE_ADMIN);
}

TEST_CASE("what is wrong with a policy is named") {
  const auto field = [](auto change) {
    v1::ApprovalPolicy policy;
    change(policy, AddStep(policy, "s"));
    const absl::Status status = ValidatePolicy(policy, "t1", "p");
    return status.ok() ? "" : DetailsOf(status).fields.at(0).first;
  };
  using P = v1::ApprovalPolicy;
  using S = v1::ApprovalStep;
  CHECK(field([](P&, S&) {}) == "");
  CHECK(field([](P&, S& s) { s.set_name(""); }) == "p.steps[0].name");
  CHECK(field([](P& p, S&) { AddStep(p, "s"); }) == "p.steps[1].name");
  CHECK(field([](P& p, S&) {
          for (int i = 0; i < 5; ++i) AddStep(p, std::to_string(i));
        }) == "p.steps");
  CHECK(field([](P&, S& s) { s.add_approvers("mia"); }) == "p.steps[0].approvers[0]");
  CHECK(field([](P&, S& s) { s.add_approvers("tenants/t2/agents/mia"); }) ==
        "p.steps[0].approvers[0]");
  CHECK(field([](P&, S& s) { s.add_roles(common::v1::ROLE_SERVICE); }) == "p.steps[0].roles[0]");
  CHECK(field([](P&, S& s) { s.set_approvals_min(11); }) == "p.steps[0].approvals_min");
  CHECK(field([](P&, S& s) {
          s.add_approvers("tenants/t1/agents/mia");
          s.set_approvals_min(2);
        }) == "p.steps[0].approvals_min");
}

TEST_CASE("a change of the policy raises its etag, and what says the same does not") {
  store::v1::ApprovalPolicyRecord record;
  v1::ApprovalPolicy wanted;
  AddStep(wanted, "peer");
  CHECK(ChangePolicy(record, wanted, "tenants/t1/approvalPolicy", kNow));
  CHECK(record.approval_policy().etag() == "1");
  CHECK_FALSE(ChangePolicy(record, wanted, "tenants/t1/approvalPolicy", kNow + absl::Hours(1)));
  google::protobuf::FieldMask mask;
  mask.add_paths("four_eyes");
  wanted.set_four_eyes(true);
  const auto merged = MergePolicy(record.approval_policy(), wanted, &mask);
  REQUIRE(merged.ok());
  CHECK(merged->steps_size() == 1);
  CHECK(ChangePolicy(record, *merged, "tenants/t1/approvalPolicy", kNow));
  CHECK(record.approval_policy().etag() == "2");
  mask.add_paths("name");
  CHECK(absl::IsInvalidArgument(MergePolicy(wanted, wanted, &mask).status()));
}
