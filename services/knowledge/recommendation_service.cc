// The RPC of KnowledgeService that recommends: what was said is read, its meaning looked for, then
// index and store are asked on the search pool.
#include <atomic>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/answering.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/query_text.h"
#include "services/knowledge/recommending.h"
#include "services/knowledge/request_checks.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxDraftCharacters = 2000;
constexpr int kMaxTurnCharacters = 8000;
constexpr int kMaxInlineTurns = 50;
constexpr int kMaxTags = 20;
constexpr int kMaxCited = 50;
constexpr int kMaxLocaleCharacters = 35;
// Somebody is typing: what was said is waited for no longer.
constexpr absl::Duration kTranscriptTimeout = absl::Seconds(1);

absl::Status CheckTurns(const v1::RecommendationTurns& turns) {
  if (turns.turns().empty()) return InvalidField("turns.turns", "is required");
  if (turns.turns_size() > kMaxInlineTurns) {
    return InvalidField("turns.turns", fmt::format("must have at most {} turns", kMaxInlineTurns));
  }
  for (int i = 0; i < turns.turns_size(); ++i) {
    const std::string field = fmt::format("turns.turns[{}]", i);
    const auto author = turns.turns(i).author_kind();
    if (author != common::v1::AUTHOR_KIND_CUSTOMER && author != common::v1::AUTHOR_KIND_AGENT &&
        author != common::v1::AUTHOR_KIND_BOT) {
      return InvalidField(field + ".author_kind", "must be CUSTOMER, AGENT or BOT");
    }
    FD_RETURN_IF_ERROR(
        CheckQueryText(turns.turns(i).text(), 1, kMaxTurnCharacters, field + ".text"));
  }
  return absl::OkStatus();
}

absl::Status CheckRecommend(const rpc::Call& call, const v1::RecommendArticlesRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  FD_RETURN_IF_ERROR(CheckQueryText(request.draft(), 0, kMaxDraftCharacters, "draft"));
  FD_RETURN_IF_ERROR(CheckQueryText(request.locale(), 0, kMaxLocaleCharacters, "locale"));
  FD_RETURN_IF_ERROR(CheckNarrowing(call, request.filter()));
  switch (request.context_case()) {
    case v1::RecommendArticlesRequest::kConversation:
      FD_RETURN_IF_ERROR(
          ParseName(call, request.conversation(), {"tenants", "conversations"}, "conversation")
              .status());
      break;
    case v1::RecommendArticlesRequest::kTicket:
      FD_RETURN_IF_ERROR(
          ParseName(call, request.ticket(), {"tenants", "tickets"}, "ticket").status());
      break;
    case v1::RecommendArticlesRequest::kTurns:
      FD_RETURN_IF_ERROR(CheckTurns(request.turns()));
      break;
    default:
      FD_RETURN_IF_ERROR(CheckQueryText(request.draft(), 1, kMaxDraftCharacters, "draft"));
  }
  if (request.tags_size() > kMaxTags) {
    return InvalidField("tags", fmt::format("must have at most {} tags", kMaxTags));
  }
  for (const std::string& tag : request.tags()) {
    FD_RETURN_IF_ERROR(CheckQueryText(tag, 1, kMaxTagCharacters, "tags"));
  }
  if (request.cited_articles_size() > kMaxCited) {
    return InvalidField("cited_articles", fmt::format("must have at most {} names", kMaxCited));
  }
  return request.page_size() < 0 ? InvalidField("page_size", "must not be negative")
                                 : absl::OkStatus();
}

// The ids of the articles that were cited, by article or version.
absl::StatusOr<std::vector<std::string>> CitedOf(const rpc::Call& call,
                                                 const v1::RecommendArticlesRequest& request) {
  std::vector<std::string> ids;
  for (const std::string& name : request.cited_articles()) {
    const std::string_view article = std::string_view(name).substr(0, name.find("/versions/"));
    FD_ASSIGN_OR_RETURN(const auto key,
                        ParseName(call, article, {"tenants", "articles"}, "cited_articles"));
    ids.push_back(key.back());
  }
  return ids;
}

process::Transcript InlineTranscript(const v1::RecommendationTurns& turns) {
  process::Transcript transcript;
  for (const v1::RecommendationTurn& turn : turns.turns()) {
    process::Transcript::Turn& said = transcript.turns.emplace_back();
    said.author = turn.author_kind() == common::v1::AUTHOR_KIND_CUSTOMER
                      ? process::Transcript::Author::kCustomer
                  : turn.author_kind() == common::v1::AUTHOR_KIND_AGENT
                      ? process::Transcript::Author::kAgent
                      : process::Transcript::Author::kBot;
    said.text = turn.text();
  }
  return transcript;
}

RecommendationQuery QueryFor(const rpc::Call& call, const v1::RecommendArticlesRequest& request,
                             const process::Transcript& transcript) {
  std::vector<SpokenTurn> turns;
  for (const process::Transcript::Turn& turn : transcript.turns) {
    turns.push_back({turn.author == process::Transcript::Author::kCustomer, turn.text});
  }
  RecommendationQuery query;
  query.tenant = call.tenant;
  query.texts = PickTexts(turns, transcript.subject, request.draft(), SaysSomething);
  query.vectors.resize(query.texts.size());
  query.locale = SearchLocale(request.locale(), query.texts.empty() ? "" : query.texts[0].text);
  query.filter = FilterOf(request.filter(), "");
  query.tags.assign(request.tags().begin(), request.tags().end());
  query.tags.insert(query.tags.end(), transcript.tags.begin(), transcript.tags.end());
  query.limit =
      request.page_size() == 0 ? kRecommendDefault : std::min(request.page_size(), kRecommendMax);
  return query;
}

}  // namespace

