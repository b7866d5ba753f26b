#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

#include <fmt/core.h>

#include "absl/strings/match.h"
#include "libs/base/error.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using frontdesk::knowledge::testing::kParent;

namespace {

// What was said, by name of the conversation or ticket.
class FakeTranscripts final : public process::Transcripts {
 public:
  void Get(std::string_view tenant, std::string source, absl::Duration deadline,
           Done done) override {
    CHECK(tenant == "acme");
    CHECK(deadline <= absl::Seconds(1));
    if (!status.ok()) return done(status);
    const auto found = transcripts.find(source);
    if (found == transcripts.end()) return done(NotFound("conversation", source));
    done(found->second);
  }

  std::map<std::string, process::Transcript> transcripts;
  absl::Status status;
};

constexpr char kConversation[] = "tenants/acme/conversations/c1";
constexpr char kTicket[] = "tenants/acme/tickets/t1";

void Said(process::Transcript& transcript, process::Transcript::Author author,
          const std::string& text) {
  transcript.turns.push_back({author, text, absl::UnixEpoch()});
}

v1::RecommendArticlesRequest Turns(std::initializer_list<const char*> customer) {
  v1::RecommendArticlesRequest request;
  request.set_parent(kParent);
  for (const char* text : customer) {
    auto& turn = *request.mutable_turns()->add_turns();
    turn.set_author_kind(common::v1::AUTHOR_KIND_CUSTOMER);
    turn.set_text(text);
  }
  return request;
}

// A shop's articles, with a graph: the lamp's app has the errors no-pairing (E42) and no-light.
struct Shop {
  explicit Shop(process::Transcripts* transcripts = nullptr) : world(transcripts) {
    REQUIRE(world.AddNode("lamp", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
    REQUIRE(world.AddNode("lamp-app", v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE, "lamp").ok());
    REQUIRE(world.AddNode("no-light", v1::KNOWLEDGE_NODE_KIND_ERROR, "lamp-app").ok());
    v1::CreateKnowledgeNodeRequest node;
    node.set_parent(kParent);
    node.set_knowledge_node_id("no-pairing");
    node.mutable_knowledge_node()->set_kind(v1::KNOWLEDGE_NODE_KIND_ERROR);
    node.mutable_knowledge_node()->set_display_name("Does not pair");
    node.mutable_knowledge_node()->set_parent_node("lamp-app");
    node.mutable_knowledge_node()->add_related_nodes("no-light");
    node.mutable_knowledge_node()->add_aliases("E42");
    node.set_request_id(world.NewRequestId());
    v1::CreateKnowledgeNodeResponse made;
    REQUIRE(world.CreateKnowledgeNode(node, &made).ok());

    Add("refunds", "How long does a refund take?", "A refund takes 3 working days.");
    Add("shipping", "Shipping costs", "Parcels to Europe cost 5 euros.", [](auto& content) {
      content.add_tags("parcels");
      content.set_audience(v1::AUDIENCE_PUBLIC);
    });
    Add("pairing", "Reconnect over Bluetooth", "Hold the button for 5 seconds.", [](auto& content) {
      content.set_error_type("no-pairing");
      content.set_product_module("lamp-app");
      auto& link = *content.add_links();
      link.set_article("tenants/acme/articles/shipping");
      link.set_kind(v1::ARTICLE_LINK_KIND_PREREQUISITE);
    });
    Add("dark", "Nothing shines", "Change the bulb.",
        [](auto& content) { content.set_error_type("no-light"); });
    Add("secret", "Refund fraud signs", "Look at the refund history twice.",
        [](auto& content) { content.set_audience(v1::AUDIENCE_AGENTS); });
    Add(
        "tuikuan", "退款多久到账？", "退款三个工作日内到账。", [](auto&) {}, "zh");
    Add(
        "peidui", "重新配对", "长按按钮七秒。",
        [](auto& content) { content.set_error_type("no-pairing"); }, "zh");
  }
  void Add(
      const std::string& id, const std::string& title, const std::string& body,
      const std::function<void(v1::ArticleContent&)>& change = [](v1::ArticleContent&) {},
      const std::string& locale = "en") {
    auto request = world.CreateRequest(id, title, body, {}, locale);
    change(*request.mutable_article()->mutable_content());
    world.Create(request);
    const absl::Status published = world.Publish(id);
    INFO(published);
    REQUIRE(published.ok());
  }
  v1::RecommendArticlesResponse Get(const v1::RecommendArticlesRequest& request,
                                    std::optional<rpc::Role> as = std::nullopt) {
    return world.Must(&KnowledgeWorld::Service::RecommendArticles, request, as);
  }
  // "pairing(ERROR LAST) dark(RELATED)": ids with the kinds of their reasons.
  static std::string Shown(const v1::RecommendArticlesResponse& response) {
    std::string shown;
    for (const auto& one : response.recommendations()) {
      std::string name = one.article_version().substr(0, one.article_version().find("/versions"));
      shown += name.substr(name.rfind('/') + 1) + "(";
      for (const auto& reason : one.reasons()) {
        shown += v1::RecommendationReasonKind_Name(reason.kind())
                     .substr(std::string("RECOMMENDATION_REASON_KIND_").size()) +
                 ",";
      }
      shown += ") ";
    }
    return shown;
  }
  // The part of the text that the reason of this kind rests on; "-" = there is no such reason.
  static std::string Evidence(const v1::ArticleRecommendation& article,
                              v1::RecommendationReasonKind kind) {
    for (const auto& reason : article.reasons()) {
      if (reason.kind() != kind) continue;
      std::string parts;
      for (const auto& span : reason.spans()) {
        parts += reason.text().substr(span.start_byte(), span.end_byte() - span.start_byte()) + "|";
      }
      return parts.empty() ? reason.text() : parts;
    }
    return "-";
  }

  KnowledgeWorld world;
};

}  // namespace

TEST_CASE("recommended is what fits the customer's last question, with the words that say so") {
  Shop shop;
  const auto english = shop.Get(Turns({"hello", "How long does my refund take?", "thanks!"}));
  REQUIRE(english.recommendations_size() >= 1);
  const auto& refunds = english.recommendations(0);
  CHECK(refunds.article_version() == "tenants/acme/articles/refunds/versions/1");
  CHECK(refunds.title() == "How long does a refund take?");
  CHECK(refunds.snippet() == "A refund takes 3 working days.");
  CHECK(refunds.score_bps() > 5000);
  REQUIRE(refunds.reasons_size() >= 1);
  CHECK(refunds.reasons(0).turn() == 1);
  CHECK(Shop::Evidence(refunds, v1::RECOMMENDATION_REASON_KIND_LAST_QUESTION) ==
        "long|refund|take|");
  CHECK(english.locale() == "en");
  const auto chinese = shop.Get(Turns({"我的退款多久能到账"}));
  REQUIRE(chinese.recommendations_size() >= 1);
  CHECK(chinese.locale() == "zh");
  CHECK(chinese.recommendations(0).article_version() == "tenants/acme/articles/tuikuan/versions/1");
  CHECK(absl::StrContains(
      Shop::Evidence(chinese.recommendations(0), v1::RECOMMENDATION_REASON_KIND_LAST_QUESTION),
      "退款"));
  // The newer question weighs more; the older one still counts.
  const auto both =
      shop.Get(Turns({"How long does a refund take?", "What are the shipping costs?"}));
  CHECK(Shop::Shown(both) == "shipping(LAST_QUESTION,) refunds(EARLIER_TEXT,) ");
  CHECK(Shop::Shown(shop.Get(Turns({"hello", "thanks"}))).empty());
  CHECK(Shop::Shown(shop.Get(Turns({"Who painted the Mona Lisa?"}))).empty());
}

TEST_CASE("recommended is what is about the error that was named, and about related ones") {
  Shop shop;
  const auto english = shop.Get(Turns({"My lamp says e42 and blinks red"}));
  INFO(Shop::Shown(english));
  REQUIRE(english.recommendations_size() >= 1);
  const auto& pairing = english.recommendations(0);
  CHECK(pairing.article_version() == "tenants/acme/articles/pairing/versions/1");
  CHECK(Shop::Evidence(pairing, v1::RECOMMENDATION_REASON_KIND_SAME_ERROR) == "e42|");
  CHECK(pairing.reasons(0).node() == "no-pairing");
  CHECK(pairing.snippet() == "Hold the button for 5 seconds.");
  const auto chinese = shop.Get(Turns({"台灯显示E42，一直闪"}));
  REQUIRE(chinese.recommendations_size() >= 1);
  CHECK(chinese.recommendations(0).article_version() == "tenants/acme/articles/peidui/versions/1");
}

TEST_CASE("cited articles are not recommended again; where they lead to is") {
  Shop shop;
  auto request = Turns({"Reconnect over Bluetooth?"});
  CHECK(absl::StartsWith(Shop::Shown(shop.Get(request)), "pairing(LAST_QUESTION,"));
  request.add_cited_articles("tenants/acme/articles/pairing/versions/1");
  const auto after = shop.Get(request);
  CHECK(absl::StrContains(Shop::Shown(after), "shipping(PREREQUISITE,"));
  CHECK(!absl::StrContains(Shop::Shown(after), "pairing("));
  CHECK(Shop::Evidence(after.recommendations(0), v1::RECOMMENDATION_REASON_KIND_PREREQUISITE) ==
        "Reconnect over Bluetooth");
  CHECK(after.recommendations(0).reasons(0).article() == "tenants/acme/articles/pairing");
  // One that does not exist leads nowhere.
  request.add_cited_articles("tenants/acme/articles/nowhere");
  CHECK(Shop::Shown(shop.Get(request)) == Shop::Shown(after));
  // Both links of one kind and tags add up, a tag alone does not show an article.
  auto tagged = Turns({"What are the shipping costs?"});
  const int before = shop.Get(tagged).recommendations(0).score_bps();
  tagged.add_tags("parcels");
  CHECK(shop.Get(tagged).recommendations(0).score_bps() > before);
  CHECK(Shop::Evidence(shop.Get(tagged).recommendations(0),
                       v1::RECOMMENDATION_REASON_KIND_SAME_TAG) == "parcels");
  auto only = Turns({"How long does a refund take?"});
  only.add_tags("parcels");
  CHECK(!absl::StrContains(Shop::Shown(shop.Get(only)), "shipping"));
}

TEST_CASE("an article that was the answer three times this month is popular, an old one is not") {
  Shop shop;
  const auto request = Turns({"How long does a refund take?"});
  for (int i = 0; i < 3; ++i) {
    CHECK(!absl::StrContains(Shop::Shown(shop.Get(request)), "POPULAR"));
    shop.world.PublishReply(fmt::format("reply-{}", i), kConversation,
                            {"tenants/acme/articles/refunds/versions/1"});
  }
  CHECK(absl::StrContains(Shop::Shown(shop.Get(request)), "refunds(LAST_QUESTION,POPULAR,)"));
  shop.world.Advance(absl::Hours(24 * 31));
  CHECK(!absl::StrContains(Shop::Shown(shop.Get(request)), "POPULAR"));
}

TEST_CASE("who is no agent never gets what is for agents, and versions and products narrow") {
  Shop shop;
  auto request = Turns({"refund fraud signs"});
  CHECK(!absl::StrContains(Shop::Shown(shop.Get(request)), "secret"));
  CHECK(!absl::StrContains(Shop::Shown(shop.Get(request, rpc::Role::kChannel)), "secret"));
  request.mutable_filter()->set_audience(v1::AUDIENCE_AGENTS);
  CHECK(absl::StartsWith(Shop::Shown(shop.Get(request)), "secret("));
  CHECK(absl::StartsWith(Shop::Shown(shop.Get(request, rpc::Role::kAdmin)), "secret("));
  v1::RecommendArticlesResponse response;
  CHECK(absl::IsPermissionDenied(
      shop.world.RecommendArticles(request, &response, rpc::Role::kChannel)));
  // What the graph finds is narrowed, too.
  auto error = Turns({"E42 on my lamp"});
  CHECK(absl::StrContains(Shop::Shown(shop.Get(error)), "pairing("));
  error.mutable_filter()->set_error_type("no-light");
  CHECK(!absl::StrContains(Shop::Shown(shop.Get(error)), "pairing("));
  REQUIRE(shop.world
              .Edit("pairing",
                    [](auto& content) {
                      content.add_product_versions()->set_min_version("2.0");
                      content.set_audience(v1::AUDIENCE_PUBLIC);
                    })
              .ok());
  REQUIRE(shop.world.Publish("pairing").ok());
  error.mutable_filter()->clear_error_type();
  error.mutable_filter()->set_product_version("1.9");
  CHECK(!absl::StrContains(Shop::Shown(shop.Get(error)), "pairing("));
  error.mutable_filter()->set_product_version("2.1");
  CHECK(absl::StrContains(Shop::Shown(shop.Get(error)), "pairing("));
  REQUIRE(shop.world.Archive("pairing").ok());
  CHECK(!absl::StrContains(Shop::Shown(shop.Get(error)), "pairing("));
}

TEST_CASE("recommended is for a conversation or ticket by name, and for what is being typed") {
  FakeTranscripts transcripts;
  process::Transcript& conversation = transcripts.transcripts[kConversation];
  Said(conversation, process::Transcript::Author::kCustomer, "How long does a refund take?");
  Said(conversation, process::Transcript::Author::kAgent, "What are the shipping costs?");
  process::Transcript& ticket = transcripts.transcripts[kTicket];
  ticket.subject = "Lamp shows E42";
  ticket.tags = {"parcels"};
  Shop shop(&transcripts);
  v1::RecommendArticlesRequest request;
  request.set_parent(kParent);
  request.set_conversation(kConversation);
  CHECK(Shop::Shown(shop.Get(request)) == "refunds(LAST_QUESTION,) ");
  request.set_draft("I tell you the shipping costs");
  CHECK(absl::StrContains(Shop::Shown(shop.Get(request)), "shipping(DRAFT,"));
  request.clear_draft();
  request.set_ticket(kTicket);
  CHECK(absl::StartsWith(Shop::Shown(shop.Get(request)), "pairing(SAME_ERROR,"));

  // What was said can't be read: the draft alone is enough, nothing is not.
  transcripts.status = absl::UnavailableError("away");
  v1::RecommendArticlesResponse response;
  CHECK(absl::IsUnavailable(shop.world.RecommendArticles(request, &response)));
  request.set_draft("shipping costs");
  const auto draft = shop.Get(request);
  CHECK(draft.context_missing());
  CHECK(absl::StartsWith(Shop::Shown(draft), "shipping(DRAFT,"));
  // But not when there is no such ticket.
  transcripts.status = absl::OkStatus();
  request.set_ticket("tenants/acme/tickets/none");
  CHECK(absl::IsNotFound(shop.world.RecommendArticles(request, &response)));
}

TEST_CASE("without dialog and ticket to ask, names are UNAVAILABLE with the reason") {
  Shop shop;
  v1::RecommendArticlesRequest request;
  request.set_parent(kParent);
  request.set_conversation(kConversation);
  v1::RecommendArticlesResponse response;
  const absl::Status status = shop.world.RecommendArticles(request, &response);
  CHECK(absl::IsUnavailable(status));
  CHECK(ReasonOf(status) == "DEPENDENCY_UNAVAILABLE");
  CHECK(absl::StrContains(status.message(), "--peers.dialog"));
  request.set_draft("shipping costs");
  CHECK(shop.Get(request).context_missing());
}

TEST_CASE("a bad recommendation request is refused with its field") {
  Shop shop;
  const auto field_of = [&](const std::function<void(v1::RecommendArticlesRequest&)>& change) {
    auto request = Turns({"refund"});
    change(request);
    v1::RecommendArticlesResponse response;
    const absl::Status status = shop.world.RecommendArticles(request, &response);
    const ErrorDetails details = DetailsOf(status);
    return status.ok() ? "OK" : details.fields.empty() ? details.reason : details.fields[0].first;
  };
  using Request = v1::RecommendArticlesRequest;
  CHECK(field_of([](Request&) {}) == "OK");
  CHECK(field_of([](Request& r) { r.set_parent("tenants/other"); }) == "WRONG_TENANT");
  CHECK(field_of([](Request& r) { r.set_conversation("tenants/other/conversations/c"); }) ==
        "WRONG_TENANT");
  CHECK(field_of([](Request& r) { r.set_ticket("tenants/acme/articles/a"); }) == "ticket");
  CHECK(field_of([](Request& r) { r.clear_turns(); }) == "draft");
  CHECK(field_of([](Request& r) { r.mutable_turns()->clear_turns(); }) == "turns.turns");
  CHECK(field_of([](Request& r) {
          r.mutable_turns()->mutable_turns(0)->set_author_kind(common::v1::AUTHOR_KIND_SYSTEM);
        }) == "turns.turns[0].author_kind");
  CHECK(field_of([](Request& r) { r.mutable_turns()->mutable_turns(0)->set_text(" "); }) ==
        "turns.turns[0].text");
  CHECK(field_of([](Request& r) {
          r.mutable_turns()->mutable_turns(0)->set_text(std::string(8001, 'x'));
        }) == "turns.turns[0].text");
  CHECK(field_of([](Request& r) {
          const auto turn = r.turns().turns(0);
          for (int i = 0; i < 50; ++i) *r.mutable_turns()->add_turns() = turn;
        }) == "turns.turns");
  CHECK(field_of([](Request& r) { r.set_draft(std::string(2001, 'x')); }) == "draft");
  CHECK(field_of([](Request& r) { r.set_draft("\xFF"); }) == "draft");
  CHECK(field_of([](Request& r) { r.set_draft("\x01"); }) == "draft");
  CHECK(field_of([](Request& r) { r.set_page_size(-1); }) == "page_size");
  CHECK(field_of([](Request& r) {
          for (int i = 0; i < 21; ++i) r.add_tags("t");
        }) == "tags");
  CHECK(field_of([](Request& r) { r.add_cited_articles("refunds"); }) == "cited_articles");
  CHECK(field_of([](Request& r) {
          for (int i = 0; i < 51; ++i) r.add_cited_articles("tenants/acme/articles/a");
        }) == "cited_articles");
  CHECK(field_of([](Request& r) { r.mutable_filter()->set_product_version("x"); }) ==
        "filter.product_version");
}

TEST_CASE("over the demo's articles the right one is among the five for nearly every question") {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  const std::string source = root == nullptr ? "." : root;
  KnowledgeWorld world;
  rpc::TenantsFile tenants;
  tenants.tenants.emplace_back().id = "acme";
  tenants.tenants[0].articles_dir = source + "/deploy/demo/articles";
  REQUIRE(world.LoadTenants(tenants).ok());
  world.Wait();
  std::ifstream questions(source + "/tests/eval/demo_questions.tsv");
  std::string line;
  std::getline(questions, line);  // the names of the columns
  int asked = 0;
  int first = 0;
  int among_five = 0;
  int strange = 0;
  int silent = 0;
  while (std::getline(questions, line)) {
    const size_t tab = line.find('\t');
    REQUIRE(tab != std::string::npos);
    const std::string article = line.substr(tab + 1);
    const auto request = Turns({"Hello, I have a question", line.substr(0, tab).c_str()});
    const auto response = world.Must(&KnowledgeWorld::Service::RecommendArticles, request);
    if (article == "none") {
      ++strange;
      silent += response.recommendations().empty() ? 1 : 0;
      continue;
    }
    ++asked;
    for (int i = 0; i < response.recommendations_size(); ++i) {
      const std::string& version = response.recommendations(i).article_version();
      if (!absl::StrContains(version, fmt::format("/articles/{}/", article)) &&
          !absl::StrContains(version, fmt::format("/articles/{}-zh/", article))) {
        continue;
      }
      ++among_five;
      first += i == 0 ? 1 : 0;
      break;
    }
  }
  WARN(fmt::format(
      "{} questions by words alone: {} first, {} among five; {} strange ones: {} silent", asked,
      first, among_five, strange, silent));
  CHECK(asked >= 60);
  CHECK(among_five * 100 >= asked * 95);
  CHECK(first * 100 >= asked * 90);
}
