// The RPCs of KnowledgeService about proposals, and how a proposal is worked out: read what was said,
// draft, look for what is like it. Only the end of it is a command.
#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/confidence.h"
#include "services/knowledge/domain/proposal.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/proposal_handlers.h"
#include "services/knowledge/proposal_store.h"
#include "services/knowledge/proposal_text.h"
#include "services/knowledge/request_checks.h"

namespace frontdesk::knowledge {
namespace {

// A person decides about a proposal, and nothing that acts for one.
constexpr rpc::Roles kPeople(rpc::Role::kAdmin, rpc::Role::kAgent);
// How often a proposal is worked out anew when another one was made meanwhile.
constexpr int kProposeAttempts = 3;
constexpr size_t kSearchedQuestions = 5;
// Nobody waits for it as for an answer, and words alone find too much alike.
constexpr absl::Duration kEncodePatience = absl::Seconds(1);
constexpr int kMinSimilarityBps = 4500;
constexpr size_t kMaxSimilarArticles = 5;
constexpr int kMaxSearchedCharacters = 500;

absl::Status CheckSource(const rpc::Call& call, const std::string& source) {
  const absl::Status ticket = ParseName(call, source, {"tenants", "tickets"}, "source").status();
  if (ticket.ok() || absl::IsPermissionDenied(ticket)) return ticket;
  const absl::Status conversation =
      ParseName(call, source, {"tenants", "conversations"}, "source").status();
  if (conversation.ok() || absl::IsPermissionDenied(conversation)) return conversation;
  return InvalidField("source", "must name a conversation or a ticket");
}

absl::StatusOr<std::string> ParseProposal(const rpc::Call& call, std::string_view name,
                                          std::string_view field) {
  FD_ASSIGN_OR_RETURN(auto ids, ParseName(call, name, {"tenants", "articleProposals"}, field));
  return std::move(ids[1]);
}

absl::Status CheckAccept(const rpc::Call& call, const v1::AcceptArticleProposalRequest& request) {
  if (!request.article().empty()) {
    FD_RETURN_IF_ERROR(ParseArticle(call, request.article(), "article").status());
    if (!request.article_id().empty()) {
      return InvalidField("article_id", "is for a new article, not for one that is named");
    }
  } else if (request.merge() != v1::PROPOSAL_MERGE_UNSPECIFIED) {
    return InvalidField("merge", "needs an article to merge into");
  }
  if (!request.article_id().empty()) {
    FD_RETURN_IF_ERROR(ValidateId(request.article_id(), "article_id"));
  }
  if (!v1::ProposalMerge_IsValid(request.merge())) {
    return InvalidField("merge", "is not a way to merge");
  }
  if (!v1::ProposalNextStep_IsValid(request.next_step())) {
    return InvalidField("next_step", "is not a step");
  }
  return CheckLines(request.note(), kMaxNoteCharacters, "note");
}

absl::Status NotResolved(const std::string& source) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "SOURCE_NOT_RESOLVED",
                            "only what is resolved says what helped"),
                      "source", source);
}

// What others would look for it with.
std::vector<std::string> SearchedTexts(const v1::ArticleContent& content) {
  std::vector<std::string> texts;
  const auto add = [&](const std::string& text) {
    if (!IsBlank(text) && Characters(text) <= kMaxSearchedCharacters) texts.push_back(text);
  };
  add(content.title());
  for (const std::string& question : content.questions()) {
    if (texts.size() > kSearchedQuestions) break;
    if (PlainWords(question) != PlainWords(content.title())) add(question);
  }
  return texts;
}

// How alike the result at `place` is. By words alone several articles often share them: then only the
// first is trusted, and less when others come near.
int SimilarityBps(const v1::SearchArticlesResponse& found, int place, bool by_meaning) {
  const int bps = found.results(place).confidence_bps();
  if (by_meaning) return bps;
  if (place > 0) return bps * 7 / 10;
  const int rival = found.results_size() > 1 ? found.results(1).confidence_bps() : 0;
  return ConfidenceBps(bps / 10'000.0, rival / 10'000.0);
}

