#include "services/knowledge/article_edit.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/graph.h"
#include "services/knowledge/domain/review.h"
#include "services/knowledge/events.h"
#include "services/knowledge/timers.h"

namespace frontdesk::knowledge {
namespace {

// One a language; more than that are not looked at.
constexpr size_t kMaxTranslations = 50;

absl::StatusOr<std::string> ArticleIdOf(std::string_view name, std::string_view tenant,
                                        std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseResourceName(name, {"tenants", "articles"}, field));
  if (ids[0] != tenant) return InvalidField(field, "lies in another tenant");
  return std::move(ids[1]);
}

// Links of one kind, as ids.
std::vector<std::string> TargetsOf(const v1::ArticleContent& content, v1::ArticleLinkKind kind) {
  std::vector<std::string> targets;
  for (const v1::ArticleLink& link : content.links()) {
    if (link.kind() != kind) continue;
    targets.push_back(link.article().substr(link.article().rfind('/') + 1));
  }
  return targets;
}

}  // namespace

absl::StatusOr<ArticleEdit> ArticleEdit::Load(const engine::Context& context, engine::Txn& txn,
                                              ArticleKey key, std::string_view etag) {
  ArticleEdit edit(context, txn, std::move(key));
  FD_ASSIGN_OR_RETURN(edit.record_, LoadArticle(txn, edit.key_.tenant, edit.key_.article));
  FD_RETURN_IF_ERROR(CheckEtag(edit.article().etag(), etag, edit.article().name()));
  edit.before_ = edit.record_;
  return edit;
}

absl::StatusOr<ArticleEdit> ArticleEdit::New(const engine::Context& context, engine::Txn& txn,
                                             ArticleKey key, const v1::Article& wanted) {
  ArticleEdit edit(context, txn, std::move(key));
  const std::string& tenant = edit.key_.tenant;
  edit.record_ = NewArticle(ArticleName(tenant, edit.key_.article), wanted.locale(), context.now);
  if (!wanted.translation_of().empty()) {
    FD_RETURN_IF_ERROR(edit.BecomeTranslation(wanted));
  } else if (wanted.translated_version() != 0) {
    return InvalidField("article.translated_version", "needs translation_of");
  }
  FD_RETURN_IF_ERROR(edit.SetSettings(wanted, true, true, false));
  return edit;
}

absl::Status ArticleEdit::BecomeTranslation(const v1::Article& wanted) {
  const std::string field = "article.translation_of";
  v1::Article& article = *record_.mutable_article();
  FD_ASSIGN_OR_RETURN(const std::string source_id,
                      ArticleIdOf(wanted.translation_of(), key_.tenant, field));
  FD_ASSIGN_OR_RETURN(const auto source,
                      kArticles.Find(*txn_, kArticles.Key(key_.tenant, source_id)));
  if (!source.has_value()) return InvalidField(field, "names an article that there is not");
  const int published = source->article().published_version();
  article.set_translation_of(wanted.translation_of());
  article.set_translated_version(wanted.translated_version() != 0 ? wanted.translated_version()
                                 : published != 0                 ? published
                                                  : source->article().latest_version());
  FD_RETURN_IF_ERROR(CheckTranslation(article, source->article(), "article"));
  FD_ASSIGN_OR_RETURN(
      const auto others,
      ScanIds(*txn_, kTranslations.Key(key_.tenant, source_id, article.locale()), 1));
  if (!others.empty() && others.front() != key_.article) {
    const std::string other = ArticleName(key_.tenant, others.front());
    return WithResource(WithMetadata(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                           "there is a translation into this language"),
                                     "name", other),
                        "article", other);
  }
  article.set_translation_stale(IsStale(article, source->article()));
  return absl::OkStatus();
}

absl::StatusOr<v1::ArticleVersion> ArticleEdit::LoadVersion(int number) const {
  FD_ASSIGN_OR_RETURN(auto record,
                      knowledge::LoadVersion(*txn_, key_.tenant, key_.article, number));
  return std::move(*record.mutable_article_version());
}

void ArticleEdit::PutVersion(const v1::ArticleVersion& version) {
  knowledge::PutVersion(*txn_, key_.tenant, key_.article, version);
}

