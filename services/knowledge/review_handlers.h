#pragma once

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/article_edit.h"
#include "services/knowledge/domain/review.h"

// Commands on versions in review and on the policy. Requests come checked by the service; `number` is
// the version in their name.
namespace frontdesk::knowledge {

absl::Status SubmitArticleVersion(const v1::SubmitArticleVersionRequest& request,
                                  const ArticleKey& key, int number, const engine::Context& context,
                                  engine::Txn& txn, v1::SubmitArticleVersionResponse* response);
absl::Status ApproveArticleVersion(const v1::ApproveArticleVersionRequest& request,
                                   const ArticleKey& key, int number, const Reviewer& reviewer,
                                   const engine::Context& context, engine::Txn& txn,
                                   v1::ApproveArticleVersionResponse* response);
absl::Status RejectArticleVersion(const v1::RejectArticleVersionRequest& request,
                                  const ArticleKey& key, int number, const Reviewer& reviewer,
                                  const engine::Context& context, engine::Txn& txn,
                                  v1::RejectArticleVersionResponse* response);
absl::Status UpdateApprovalPolicy(const v1::UpdateApprovalPolicyRequest& request,
                                  const engine::Context& context, engine::Txn& txn,
                                  v1::UpdateApprovalPolicyResponse* response);

}  // namespace frontdesk::knowledge