void KnowledgeService::RecommendArticles(const rpc::Call& call,
                                         const v1::RecommendArticlesRequest& request,
                                         v1::RecommendArticlesResponse* response,
                                         rpc::Finish finish) {
  if (absl::Status status = CheckRecommend(call, request); !status.ok()) return finish(status);
  if (const auto cited = CitedOf(call, request); !cited.ok()) return finish(cited.status());
  using Request = v1::RecommendArticlesRequest;
  if (request.context_case() != Request::kConversation &&
      request.context_case() != Request::kTicket) {
    return Recommend(call, request, InlineTranscript(request.turns()), response, std::move(finish));
  }
  auto go_on = [this, &call, &request, response, finish = std::move(finish)](
                   absl::StatusOr<process::Transcript> transcript) mutable {
    if (transcript.ok()) {
      return Recommend(call, request, *transcript, response, std::move(finish));
    }
    // What is being typed is enough to go on when the rest can't be read now.
    const bool passing =
        absl::IsUnavailable(transcript.status()) || absl::IsDeadlineExceeded(transcript.status());
    if (!passing || request.draft().empty()) return finish(transcript.status());
    response->set_context_missing(true);
    Recommend(call, request, process::Transcript(), response, std::move(finish));
  };
  if (in_.transcripts == nullptr) {
    return go_on(Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                       "this process knows no address of dialog and ticket (--peers.dialog, "
                       "--peers.ticket): give turns or a draft"));
  }
  in_.transcripts->Get(
      call.tenant,
      request.context_case() == Request::kTicket ? request.ticket() : request.conversation(),
      std::min(kTranscriptTimeout, GiveUpAt(call) - in_.clock.Steady()), std::move(go_on));
}

void KnowledgeService::Recommend(const rpc::Call& call, const v1::RecommendArticlesRequest& request,
                                 const process::Transcript& transcript,
                                 v1::RecommendArticlesResponse* response, rpc::Finish finish) {
  struct Asking {
    RecommendationQuery query;
    SynonymTables::Found synonyms;
    rpc::Finish finish;
    std::atomic<size_t> left{1};
  };
  auto asking = std::make_shared<Asking>();
  asking->query = QueryFor(call, request, transcript);
  asking->query.now = in_.clock.Now();
  asking->query.cited = CitedOf(call, request).value();
  asking->finish = std::move(finish);
  // The last meaning that comes, or does not come in time, starts the search.
  auto search = [this, &call, response, asking] {
    if (--asking->left > 0) return;
    Search(
        call,
        [this, &call, response, asking](const SearchIndex& index) -> absl::Status {
          const absl::Duration begin = in_.clock.Steady();
          const bool context_missing = response->context_missing();
          absl::Status status =
              in_.shards.For(call.tenant)
                  .store()
                  .Read([&](const engine::Reader& reader) -> absl::Status {
                    FD_ASSIGN_OR_RETURN(*response, RecommendFrom(index, reader, asking->query));
                    return absl::OkStatus();
                  });
          response->set_context_missing(context_missing);
          in_.metrics.recommend_seconds.Observe(in_.clock.Steady() - begin);
          return status;
        },
        std::move(asking->finish));
  };
  auto begin = [this, &call, asking, search](SynonymTables::Found synonyms) {
    asking->synonyms = std::move(synonyms);
    asking->query.synonyms = asking->synonyms.table.get();
    asking->left += asking->query.texts.size();
    for (size_t i = 0; i < asking->query.texts.size(); ++i) {
      WithMeaning(call, asking->query.locale, asking->query.texts[i].text,
                  [asking, i, search](std::shared_ptr<QueryVector> vector) {
                    asking->query.vectors[i] = std::move(vector);
                    search();
                  });
    }
    search();
  };
  if (auto synonyms = synonyms_.Known(call.tenant); synonyms.has_value()) {
    return begin(*std::move(synonyms));
  }
  // Reading them may block, which this thread must not.
  in_.search_pool.Submit(GiveUpAt(call), [this, &call, asking, begin](absl::Status admitted) {
    if (!admitted.ok()) return asking->finish(std::move(admitted));
    auto synonyms = synonyms_.For(in_.shards.For(call.tenant).store(), call.tenant);
    if (!synonyms.ok()) return asking->finish(synonyms.status());
    begin(*std::move(synonyms));
  });
}

void BindRecommendations(rpc::Service& service, KnowledgeService& knowledge) {
  // Whoever answers customers, and the channel on which a customer writes. It quotes what was said:
  // nothing for analysts.
  constexpr rpc::Roles kWriters(rpc::Role::kAdmin, rpc::Role::kService, rpc::Role::kAgent,
                                rpc::Role::kChannel);
  service.Unary(knowledge, &KnowledgeService::RecommendArticles,
                {.name = "RecommendArticles", .roles = kWriters});
}

}  // namespace frontdesk::knowledge