absl::Status ArticleEdit::WriteVersion(const v1::ArticleContent& content, std::string_view note) {
  FD_RETURN_IF_ERROR(CheckReferences(content));
  if (article().staged_version() != 0) {
    FD_ASSIGN_OR_RETURN(v1::ArticleVersion staged, LoadVersion(article().staged_version()));
    FD_RETURN_IF_ERROR(Supersede(staged));
    PutVersion(staged);
  }
  PutVersion(AddVersion(record_, content, context_->actor, note, context_->now));
  return absl::OkStatus();
}

void ArticleEdit::HandIn(const v1::ApprovalPolicy& policy, const v1::ArticleVersion& version) {
  PutVersion(version);
  NoteStaged(record_, version, context_->now);
  v1::ArticleVersionSubmitted fact;
  fact.set_article(article().name());
  fact.set_article_version(version.name());
  fact.set_title(version.content().title());
  fact.set_author(version.author());
  const v1::ApprovalStep* open = OpenStep(policy, version);
  if (open != nullptr) fact.set_step(open->name());
  AppendArticleVersionSubmitted(*context_, *txn_, key_.article, std::move(fact));
}

absl::StatusOr<bool> ArticleEdit::Publish(v1::ArticleVersion version, bool rolled_back) {
  const bool was_published = article().state() == v1::ARTICLE_STATE_PUBLISHED;
  const int previous = article().published_version();
  if (was_published && previous == version.version()) return false;
  std::optional<v1::ArticleVersion> retired;
  if (previous != 0) {
    FD_ASSIGN_OR_RETURN(retired, LoadVersion(previous));
  }
  knowledge::Publish(record_, version, retired.has_value() ? &*retired : nullptr, context_->now);
  if (retired.has_value()) PutVersion(*retired);
  PutVersion(version);
  FD_RETURN_IF_ERROR(QueueForIndex());
  if (!was_published) FD_RETURN_IF_ERROR(AddPublishedArticles(*txn_, key_.tenant, 1));
  FD_RETURN_IF_ERROR(RefreshTranslations());
  v1::ArticlePublished fact;
  fact.set_article(article().name());
  fact.set_article_version(version.name());
  fact.set_version(version.version());
  fact.set_previous_version(previous);
  fact.set_title(version.content().title());
  fact.set_locale(article().locale());
  *fact.mutable_tags() = version.content().tags();
  fact.set_rolled_back(rolled_back);
  AppendArticlePublished(*context_, *txn_, key_.article, std::move(fact));
  return true;
}

void ArticleEdit::Schedule(v1::ArticleVersion version, absl::Time publish_time) {
  knowledge::Schedule(record_, version, publish_time, context_->now);
  PutVersion(version);
  v1::ArticleScheduled fact;
  fact.set_article(article().name());
  fact.set_article_version(version.name());
  *fact.mutable_publish_time() = version.scheduled_publish_time();
  AppendArticleScheduled(*context_, *txn_, key_.article, std::move(fact));
}

absl::Status ArticleEdit::CancelSchedule() {
  if (article().staged_state() != v1::VERSION_STATE_SCHEDULED) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, LoadVersion(article().staged_version()));
  v1::ArticleScheduled fact;
  fact.set_article(article().name());
  fact.set_article_version(version.name());
  *fact.mutable_publish_time() = version.scheduled_publish_time();
  fact.set_cancelled(true);
  Unschedule(record_, version, context_->now);
  PutVersion(version);
  AppendArticleScheduled(*context_, *txn_, key_.article, std::move(fact));
  return absl::OkStatus();
}

absl::Status ArticleEdit::Archive() {
  FD_RETURN_IF_ERROR(CancelSchedule());
  std::optional<v1::ArticleVersion> live;
  if (article().published_version() != 0) {
    FD_ASSIGN_OR_RETURN(live, LoadVersion(article().published_version()));
  }
  FD_RETURN_IF_ERROR(
      knowledge::Archive(record_, live.has_value() ? &*live : nullptr, context_->now));
  v1::ArticleArchived fact;
  fact.set_article(article().name());
  fact.set_locale(article().locale());
  if (live.has_value()) {
    PutVersion(*live);
    fact.set_article_version(live->name());
    FD_RETURN_IF_ERROR(QueueForIndex());
    FD_RETURN_IF_ERROR(AddPublishedArticles(*txn_, key_.tenant, -1));
    FD_RETURN_IF_ERROR(RefreshTranslations());
  }
  AppendArticleArchived(*context_, *txn_, key_.article, std::move(fact));
  return absl::OkStatus();
}

