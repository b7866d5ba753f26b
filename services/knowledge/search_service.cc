// The RPCs of KnowledgeService that search: words and meaning, cache, synonyms, state of the index.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/mutation.h"
#include "services/knowledge/answering.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/index_check.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/query_text.h"
#include "services/knowledge/request_checks.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxQueryCharacters = 500;
constexpr int kMaxAskedCharacters = 2000;
constexpr int kMaxPrefixCharacters = 100;
constexpr int kMaxLocaleCharacters = 35;

absl::Status CheckPageSize(int32_t page_size) {
  return page_size < 0 ? InvalidField("page_size", "must not be negative") : absl::OkStatus();
}

absl::Status CheckSearch(const rpc::Call& call, const v1::SearchArticlesRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  FD_RETURN_IF_ERROR(CheckQueryText(request.query(), 1, kMaxQueryCharacters, "query"));
  FD_RETURN_IF_ERROR(CheckQueryText(request.tag(), 0, kMaxTagCharacters, "tag"));
  FD_RETURN_IF_ERROR(CheckQueryText(request.locale(), 0, kMaxLocaleCharacters, "locale"));
  FD_RETURN_IF_ERROR(CheckNarrowing(call, request.filter()));
  return CheckPageSize(request.page_size());
}

absl::Status CheckQuestion(const rpc::Call& call, const v1::AnswerQuestionRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  FD_RETURN_IF_ERROR(CheckQueryText(request.question(), 1, kMaxAskedCharacters, "question"));
  FD_RETURN_IF_ERROR(CheckQueryText(request.context(), 0, kMaxAskedCharacters, "context"));
  FD_RETURN_IF_ERROR(CheckQueryText(request.locale(), 0, kMaxLocaleCharacters, "locale"));
  if (!request.conversation().empty()) {
    FD_RETURN_IF_ERROR(
        ParseName(call, request.conversation(), {"tenants", "conversations"}, "conversation")
            .status());
  }
  return CheckNarrowing(call, request.filter());
}

absl::Status CheckSuggest(const rpc::Call& call, const v1::SuggestArticlesRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(call, request.parent()));
  FD_RETURN_IF_ERROR(CheckQueryText(request.prefix(), 1, kMaxPrefixCharacters, "prefix"));
  FD_RETURN_IF_ERROR(CheckQueryText(request.locale(), 0, kMaxLocaleCharacters, "locale"));
  FD_RETURN_IF_ERROR(CheckNarrowing(call, request.filter()));
  return CheckPageSize(request.page_size());
}

absl::Status NotReady() {
  return WithRetryDelay(
      Error(absl::StatusCode::kUnavailable, "NOT_READY", "the search index is being built"),
      absl::Seconds(1));
}

}  // namespace

absl::Duration KnowledgeService::GiveUpAt(const rpc::Call& call) const {
  return std::min(call.give_up_at, in_.clock.Steady() + config_.search_timeout);
}

void KnowledgeService::Search(const rpc::Call& call,
                              std::function<absl::Status(const SearchIndex&)> search,
                              rpc::Finish finish) {
  in_.search_pool.Submit(GiveUpAt(call),
                         [this, tenant = call.tenant, search = std::move(search),
                          finish = std::move(finish)](absl::Status admitted) mutable {
                           if (!admitted.ok()) return finish(std::move(admitted));
                           const auto index = IndexerOf(tenant).index();
                           if (index == nullptr) return finish(NotReady());
                           absl::Status status = search(*index);
                           if (absl::IsDataLoss(status)) IndexerOf(tenant).ReportCorrupt();
                           finish(std::move(status));
                         });
}

void KnowledgeService::WithMeaning(const rpc::Call& call, const std::string& locale,
                                   const std::string& text,
                                   std::function<void(std::shared_ptr<QueryVector>)> next) {
  if (in_.encoding == nullptr || !IndexerOf(call.tenant).encodes()) return next(nullptr);
  const absl::Time deadline =
      in_.clock.Now() +
      std::min(config_.encode_timeout,
               std::max(absl::ZeroDuration(), GiveUpAt(call) - in_.clock.Steady()));
  auto shared =
      std::make_shared<std::function<void(std::shared_ptr<QueryVector>)>>(std::move(next));
  const absl::Status taken = in_.encoding->EncodeIn(
      locale, text, deadline, [shared](absl::StatusOr<process::Encoding::Vector> vector) {
        if (!vector.ok()) return (*shared)(nullptr);
        auto query = std::make_shared<QueryVector>();
        query->encoder = std::move(vector->fingerprint);
        query->values = std::move(vector->values);
        (*shared)(std::move(query));
      });
  // The encoders are loading or have too much to do.
  if (!taken.ok()) (*shared)(nullptr);
}