// What the best of several searches say of each article. `vectors`: of the texts, as far as they
// could be had.
absl::StatusOr<std::vector<v1::SimilarArticle>> SearchSimilar(
    const SearchIndex& index, const QueryContext& context, const std::string& locale,
    const std::vector<std::string>& texts,
    const std::vector<std::shared_ptr<QueryVector>>& vectors) {
  std::map<std::string, v1::SimilarArticle> best;
  for (size_t i = 0; i < texts.size(); ++i) {
    QueryContext with = context;
    if (i < vectors.size()) with.vector = vectors[i].get();
    v1::SearchArticlesRequest request;
    request.set_query(texts[i]);
    request.set_locale(locale);
    request.set_page_size(static_cast<int32_t>(kMaxSimilarArticles));
    request.mutable_filter()->set_audience(v1::AUDIENCE_AGENTS);
    FD_ASSIGN_OR_RETURN(const auto found, SearchIn(index, with, request));
    for (int place = 0; place < found.results_size(); ++place) {
      const v1::SearchResult& result = found.results(place);
      const std::string& version = result.article_version();
      const std::string article = version.substr(0, version.rfind("/versions/"));
      v1::SimilarArticle& similar = best[article];
      const int bps = SimilarityBps(found, place, with.vector != nullptr);
      if (bps < std::max(kMinSimilarityBps, similar.similarity_bps())) continue;
      similar.set_article(article);
      similar.set_article_version(version);
      similar.set_title(result.title());
      similar.set_similarity_bps(bps);
    }
  }
  std::vector<v1::SimilarArticle> similar;
  for (auto& [article, one] : best) {
    if (!one.article().empty()) similar.push_back(std::move(one));
  }
  std::stable_sort(similar.begin(), similar.end(), [](const auto& a, const auto& b) {
    return a.similarity_bps() > b.similarity_bps();
  });
  if (similar.size() > kMaxSimilarArticles) similar.resize(kMaxSimilarArticles);
  return similar;
}

// Replies that are made again from the store.
template <class Response>
absl::Status RebuildProposal(const engine::Reader& reader, std::string_view resource,
                             google::protobuf::Message* message) {
  FD_ASSIGN_OR_RETURN(const auto ids,
                      ParseResourceName(resource, {"tenants", "articleProposals"}, "name"));
  FD_ASSIGN_OR_RETURN(auto record, LoadProposal(reader, ids[0], ids[1]));
  auto& response = *static_cast<Response*>(message);
  if constexpr (std::is_same_v<Response, v1::AcceptArticleProposalResponse>) {
    const std::string& version = record.article_proposal().article_version();
    const auto article =
        ParseResourceName(version, {"tenants", "articles", "versions"}, "article_version");
    if (article.ok()) {
      FD_ASSIGN_OR_RETURN(*response.mutable_article(),
                          LoadFullArticle(reader, ids[0], (*article)[1]));
    }
  }
  if constexpr (std::is_same_v<Response, v1::ProposeArticleResponse>) {
    response.set_joined(record.article_proposal().source_count() > 1);
  }
  *response.mutable_article_proposal() = std::move(*record.mutable_article_proposal());
  return absl::OkStatus();
}

// The command of a mutation that answers with a proposal.
template <class Request, class Response>
engine::Command ProposalCommand(
    const rpc::Call& call, const Request& request, Response* response,
    std::function<absl::Status(const engine::Context&, engine::Txn&, Response*)> handler) {
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [handler = std::move(handler), response](const engine::Context& context,
                                                            engine::Txn& txn,
                                                            engine::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(handler(context, txn, response));
    reply.resource = response->article_proposal().name();
    return absl::OkStatus();
  };
  command.rebuild = RebuildProposal<Response>;
  return command;
}