absl::Status ArticleEdit::Restore() {
  FD_RETURN_IF_ERROR(knowledge::Restore(record_, context_->now));
  if (article().archived_version() == 0) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(v1::ArticleVersion version, LoadVersion(article().archived_version()));
  return Publish(std::move(version), false).status();
}

absl::Status ArticleEdit::SetSettings(const v1::Article& wanted, bool owner, bool verify_interval,
                                      bool translated_version) {
  v1::Article& article = *record_.mutable_article();
  if (owner) {
    if (!wanted.owner().empty()) {
      FD_RETURN_IF_ERROR(CheckPrincipal(wanted.owner(), key_.tenant, "article.owner"));
    }
    article.set_owner(wanted.owner());
  }
  if (verify_interval) {
    FD_RETURN_IF_ERROR(ValidateVerifyInterval(wanted, "article.verify_interval"));
    const absl::Time due = VerifyDue(article);
    article.clear_verify_interval();
    if (wanted.has_verify_interval()) *article.mutable_verify_interval() = wanted.verify_interval();
    if (VerifyDue(article) != due) RefreshVerification(article);
  }
  if (translated_version) {
    if (article.translation_of().empty()) {
      return InvalidField("article.translated_version", "the article is no translation");
    }
    FD_ASSIGN_OR_RETURN(const std::string source_id,
                        ArticleIdOf(article.translation_of(), key_.tenant, "translation_of"));
    FD_ASSIGN_OR_RETURN(const auto source, LoadArticle(*txn_, key_.tenant, source_id));
    article.set_translated_version(wanted.translated_version());
    FD_RETURN_IF_ERROR(CheckTranslation(article, source.article(), "article"));
    article.set_translation_stale(IsStale(article, source.article()));
  }
  return absl::OkStatus();
}

void ArticleEdit::FlagOverdue() {
  v1::Article& article = *record_.mutable_article();
  article.set_verification_overdue(true);
  v1::ArticleVerificationDue fact;
  fact.set_article(article.name());
  fact.set_owner(article.owner());
  fact.set_title(article.content().title());
  *fact.mutable_due_time() = article.verify_due_time();
  AppendArticleVerificationDue(*context_, *txn_, key_.article, std::move(fact));
}

void ArticleEdit::Put() {
  MoveTimers();
  PutArticle(*txn_, key_.tenant, key_.article, before_.has_value() ? &*before_ : nullptr, record_);
}

absl::Status ArticleEdit::CheckNode(std::string_view field, const std::string& id,
                                    v1::KnowledgeNodeKind kind) const {
  if (id.empty()) return absl::OkStatus();
  const std::string place = fmt::format("article.content.{}", field);
  FD_ASSIGN_OR_RETURN(const auto node, kNodes.Find(*txn_, kNodes.Key(key_.tenant, id)));
  if (!node.has_value()) {
    return InvalidField(place, fmt::format("there is no knowledge node {}", id));
  }
  if (node->knowledge_node().kind() == kind) return absl::OkStatus();
  return InvalidField(place, fmt::format("node {} is of kind {}, not {}", id,
                                         KindName(node->knowledge_node().kind()), KindName(kind)));
}

absl::Status ArticleEdit::CheckModuleOfProduct(const v1::ArticleContent& content) const {
  if (content.product().empty() || content.product_module().empty()) return absl::OkStatus();
  std::string at = content.product_module();
  for (int level = 0; level < kMaxNodeDepth && !at.empty(); ++level) {
    FD_ASSIGN_OR_RETURN(const auto node, LoadNode(*txn_, key_.tenant, at));
    at = node.knowledge_node().parent_node();
    if (at == content.product()) return absl::OkStatus();
  }
  return InvalidField("article.content.product_module",
                      fmt::format("does not lie below product {}", content.product()));
}

