#include "services/knowledge/article_handlers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/review.h"
#include "services/knowledge/events.h"

namespace frontdesk::knowledge {
namespace {

// What an update names: settings of the article, and paths of its content.
struct Paths {
  std::vector<std::string> content;  // as MergeContent takes them
  bool any_content = false;
  bool owner = false;
  bool verify_interval = false;
  bool translated_version = false;
};

Paths PathsOf(const v1::UpdateArticleRequest& request) {
  Paths paths;
  const v1::Article& wanted = request.article();
  if (!request.has_update_mask() || request.update_mask().paths_size() == 0) {
    paths.any_content = true;
    paths.owner = !wanted.owner().empty();
    paths.verify_interval = wanted.has_verify_interval();
    paths.translated_version = wanted.translated_version() != 0;
    return paths;
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "*") {
      paths.owner = paths.verify_interval = true;
      // Of what is no translation there is none to replace.
      paths.translated_version |= wanted.translated_version() != 0;
      paths.content.push_back(path);
    } else if (path == "owner") {
      paths.owner = true;
    } else if (path == "verify_interval") {
      paths.verify_interval = true;
    } else if (path == "translated_version") {
      paths.translated_version = true;
    } else {
      paths.content.push_back(path);
    }
  }
  paths.any_content = !paths.content.empty();
  return paths;
}

// Publishes now what the policy lets be published.
absl::Status PublishChecked(const v1::ApprovalPolicy& policy, v1::ArticleVersion version,
                            ArticleEdit& edit) {
  FD_RETURN_IF_ERROR(CheckPublishable(version));
  FD_RETURN_IF_ERROR(CheckApproved(policy, version));
  return edit.Publish(std::move(version), false).status();
}

// Writes the record and gives the article as the API shows it.
template <class Response>
absl::Status PutAndReply(const ArticleKey& key, ArticleEdit& edit, engine::Txn& txn,
                         Response* response) {
  edit.Put();
  FD_ASSIGN_OR_RETURN(*response->mutable_article(), LoadFullArticle(txn, key.tenant, key.article));
  return absl::OkStatus();
}

}  // namespace

absl::Status CreateArticle(const v1::CreateArticleRequest& request, const engine::Context& context,
                           engine::Txn& txn, v1::CreateArticleResponse* response) {
  const ArticleKey key{std::string(context.tenant),
                       request.article_id().empty() ? context.NewId() : request.article_id()};
  const std::string name = ArticleName(key.tenant, key.article);
  FD_ASSIGN_OR_RETURN(auto existing, kArticles.Find(txn, kArticles.Key(key.tenant, key.article)));
  if (existing.has_value()) {
    return WithResource(WithMetadata(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                           "an article of this id exists"),
                                     "name", name),
                        "article", name);
  }
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::New(context, txn, key, request.article()));
  FD_RETURN_IF_ERROR(edit.WriteVersion(request.article().content(), request.note()));
  return PutAndReply(key, edit, txn, response);
}

absl::Status UpdateArticle(const v1::UpdateArticleRequest& request, const ArticleKey& key,
                           const engine::Context& context, engine::Txn& txn,
                           v1::UpdateArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit,
                      ArticleEdit::Load(context, txn, key, request.article().etag()));
  const Paths paths = PathsOf(request);
  const std::string before = edit.article().SerializeAsString();
  FD_RETURN_IF_ERROR(edit.SetSettings(request.article(), paths.owner, paths.verify_interval,
                                      paths.translated_version));
  bool changed = edit.article().SerializeAsString() != before;
  if (paths.any_content) {
    FD_ASSIGN_OR_RETURN(const v1::ArticleVersion newest,
                        edit.LoadVersion(edit.article().latest_version()));
    FD_ASSIGN_OR_RETURN(const v1::ArticleContent content,
                        MergeContent(newest.content(), request.article().content(), paths.content));
    FD_RETURN_IF_ERROR(ValidateContent(content, "article.content"));
    if (!SameContent(content, newest.content())) {
      FD_RETURN_IF_ERROR(edit.WriteVersion(content, request.note()));
      return PutAndReply(key, edit, txn, response);
    }
  }
  if (changed) Touch(edit.record(), context.now);
  return PutAndReply(key, edit, txn, response);
}

absl::Status PublishArticle(const v1::PublishArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::PublishArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_ASSIGN_OR_RETURN(const int number, VersionNumber(edit.record(), request.version()));
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, edit.LoadVersion(number));
  FD_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(txn, key.tenant));
  if (!request.has_publish_time()) {
    FD_RETURN_IF_ERROR(PublishChecked(policy.approval_policy(), std::move(version), edit));
  } else {
    // Timers have microseconds.
    const absl::Time publish_time =
        absl::FromUnixMicros(absl::ToUnixMicros(FromTimestamp(request.publish_time())));
    FD_RETURN_IF_ERROR(CheckSchedule(edit.record(), version, publish_time, context.now));
    FD_RETURN_IF_ERROR(CheckPublishable(version));
    FD_RETURN_IF_ERROR(CheckApproved(policy.approval_policy(), version));
    edit.Schedule(std::move(version), publish_time);
  }
  return PutAndReply(key, edit, txn, response);
}

absl::Status CancelScheduledPublication(const v1::CancelScheduledPublicationRequest& request,
                                        const ArticleKey& key, const engine::Context& context,
                                        engine::Txn& txn,
                                        v1::CancelScheduledPublicationResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  if (edit.article().staged_state() != v1::VERSION_STATE_SCHEDULED) {
    return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                              "no version of the article is scheduled"),
                        "verb", "CancelScheduledPublication");
  }
  FD_RETURN_IF_ERROR(edit.CancelSchedule());
  return PutAndReply(key, edit, txn, response);
}

