#include "services/knowledge/domain/review.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/text_checks.h"

namespace frontdesk::knowledge {
namespace {

// Steps times approvals of a policy that was changed in the middle of a review stay below it.
constexpr int kMaxApprovals = 50;

int Needed(const v1::ApprovalStep& step) { return std::max(1, step.approvals_min()); }

bool MayApprove(const v1::ApprovalStep& step, const Reviewer& reviewer) {
  if (step.approvers_size() == 0 && step.roles_size() == 0) return true;
  const auto& approvers = step.approvers();
  const auto& roles = step.roles();
  return std::find(approvers.begin(), approvers.end(), reviewer.principal) != approvers.end() ||
         std::find(roles.begin(), roles.end(), reviewer.role) != roles.end();
}

// By the policy as it is now, whatever it was when the approval was given.
bool Counts(const v1::ApprovalPolicy& policy, const v1::ApprovalStep& step,
            const v1::ArticleVersion& version, const v1::Approval& approval) {
  return approval.step() == step.name() &&
         MayApprove(step, {approval.approver(), approval.role()}) &&
         !(policy.four_eyes() && approval.approver() == version.author());
}

int Given(const v1::ApprovalPolicy& policy, const v1::ApprovalStep& step,
          const v1::ArticleVersion& version) {
  return static_cast<int>(std::ranges::count_if(
      version.approvals(),
      [&](const v1::Approval& approval) { return Counts(policy, step, version, approval); }));
}

absl::Status NotAnApprover(const v1::ApprovalStep& step) {
  return WithMetadata(
      Error(absl::StatusCode::kPermissionDenied, "NOT_AN_APPROVER",
            fmt::format("the policy lets others approve in step \"{}\"", step.name())),
      "step", step.name());
}

absl::Status ValidateStep(const v1::ApprovalStep& step, std::string_view tenant,
                          const std::string& place) {
  FD_RETURN_IF_ERROR(CheckLine(step.name(), kMaxStepNameCharacters, place + ".name"));
  if (step.approvers_size() > kMaxStepApprovers) {
    return InvalidField(place + ".approvers", fmt::format("must be at most {}", kMaxStepApprovers));
  }
  std::set<std::string> seen;
  for (int i = 0; i < step.approvers_size(); ++i) {
    const std::string approver = fmt::format("{}.approvers[{}]", place, i);
    FD_RETURN_IF_ERROR(CheckPrincipal(step.approvers(i), tenant, approver));
    if (!seen.insert(step.approvers(i)).second) return InvalidField(approver, "is given twice");
  }
  std::set<int> roles;
  for (int i = 0; i < step.roles_size(); ++i) {
    const std::string role = fmt::format("{}.roles[{}]", place, i);
    if (step.roles(i) != common::v1::ROLE_ADMIN && step.roles(i) != common::v1::ROLE_AGENT) {
      return InvalidField(role, "must be ADMIN or AGENT");
    }
    if (!roles.insert(step.roles(i)).second) return InvalidField(role, "is given twice");
  }
  if (step.approvals_min() < 0 || step.approvals_min() > kMaxStepApprovals) {
    return InvalidField(place + ".approvals_min",
                        fmt::format("must be 0 to {}", kMaxStepApprovals));
  }
  if (step.roles_size() == 0 && step.approvers_size() > 0 && Needed(step) > step.approvers_size()) {
    return InvalidField(place + ".approvals_min", "needs more people than may approve");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidatePolicy(const v1::ApprovalPolicy& policy, std::string_view tenant,
                            std::string_view field) {
  if (policy.steps_size() > kMaxApprovalSteps) {
    return InvalidField(fmt::format("{}.steps", field),
                        fmt::format("must be at most {}", kMaxApprovalSteps));
  }
  std::set<std::string> names;
  for (int i = 0; i < policy.steps_size(); ++i) {
    const std::string place = fmt::format("{}.steps[{}]", field, i);
    FD_RETURN_IF_ERROR(ValidateStep(policy.steps(i), tenant, place));
    if (!names.insert(policy.steps(i).name()).second) {
      return InvalidField(place + ".name", "is given twice");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ApprovalPolicy> MergePolicy(const v1::ApprovalPolicy& current,
                                               const v1::ApprovalPolicy& wanted,
                                               const google::protobuf::FieldMask* mask) {
  bool steps = wanted.steps_size() > 0;
  bool four_eyes = wanted.four_eyes();
  if (mask != nullptr && mask->paths_size() > 0) {
    steps = four_eyes = false;
    for (const std::string& path : mask->paths()) {
      if (path != "*" && path != "steps" && path != "four_eyes") {
        return InvalidField("update_mask", "may name steps, four_eyes or *");
      }
      steps |= path != "four_eyes";
      four_eyes |= path != "steps";
    }
  }
  v1::ApprovalPolicy merged = current;
  if (steps) *merged.mutable_steps() = wanted.steps();
  if (four_eyes) merged.set_four_eyes(wanted.four_eyes());
  return merged;
}

bool ChangePolicy(store::v1::ApprovalPolicyRecord& record, const v1::ApprovalPolicy& policy,
                  std::string name, absl::Time now) {
  v1::ApprovalPolicy after = record.approval_policy();
  after.set_name(std::move(name));
  *after.mutable_steps() = policy.steps();
  after.set_four_eyes(policy.four_eyes());
  if (google::protobuf::util::MessageDifferencer::Equals(after, record.approval_policy())) {
    return false;
  }
  record.set_version(record.version() + 1);
  after.set_etag(fmt::format("{}", record.version()));
  *after.mutable_update_time() = ToTimestamp(now);
  *record.mutable_approval_policy() = std::move(after);
  return true;
}

const v1::ApprovalStep* OpenStep(const v1::ApprovalPolicy& policy,
                                 const v1::ArticleVersion& version) {
  for (const v1::ApprovalStep& step : policy.steps()) {
    if (Given(policy, step, version) < Needed(step)) return &step;
  }
  return nullptr;
}

absl::Status CheckApproved(const v1::ApprovalPolicy& policy, const v1::ArticleVersion& version) {
  const v1::ApprovalStep* open = OpenStep(policy, version);
  if (open == nullptr) return absl::OkStatus();
  const int missing = Needed(*open) - Given(policy, *open, version);
  absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, "VERSION_NOT_APPROVED",
            fmt::format("version {} lacks {} approval(s) in step \"{}\": submit it and have it "
                        "approved first",
                        version.version(), missing, open->name()));
  status = WithMetadata(std::move(status), "version", fmt::format("{}", version.version()));
  status = WithMetadata(std::move(status), "step", open->name());
  return WithMetadata(std::move(status), "missing", fmt::format("{}", missing));
}

absl::Status Submit(const v1::ApprovalPolicy& policy, v1::ArticleVersion& version, absl::Time now) {
  if (version.state() != v1::VERSION_STATE_DRAFT) {
    return WrongVersionState(version, "SubmitArticleVersion", "only a draft can be submitted");
  }
  version.set_state(OpenStep(policy, version) == nullptr ? v1::VERSION_STATE_APPROVED
                                                         : v1::VERSION_STATE_IN_REVIEW);
  *version.mutable_submit_time() = ToTimestamp(now);
  return absl::OkStatus();
}

absl::Status Approve(const v1::ApprovalPolicy& policy, const Reviewer& reviewer,
                     std::string_view note, v1::ArticleVersion& version, absl::Time now) {
  const v1::ApprovalStep* open = OpenStep(policy, version);
  // An approved version may need more since the policy became stricter.
  const bool needs_more = version.state() == v1::VERSION_STATE_APPROVED && open != nullptr;
  if (version.state() != v1::VERSION_STATE_IN_REVIEW && !needs_more) {
    return WrongVersionState(version, "ApproveArticleVersion", "it is not in review");
  }
  if (open != nullptr) {
    if (policy.four_eyes() && reviewer.principal == version.author()) {
      return WithMetadata(Error(absl::StatusCode::kPermissionDenied, "OWN_VERSION",
                                "the author may not approve the own version"),
                          "author", version.author());
    }
    if (!MayApprove(*open, reviewer)) return NotAnApprover(*open);
    for (const v1::Approval& approval : version.approvals()) {
      if (approval.approver() != reviewer.principal || !Counts(policy, *open, version, approval)) {
        continue;
      }
      return WithMetadata(
          Error(absl::StatusCode::kAlreadyExists, "ALREADY_APPROVED",
                fmt::format("you have approved in step \"{}\": it takes another person",
                            open->name())),
          "step", open->name());
    }
    if (version.approvals_size() >= kMaxApprovals) {
      return WrongVersionState(version, "ApproveArticleVersion", "it has too many approvals");
    }
    v1::Approval& approval = *version.add_approvals();
    approval.set_step(open->name());
    approval.set_approver(reviewer.principal);
    approval.set_role(reviewer.role);
    *approval.mutable_approve_time() = ToTimestamp(now);
    approval.set_note(std::string(note));
  }
  // The policy may have lost its steps meanwhile.
  version.set_state(OpenStep(policy, version) == nullptr ? v1::VERSION_STATE_APPROVED
                                                         : v1::VERSION_STATE_IN_REVIEW);
  return absl::OkStatus();
}

void SendBack(v1::ArticleVersion& version, absl::Time now) {
  version.set_state(v1::VERSION_STATE_IN_REVIEW);
  *version.mutable_submit_time() = ToTimestamp(now);
}

absl::Status Reject(const v1::ApprovalPolicy& policy, const Reviewer& reviewer,
                    std::string_view note, v1::ArticleVersion& version, absl::Time now) {
  if (version.state() != v1::VERSION_STATE_IN_REVIEW &&
      version.state() != v1::VERSION_STATE_APPROVED) {
    return WrongVersionState(version, "RejectArticleVersion",
                             "it is neither in review nor approved");
  }
  const v1::ApprovalStep* open = OpenStep(policy, version);
  if (open != nullptr && !MayApprove(*open, reviewer)) return NotAnApprover(*open);
  if (open == nullptr && policy.steps_size() > 0) {
    const bool any = std::any_of(policy.steps().begin(), policy.steps().end(),
                                 [&](const auto& step) { return MayApprove(step, reviewer); });
    if (!any) return NotAnApprover(policy.steps(policy.steps_size() - 1));
  }
  version.set_state(v1::VERSION_STATE_REJECTED);
  v1::Rejection& rejection = *version.mutable_rejection();
  if (open != nullptr) rejection.set_step(open->name());
  rejection.set_rejecter(reviewer.principal);
  *rejection.mutable_reject_time() = ToTimestamp(now);
  rejection.set_note(std::string(note));
  return absl::OkStatus();
}

absl::Status WrongVersionState(const v1::ArticleVersion& version, std::string_view verb,
                               std::string_view message) {
  absl::Status status = Error(absl::StatusCode::kFailedPrecondition, "VERSION_STATE",
                              fmt::format("version {} is {}: {}", version.version(),
                                          VersionStateName(version.state()), message));
  status = WithMetadata(std::move(status), "version", fmt::format("{}", version.version()));
  status = WithMetadata(std::move(status), "state", VersionStateName(version.state()));
  return WithMetadata(std::move(status), "verb", verb);
}

std::string VersionStateName(v1::VersionState state) {
  return v1::VersionState_Name(state).substr(sizeof("VERSION_STATE_") - 1);
}

}  // namespace frontdesk::knowledge
