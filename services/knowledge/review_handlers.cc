#include "services/knowledge/review_handlers.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/events.h"

namespace frontdesk::knowledge {
namespace {

template <class Response>
void Reply(const v1::ArticleVersion& version, const ArticleEdit& edit, Response* response) {
  *response->mutable_article_version() = version;
  response->set_etag(edit.article().etag());
}

template <class Response>
void PutAndReply(const v1::ArticleVersion& version, const engine::Context& context,
                 ArticleEdit& edit, Response* response) {
  edit.PutVersion(version);
  NoteStaged(edit.record(), version, context.now);
  edit.Put();
  Reply(version, edit, response);
}

}  // namespace

absl::Status SubmitArticleVersion(const v1::SubmitArticleVersionRequest& request,
                                  const ArticleKey& key, int number, const engine::Context& context,
                                  engine::Txn& txn, v1::SubmitArticleVersionResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, edit.LoadVersion(number));
  FD_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(txn, key.tenant));
  FD_RETURN_IF_ERROR(Submit(policy.approval_policy(), version, context.now));
  edit.HandIn(policy.approval_policy(), version);
  edit.Put();
  Reply(version, edit, response);
  return absl::OkStatus();
}

absl::Status ApproveArticleVersion(const v1::ApproveArticleVersionRequest& request,
                                   const ArticleKey& key, int number, const Reviewer& reviewer,
                                   const engine::Context& context, engine::Txn& txn,
                                   v1::ApproveArticleVersionResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, edit.LoadVersion(number));
  FD_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(txn, key.tenant));
  const int before = version.approvals_size();
  FD_RETURN_IF_ERROR(
      Approve(policy.approval_policy(), reviewer, request.note(), version, context.now));
  v1::ArticleVersionApproved fact;
  fact.set_article(edit.article().name());
  fact.set_article_version(version.name());
  fact.set_author(version.author());
  fact.set_complete(version.state() == v1::VERSION_STATE_APPROVED);
  if (version.approvals_size() > before) *fact.mutable_approval() = version.approvals(before);
  AppendArticleVersionApproved(context, txn, key.article, std::move(fact));
  PutAndReply(version, context, edit, response);
  return absl::OkStatus();
}

absl::Status RejectArticleVersion(const v1::RejectArticleVersionRequest& request,
                                  const ArticleKey& key, int number, const Reviewer& reviewer,
                                  const engine::Context& context, engine::Txn& txn,
                                  v1::RejectArticleVersionResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, edit.LoadVersion(number));
  FD_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(txn, key.tenant));
  FD_RETURN_IF_ERROR(
      Reject(policy.approval_policy(), reviewer, request.note(), version, context.now));
  v1::ArticleVersionRejected fact;
  fact.set_article(edit.article().name());
  fact.set_article_version(version.name());
  *fact.mutable_rejection() = version.rejection();
  fact.set_author(version.author());
  AppendArticleVersionRejected(context, txn, key.article, std::move(fact));
  PutAndReply(version, context, edit, response);
  return absl::OkStatus();
}

absl::Status UpdateApprovalPolicy(const v1::UpdateApprovalPolicyRequest& request,
                                  const engine::Context& context, engine::Txn& txn,
                                  v1::UpdateApprovalPolicyResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, LoadPolicy(txn, context.tenant));
  const v1::ApprovalPolicy& wanted = request.approval_policy();
  FD_RETURN_IF_ERROR(
      CheckEtag(record.approval_policy().etag(), wanted.etag(), record.approval_policy().name()));
  FD_ASSIGN_OR_RETURN(const v1::ApprovalPolicy merged,
                      MergePolicy(record.approval_policy(), wanted,
                                  request.has_update_mask() ? &request.update_mask() : nullptr));
  FD_RETURN_IF_ERROR(ValidatePolicy(merged, context.tenant, "approval_policy"));
  if (ChangePolicy(record, merged, PolicyName(context.tenant), context.now)) {
    kApprovalPolicies.Put(txn, kApprovalPolicies.Key(context.tenant), record);
  }
  *response->mutable_approval_policy() = record.approval_policy();
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
