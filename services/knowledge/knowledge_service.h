#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/rpc/service.h"
#include "libs/store/read_pool.h"
#include "services/knowledge/config.h"
#include "services/knowledge/indexer.h"
#include "services/knowledge/metrics.h"
#include "services/knowledge/search_pool.h"

namespace frontdesk::knowledge {

// The RPCs of KnowledgeService without gRPC: checks the shape, then submits a command, reads through
// the read pool, or searches on the search pool. Owned by the App. Thread safe; no method blocks.
class KnowledgeService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    engine::ReadPool& read_pool;
    SearchPool& search_pool;
    const Clock& clock;
    const KnowledgeMetrics& metrics;
    std::vector<Indexer*> indexers;  // by shard number
  };

  KnowledgeService(Collaborators collaborators, const Config& config)
      : in_(std::move(collaborators)), config_(config) {}

  void CreateArticle(const rpc::Call&, const v1::CreateArticleRequest&, v1::CreateArticleResponse*,
                     rpc::Finish);
  void GetArticle(const rpc::Call&, const v1::GetArticleRequest&, v1::GetArticleResponse*,
                  rpc::Finish);
  void ListArticles(const rpc::Call&, const v1::ListArticlesRequest&, v1::ListArticlesResponse*,
                    rpc::Finish);
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

 private:
  using ArticleHandler = std::function<absl::Status(const engine::Context&, engine::Txn&)>;

  // A mutation that answers with an article, whose reply may be too large to keep.
  template <class Request, class Response>
  void SubmitArticle(const rpc::Call& call, const Request& request, Response* response,
                     ArticleHandler handler, rpc::Finish finish);
  void Read(const rpc::Call& call, bool snapshot, engine::ReadPool::ReadFn read,
            rpc::Finish finish);
  // Runs `search` on the search pool with the index of the tenant's shard.
  void Search(const rpc::Call& call, std::function<absl::Status(const SearchIndex&)> search,
              rpc::Finish finish);
  Indexer& IndexerOf(std::string_view tenant);
  absl::StatusOr<v1::IndexStatus> Status(const SearchIndex& index, const rpc::Call& call);
  void WakeIndexer(std::string_view tenant) { IndexerOf(tenant).work().Notify(); }

  const Collaborators in_;
  const Config config_;
};

// The gRPC surface: which role may call what.
rpc::Service MakeKnowledgeRpc(rpc::Host& host, KnowledgeService& knowledge);

}  // namespace frontdesk::knowledge