absl::Status RollBackArticle(const v1::RollBackArticleRequest& request, const ArticleKey& key,
                             const engine::Context& context, engine::Txn& txn,
                             v1::RollBackArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_ASSIGN_OR_RETURN(const int number, VersionNumber(edit.record(), request.version()));
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, edit.LoadVersion(number));
  FD_RETURN_IF_ERROR(CheckRollBack(edit.record(), version));
  FD_RETURN_IF_ERROR(edit.Publish(std::move(version), true).status());
  return PutAndReply(key, edit, txn, response);
}

absl::Status ArchiveArticle(const v1::ArchiveArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::ArchiveArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_RETURN_IF_ERROR(edit.Archive());
  return PutAndReply(key, edit, txn, response);
}

absl::Status RestoreArticle(const v1::RestoreArticleRequest& request, const ArticleKey& key,
                            const engine::Context& context, engine::Txn& txn,
                            v1::RestoreArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_RETURN_IF_ERROR(edit.Restore());
  return PutAndReply(key, edit, txn, response);
}

absl::Status VerifyArticle(const v1::VerifyArticleRequest& request, const ArticleKey& key,
                           const engine::Context& context, engine::Txn& txn,
                           v1::VerifyArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, request.etag()));
  FD_RETURN_IF_ERROR(Verify(edit.record(), context.now));
  return PutAndReply(key, edit, txn, response);
}

absl::Status ImportArticle(const ArticleFile& file, const engine::Context& context,
                           engine::Txn& txn) {
  const ArticleKey key{std::string(context.tenant), file.id};
  FD_ASSIGN_OR_RETURN(const auto before,
                      kArticles.Find(txn, kArticles.Key(context.tenant, file.id)));
  if (before.has_value() && before->imported_hash() == file.hash) return absl::OkStatus();
  if (before.has_value() && before->article().locale() != file.locale) {
    return InvalidField("locale", "of article file " + file.id + " must not change");
  }
  v1::Article wanted;
  wanted.set_locale(file.locale);
  if (!file.translation_of.empty()) {
    wanted.set_translation_of(ArticleName(context.tenant, file.translation_of));
  }
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, before.has_value()
                                            ? ArticleEdit::Load(context, txn, key, "")
                                            : ArticleEdit::New(context, txn, key, wanted));
  bool same = false;
  if (before.has_value()) {
    FD_ASSIGN_OR_RETURN(const auto newest, edit.LoadVersion(edit.article().latest_version()));
    same = SameContent(newest.content(), file.content);
    const bool linked = edit.article().translation_of() == wanted.translation_of();
    // A file that changes keeps pace with its source.
    if (!wanted.translation_of().empty() && (!same || !linked)) {
      FD_RETURN_IF_ERROR(edit.BecomeTranslation(wanted));
    }
  }
  if (!same) {
    FD_RETURN_IF_ERROR(edit.CancelSchedule());
    FD_RETURN_IF_ERROR(edit.WriteVersion(file.content, "imported"));
  }
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion newest, edit.LoadVersion(edit.article().latest_version()));
  FD_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(txn, key.tenant));
  const bool refused = newest.state() == v1::VERSION_STATE_REJECTED;
  if (!refused && CheckApproved(policy.approval_policy(), newest).ok()) {
    FD_RETURN_IF_ERROR(PublishChecked(policy.approval_policy(), std::move(newest), edit));
  } else if (newest.state() == v1::VERSION_STATE_DRAFT) {
    // Files do not go round the people who approve.
    FD_RETURN_IF_ERROR(Submit(policy.approval_policy(), newest, context.now));
    edit.HandIn(policy.approval_policy(), newest);
  }
  edit.record().set_imported_hash(file.hash);
  edit.Put();
  return absl::OkStatus();
}

absl::Status PublishScheduled(const ArticleKey& key, const engine::Context& context,
                              engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto found,
                      kArticles.Find(txn, kArticles.Key(key.tenant, key.article)));
  if (!found.has_value() || found->publish_generation() != context.generation ||
      found->article().staged_state() != v1::VERSION_STATE_SCHEDULED) {
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, ""));
  edit.ForgetPublishTimer();
  const int number = edit.article().staged_version();
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, edit.LoadVersion(number));
  FD_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(txn, key.tenant));
  if (CheckApproved(policy.approval_policy(), version).ok()) {
    FD_RETURN_IF_ERROR(edit.Publish(std::move(version), false).status());
  } else {
    // The policy became stricter since the time was set. Who approves hears of it as of any other
    // version that waits; what they approve is published by hand.
    FD_RETURN_IF_ERROR(edit.CancelSchedule());
    FD_ASSIGN_OR_RETURN(version, edit.LoadVersion(number));
    SendBack(version, context.now);
    edit.HandIn(policy.approval_policy(), version);
  }
  edit.Put();
  return absl::OkStatus();
}

absl::Status FlagUnverified(const ArticleKey& key, const engine::Context& context,
                            engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto found,
                      kArticles.Find(txn, kArticles.Key(key.tenant, key.article)));
  if (!found.has_value() || found->verify_generation() != context.generation ||
      !found->article().has_verify_due_time()) {
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(ArticleEdit edit, ArticleEdit::Load(context, txn, key, ""));
  edit.ForgetVerifyTimer();
  edit.FlagOverdue();
  edit.Put();
  return absl::OkStatus();
}

absl::Status RequestRebuild(engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto found, kIndexState.Find(txn, kIndexState.Key()));
  records::IndexStateRecord state = found.value_or(records::IndexStateRecord());
  state.set_rebuild_number(state.rebuild_number() + 1);
  kIndexState.Put(txn, kIndexState.Key(), state);
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