// A verb on the proposal that `request.name` names.
template <class Request, class Response, class Verb>
void SubmitDecision(bus::ShardSet& shards, const rpc::Call& call, const Request& request,
                    Response* response, Verb verb, rpc::Finish finish) {
  auto id = ParseProposal(call, request.name(), "name");
  if (!id.ok()) return finish(id.status());
  engine::Command command = ProposalCommand<Request, Response>(
      call, request, response,
      [&request, id = *std::move(id), verb](const engine::Context& context, engine::Txn& txn,
                                            Response* made) {
        return verb(request, id, context, txn, made);
      });
  command.done = std::move(finish);
  shards.For(call.tenant).Submit(std::move(command));
}

}  // namespace

void KnowledgeService::FindSimilar(
    std::shared_ptr<const rpc::Call> call, const std::string& locale,
    const v1::ArticleContent& content,
    std::function<void(absl::StatusOr<std::vector<v1::SimilarArticle>>)> done) {
  auto meanings = std::make_shared<Meanings>();
  meanings->texts = SearchedTexts(content);
  WithMeanings(call, locale, meanings, [this, call, locale, meanings, done = std::move(done)] {
    auto found = std::make_shared<std::vector<v1::SimilarArticle>>();
    Search(
        *call,
        [this, call, locale, meanings, found](const SearchIndex& index) -> absl::Status {
          // Read here, where it may block.
          FD_ASSIGN_OR_RETURN(const SynonymTables::Found synonyms,
                              synonyms_.For(in_.shards.For(call->tenant).store(), call->tenant));
          const QueryContext context{call->tenant, nullptr, synonyms.table.get()};
          FD_ASSIGN_OR_RETURN(
              *found, SearchSimilar(index, context, locale, meanings->texts, meanings->vectors));
          return absl::OkStatus();
        },
        [found, done](absl::Status status) {
          if (!status.ok()) return done(std::move(status));
          done(std::move(*found));
        });
  });
}

void KnowledgeService::WithMeanings(std::shared_ptr<const rpc::Call> call, std::string locale,
                                    std::shared_ptr<Meanings> meanings,
                                    std::function<void()> next) {
  const size_t at = meanings->vectors.size();
  if (in_.encoding == nullptr || !IndexerOf(call->tenant).encodes() ||
      at >= meanings->texts.size()) {
    return next();
  }
  const auto go_on = [this, call, locale, meanings, next](std::shared_ptr<QueryVector> vector) {
    meanings->vectors.push_back(std::move(vector));
    WithMeanings(call, locale, meanings, next);
  };
  const absl::Status taken =
      in_.encoding->EncodeIn(locale, meanings->texts[at], in_.clock.Now() + kEncodePatience,
                             [go_on](absl::StatusOr<process::Encoding::Vector> vector) {
                               if (!vector.ok()) return go_on(nullptr);
                               auto query = std::make_shared<QueryVector>();
                               query->encoder = std::move(vector->fingerprint);
                               query->values = std::move(vector->values);
                               go_on(std::move(query));
                             });
  if (!taken.ok()) go_on(nullptr);
}

void KnowledgeService::DraftFrom(std::shared_ptr<const rpc::Call> call,
                                 const process::Transcript& transcript, bool automatic,
                                 PreparedDone done) {
  const PlainTranscript plain = Depersonalize(transcript);
  auto prepared = std::make_shared<PreparedProposal>();
  prepared->source = transcript.source;
  prepared->automatic = automatic;
  prepared->locale = plain.locale;
  auto content =
      std::make_shared<v1::ArticleContent>(DraftArticle(plain.locale, plain.subject, plain.turns));
  for (const std::string& tag : transcript.tags) {
    if (content->tags_size() >= kMaxTags) break;
    if (!IsBlank(tag) && CheckLine(tag, kMaxTagCharacters, "tag").ok()) content->add_tags(tag);
  }
  FindSimilar(call, plain.locale, *content,
              [this, call, content, prepared,
               done = std::move(done)](absl::StatusOr<std::vector<v1::SimilarArticle>> similar) {
                if (!similar.ok()) return done(similar.status());
                prepared->content = *content;
                prepared->similar = *std::move(similar);
                // On the search pool, where blocking is allowed.
                const absl::Status read =
                    in_.shards.For(call->tenant)
                        .store()
                        .Read(engine::Store::Tier::kMayBlock, true,
                              [&](const engine::Reader& reader) -> absl::Status {
                                FD_ASSIGN_OR_RETURN(
                                    const NearProposal near,
                                    FindNearProposal(reader, call->tenant, prepared->locale,
                                                     prepared->content));
                                prepared->near = near.id;
                                prepared->made = near.made;
                                return absl::OkStatus();
                              });
                if (!read.ok()) return done(read);
                done(std::move(*prepared));
              });
}

