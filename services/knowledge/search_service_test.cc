#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using process::testing::kParent;

namespace {

using testing::KnowledgeWorld;

v1::SearchArticlesRequest Searching(const std::string& query) {
  v1::SearchArticlesRequest request;
  request.set_parent(kParent);
  request.set_query(query);
  return request;
}

v1::UpdateSynonymsRequest Equal(KnowledgeWorld& world, std::vector<std::string> words) {
  v1::UpdateSynonymsRequest request;
  request.set_name("tenants/acme/synonyms");
  auto& set = *request.mutable_synonyms()->add_sets();
  for (std::string& word : words) set.add_words(std::move(word));
  request.set_request_id(world.NewRequestId());
  return request;
}

int Found(KnowledgeWorld& world, const std::string& query) {
  return world.Must(&KnowledgeService::SearchArticles, Searching(query)).results_size();
}

}  // namespace

TEST_CASE("searches see synonyms from the next one on, cached replies or not") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Lorries", "Everything about a lorry."));
  REQUIRE(world.Publish("a").ok());
  CHECK(Found(world, "truck") == 0);
  CHECK(Found(world, "truck") == 0);
  const auto changed =
      world.Must(&KnowledgeService::UpdateSynonyms, Equal(world, {"truck", "lorry"}));
  CHECK(changed.synonyms().etag() == "1");
  CHECK(Found(world, "truck") == 1);
  // Two editors: the second one did not see the first one's change.
  auto stale = Equal(world, {"truck", "van"});
  stale.mutable_synonyms()->set_etag("0");
  v1::UpdateSynonymsResponse response;
  CHECK(absl::IsAborted(world.UpdateSynonyms(stale, &response)));
  v1::GetSynonymsRequest get;
  get.set_name("tenants/acme/synonyms");
  CHECK(world.Must(&KnowledgeService::GetSynonyms, get).synonyms().sets_size() == 1);
  get.set_name("tenants/other/synonyms");
  v1::GetSynonymsResponse got;
  CHECK(absl::IsPermissionDenied(world.GetSynonyms(get, &got)));
  get.set_name("tenants/acme/other");
  CHECK(absl::IsInvalidArgument(world.GetSynonyms(get, &got)));
  world.Crash();
  world.Settle();
  CHECK(Found(world, "truck") == 1);
}

TEST_CASE("a cached reply is never older than the index") {
  KnowledgeWorld world;
  CHECK(Found(world, "parking") == 0);
  world.Create(world.CreateRequest("a", "Parking", "Everything about parking."));
  REQUIRE(world.Publish("a").ok());
  CHECK(Found(world, "parking") == 1);
  CHECK(Found(world, "parking") == 1);
  REQUIRE(world.Archive("a").ok());
  CHECK(Found(world, "parking") == 0);
}

TEST_CASE("what a tenant has of its own is known once it was read, until it changes") {
  KnowledgeWorld world;
  const engine::Store& store = world.app->shards().For("acme").store();
  SynonymTables synonyms;
  CHECK_FALSE(synonyms.Known("acme").has_value());
  const auto read = synonyms.For(store, "acme");
  REQUIRE(read.ok());
  REQUIRE(synonyms.Known("acme").has_value());
  CHECK(synonyms.Known("acme")->table == read->table);
  CHECK_FALSE(synonyms.Known("globex").has_value());
  synonyms.Forget("acme");
  CHECK_FALSE(synonyms.Known("acme").has_value());
  Thresholds thresholds;
  CHECK_FALSE(thresholds.Known("acme").has_value());
  REQUIRE(thresholds.For(store, "acme").ok());
  CHECK(thresholds.Known("acme") == 0);
  thresholds.Forget("acme");
  CHECK_FALSE(thresholds.Known("acme").has_value());
}

// Rows that can't be read: who says so has looked at the store.
TEST_CASE("the store is read for a query on the search pool alone") {
  KnowledgeWorld world;
  const std::string row = GENERATE(kSynonyms.Key("acme"), kThresholds.Key("acme"));
  world.Change([&](const engine::Context&, engine::Txn& txn) {
    txn.Put(row, "\xff");
    return absl::OkStatus();
  });
  v1::RecommendArticlesRequest draft;
  draft.set_parent(kParent);
  draft.set_draft("Where can I park?");
  const auto ask = [&](absl::Duration give_up_at, bool recommend) {
    rpc::Call call;
    call.tenant = "acme";
    call.caller = {"acme", "mia", rpc::Role::kAgent};
    call.method = recommend ? "RecommendArticles" : "SearchArticles";
    call.give_up_at = give_up_at;
    const v1::SearchArticlesRequest search = Searching("parking");
    v1::SearchArticlesResponse found;
    v1::RecommendArticlesResponse recommended;
    std::vector<absl::Status> finished;
    const auto finish = [&](absl::Status status) { finished.push_back(std::move(status)); };
    if (recommend) {
      world.app->service().RecommendArticles(call, draft, &recommended, finish);
    } else {
      world.app->service().SearchArticles(call, search, &found, finish);
    }
    world.Settle();
    REQUIRE(finished.size() == 1);
    return finished[0];
  };
  const absl::Duration now = world.clock.Steady();
  for (const bool recommend : {false, true}) {
    INFO(recommend);
    // The pool doesn't begin what is late: nothing was read.
    CHECK(absl::IsDeadlineExceeded(ask(now - absl::Seconds(1), recommend)));
    const bool read = !recommend || row == kSynonyms.Key("acme");
    CHECK(absl::IsDataLoss(ask(now + absl::Seconds(5), recommend)) == read);
  }
}

TEST_CASE("queries that are none are refused with the field") {
  KnowledgeWorld world;
  v1::SearchArticlesResponse response;
  for (const std::string& query :
       {std::string(), std::string("  "), std::string("a\0b", 3), std::string("\x1b[0m"),
        std::string("\xff\xfe"), std::string(100 << 10, 'x')}) {
    CHECK(absl::IsInvalidArgument(world.SearchArticles(Searching(query), &response)));
    v1::AnswerQuestionRequest ask;
    ask.set_parent(kParent);
    ask.set_question(query);
    v1::AnswerQuestionResponse answer;
    CHECK(absl::IsInvalidArgument(world.AnswerQuestion(ask, &answer)));
    v1::SuggestArticlesRequest suggest;
    suggest.set_parent(kParent);
    suggest.set_prefix(query);
    v1::SuggestArticlesResponse suggested;
    CHECK(absl::IsInvalidArgument(world.SuggestArticles(suggest, &suggested)));
  }
  auto request = Searching("parking");
  request.mutable_filter()->set_product_version("two");
  CHECK(absl::IsInvalidArgument(world.SearchArticles(request, &response)));
}

TEST_CASE("the check tells an index that agrees with the store") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("a", "Parking", "Everything about parking."));
  world.Create(world.CreateRequest("b", "Draft", "Not published."));
  REQUIRE(world.Publish("a").ok());
  v1::CheckIndexRequest request;
  request.set_parent(kParent);
  const auto check = world.Must(&KnowledgeService::CheckIndex, request).index_check();
  INFO(check.ShortDebugString());
  CHECK(check.consistent());
  CHECK(check.settled());
  CHECK(check.published_articles() == 1);
  CHECK(check.indexed_articles() == 1);
}
