#include "services/knowledge/events.h"

#include <utility>

#include <fmt/core.h>

#include "libs/base/resource_name.h"
#include "libs/base/topics.h"
#include "libs/base/utf8.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/keys.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxCauseBytes = 128;

void Append(const engine::Context& context, engine::Txn& txn, std::string_view key,
            std::string subject, const std::string& type, std::string correlation,
            v1::KnowledgeEvent event) {
  engine::OutgoingEvent out;
  out.id = context.NewId();
  auto& metadata = *event.mutable_metadata();
  metadata.set_event_id(out.id);
  metadata.set_tenant(ResourceName({{"tenants", context.tenant}}));
  *metadata.mutable_time() = ToTimestamp(context.now);
  metadata.set_actor(std::string(context.actor));
  metadata.set_cause(std::string(TruncateUtf8(context.cause, kMaxCauseBytes)));
  metadata.set_correlation(correlation);
  out.topic = std::string(topics::kKnowledge);
  out.key = fmt::format("{}/{}", context.tenant, key);
  out.type = type;
  out.subject = std::move(subject);
  out.tenant = std::string(context.tenant);
  out.correlation = std::move(correlation);
  out.value = event.SerializeAsString();
  txn.Append(std::move(out));
}

}  // namespace

void AppendArticlePublished(const engine::Context& context, engine::Txn& txn,
                            std::string_view article_id, v1::ArticlePublished fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article();
  *event.mutable_article_published() = std::move(fact);
  Append(context, txn, article_id, std::move(subject),
         v1::ArticlePublished::descriptor()->full_name(), std::string(context.correlation),
         std::move(event));
}

void AppendArticleVersionSubmitted(const engine::Context& context, engine::Txn& txn,
                                   std::string_view article_id, v1::ArticleVersionSubmitted fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article_version();
  *event.mutable_article_version_submitted() = std::move(fact);
  Append(context, txn, article_id, std::move(subject),
         v1::ArticleVersionSubmitted::descriptor()->full_name(), {}, std::move(event));
}

void AppendArticleVersionApproved(const engine::Context& context, engine::Txn& txn,
                                  std::string_view article_id, v1::ArticleVersionApproved fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article_version();
  *event.mutable_article_version_approved() = std::move(fact);
  Append(context, txn, article_id, std::move(subject),
         v1::ArticleVersionApproved::descriptor()->full_name(), {}, std::move(event));
}

void AppendArticleVersionRejected(const engine::Context& context, engine::Txn& txn,
                                  std::string_view article_id, v1::ArticleVersionRejected fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article_version();
  *event.mutable_article_version_rejected() = std::move(fact);
  Append(context, txn, article_id, std::move(subject),
         v1::ArticleVersionRejected::descriptor()->full_name(), {}, std::move(event));
}

void AppendArticleScheduled(const engine::Context& context, engine::Txn& txn,
                            std::string_view article_id, v1::ArticleScheduled fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article_version();
  *event.mutable_article_scheduled() = std::move(fact);
  Append(context, txn, article_id, std::move(subject),
         v1::ArticleScheduled::descriptor()->full_name(), {}, std::move(event));
}

void AppendArticleArchived(const engine::Context& context, engine::Txn& txn,
                           std::string_view article_id, v1::ArticleArchived fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article();
  *event.mutable_article_archived() = std::move(fact);
  Append(context, txn, article_id, std::move(subject),
         v1::ArticleArchived::descriptor()->full_name(), {}, std::move(event));
}

void AppendArticleVerificationDue(const engine::Context& context, engine::Txn& txn,
                                  std::string_view article_id, v1::ArticleVerificationDue fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article();
  *event.mutable_article_verification_due() = std::move(fact);
  Append(context, txn, article_id, std::move(subject),
         v1::ArticleVerificationDue::descriptor()->full_name(), {}, std::move(event));
}

void AppendAnswerRated(const engine::Context& context, engine::Txn& txn, std::string_view key,
                       v1::AnswerRated fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article_versions_size() > 0
                            ? fact.article_versions(0)
                            : ResourceName({{"tenants", context.tenant}});
  std::string correlation = fact.conversation();
  *event.mutable_answer_rated() = std::move(fact);
  Append(context, txn, key, std::move(subject), v1::AnswerRated::descriptor()->full_name(),
         std::move(correlation), std::move(event));
}

void AppendKnowledgeGapFound(const engine::Context& context, engine::Txn& txn,
                             std::string_view gap_id, v1::KnowledgeGapFound fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.gap().name();
  std::string correlation = fact.conversation();
  *event.mutable_knowledge_gap_found() = std::move(fact);
  Append(context, txn, gap_id, std::move(subject), v1::KnowledgeGapFound::descriptor()->full_name(),
         std::move(correlation), std::move(event));
}

void AppendKnowledgeGapChanged(const engine::Context& context, engine::Txn& txn,
                               std::string_view gap_id, v1::KnowledgeGapChanged fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.gap().name();
  *event.mutable_knowledge_gap_changed() = std::move(fact);
  Append(context, txn, gap_id, std::move(subject),
         v1::KnowledgeGapChanged::descriptor()->full_name(), {}, std::move(event));
}

void AppendTopicsReported(const engine::Context& context, engine::Txn& txn,
                          v1::TopicsReported fact) {
  v1::KnowledgeEvent event;
  *event.mutable_topics_reported() = std::move(fact);
  Append(context, txn, "topics", ResourceName({{"tenants", context.tenant}}),
         v1::TopicsReported::descriptor()->full_name(), {}, std::move(event));
}

void AppendAnswerThresholdChanged(const engine::Context& context, engine::Txn& txn,
                                  v1::AnswerThresholdChanged fact) {
  v1::KnowledgeEvent event;
  *event.mutable_answer_threshold_changed() = std::move(fact);
  Append(context, txn, "threshold", ResourceName({{"tenants", context.tenant}}),
         v1::AnswerThresholdChanged::descriptor()->full_name(), {}, std::move(event));
}

void AppendArticleProposalMade(const engine::Context& context, engine::Txn& txn,
                               std::string_view proposal_id, v1::ArticleProposalMade fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article_proposal();
  *event.mutable_article_proposal_made() = std::move(fact);
  Append(context, txn, proposal_id, std::move(subject),
         v1::ArticleProposalMade::descriptor()->full_name(), {}, std::move(event));
}

void AppendArticleProposalDecided(const engine::Context& context, engine::Txn& txn,
                                  std::string_view proposal_id, v1::ArticleProposalDecided fact) {
  v1::KnowledgeEvent event;
  std::string subject = fact.article_proposal();
  *event.mutable_article_proposal_decided() = std::move(fact);
  Append(context, txn, proposal_id, std::move(subject),
         v1::ArticleProposalDecided::descriptor()->full_name(), {}, std::move(event));
}

}  // namespace frontdesk::knowledge