template <class Request, class Response>
void KnowledgeService::Ask(const rpc::Call& call, const Request& request, Response* response,
                           const std::string& text,
                           std::function<absl::Status(const SearchIndex&, const QueryContext&)> ask,
                           rpc::Finish finish) {
  auto ended = std::make_shared<rpc::Finish>(std::move(finish));
  auto go_on = [this, &call, &request, response, &text, ask = std::move(ask), ended](
                   const SynonymTables::Found& synonyms, int threshold) {
    Indexer& indexer = IndexerOf(call.tenant);
    // Everything that the reply depends on.
    std::string key =
        fmt::format("{}\n{}\n{}@{}\n{}\n{}\n", call.tenant, call.method, indexer.generation(),
                    indexer.indexed_sequence(), synonyms.etag, threshold);
    key += request.SerializeAsString();
    const bool late = in_.clock.Steady() > call.give_up_at;
    if (const auto cached = late ? std::nullopt : cache_.Find(key);
        cached.has_value() && response->ParseFromString(*cached)) {
      in_.metrics.queries_cached.Increment();
      return (*ended)(absl::OkStatus());
    }
    WithMeaning(
        call, LocaleOf(request), text,
        [this, &call, &indexer, response, key = std::move(key), table = synonyms.table, threshold,
         ask, ended](const std::shared_ptr<QueryVector>& vector) {
          Search(
              call,
              [this, &call, &indexer, response, key, table, threshold, ask,
               vector](const SearchIndex& index) -> absl::Status {
                FD_RETURN_IF_ERROR(ask(index, {call.tenant, vector.get(), table.get(), threshold}));
                (vector != nullptr ? in_.metrics.queries_by_meaning : in_.metrics.queries_by_words)
                    .Increment();
                // What was found without its meaning is not what a calmer moment would find.
                if (vector != nullptr || !indexer.encodes()) {
                  cache_.Insert(key, response->SerializeAsString());
                }
                return absl::OkStatus();
              },
              [ended](absl::Status status) { (*ended)(std::move(status)); });
        });
  };
  const auto known_synonyms = synonyms_.Known(call.tenant);
  const auto known_threshold = thresholds_.Known(call.tenant);
  if (known_synonyms.has_value() && known_threshold.has_value()) {
    return go_on(*known_synonyms, *known_threshold);
  }
  // Reading them may block, which this thread must not.
  in_.search_pool.Submit(GiveUpAt(call), [this, &call, ended, go_on](absl::Status admitted) {
    if (!admitted.ok()) return (*ended)(std::move(admitted));
    const engine::Store& store = in_.shards.For(call.tenant).store();
    const auto synonyms = synonyms_.For(store, call.tenant);
    if (!synonyms.ok()) return (*ended)(synonyms.status());
    const auto threshold = thresholds_.For(store, call.tenant);
    if (!threshold.ok()) return (*ended)(threshold.status());
    go_on(*synonyms, *threshold);
  });
}

