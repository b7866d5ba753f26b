#pragma once

#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"
#include "libs/store/table.h"

// Every key of the knowledge service. Numbers are never reused.
namespace frontdesk::knowledge {

namespace engine = ::frontdesk::store;
namespace records = ::frontdesk::knowledge::store::v1;

// 0x20 article: string tenant, string article -> ArticleRecord. article_handlers.cc, ratings
inline constexpr engine::Table<records::ArticleRecord> kArticles{0x20, "article"};
// 0x21 article version: string tenant, string article, u32 version -> ArticleVersionRecord. Content
// is written once; only where it stands changes
inline constexpr engine::Table<records::ArticleVersionRecord> kArticleVersions{0x21,
                                                                               "article version"};
// 0x22 articles by state: string tenant, u8 state, string article -> empty
inline constexpr engine::Index kArticlesByState{0x22, "articles by state"};
// 0x23 articles by locale: string tenant, string locale, string article -> empty
inline constexpr engine::Index kArticlesByLocale{0x23, "articles by locale"};
// 0x24 articles by tag of the newest or the published content: string tenant, string tag, string
// article -> empty
inline constexpr engine::Index kArticlesByTag{0x24, "articles by tag"};
// 0x25 gap: string tenant, string gap -> GapRecord. gap_handlers.cc
inline constexpr engine::Table<records::GapRecord> kGaps{0x25, "knowledge gap"};
// 0x26 gaps by locale: string tenant, string locale, string gap -> empty
inline constexpr engine::Index kGapsByLocale{0x26, "gaps by locale"};
// 0x27 counted message: string tenant, string message -> CountedMessageRecord. gap_handlers.cc
inline constexpr engine::Table<records::CountedMessageRecord> kCountedMessages{0x27,
                                                                               "counted message"};
// 0x28 counted messages by time: time, string tenant, string message -> empty; trimmed as it grows
inline constexpr engine::Index kCountedByTime{0x28, "counted messages by time"};
// 0x29 rating: string tenant, string answer, string principal -> RatingRecord
inline constexpr engine::Table<records::RatingRecord> kRatings{0x29, "rating"};
// 0x2a index change: u64 sequence, string tenant, string article -> empty. One row per article that
// was ever published: its newest change. The index follows it; a rebuild reads it from the start
inline constexpr engine::Index kIndexChanges{0x2a, "index change"};
// 0x2b index state: no fields -> IndexStateRecord
inline constexpr engine::Table<records::IndexStateRecord> kIndexState{0x2b, "index state"};
// 0x2c tenant stats: string tenant -> TenantStatsRecord
inline constexpr engine::Table<records::TenantStatsRecord> kTenantStats{0x2c, "tenant stats"};
// 0x2d synonyms: string tenant -> SynonymsRecord. synonym_store.cc
inline constexpr engine::Table<records::SynonymsRecord> kSynonyms{0x2d, "synonyms"};

// 0x30 articles by node of the newest or the published content: string tenant, string node, string
// article -> empty
inline constexpr engine::Index kArticlesByNode{0x30, "articles by node"};
// 0x31 articles by owner: string tenant, string owner, string article -> empty
inline constexpr engine::Index kArticlesByOwner{0x31, "articles by owner"};
// 0x32 articles to be verified now: string tenant, string article -> empty
inline constexpr engine::Index kArticlesOverdue{0x32, "overdue articles"};
// 0x33 translations whose source has moved on: string tenant, string article -> empty
inline constexpr engine::Index kArticlesStale{0x33, "stale articles"};
// 0x34 translations: string tenant, string source article, string locale, string article -> empty
inline constexpr engine::Index kTranslations{0x34, "translations"};
// 0x35 articles by state of the staged version: string tenant, u8 state, string article -> empty
inline constexpr engine::Index kArticlesByStagedState{0x35, "articles by staged state"};
// 0x36 articles by article that their newest or published content links to: string tenant, string
// target, string article -> empty
inline constexpr engine::Index kArticlesByLink{0x36, "articles by link"};
// 0x37 knowledge node: string tenant, string node -> KnowledgeNodeRecord. node_handlers.cc
inline constexpr engine::Table<records::KnowledgeNodeRecord> kNodes{0x37, "knowledge node"};
// 0x38 nodes by kind: string tenant, u8 kind, string node -> empty
inline constexpr engine::Index kNodesByKind{0x38, "nodes by kind"};
// 0x39 nodes by parent: string tenant, string parent, string node -> empty
inline constexpr engine::Index kNodesByParent{0x39, "nodes by parent"};
// 0x3a nodes by node that they name as related: string tenant, string related, string node -> empty
inline constexpr engine::Index kNodesByRelated{0x3a, "nodes by related node"};
// 0x3b approval policy: string tenant -> ApprovalPolicyRecord. review_handlers.cc
inline constexpr engine::Table<records::ApprovalPolicyRecord> kApprovalPolicies{0x3b,
                                                                                "approval policy"};
// 0x3c answer log: string tenant, string article, u32 version, u64 all ones minus microseconds since
// 1970 (the newest first), string answer -> AnswerLogRecord. answer_log.cc
inline constexpr engine::Table<records::AnswerLogRecord> kAnswerLog{0x3c, "answer log"};
// 0x3d answer log by time: string tenant, time, string article, u32 version, string answer -> empty;
// trimmed as it grows
inline constexpr engine::Index kAnswerLogByTime{0x3d, "answer log by time"};

// 0x50 labelled question: string tenant, string id -> LabeledQuestionRecord. label_handlers.cc
inline constexpr engine::Table<records::LabeledQuestionRecord> kLabels{0x50, "labeled question"};
// 0x51 label stats: string tenant -> LabelStatsRecord
inline constexpr engine::Table<records::LabelStatsRecord> kLabelStats{0x51, "label stats"};
// 0x52 answer threshold: string tenant -> AnswerThresholdRecord. threshold_handlers.cc
inline constexpr engine::Table<records::AnswerThresholdRecord> kThresholds{0x52,
                                                                           "answer threshold"};
// 0x53 calibrations wanted: string tenant -> empty; the calibrator takes them from here
inline constexpr engine::Index kCalibrationsWanted{0x53, "calibrations wanted"};
// 0x54 usefulness: string tenant, u32 week, string article -> UsefulnessRecord. feedback_store.cc
inline constexpr engine::Table<records::UsefulnessRecord> kUsefulness{0x54, "usefulness"};
// 0x55 comments: string tenant, string article -> ArticleCommentsRecord. rating_handlers.cc
inline constexpr engine::Table<records::ArticleCommentsRecord> kComments{0x55, "article comments"};
// 0x56 conversation with citations: string tenant, string conversation -> CitedConversationRecord.
// outcome_handlers.cc
inline constexpr engine::Table<records::CitedConversationRecord> kCitedConversations{
    0x56, "cited conversation"};
// 0x57 the same by time: time, string tenant, string conversation -> empty; trimmed as it grows
inline constexpr engine::Index kCitedByTime{0x57, "cited conversations by time"};
// 0x58 gap alias: string tenant, string id -> GapAliasRecord. gap_handlers.cc
inline constexpr engine::Table<records::GapAliasRecord> kGapAliases{0x58, "gap alias"};
// 0x59 gaps by state: string tenant, u8 state, u64 all ones minus count, string gap -> empty
inline constexpr engine::Index kGapsByState{0x59, "gaps by state"};
// 0x5a topic count: string tenant, u32 day, u8 kind, string id -> TopicCountRecord. topic_store.cc
inline constexpr engine::Table<records::TopicCountRecord> kTopicCounts{0x5a, "topic count"};
// 0x5b topic state: string tenant -> TopicStateRecord. topic_store.cc
inline constexpr engine::Table<records::TopicStateRecord> kTopicStates{0x5b, "topic state"};
// 0x5c topic reports wanted: string tenant -> empty; topic_reporter.cc takes them from here, because
// a command may read some 1 000 rows and a week's report reads up to 14 days of 20 000
inline constexpr engine::Index kTopicReportsWanted{0x5c, "topic reports wanted"};
// 0x5d new gaps: string tenant, string locale, time, string gap -> empty. For questions that were
// prepared before the gap was there; trimmed as it grows
inline constexpr engine::Index kNewGaps{0x5d, "new gaps"};

// 0x60 proposal: string tenant, string proposal -> ProposalRecord. proposal_store.cc
inline constexpr engine::Table<records::ProposalRecord> kProposals{0x60, "article proposal"};
// 0x61 proposals by state: string tenant, u8 state (0 = all of them), u64 all ones minus microseconds
// since 1970 (the newest first), string proposal -> empty
inline constexpr engine::Index kProposalsByState{0x61, "proposals by state"};
// 0x62 proposals by time of expiry: time, string tenant, string proposal -> empty; trimmed as it grows
inline constexpr engine::Index kProposalsByExpiry{0x62, "proposals by expiry"};
// 0x63 proposals by source: string tenant, string source, string proposal -> empty
inline constexpr engine::Index kProposalsBySource{0x63, "proposals by source"};
// 0x64 proposal rules: string tenant -> ProposalRulesRecord. proposal_handlers.cc
inline constexpr engine::Table<records::ProposalRulesRecord> kProposalRules{0x64, "proposal rules"};
// 0x65 proposal stats: string tenant -> ProposalStatsRecord
inline constexpr engine::Table<records::ProposalStatsRecord> kProposalStats{0x65, "proposal stats"};
// 0x66 proposal job: string tenant, string source -> ProposalJobRecord. proposal_jobs.cc
inline constexpr engine::Table<records::ProposalJobRecord> kProposalJobs{0x66, "proposal job"};
// 0x67 proposal jobs by time: u8 0 = waits, 1 = done with; time it is due, or was queued; string
// tenant, string source -> empty. Done ones are trimmed as they grow
inline constexpr engine::Index kProposalJobsByTime{0x67, "proposal jobs by time"};

}  // namespace frontdesk::knowledge
