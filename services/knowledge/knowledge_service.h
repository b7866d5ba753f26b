#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/bus/shard.h"
#include "libs/process/encoding/encoding.h"
#include "libs/process/peers.h"
#include "libs/rpc/call.h"
#include "libs/rpc/service.h"
#include "libs/store/read_pool.h"
#include "services/knowledge/answer_log.h"
#include "services/knowledge/answering.h"
#include "services/knowledge/calibrator.h"
#include "services/knowledge/config.h"
#include "services/knowledge/gap_clusters.h"
#include "services/knowledge/generation.h"
#include "services/knowledge/indexer.h"
#include "services/knowledge/metrics.h"
#include "services/knowledge/proposal_handlers.h"
#include "services/knowledge/query_cache.h"
#include "services/knowledge/search_pool.h"
#include "services/knowledge/synonym_store.h"
#include "services/knowledge/threshold_handlers.h"

namespace frontdesk::knowledge {

// The RPCs of KnowledgeService without gRPC: checks the shape, then submits a command, reads through
// the read pool, or searches on the search pool. Articles, versions, policy and nodes are in
// article_service.cc, proposals in proposal_service.cc, how good answers are in feedback_service.cc,
// gaps in gap_service.cc, the rest in knowledge_service.cc. Owned by the App. Thread safe; no method
// blocks.
class KnowledgeService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    engine::ReadPool& read_pool;
    SearchPool& search_pool;
    const Clock& clock;
    const KnowledgeMetrics& metrics;
    std::vector<Indexer*> indexers;         // by shard number
    process::Encoding* encoding = nullptr;  // null: words alone
    GapClusters& clusters;
    Calibrator& calibrator;
    // Null: what was said in conversations and on tickets can't be read.
    process::Transcripts* transcripts = nullptr;
    Generator* generator = nullptr;  // null: answers are in the words of the articles
  };

  KnowledgeService(Collaborators collaborators, const Config& config)

      : in_(std::move(collaborators)),
        config_(config),
        cache_(static_cast<size_t>(config.query_cache.bytes)) {}

  void CreateArticle(const rpc::Call&, const v1::CreateArticleRequest&, v1::CreateArticleResponse*,
                     rpc::Finish);
  void GetArticle(const rpc::Call&, const v1::GetArticleRequest&, v1::GetArticleResponse*,
                  rpc::Finish);
  void ListArticles(const rpc::Call&, const v1::ListArticlesRequest&, v1::ListArticlesResponse*,
                    rpc::Finish);
  // For the help centre, no RPCs: of what is published for everybody alone, as it was published, without
  // bodies. What is not for everybody is NOT_FOUND, stands for no other article, and is on no list.
  void GetPublicArticle(const rpc::Call&, const v1::GetArticleRequest&, v1::GetArticleResponse*,
                        rpc::Finish);
  void ListPublicArticles(const rpc::Call&, const v1::ListArticlesRequest&,
                          v1::ListArticlesResponse*, rpc::Finish);
  void UpdateArticle(const rpc::Call&, const v1::UpdateArticleRequest&, v1::UpdateArticleResponse*,
                     rpc::Finish);
  void PublishArticle(const rpc::Call&, const v1::PublishArticleRequest&,
                      v1::PublishArticleResponse*, rpc::Finish);
  void ArchiveArticle(const rpc::Call&, const v1::ArchiveArticleRequest&,
                      v1::ArchiveArticleResponse*, rpc::Finish);
  void ListArticleVersions(const rpc::Call&, const v1::ListArticleVersionsRequest&,
                           v1::ListArticleVersionsResponse*, rpc::Finish);
  void GetArticleVersion(const rpc::Call&, const v1::GetArticleVersionRequest&,
                         v1::GetArticleVersionResponse*, rpc::Finish);
  void SubmitArticleVersion(const rpc::Call&, const v1::SubmitArticleVersionRequest&,
                            v1::SubmitArticleVersionResponse*, rpc::Finish);
  void ApproveArticleVersion(const rpc::Call&, const v1::ApproveArticleVersionRequest&,
                             v1::ApproveArticleVersionResponse*, rpc::Finish);
  void RejectArticleVersion(const rpc::Call&, const v1::RejectArticleVersionRequest&,
                            v1::RejectArticleVersionResponse*, rpc::Finish);
  void CancelScheduledPublication(const rpc::Call&, const v1::CancelScheduledPublicationRequest&,
                                  v1::CancelScheduledPublicationResponse*, rpc::Finish);
  void RollBackArticle(const rpc::Call&, const v1::RollBackArticleRequest&,
                       v1::RollBackArticleResponse*, rpc::Finish);
  void RestoreArticle(const rpc::Call&, const v1::RestoreArticleRequest&,
                      v1::RestoreArticleResponse*, rpc::Finish);
  void VerifyArticle(const rpc::Call&, const v1::VerifyArticleRequest&, v1::VerifyArticleResponse*,
                     rpc::Finish);
  void DiffArticleVersions(const rpc::Call&, const v1::DiffArticleVersionsRequest&,
                           v1::DiffArticleVersionsResponse*, rpc::Finish);
  void ListRelatedArticles(const rpc::Call&, const v1::ListRelatedArticlesRequest&,
                           v1::ListRelatedArticlesResponse*, rpc::Finish);
  void ListAnswersByArticleVersion(const rpc::Call&, const v1::ListAnswersByArticleVersionRequest&,
                                   v1::ListAnswersByArticleVersionResponse*, rpc::Finish);
  void GetApprovalPolicy(const rpc::Call&, const v1::GetApprovalPolicyRequest&,
                         v1::GetApprovalPolicyResponse*, rpc::Finish);
  void UpdateApprovalPolicy(const rpc::Call&, const v1::UpdateApprovalPolicyRequest&,
                            v1::UpdateApprovalPolicyResponse*, rpc::Finish);
  void CreateKnowledgeNode(const rpc::Call&, const v1::CreateKnowledgeNodeRequest&,
                           v1::CreateKnowledgeNodeResponse*, rpc::Finish);
  void GetKnowledgeNode(const rpc::Call&, const v1::GetKnowledgeNodeRequest&,
                        v1::GetKnowledgeNodeResponse*, rpc::Finish);
  void ListKnowledgeNodes(const rpc::Call&, const v1::ListKnowledgeNodesRequest&,
                          v1::ListKnowledgeNodesResponse*, rpc::Finish);
  void UpdateKnowledgeNode(const rpc::Call&, const v1::UpdateKnowledgeNodeRequest&,
                           v1::UpdateKnowledgeNodeResponse*, rpc::Finish);
  void DeleteKnowledgeNode(const rpc::Call&, const v1::DeleteKnowledgeNodeRequest&,
                           v1::DeleteKnowledgeNodeResponse*, rpc::Finish);
  void SearchArticles(const rpc::Call&, const v1::SearchArticlesRequest&,
                      v1::SearchArticlesResponse*, rpc::Finish);
  void AnswerQuestion(const rpc::Call&, const v1::AnswerQuestionRequest&,
                      v1::AnswerQuestionResponse*, rpc::Finish);
  void RateAnswer(const rpc::Call&, const v1::RateAnswerRequest&, v1::RateAnswerResponse*,
                  rpc::Finish);
  void ListKnowledgeGaps(const rpc::Call&, const v1::ListKnowledgeGapsRequest&,
                         v1::ListKnowledgeGapsResponse*, rpc::Finish);
  void RebuildIndex(const rpc::Call&, const v1::RebuildIndexRequest&, v1::RebuildIndexResponse*,
                    rpc::Finish);
  void GetIndexStatus(const rpc::Call&, const v1::GetIndexStatusRequest&,
                      v1::GetIndexStatusResponse*, rpc::Finish);
  void SuggestArticles(const rpc::Call&, const v1::SuggestArticlesRequest&,
                       v1::SuggestArticlesResponse*, rpc::Finish);
  void GetSynonyms(const rpc::Call&, const v1::GetSynonymsRequest&, v1::GetSynonymsResponse*,
                   rpc::Finish);
  void UpdateSynonyms(const rpc::Call&, const v1::UpdateSynonymsRequest&,
                      v1::UpdateSynonymsResponse*, rpc::Finish);
  void CheckIndex(const rpc::Call&, const v1::CheckIndexRequest&, v1::CheckIndexResponse*,
                  rpc::Finish);
  void ImportArticles(const rpc::Call&, const v1::ImportArticlesRequest&,
                      v1::ImportArticlesResponse*, rpc::Finish);
  void ExportArticles(const rpc::Call&, const v1::ExportArticlesRequest&,
                      v1::ExportArticlesResponse*, rpc::Finish);
  // How good answers are (feedback_service.cc), and what customers ask (gap_service.cc).
  void CreateLabeledQuestion(const rpc::Call&, const v1::CreateLabeledQuestionRequest&,
                             v1::CreateLabeledQuestionResponse*, rpc::Finish);
  void ListLabeledQuestions(const rpc::Call&, const v1::ListLabeledQuestionsRequest&,
                            v1::ListLabeledQuestionsResponse*, rpc::Finish);
  void DeleteLabeledQuestion(const rpc::Call&, const v1::DeleteLabeledQuestionRequest&,
                             v1::DeleteLabeledQuestionResponse*, rpc::Finish);
  void CalibrateAnswers(const rpc::Call&, const v1::CalibrateAnswersRequest&,
                        v1::CalibrateAnswersResponse*, rpc::Finish);
  void GetAnswerThreshold(const rpc::Call&, const v1::GetAnswerThresholdRequest&,
                          v1::GetAnswerThresholdResponse*, rpc::Finish);
  void PinAnswerThreshold(const rpc::Call&, const v1::PinAnswerThresholdRequest&,
                          v1::PinAnswerThresholdResponse*, rpc::Finish);
  void UnpinAnswerThreshold(const rpc::Call&, const v1::UnpinAnswerThresholdRequest&,
                            v1::UnpinAnswerThresholdResponse*, rpc::Finish);
  void GetArticleUsefulness(const rpc::Call&, const v1::GetArticleUsefulnessRequest&,
                            v1::GetArticleUsefulnessResponse*, rpc::Finish);
  void ListWeakArticles(const rpc::Call&, const v1::ListWeakArticlesRequest&,
                        v1::ListWeakArticlesResponse*, rpc::Finish);
  void GetKnowledgeGap(const rpc::Call&, const v1::GetKnowledgeGapRequest&,
                       v1::GetKnowledgeGapResponse*, rpc::Finish);
  void AssignKnowledgeGap(const rpc::Call&, const v1::AssignKnowledgeGapRequest&,
                          v1::AssignKnowledgeGapResponse*, rpc::Finish);
  void ResolveKnowledgeGap(const rpc::Call&, const v1::ResolveKnowledgeGapRequest&,
                           v1::ResolveKnowledgeGapResponse*, rpc::Finish);
  void DismissKnowledgeGap(const rpc::Call&, const v1::DismissKnowledgeGapRequest&,
                           v1::DismissKnowledgeGapResponse*, rpc::Finish);
  void ReopenKnowledgeGap(const rpc::Call&, const v1::ReopenKnowledgeGapRequest&,
                          v1::ReopenKnowledgeGapResponse*, rpc::Finish);
  void ListTopics(const rpc::Call&, const v1::ListTopicsRequest&, v1::ListTopicsResponse*,
                  rpc::Finish);

  // A tenant's answer threshold may be another one. Thread safe.
  void ForgetThreshold(const std::string& tenant) { thresholds_.Forget(tenant); }
  // recommendation_service.cc
  void RecommendArticles(const rpc::Call&, const v1::RecommendArticlesRequest&,
                         v1::RecommendArticlesResponse*, rpc::Finish);

  void ProposeArticle(const rpc::Call&, const v1::ProposeArticleRequest&,
                      v1::ProposeArticleResponse*, rpc::Finish);
  void GetArticleProposal(const rpc::Call&, const v1::GetArticleProposalRequest&,
                          v1::GetArticleProposalResponse*, rpc::Finish);
  void ListArticleProposals(const rpc::Call&, const v1::ListArticleProposalsRequest&,
                            v1::ListArticleProposalsResponse*, rpc::Finish);
  void UpdateArticleProposal(const rpc::Call&, const v1::UpdateArticleProposalRequest&,
                             v1::UpdateArticleProposalResponse*, rpc::Finish);
  void AcceptArticleProposal(const rpc::Call&, const v1::AcceptArticleProposalRequest&,
                             v1::AcceptArticleProposalResponse*, rpc::Finish);
  void RejectArticleProposal(const rpc::Call&, const v1::RejectArticleProposalRequest&,
                             v1::RejectArticleProposalResponse*, rpc::Finish);
  void ReopenArticleProposal(const rpc::Call&, const v1::ReopenArticleProposalRequest&,
                             v1::ReopenArticleProposalResponse*, rpc::Finish);
  void DeleteArticleProposal(const rpc::Call&, const v1::DeleteArticleProposalRequest&,
                             v1::DeleteArticleProposalResponse*, rpc::Finish);
  void GetProposalRules(const rpc::Call&, const v1::GetProposalRulesRequest&,
                        v1::GetProposalRulesResponse*, rpc::Finish);
  void UpdateProposalRules(const rpc::Call&, const v1::UpdateProposalRulesRequest&,
                           v1::UpdateProposalRulesResponse*, rpc::Finish);

  // Works out what would be proposed from a source. `done` is called once, on any thread.
  // SOURCE_NOT_RESOLVED, and what Transcripts and searches say.
  using PreparedDone = std::function<void(absl::StatusOr<PreparedProposal>)>;
  void PrepareProposal(std::shared_ptr<const rpc::Call> call, std::string source, bool automatic,
                       PreparedDone done);

 private:
  template <class Response>
  using Handler = std::function<absl::Status(const engine::Context&, engine::Txn&, Response*)>;
  template <class Response>
  using Rebuild = std::function<absl::Status(const engine::Reader&, std::string_view, Response*)>;

  // A mutation whose reply, of the resource that `name_of` finds in it, may be too large to keep:
  // then it is made again.
  template <class Request, class Response>
  void Submit(const rpc::Call& call, const Request& request, Response* response,
              Handler<Response> handler, std::string (*name_of)(const Response&),
              Rebuild<Response> rebuild, rpc::Finish finish);
  // One that answers with an article, and one that answers with a version.
  template <class Request, class Response>
  void SubmitArticle(const rpc::Call& call, const Request& request, Response* response,
                     Handler<Response> handler, rpc::Finish finish);
  template <class Request, class Response>
  void SubmitVersion(const rpc::Call& call, const Request& request, Response* response,
                     Handler<Response> handler, rpc::Finish finish);
  // A verb on the article that `request.name` names.
  template <class Request, class Response, class Verb>
  void SubmitVerb(const rpc::Call& call, const Request& request, Response* response, Verb verb,
                  rpc::Finish finish);
  // A change of the answer threshold, and a step of the gap that `request.name` names.
  template <class Request, class Response, class Handle>
  void SubmitThreshold(const rpc::Call& call, const Request& request, Response* response,
                       Handle handle, rpc::Finish finish);
  template <class Request, class Response, class Verb>
  void SubmitGapVerb(const rpc::Call& call, const Request& request, Response* response, Verb verb,
                     rpc::Finish finish);
  // Notes that an answer was given, without anybody waiting for it.
  void NoteGiven(const rpc::Call& call, GivenAnswer given);
  void Read(const rpc::Call& call, bool snapshot, engine::ReadPool::ReadFn read,
            rpc::Finish finish);
  // Runs `search` on the search pool with the index of the tenant's shard.
  void Search(const rpc::Call& call, std::function<absl::Status(const SearchIndex&)> search,
              rpc::Finish finish);
  // Gives `next` the meaning of a query, or null when it can't be had in time: words alone then.
  // Never blocks.
  void WithMeaning(const rpc::Call& call, const std::string& locale, const std::string& text,
                   std::function<void(std::shared_ptr<QueryVector>)> next);
  // Answers a query from the cache, or with `ask` on the search pool, by words and meaning.
  template <class Request, class Response>
  void Ask(const rpc::Call& call, const Request& request, Response* response,
           const std::string& text,
           std::function<absl::Status(const SearchIndex&, const QueryContext&)> ask,
           rpc::Finish finish);
  // A finish that lets the generator phrase the answer first, if it is known. generated_answers.cc
  rpc::Finish Phrased(const rpc::Call& call, const v1::AnswerQuestionRequest& request,
                      v1::AnswerQuestionResponse* response, rpc::Finish finish);
  void TakeGenerated(const rpc::Call& call, const std::string& text, v1::Answer& answer,
                     std::function<void()> done);
  // The rest of RecommendArticles, once it is known what was said.
  void Recommend(const rpc::Call& call, const v1::RecommendArticlesRequest& request,
                 const process::Transcript& transcript, v1::RecommendArticlesResponse* response,
                 rpc::Finish finish);
  // Published articles that answer what the content answers. `done` is called on the search pool.
  void FindSimilar(std::shared_ptr<const rpc::Call> call, const std::string& locale,
                   const v1::ArticleContent& content,
                   std::function<void(absl::StatusOr<std::vector<v1::SimilarArticle>>)> done);
  // Texts with their meanings, null where one can't be had.
  struct Meanings {
    std::vector<std::string> texts;
    std::vector<std::shared_ptr<QueryVector>> vectors;
  };
  // Calls `next` once all texts have theirs; at once where words alone are searched.
  void WithMeanings(std::shared_ptr<const rpc::Call> call, std::string locale,
                    std::shared_ptr<Meanings> meanings, std::function<void()> next);
  void DraftFrom(std::shared_ptr<const rpc::Call> call, const process::Transcript& transcript,
                 bool automatic, PreparedDone done);
  void TryPropose(std::shared_ptr<const rpc::Call> call, const v1::ProposeArticleRequest& request,
                  v1::ProposeArticleResponse* response, int attempts,
                  std::shared_ptr<rpc::Finish> finish);
  absl::Duration GiveUpAt(const rpc::Call& call) const;
  Indexer& IndexerOf(std::string_view tenant);
  absl::StatusOr<v1::IndexStatus> Status(const SearchIndex& index, const rpc::Call& call);
  void WakeIndexer(std::string_view tenant) { IndexerOf(tenant).work().Notify(); }

  const Collaborators in_;
  const Config config_;
  QueryCache cache_;
  SynonymTables synonyms_;
  Thresholds thresholds_;
};

// Which role may call what of article_service.cc; part of MakeKnowledgeRpc.
void BindArticles(rpc::Service& service, KnowledgeService& knowledge);
// Which role may call what of feedback_service.cc and gap_service.cc; part of MakeKnowledgeRpc.
void BindInsight(rpc::Service& service, KnowledgeService& knowledge);
// Which role may call what of recommendation_service.cc; part of MakeKnowledgeRpc.
void BindRecommendations(rpc::Service& service, KnowledgeService& knowledge);
// The same of proposal_service.cc.
void BindProposals(rpc::Service& service, KnowledgeService& knowledge);
// The gRPC surface: which role may call what.
rpc::Service MakeKnowledgeRpc(rpc::Host& host, KnowledgeService& knowledge);

}  // namespace frontdesk::knowledge