absl::Status ArticleEdit::CheckLinks(const v1::ArticleContent& content) const {
  for (int i = 0; i < content.links_size(); ++i) {
    const std::string place = fmt::format("article.content.links[{}].article", i);
    FD_ASSIGN_OR_RETURN(const std::string target,
                        ArticleIdOf(content.links(i).article(), key_.tenant, place));
    if (target == key_.article) return InvalidField(place, "is the article itself");
    FD_ASSIGN_OR_RETURN(const auto found,
                        kArticles.Find(*txn_, kArticles.Key(key_.tenant, target)));
    if (!found.has_value()) return InvalidField(place, "names an article that there is not");
  }
  for (const v1::ArticleLinkKind kind :
       {v1::ARTICLE_LINK_KIND_PREREQUISITE, v1::ARTICLE_LINK_KIND_SUPERSEDES}) {
    FD_RETURN_IF_ERROR(CheckNoCircle(
        key_.article, TargetsOf(content, kind),
        [&](const std::string& id) -> absl::StatusOr<std::vector<std::string>> {
          FD_ASSIGN_OR_RETURN(const auto next,
                              kArticles.Find(*txn_, kArticles.Key(key_.tenant, id)));
          if (!next.has_value()) return std::vector<std::string>();
          return TargetsOf(next->article().content(), kind);
        },
        "article.content.links"));
  }
  return absl::OkStatus();
}

absl::Status ArticleEdit::CheckReferences(const v1::ArticleContent& content) const {
  FD_RETURN_IF_ERROR(CheckNode("product", content.product(), v1::KNOWLEDGE_NODE_KIND_PRODUCT));
  FD_RETURN_IF_ERROR(CheckNode("product_module", content.product_module(),
                               v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE));
  FD_RETURN_IF_ERROR(CheckNode("error_type", content.error_type(), v1::KNOWLEDGE_NODE_KIND_ERROR));
  FD_RETURN_IF_ERROR(
      CheckNode("solution_kind", content.solution_kind(), v1::KNOWLEDGE_NODE_KIND_SOLUTION));
  FD_RETURN_IF_ERROR(CheckModuleOfProduct(content));
  return CheckLinks(content);
}

absl::Status ArticleEdit::RefreshTranslations() {
  FD_ASSIGN_OR_RETURN(
      const std::vector<std::string> ids,
      ScanIds(*txn_, kTranslations.Key(key_.tenant, key_.article), kMaxTranslations));
  for (const std::string& id : ids) {
    FD_ASSIGN_OR_RETURN(const auto before, LoadArticle(*txn_, key_.tenant, id));
    records::ArticleRecord after = before;
    // No change of the translation itself: its etag stays, as with ratings.
    after.mutable_article()->set_translation_stale(IsStale(before.article(), article()));
    PutArticle(*txn_, key_.tenant, id, &before, after);
  }
  return absl::OkStatus();
}

absl::Status ArticleEdit::QueueForIndex() {
  return QueueIndexChange(*txn_, key_.tenant, key_.article, record_);
}

void ArticleEdit::MoveTimers() {
  const v1::Article& now = article();
  const auto wanted_us = [](bool wanted, const google::protobuf::Timestamp& time) {
    return wanted ? absl::ToUnixMicros(FromTimestamp(time)) : 0;
  };
  const int64_t publish_us =
      wanted_us(now.staged_state() == v1::VERSION_STATE_SCHEDULED, now.scheduled_publish_time());
  if (publish_us != record_.publish_timer_us()) {
    if (record_.publish_timer_us() != 0) {
      txn_->CancelTimer(PublishTimer(key_, absl::FromUnixMicros(record_.publish_timer_us()),
                                     record_.publish_generation()));
    }
    record_.set_publish_timer_us(publish_us);
    record_.set_publish_generation(record_.publish_generation() + 1);
    if (publish_us != 0) {
      txn_->SetTimer(
          PublishTimer(key_, absl::FromUnixMicros(publish_us), record_.publish_generation()));
    }
  }
  const int64_t verify_us =
      wanted_us(now.has_verify_due_time() && !now.verification_overdue(), now.verify_due_time());
  if (verify_us == record_.verify_timer_us()) return;
  if (record_.verify_timer_us() != 0) {
    txn_->CancelTimer(VerifyTimer(key_, absl::FromUnixMicros(record_.verify_timer_us()),
                                  record_.verify_generation()));
  }
  record_.set_verify_timer_us(verify_us);
  record_.set_verify_generation(record_.verify_generation() + 1);
  if (verify_us != 0) {
    txn_->SetTimer(VerifyTimer(key_, absl::FromUnixMicros(verify_us), record_.verify_generation()));
  }
}

}  // namespace frontdesk::knowledge
