#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/common/v1/role.pb.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "google/protobuf/field_mask.pb.h"

// The way of a version through review: submitted, approved step by step, or rejected.
namespace frontdesk::knowledge {

inline constexpr int kMaxApprovalSteps = 5;
inline constexpr int kMaxStepNameCharacters = 64;
inline constexpr int kMaxStepApprovers = 20;
inline constexpr int kMaxStepApprovals = 10;

// Who approves or refuses.
struct Reviewer {
  std::string principal;  // as records name actors: "tenants/t1/agents/mia"
  common::v1::Role role = common::v1::ROLE_UNSPECIFIED;
};

// INVALID_FIELD below `field`. A step that fewer people may approve than it needs is refused, too.
absl::Status ValidatePolicy(const v1::ApprovalPolicy& policy, std::string_view tenant,
                            std::string_view field);
// `current` with what the mask names of `wanted`; an absent one takes the populated fields.
absl::StatusOr<v1::ApprovalPolicy> MergePolicy(const v1::ApprovalPolicy& current,
                                               const v1::ApprovalPolicy& wanted,
                                               const google::protobuf::FieldMask* mask);
// Takes `policy` in. False when it says the same as before.
bool ChangePolicy(store::v1::ApprovalPolicyRecord& record, const v1::ApprovalPolicy& policy,
                  std::string name, absl::Time now);

// The first step that lacks approvals; null when none does.
const v1::ApprovalStep* OpenStep(const v1::ApprovalPolicy& policy,
                                 const v1::ArticleVersion& version);
// VERSION_NOT_APPROVED, naming the step and how many approvals it lacks.
absl::Status CheckApproved(const v1::ApprovalPolicy& policy, const v1::ArticleVersion& version);

// DRAFT to IN_REVIEW, or to APPROVED when no step is open. VERSION_STATE.
absl::Status Submit(const v1::ApprovalPolicy& policy, v1::ArticleVersion& version, absl::Time now);
// One approval in the open step; to APPROVED with the last one. VERSION_STATE, OWN_VERSION,
// NOT_AN_APPROVER, ALREADY_APPROVED.
absl::Status Approve(const v1::ApprovalPolicy& policy, const Reviewer& reviewer,
                     std::string_view note, v1::ArticleVersion& version, absl::Time now);
// DRAFT or APPROVED to IN_REVIEW: the policy asks for more than when it was let through. What counts of
// its approvals goes on counting.
void SendBack(v1::ArticleVersion& version, absl::Time now);
// IN_REVIEW or APPROVED to REJECTED, by who may approve the open step, or any step when none is open.
// VERSION_STATE, NOT_AN_APPROVER.
absl::Status Reject(const v1::ApprovalPolicy& policy, const Reviewer& reviewer,
                    std::string_view note, v1::ArticleVersion& version, absl::Time now);

// VERSION_STATE: the version does not allow the verb.
absl::Status WrongVersionState(const v1::ArticleVersion& version, std::string_view verb,
                               std::string_view message);
// "IN_REVIEW".
std::string VersionStateName(v1::VersionState state);

}  // namespace frontdesk::knowledge
