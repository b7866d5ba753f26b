#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/knowledge/v1/article_proposals.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// Loading and putting proposals with all their rows, and a tenant's rules for them.
namespace frontdesk::knowledge {

inline constexpr int64_t kMaxOpenProposals = 500;
inline constexpr int kMaxProposalSources = 50;
inline constexpr absl::Duration kOpenProposalLife = absl::Hours(24 * 180);
inline constexpr absl::Duration kDecidedProposalLife = absl::Hours(24 * 90);

std::string ProposalName(std::string_view tenant, std::string_view proposal);

// The defaults, with version 0, when the tenant never changed them.
absl::StatusOr<records::ProposalRulesRecord> LoadProposalRules(const engine::Reader& reader,
                                                               std::string_view tenant);
absl::StatusOr<records::ProposalStatsRecord> LoadProposalStats(const engine::Reader& reader,
                                                               std::string_view tenant);

// With what the rules find now; NOT_FOUND.
absl::StatusOr<records::ProposalRecord> LoadProposal(const engine::Reader& reader,
                                                     std::string_view tenant,
                                                     std::string_view proposal);
// Finds anew what the rules say.
void CheckAnew(const records::ProposalRulesRecord& rules, records::ProposalRecord& record);

// Puts the record and moves its rows and what is counted from `before` (null: a new proposal).
absl::Status PutProposal(engine::Txn& txn, std::string_view tenant, std::string_view proposal,
                         const records::ProposalRecord* before,
                         const records::ProposalRecord& after);
absl::Status DeleteProposal(engine::Txn& txn, std::string_view tenant, std::string_view proposal,
                            const records::ProposalRecord& record);
// Deletes up to `max` proposals of the shard whose time is over.
absl::Status TrimProposals(const engine::Context& context, engine::Txn& txn, int max);

// The newest proposal that the source belongs to.
absl::StatusOr<std::optional<std::string>> ProposalOfSource(const engine::Reader& reader,
                                                            std::string_view tenant,
                                                            std::string_view source);

// A proposal that says nearly the same, and how many the tenant had made when that was looked up.
struct NearProposal {
  std::string id;  // empty: none
  uint64_t made = 0;
};
// Compares letters with the newest of the tenant's proposals, open ones first. Blocks; a consistent
// view of the store is the caller's.
absl::StatusOr<NearProposal> FindNearProposal(const engine::Reader& reader, std::string_view tenant,
                                              std::string_view locale,
                                              const v1::ArticleContent& content);

absl::Status ReadProposalPage(const engine::Reader& reader, const std::string& tenant,
                              const v1::ListArticleProposalsRequest& request, const rpc::Page& page,
                              v1::ListArticleProposalsResponse* response);

}  // namespace frontdesk::knowledge