void KnowledgeService::SearchArticles(const rpc::Call& call,
                                      const v1::SearchArticlesRequest& request,
                                      v1::SearchArticlesResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckSearch(call, request); !status.ok()) return finish(status);
  Ask(
      call, request, response, request.query(),
      [&request, response](const SearchIndex& index, const QueryContext& context) -> absl::Status {
        FD_ASSIGN_OR_RETURN(*response, SearchIn(index, context, request));
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::AnswerQuestion(const rpc::Call& call,
                                      const v1::AnswerQuestionRequest& request,
                                      v1::AnswerQuestionResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckQuestion(call, request); !status.ok()) return finish(status);
  if (in_.generator != nullptr) finish = Phrased(call, request, response, std::move(finish));
  Ask(
      call, request, response, request.question(),
      [this, &request, response](const SearchIndex& index,
                                 const QueryContext& context) -> absl::Status {
        const absl::Duration begin = in_.clock.Steady();
        const int threshold =
            context.threshold_bps != 0 ? context.threshold_bps : config_.answer_threshold_bps;
        auto answer = AnswerFrom(index, context, request, threshold);
        in_.metrics.answer_seconds.Observe(in_.clock.Steady() - begin);
        if (!answer.ok()) {
          in_.metrics.answers_failed.Increment();
          return answer.status();
        }
        *response->mutable_answer() = *std::move(answer);
        return absl::OkStatus();
      },
      [this, call, conversation = request.conversation(), response,
       finish = std::move(finish)](absl::Status status) mutable {
        // The reply dies with `finish`, which is not kept waiting.
        GivenAnswer given;
        if (status.ok()) {
          const v1::Answer& answer = response->answer();
          (answer.known() ? in_.metrics.answers_known : in_.metrics.answers_unknown).Increment();
          if (answer.known() && !conversation.empty() && rpc::kAgents.Has(call.caller.role)) {
            given.answer_id = answer.answer_id();
            given.conversation = std::move(conversation);
            for (const auto& citation : answer.citations()) {
              given.article_versions.push_back(citation.article_version());
            }
          }
        }
        finish(std::move(status));
        if (!given.article_versions.empty()) NoteGiven(call, std::move(given));
      });
}

void KnowledgeService::SuggestArticles(const rpc::Call& call,
                                       const v1::SuggestArticlesRequest& request,
                                       v1::SuggestArticlesResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckSuggest(call, request); !status.ok()) return finish(status);
  Search(
      call,
      [tenant = call.tenant, &request, response](const SearchIndex& index) -> absl::Status {
        FD_ASSIGN_OR_RETURN(*response, SuggestIn(index, tenant, request));
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::GetSynonyms(const rpc::Call& call, const v1::GetSynonymsRequest& request,
                                   v1::GetSynonymsResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckSingleton(call, request.name(), "synonyms", "name");
      !status.ok()) {
    return finish(status);
  }
  Read(
      call, false,
      [tenant = call.tenant, response](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(*response->mutable_synonyms(), ReadSynonyms(reader, tenant));
        return absl::OkStatus();
      },
      std::move(finish));
}

void KnowledgeService::UpdateSynonyms(const rpc::Call& call,
                                      const v1::UpdateSynonymsRequest& request,
                                      v1::UpdateSynonymsResponse* response, rpc::Finish finish) {
  absl::Status status = CheckSingleton(call, request.name(), "synonyms", "name");
  if (status.ok()) status = ValidateSynonyms(request.synonyms());
  if (!status.ok()) return finish(status);
  engine::Command command = rpc::MakeCommand(call, request, response);
  command.handle = [&request, response](const engine::Context& context, engine::Txn& txn,
                                        engine::Reply& reply) -> absl::Status {
    FD_RETURN_IF_ERROR(knowledge::UpdateSynonyms(request, context, txn, response));
    reply.resource = response->synonyms().name();
    return absl::OkStatus();
  };
  command.rebuild = [tenant = call.tenant](const engine::Reader& reader, std::string_view,
                                           google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(*static_cast<v1::UpdateSynonymsResponse*>(message)->mutable_synonyms(),
                        ReadSynonyms(reader, tenant));
    return absl::OkStatus();
  };
  command.done = [this, tenant = call.tenant,
                  finish = std::move(finish)](absl::Status done) mutable {
    synonyms_.Forget(tenant);
    finish(std::move(done));
  };
  in_.shards.For(call.tenant).Submit(std::move(command));
}

void KnowledgeService::CheckIndex(const rpc::Call& call, const v1::CheckIndexRequest& request,
                                  v1::CheckIndexResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckParent(call, request.parent()); !status.ok()) {
    return finish(status);
  }
  Search(
      call,
      [this, tenant = call.tenant, response](const SearchIndex& index) -> absl::Status {
        const engine::Store& store = in_.shards.For(tenant).store();
        Indexer& indexer = IndexerOf(tenant);
        const int64_t before = indexer.indexed_sequence();
        v1::IndexCheck& check = *response->mutable_index_check();
        FD_ASSIGN_OR_RETURN(check, CompareIndex(store, index, tenant));
        uint64_t wanted = 0;
        FD_RETURN_IF_ERROR(store.Read([&](const engine::Reader& reader) -> absl::Status {
          FD_ASSIGN_OR_RETURN(const auto state, kIndexState.Find(reader, kIndexState.Key()));
          if (state.has_value()) wanted = state->last_sequence();
          return absl::OkStatus();
        }));
        FD_ASSIGN_OR_RETURN(const IndexCounts counts, index.Count(tenant));
        if (indexer.encodes()) {
          check.set_without_vectors_count(
              std::max<int64_t>(0, counts.articles - counts.with_vectors));
        }
        check.set_settled(before >= static_cast<int64_t>(wanted) && !indexer.building() &&
                          before == indexer.indexed_sequence());
        check.set_consistent(check.missing_count() == 0 && check.superfluous_count() == 0);
        return absl::OkStatus();
      },
      std::move(finish));
}

}  // namespace frontdesk::knowledge
