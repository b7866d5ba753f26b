#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"
#include "frontdesk/knowledge/v1/article_proposals.pb.h"
#include "google/protobuf/field_mask.pb.h"

// What a proposal is checked against before it may become an article.
namespace frontdesk::knowledge {

inline constexpr int kMaxPhraseRules = 200;
inline constexpr int kMaxPhraseCharacters = 64;
inline constexpr int kMaxPhraseExceptions = 10;
inline constexpr int kMaxFindings = 50;

// Those of a tenant that never changed any.
v1::ProposalRules DefaultProposalRules();
// INVALID_FIELD.
absl::Status ValidateProposalRules(const v1::ProposalRules& rules, std::string_view field);
// `current` with the fields of `wanted` that `mask` names. INVALID_FIELD for another one, or none.
absl::StatusOr<v1::ProposalRules> MergeProposalRules(const v1::ProposalRules& current,
                                                     const v1::ProposalRules& wanted,
                                                     const google::protobuf::FieldMask& mask);

// Personal data that was found in a field of the content: bytes [start, end), and what it is called
// ("[phone]").
struct PersonalSpan {
  std::string field;
  int start_byte = 0;
  int end_byte = 0;
  std::string kind;
};

// Everything that the rules find in the content of `proposal`, errors first, at most kMaxFindings.
// Its similar articles are taken as they are.
std::vector<v1::ProposalFinding> CheckProposal(const v1::ArticleProposal& proposal,
                                               const v1::ProposalRules& rules,
                                               const std::vector<PersonalSpan>& personal);

// OK when every error is overridden; PROPOSAL_FINDINGS naming the rest. A DUPLICATE of
// `into_article` is none. INVALID_FIELD for an override of what was not found, or without a note.
absl::Status CheckOverrides(const v1::ArticleProposal& proposal, std::string_view into_article,
                            const google::protobuf::RepeatedPtrField<v1::FindingOverride>& given);

}  // namespace frontdesk::knowledge