void KnowledgeService::PrepareProposal(std::shared_ptr<const rpc::Call> call, std::string source,
                                       bool automatic, PreparedDone done) {
  if (in_.transcripts == nullptr) {
    return done(Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      "this process can't read conversations and tickets"));
  }
  const absl::Duration timeout =
      std::min(config_.transcript_timeout, call->give_up_at - in_.clock.Steady());
  in_.transcripts->Get(
      call->tenant, source, timeout,
      [this, call, source, automatic, done](absl::StatusOr<process::Transcript> transcript) {
        if (!transcript.ok()) return done(transcript.status());
        if (!transcript->resolved) return done(NotResolved(source));
        transcript->source = source;
        in_.search_pool.Submit(GiveUpAt(*call),
                               [this, call, automatic, done,
                                transcript = *std::move(transcript)](absl::Status admitted) {
                                 if (!admitted.ok()) return done(std::move(admitted));
                                 DraftFrom(call, transcript, automatic, done);
                               });
      });
}

void KnowledgeService::TryPropose(std::shared_ptr<const rpc::Call> call,
                                  const v1::ProposeArticleRequest& request,
                                  v1::ProposeArticleResponse* response, int attempts,
                                  std::shared_ptr<rpc::Finish> finish) {
  PrepareProposal(call, request.source(), false,
                  [this, call, &request, response, attempts,
                   finish](absl::StatusOr<PreparedProposal> prepared) {
                    if (!prepared.ok()) return (*finish)(prepared.status());
                    engine::Command command =
                        ProposalCommand<v1::ProposeArticleRequest, v1::ProposeArticleResponse>(
                            *call, request, response,
                            [prepared = *std::move(prepared)](
                                const engine::Context& context, engine::Txn& txn,
                                v1::ProposeArticleResponse* made) -> absl::Status {
                              FD_ASSIGN_OR_RETURN(*made, Propose(prepared, context, txn));
                              return absl::OkStatus();
                            });
                    command.done = [this, call, &request, response, attempts,
                                    finish](absl::Status status) {
                      if (absl::IsAborted(status) && attempts > 1) {
                        return TryPropose(call, request, response, attempts - 1, finish);
                      }
                      (*finish)(std::move(status));
                    };
                    in_.shards.For(call->tenant).Submit(std::move(command));
                  });
}

void KnowledgeService::ProposeArticle(const rpc::Call& call,
                                      const v1::ProposeArticleRequest& request,
                                      v1::ProposeArticleResponse* response, rpc::Finish finish) {
  absl::Status status = CheckParent(call, request.parent());
  if (status.ok()) status = CheckSource(call, request.source());
  if (!status.ok()) return finish(std::move(status));
  TryPropose(std::make_shared<rpc::Call>(call), request, response, kProposeAttempts,
             std::make_shared<rpc::Finish>(std::move(finish)));
}

