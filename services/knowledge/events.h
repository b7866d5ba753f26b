#pragma once

#include <string_view>

#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "libs/store/command.h"

// Domain facts as events of topic frontdesk.knowledge.v1, appended to the transaction.
namespace frontdesk::knowledge {

void AppendArticlePublished(const ::frontdesk::store::Context& context,
                            ::frontdesk::store::Txn& txn, std::string_view article_id,
                            v1::ArticlePublished fact);
void AppendArticleVersionSubmitted(const ::frontdesk::store::Context& context,
                                   ::frontdesk::store::Txn& txn, std::string_view article_id,
                                   v1::ArticleVersionSubmitted fact);
void AppendArticleVersionApproved(const ::frontdesk::store::Context& context,
                                  ::frontdesk::store::Txn& txn, std::string_view article_id,
                                  v1::ArticleVersionApproved fact);
void AppendArticleVersionRejected(const ::frontdesk::store::Context& context,
                                  ::frontdesk::store::Txn& txn, std::string_view article_id,
                                  v1::ArticleVersionRejected fact);
void AppendArticleScheduled(const ::frontdesk::store::Context& context,
                            ::frontdesk::store::Txn& txn, std::string_view article_id,
                            v1::ArticleScheduled fact);
void AppendArticleArchived(const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn,
                           std::string_view article_id, v1::ArticleArchived fact);
void AppendArticleVerificationDue(const ::frontdesk::store::Context& context,
                                  ::frontdesk::store::Txn& txn, std::string_view article_id,
                                  v1::ArticleVerificationDue fact);
// Keyed by the first cited article, so that ratings of one article stay in order.
void AppendAnswerRated(const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn,
                       std::string_view key, v1::AnswerRated fact);
void AppendKnowledgeGapFound(const ::frontdesk::store::Context& context,
                             ::frontdesk::store::Txn& txn, std::string_view gap_id,
                             v1::KnowledgeGapFound fact);
void AppendKnowledgeGapChanged(const ::frontdesk::store::Context& context,
                               ::frontdesk::store::Txn& txn, std::string_view gap_id,
                               v1::KnowledgeGapChanged fact);
void AppendTopicsReported(const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn,
                          v1::TopicsReported fact);
void AppendAnswerThresholdChanged(const ::frontdesk::store::Context& context,
                                  ::frontdesk::store::Txn& txn, v1::AnswerThresholdChanged fact);
void AppendArticleProposalMade(const ::frontdesk::store::Context& context,
                               ::frontdesk::store::Txn& txn, std::string_view proposal_id,
                               v1::ArticleProposalMade fact);
void AppendArticleProposalDecided(const ::frontdesk::store::Context& context,
                                  ::frontdesk::store::Txn& txn, std::string_view proposal_id,
                                  v1::ArticleProposalDecided fact);

}  // namespace frontdesk::knowledge
