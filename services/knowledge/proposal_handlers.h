#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/article_proposals.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// Commands on proposals: load, rule, put, event. Requests come checked by the service.
namespace frontdesk::knowledge {

// What was worked out before the command: reading, drafting, searching.
struct PreparedProposal {
  std::string source;
  std::string locale;
  v1::ArticleContent content;
  std::vector<v1::SimilarArticle> similar;
  std::string near;   // id of a proposal that says nearly the same; empty: none
  uint64_t made = 0;  // proposals that the tenant had made by then
  bool automatic = false;
};

// Makes a proposal, or joins the source to one that says nearly the same: an automatic one joins
// whatever became of that, a person's only an open one. ABORTED (STALE_RESULT) when another proposal
// was made since: prepare again. LIMIT_REACHED.
absl::StatusOr<v1::ProposeArticleResponse> Propose(const PreparedProposal& prepared,
                                                   const engine::Context& context,
                                                   engine::Txn& txn);

// `similar`: of the content as it will be; made for version `version` of the record, or ABORTED
// (STALE_RESULT).
absl::Status UpdateArticleProposal(const v1::UpdateArticleProposalRequest& request,
                                   const std::string& id, uint64_t version,
                                   const std::vector<v1::SimilarArticle>& similar,
                                   const engine::Context& context, engine::Txn& txn,
                                   v1::UpdateArticleProposalResponse* response);
// The content and locale that the request would leave; INVALID_FIELD.
absl::Status ApplyUpdate(const v1::UpdateArticleProposalRequest& request,
                         v1::ArticleProposal& proposal);

absl::Status AcceptArticleProposal(const v1::AcceptArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn, v1::AcceptArticleProposalResponse* response);
absl::Status RejectArticleProposal(const v1::RejectArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn, v1::RejectArticleProposalResponse* response);
absl::Status ReopenArticleProposal(const v1::ReopenArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn, v1::ReopenArticleProposalResponse* response);
absl::Status DeleteArticleProposal(const v1::DeleteArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn);
absl::Status UpdateProposalRules(const v1::UpdateProposalRulesRequest& request,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::UpdateProposalRulesResponse* response);

}  // namespace frontdesk::knowledge