void KnowledgeService::GetArticleProposal(const rpc::Call& call,
                                          const v1::GetArticleProposalRequest& request,
                                          v1::GetArticleProposalResponse* response,
                                          rpc::Finish finish) {
  auto id = ParseProposal(call, request.name(), "name");
  if (!id.ok()) return finish(id.status());
  Read(
      call, true,
      [tenant = call.tenant, id = *std::move(id),
       response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadProposal(reader, tenant, id));
        *response->mutable_article_proposal() = std::move(*record.mutable_article_proposal());
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::ListArticleProposals(const rpc::Call& call,
                                            const v1::ListArticleProposalsRequest& request,
                                            v1::ListArticleProposalsResponse* response,
                                            rpc::Finish finish) {
  absl::Status status = CheckParent(call, request.parent());
  if (status.ok() && !v1::ProposalState_IsValid(request.state())) {
    status = InvalidField("state", "is not a state of proposals");
  }
  if (status.ok()) status = CheckFilter(request.locale(), "");
  if (!status.ok()) return finish(std::move(status));
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  Read(
      call, true,
      [tenant = call.tenant, &request, page = *std::move(page),
       response](const engine::Reader& reader) {
        return ReadProposalPage(reader, tenant, request, page, response);
      },
      std::move(finish));
}

void KnowledgeService::UpdateArticleProposal(const rpc::Call& call,
                                             const v1::UpdateArticleProposalRequest& request,
                                             v1::UpdateArticleProposalResponse* response,
                                             rpc::Finish finish) {
  using Response = v1::UpdateArticleProposalResponse;
  auto id = ParseProposal(call, request.article_proposal().name(), "article_proposal.name");
  if (!id.ok()) return finish(id.status());
  // What it will say, to search for it before the command.
  auto record = std::make_shared<records::ProposalRecord>();
  auto shared = std::make_shared<rpc::Call>(call);
  auto ended = std::make_shared<rpc::Finish>(std::move(finish));
  Read(
      call, true,
      [shared, id = *id, &request, record](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(*record, LoadProposal(reader, shared->tenant, id));
        return ApplyUpdate(request, *record->mutable_article_proposal());
      },
      [this, shared, id = *id, &request, response, record, ended](absl::Status read) {
        if (!read.ok()) return (*ended)(std::move(read));
        const v1::ArticleProposal& proposal = record->article_proposal();
        FindSimilar(
            shared, proposal.locale(), proposal.content(),
            [this, shared, id, &request, response, record,
             ended](absl::StatusOr<std::vector<v1::SimilarArticle>> similar) {
              if (!similar.ok()) return (*ended)(similar.status());
              engine::Command command = ProposalCommand<v1::UpdateArticleProposalRequest, Response>(
                  *shared, request, response,
                  [&request, id, version = record->version(), similar = *std::move(similar)](
                      const engine::Context& context, engine::Txn& txn, Response* made) {
                    return knowledge::UpdateArticleProposal(request, id, version, similar, context,
                                                            txn, made);
                  });
              command.done = [ended](absl::Status status) { (*ended)(std::move(status)); };
              in_.shards.For(shared->tenant).Submit(std::move(command));
            });
      });
}

void KnowledgeService::AcceptArticleProposal(const rpc::Call& call,
                                             const v1::AcceptArticleProposalRequest& request,
                                             v1::AcceptArticleProposalResponse* response,
                                             rpc::Finish finish) {
  if (absl::Status status = CheckAccept(call, request); !status.ok()) return finish(status);
  SubmitDecision(
      in_.shards, call, request, response, knowledge::AcceptArticleProposal,
      [this, tenant = call.tenant, finish = std::move(finish)](absl::Status status) mutable {
        if (status.ok()) WakeIndexer(tenant);
        finish(std::move(status));
      });
}

void KnowledgeService::RejectArticleProposal(const rpc::Call& call,
                                             const v1::RejectArticleProposalRequest& request,
                                             v1::RejectArticleProposalResponse* response,
                                             rpc::Finish finish) {
  absl::Status status = CheckLines(request.note(), kMaxNoteCharacters, "note");
  if (status.ok() && IsBlank(request.note())) status = InvalidField("note", "is required");
  if (!status.ok()) return finish(std::move(status));
  SubmitDecision(in_.shards, call, request, response, knowledge::RejectArticleProposal,
                 std::move(finish));
}

void KnowledgeService::ReopenArticleProposal(const rpc::Call& call,
                                             const v1::ReopenArticleProposalRequest& request,
                                             v1::ReopenArticleProposalResponse* response,
                                             rpc::Finish finish) {
  SubmitDecision(in_.shards, call, request, response, knowledge::ReopenArticleProposal,
                 std::move(finish));
}

void KnowledgeService::DeleteArticleProposal(const rpc::Call& call,
                                             const v1::DeleteArticleProposalRequest& request,
                                             v1::DeleteArticleProposalResponse* response,
                                             rpc::Finish finish) {
  auto id = ParseProposal(call, request.name(), "name");
  if (!id.ok()) return finish(id.status());
  rpc::Submit(
      in_.shards.For(call.tenant).committer(), call, request, response,
      [&request, id = *std::move(id)](const engine::Context& context, engine::Txn& txn,
                                      engine::Reply&) {
        return knowledge::DeleteArticleProposal(request, id, context, txn);
      },
      std::move(finish));
}

void KnowledgeService::GetProposalRules(const rpc::Call& call,
                                        const v1::GetProposalRulesRequest& request,
                                        v1::GetProposalRulesResponse* response,
                                        rpc::Finish finish) {
  absl::Status status = CheckSingleton(call, request.name(), "proposalRules", "name");
  if (!status.ok()) return finish(std::move(status));
  Read(
      call, false,
      [tenant = call.tenant, response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(auto record, LoadProposalRules(reader, tenant));
        *response->mutable_proposal_rules() = std::move(*record.mutable_proposal_rules());
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::UpdateProposalRules(const rpc::Call& call,
                                           const v1::UpdateProposalRulesRequest& request,
                                           v1::UpdateProposalRulesResponse* response,
                                           rpc::Finish finish) {
  absl::Status status =
      CheckSingleton(call, request.proposal_rules().name(), "proposalRules", "proposal_rules.name");
  if (!status.ok()) return finish(std::move(status));
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [&request, response](const engine::Context& context, engine::Txn& txn,
                                        engine::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(knowledge::UpdateProposalRules(request, context, txn, response));
    reply.resource = response->proposal_rules().name();
    return absl::OkStatus();
  };
  command.rebuild = [tenant = call.tenant](const engine::Reader& reader, std::string_view,
                                           google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(auto record, LoadProposalRules(reader, tenant));
    *static_cast<v1::UpdateProposalRulesResponse*>(message)->mutable_proposal_rules() =
        std::move(*record.mutable_proposal_rules());
    return absl::OkStatus();
  };
  command.done = std::move(finish);
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void BindProposals(rpc::Service& service, KnowledgeService& knowledge) {
  using K = KnowledgeService;
  service
      .Unary(knowledge, &K::ProposeArticle,
             {.name = "ProposeArticle", .roles = kPeople, .mutation = true})
      .Unary(knowledge, &K::GetArticleProposal, {.name = "GetArticleProposal", .roles = kPeople})
      .Unary(knowledge, &K::ListArticleProposals,
             {.name = "ListArticleProposals", .roles = kPeople})
      .Unary(knowledge, &K::UpdateArticleProposal,
             {.name = "UpdateArticleProposal", .roles = kPeople, .mutation = true})
      .Unary(knowledge, &K::AcceptArticleProposal,
             {.name = "AcceptArticleProposal", .roles = kPeople, .mutation = true})
      .Unary(knowledge, &K::RejectArticleProposal,
             {.name = "RejectArticleProposal", .roles = kPeople, .mutation = true})
      .Unary(knowledge, &K::ReopenArticleProposal,
             {.name = "ReopenArticleProposal", .roles = kPeople, .mutation = true})
      .Unary(knowledge, &K::DeleteArticleProposal,
             {.name = "DeleteArticleProposal",
              .roles = kPeople,
              .mutation = true,
              .frees_space = true})
      .Unary(knowledge, &K::GetProposalRules, {.name = "GetProposalRules", .roles = kPeople})
      .Unary(knowledge, &K::UpdateProposalRules,
             {.name = "UpdateProposalRules", .roles = kPeople, .mutation = true});
}

}  // namespace frontdesk::knowledge
