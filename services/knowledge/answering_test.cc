#include "services/knowledge/answering.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/core.h>

#include "services/knowledge/article_import.h"
#include "services/knowledge/index_article.h"
#include "services/knowledge/index_parts.h"
#include "services/knowledge/memory_index.h"
#include "services/knowledge/xapian_index.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

constexpr int kThresholdBps = 6000;

std::string DemoArticles() {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  return fmt::format("{}/deploy/demo/articles", root == nullptr ? "." : root);
}

// Puts the demo articles into an index, as the indexer would.
void Fill(SearchIndex& index) {
  auto files = ReadArticleFiles(DemoArticles());
  INFO(files.status());
  REQUIRE(files.ok());
  // Few articles would make it easy to tell them apart.
  for (const std::string locale : {"en", "zh"}) {
    CHECK(std::count_if(files->begin(), files->end(),
                        [&](const ArticleFile& file) { return file.locale == locale; }) >= 60);
  }
  for (const ArticleFile& file : *files) {
    v1::ArticleVersion version;
    version.set_name("tenants/t1/articles/" + file.id + "/versions/1");
    version.set_locale(file.locale);
    *version.mutable_content() = file.content;
    const IndexEntry entry = MakeIndexEntry(file.id, version);
    REQUIRE(index.Put("t1", entry.article, entry.passages).ok());
  }
  REQUIRE(index.Commit(IndexPosition()).ok());
}

struct TempDirectory {
  TempDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fd-answers-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TempDirectory() { std::filesystem::remove_all(path); }
  std::string path;
};

v1::Answer Ask(const SearchIndex& index, const std::string& question,
               const std::string& context = "") {
  v1::AnswerQuestionRequest request;
  request.set_parent("tenants/t1");
  request.set_question(question);
  request.set_context(context);
  auto answer = AnswerFrom(index, {.tenant = "t1"}, request, kThresholdBps);
  INFO(answer.status());
  REQUIRE(answer.ok());
  return *answer;
}

struct Expected {
  const char* question;
  const char* article;
};

// None of these is a question variant of an article word by word.
const std::vector<Expected> kAnswerable = {
    {"how long will shipping take to my place?", "shipping-time"},
    {"when does my order arrive", "shipping-time"},
    {"is there an express delivery?", "shipping-time"},
    {"Hi, what are the shipping costs please", "shipping-time"},
    {"Where's my order?? I'm still waiting", "order-tracking"},
    {"how to track a package", "order-tracking"},
    {"can't find the tracking number", "order-tracking"},
    {"I want to return an item I bought", "returns"},
    {"what is your return period", "returns"},
    {"exchange for a different size", "returns"},
    {"when will I get the refund", "refunds"},
    {"still have not got my refund", "refunds"},
    {"why did my payment fail?", "payment-failed"},
    {"my credit card was declined", "payment-failed"},
    {"Which payment methods are accepted?", "payment-failed"},
    {"I need to download an invoice", "invoice"},
    {"forgot password, help!", "password-reset"},
    {"reset my password please", "password-reset"},
    {"change the delivery address", "change-address"},
    {"the coupon isn't working", "coupons"},
    {"where can I enter my promo code", "coupons"},
    {"how long does the warranty last", "warranty"},
    {"the item I received is broken", "warranty"},
    {"delete my account please", "delete-account"},
    {"what are your opening hours", "contact-hours"},
    {"phone number of customer service", "contact-hours"},
    {"cancel the order I placed", "cancel-order"},
    {"do u ship to other countries", "shipping-time"},
    {"package still not delivered", "order-tracking"},
    {"which items can't be returned?", "returns"},
    {"money back?", "refunds"},
    {"do you take paypal", "payment-failed"},
    {"I was charged two times", "payment-failed"},
    {"invoice with company name", "invoice"},
    {"account locked after wrong passwords", "password-reset"},
    {"I moved, how to update my address", "change-address"},
    {"any discount for students?", "coupons"},
    {"unsubscribe newsletter", "delete-account"},
    {"are you open on sunday", "contact-hours"},
    {"can I add something to my order", "change-order-items"},
    {"no confirmation e-mail for my order", "order-confirmation"},
    {"is the floor lamp sold out?", "out-of-stock"},
    {"can you gift wrap the present", "gift-orders"},
    {"do I have to register to order?", "guest-orders"},
    {"pay in monthly instalments", "instalments"},
    {"where are your bank details for the transfer", "bank-transfer"},
    {"remove the saved card from my account", "saved-cards"},
    {"who pays customs duties", "customs"},
    {"I missed the delivery", "missed-delivery"},
    {"I received the wrong colour", "wrong-item"},
    {"printer broken, no return label", "return-label"},
    {"how do I switch off two-step login", "two-step-login"},
    {"my account was hacked", "hacked-account"},
    {"do you have an api for business customers", "api-access"},
    {"verify the webhook signature", "webhooks"},
    {"when do points expire", "loyalty-points"},
    {"redeem a gift card", "gift-cards"},
    {"bluetooth pairing does not work", "bluetooth"},
    {"firmware update failed", "firmware"},
    {"what does error code E09 mean", "errors-power"},
    {"E13 on my hub", "errors-hub"},
    {"my phone shows error e03", "errors-network"},
    {"the app crashes", "app-errors"},
    {"my lamp fell into the water", "water-damage"},
    {"the screen is cracked", "panel-screen"},
    {"how many devices can one hub take", "hub-setup"},
    {"export my data", "data-export"},
    {"discount for large quantities", "bulk-orders"},
    {"你好，请问快递要几天能到", "shipping-time-zh"},
    {"多久可以收到货", "shipping-time-zh"},
    {"运费多少钱", "shipping-time-zh"},
    {"我的订单现在到哪了", "order-tracking-zh"},
    {"在哪里查询物流信息", "order-tracking-zh"},
    {"包裹没收到", "order-tracking-zh"},
    {"我想退货，怎么操作", "returns-zh"},
    {"几天内能退货", "returns-zh"},
    {"我想申请换货", "returns-zh"},
    {"退款多久到账", "refunds-zh"},
    {"还没收到退款", "refunds-zh"},
    {"为什么支付失败", "payment-failed-zh"},
    {"你们支持什么支付方式", "payment-failed-zh"},
    {"被重复扣款了怎么办", "payment-failed-zh"},
    {"请问如何开发票", "invoice-zh"},
    {"电子发票在哪下载", "invoice-zh"},
    {"我忘记密码了", "password-reset-zh"},
    {"密码怎么修改", "password-reset-zh"},
    {"收货地址写错了想修改", "change-address-zh"},
    {"优惠券为什么用不了", "coupons-zh"},
    {"优惠券能叠加吗", "coupons-zh"},
    {"保修期多长", "warranty-zh"},
    {"我要注销账号", "delete-account-zh"},
    {"客服电话多少", "contact-hours-zh"},
    {"你们几点上班", "contact-hours-zh"},
    {"想取消订单", "cancel-order-zh"},
    {"能用支付宝付款吗", "payment-failed-zh"},
    {"退货要运费吗", "returns-zh"},
    {"收到的东西是坏的", "warranty-zh"},
    {"学生有优惠吗", "coupons-zh"},
    {"登录不上去", "password-reset-zh"},
    {"周末有客服吗", "contact-hours-zh"},
    {"订单能再加一件商品吗", "change-order-items-zh"},
    {"没收到订单确认邮件", "order-confirmation-zh"},
    {"卖完了什么时候补货", "out-of-stock-zh"},
    {"能分期付款吗", "instalments-zh"},
    {"想移除绑定的银行卡", "saved-cards-zh"},
    {"关税由谁付", "customs-zh"},
    {"快递来的时候我不在家", "missed-delivery-zh"},
    {"你们发错货了", "wrong-item-zh"},
    {"怎么关闭两步验证", "two-step-login-zh"},
    {"账户好像被盗了", "hacked-account-zh"},
    {"积分什么时候过期", "loyalty-points-zh"},
    {"礼品卡怎么兑换", "gift-cards-zh"},
    {"蓝牙配对不上", "bluetooth-zh"},
    {"固件更新失败怎么办", "firmware-zh"},
    {"错误代码E09是什么意思", "errors-power-zh"},
    {"E13怎么解决", "errors-hub-zh"},
    {"应用总是闪退", "app-errors-zh"},
    {"面板屏幕碎了", "panel-screen-zh"},
    {"设备掉水里了", "water-damage-zh"},
    {"我想导出个人数据", "data-export-zh"},
    {"企业采购有批量折扣吗", "bulk-orders-zh"},
    {"网关离线了怎么办", "hub-offline-zh"},
};

const std::vector<const char*> kNotAnswerable = {
    "hello",
    "Hi there, good morning!",
    "thanks a lot",
    "how are you?",
    "ok",
    "???",
    "lol",
    "What's the weather in Paris today?",
    "Are you a robot?",
    "Who won the football match?",
    "Do you sell laptops?",
    "How long does it take to cook rice?",
    "Tell me a joke",
    "Can you recommend a good restaurant?",
    "What is the capital of France?",
    "I want to rent a car",
    "Do you have job openings for engineers?",
    "How do I install the printer driver?",
    "Can I bring my dog to the store?",
    "What time does the train to Berlin leave?",
    "Who is your CEO?",
    "Is the sofa made of leather?",
    "How tall is the Eiffel tower",
    "Can I book a hotel room with breakfast?",
    "bitcoin price",
    "Write a poem about the moon",
    "What is the meaning of life?",
    "Can you refund my hotel booking?",
    "how do I reset my router",
    "cancel my gym membership",
    "change my flight to Tuesday",
    "delete my browser history",
    "I want to talk to a human",
    "track my stock portfolio",
    "how long does the battery of the drone last",
    "I want to return to Mars",
    "Do you sell a coffee machine?",
    "How do I fix my car's battery?",
    "what is the temperature on mars",
    "How do I pair socks?",
    "Who painted the Mona Lisa?",
    "怎么重置路由器",
    "取消健身房会员",
    "微信怎么删除好友",
    "高铁票怎么退",
    "转人工",
    "护照怎么办理",
    "我要投诉经理",
    "你好",
    "谢谢你",
    "在吗",
    "好的",
    "早上好",
    "哈哈哈",
    "你是机器人吗",
    "今天天气怎么样",
    "讲个笑话",
    "北京有什么好吃的",
    "你们卖笔记本电脑吗",
    "怎么做红烧肉",
    "谁赢了昨天的足球比赛",
    "法国的首都是哪里",
    "可以带宠物吗",
    "你们公司招聘工程师吗",
    "明天的火车票多少钱",
    "这个沙发是真皮的吗",
    "帮我写一首诗",
    "比特币价格是多少",
    "打印机驱动怎么安装",
    "附近有停车场吗",
    "人生的意义是什么",
    "推荐一部电影",
    "怎么修理汽车发动机",
    "珠穆朗玛峰有多高",
    "怎么学好英语",
    "晚饭吃什么",
    "股票明天会涨吗",
};

void CheckDemoSet(const SearchIndex& index) {
  size_t known = 0;
  for (const Expected& expected : kAnswerable) {
    const v1::Answer answer = Ask(index, expected.question);
    INFO(expected.question << ": " << answer.ShortDebugString());
    CHECK(answer.text().empty() == !answer.known());
    if (!answer.known()) continue;
    ++known;
    CHECK(answer.citations(0).article_version() ==
          fmt::format("tenants/t1/articles/{}/versions/1", expected.article));
  }
  // Words the articles do not use ("two times" for "twice") may cost an answer, never a wrong one.
  CHECK(known * 100 >= kAnswerable.size() * 95);
  for (const char* question : kNotAnswerable) {
    const v1::Answer answer = Ask(index, question);
    INFO(question << ": " << answer.ShortDebugString());
    CHECK_FALSE(answer.known());
    CHECK(answer.text().empty());
  }
}

}  // namespace

TEST_CASE("what the demo articles say is answered and everything else is not, in memory") {
  MemoryIndex index;
  Fill(index);
  CheckDemoSet(index);
}

TEST_CASE("what the demo articles say is answered and everything else is not, with Xapian") {
  TempDirectory directory;
  auto index = OpenXapianIndex(directory.path + "/1");
  REQUIRE(index.ok());
  Fill(**index);
  CheckDemoSet(**index);
}

TEST_CASE("every question that an article is for is answered from that article") {
  MemoryIndex index;
  Fill(index);
  const auto files = ReadArticleFiles(DemoArticles());
  REQUIRE(files.ok());
  for (const ArticleFile& file : *files) {
    for (const std::string& question : file.content.questions()) {
      const v1::Answer answer = Ask(index, question);
      INFO(file.id << ", " << question << ": " << answer.ShortDebugString());
      REQUIRE(answer.citations_size() > 0);
      CHECK(answer.known());
      CHECK(answer.citations(0).article_version() ==
            fmt::format("tenants/t1/articles/{}/versions/1", file.id));
    }
  }
  CHECK(Ask(index, "支持哪些支付方式？").text().find("微信支付") != std::string::npos);
  CHECK(Ask(index, "which payment methods do you accept").text().find("PayPal") !=
        std::string::npos);
}

TEST_CASE("a citation's span is the passage of the version it names") {
  MemoryIndex index;
  Fill(index);
  const v1::Answer answer = Ask(index, "Do you offer express delivery and what does it cost?");
  REQUIRE(answer.known());
  REQUIRE(answer.citations_size() == 1);
  const auto& citation = answer.citations(0);
  auto files = ReadArticleFiles(DemoArticles());
  REQUIRE(files.ok());
  for (const ArticleFile& file : *files) {
    if (file.id != "shipping-time") continue;
    CHECK(file.content.body().substr(citation.start_byte(),
                                     citation.end_byte() - citation.start_byte()) ==
          citation.quote());
  }
  CHECK(citation.quote().find("Express delivery arrives") != std::string::npos);
  CHECK(answer.text().find('#') == std::string::npos);
}

TEST_CASE("a short question leans on what was asked before") {
  MemoryIndex index;
  Fill(index);
  CHECK_FALSE(Ask(index, "and how long?").known());
  const v1::Answer answer = Ask(index, "and how long?", "What does the warranty cover?");
  REQUIRE(answer.citations_size() > 0);
  CHECK(answer.citations(0).article_version() == "tenants/t1/articles/warranty/versions/1");
  CHECK_FALSE(Ask(index, "thanks!", "What does the warranty cover?").known());
}

TEST_CASE("answers of one tenant never come from another") {
  MemoryIndex index;
  Fill(index);
  v1::AnswerQuestionRequest request;
  request.set_parent("tenants/t2");
  request.set_question("How do I reset my password?");
  auto answer = AnswerFrom(index, {.tenant = "t2"}, request, kThresholdBps);
  REQUIRE(answer.ok());
  CHECK_FALSE(answer->known());
  CHECK(answer->citations_size() == 0);
}

TEST_CASE("the same answer has the same id") {
  MemoryIndex index;
  Fill(index);
  CHECK(Ask(index, "How do I reset my password?").answer_id() ==
        Ask(index, "how do i RESET my password?").answer_id());
  CHECK(Ask(index, "How do I reset my password?").answer_id() !=
        Ask(index, "How do I change my password?").answer_id());
}

TEST_CASE("a search gives each article once, best first, and holds to the tag") {
  TempDirectory directory;
  auto index = OpenXapianIndex(directory.path + "/1");
  REQUIRE(index.ok());
  Fill(**index);
  v1::SearchArticlesRequest request;
  request.set_parent("tenants/t1");
  request.set_query("refund");
  auto found = SearchIn(**index, {.tenant = "t1"}, request);
  REQUIRE(found.ok());
  REQUIRE(found->results_size() >= 2);
  CHECK(found->results(0).title() == "When you get your refund");
  CHECK(found->results(0).score_bps() == 10'000);
  std::set<std::string> versions;
  for (const auto& result : found->results())
    CHECK(versions.insert(result.article_version()).second);
  request.set_tag("warranty");
  found = SearchIn(**index, {.tenant = "t1"}, request);
  REQUIRE(found.ok());
  REQUIRE(found->results_size() == 1);
  CHECK(found->results(0).title() == "Warranty and faulty items");
}

namespace {

// Two articles on one subject, for different askers, versions and products.
void FillRouters(SearchIndex& index) {
  const auto put = [&](const std::string& id, const std::string& title, const std::string& product,
                       v1::Audience audience, const std::string& from) {
    v1::ArticleVersion version;
    version.set_name("tenants/t1/articles/" + id + "/versions/1");
    version.set_locale("en");
    version.mutable_content()->set_title(title);
    version.mutable_content()->set_body("Hold the button for ten seconds to reset the device.");
    version.mutable_content()->add_tags("devices");
    IndexEntry entry = MakeIndexEntry(id, version);
    for (IndexedPassage& passage : entry.passages) {
      passage.set_product(product);
      passage.set_error_type("E01");
      passage.set_audience(audience);
      if (!from.empty()) passage.add_product_versions()->set_min_version(from);
    }
    DescribeArticle(entry);
    REQUIRE(index.Put("t1", entry.article, entry.passages).ok());
  };
  put("router", "Reset the router", "router", v1::AUDIENCE_PUBLIC, "2.0");
  put("camera", "Reset the camera", "camera", v1::AUDIENCE_CUSTOMERS, "");
  put("lab", "Reset the router in the laboratory", "router", v1::AUDIENCE_AGENTS, "");
  REQUIRE(index.Commit(IndexPosition()).ok());
}

std::vector<std::string> Titles(const SearchIndex& index,
                                const v1::SearchArticlesRequest& request) {
  auto found = SearchIn(index, {.tenant = "t1"}, request);
  REQUIRE(found.ok());
  std::vector<std::string> titles;
  for (const auto& result : found->results()) titles.push_back(result.title());
  std::sort(titles.begin(), titles.end());
  return titles;
}

void CheckNarrowing(const SearchIndex& index) {
  using Titled = std::vector<std::string>;
  v1::SearchArticlesRequest request;
  request.set_query("reset the device");
  CHECK(Titles(index, request) == Titled{"Reset the camera", "Reset the router"});
  request.mutable_filter()->set_audience(v1::AUDIENCE_AGENTS);
  CHECK(Titles(index, request).size() == 3);
  request.mutable_filter()->set_audience(v1::AUDIENCE_PUBLIC);
  CHECK(Titles(index, request) == Titled{"Reset the router"});
  request.mutable_filter()->set_product_version("1.9");
  CHECK(Titles(index, request).empty());
  request.mutable_filter()->set_product_version("2.1");
  CHECK(Titles(index, request) == Titled{"Reset the router"});
  request.clear_filter();
  request.mutable_filter()->set_product("camera");
  CHECK(Titles(index, request) == Titled{"Reset the camera"});
  request.mutable_filter()->set_error_type("E02");
  CHECK(Titles(index, request).empty());
  request.clear_filter();
  request.set_with_facets(true);
  auto found = SearchIn(index, {.tenant = "t1"}, request);
  REQUIRE(found.ok());
  bool devices = false;
  for (const auto& facet : found->facets()) {
    devices |=
        facet.field() == v1::FACET_FIELD_TAG && facet.value() == "devices" && facet.count() == 2;
  }
  CHECK(devices);
}

void CheckTyping(const SearchIndex& index) {
  v1::SuggestArticlesRequest typed;
  typed.set_prefix("reset the r");
  auto found = SuggestIn(index, "t1", typed);
  REQUIRE(found.ok());
  REQUIRE(found->suggestions_size() == 1);
  CHECK(found->suggestions(0).text() == "Reset the router");
  // In the middle of a title.
  typed.set_prefix("cam");
  found = SuggestIn(index, "t1", typed);
  REQUIRE(found.ok());
  REQUIRE(found->suggestions_size() == 1);
  CHECK(found->suggestions(0).text() == "Reset the camera");
  REQUIRE(found->suggestions(0).spans_size() == 1);
  CHECK(found->suggestions(0).spans(0).start_byte() == 10);
  typed.set_prefix("???");
  found = SuggestIn(index, "t1", typed);
  REQUIRE(found.ok());
  CHECK(found->suggestions().empty());
  v1::SearchArticlesRequest misspelt;
  misspelt.set_query("Camrea!");
  auto corrected = SearchIn(index, {.tenant = "t1"}, misspelt);
  REQUIRE(corrected.ok());
  CHECK(corrected->suggested_query() == "camera!");
  misspelt.set_query("camera");
  corrected = SearchIn(index, {.tenant = "t1"}, misspelt);
  REQUIRE(corrected.ok());
  CHECK(corrected->suggested_query().empty());
}

// Words of what is hidden from the asker are not given away.
void CheckHiddenWords(const SearchIndex& index) {
  const auto suggested = [&](const std::string& query, v1::Audience audience) {
    v1::SearchArticlesRequest request;
    request.set_query(query);
    request.mutable_filter()->set_audience(audience);
    auto found = SearchIn(index, {.tenant = "t1"}, request);
    REQUIRE(found.ok());
    return found->suggested_query();
  };
  CHECK(suggested("laboratry", v1::AUDIENCE_PUBLIC).empty());
  CHECK(suggested("laboratry", v1::AUDIENCE_UNSPECIFIED).empty());
  CHECK(suggested("laboratry", v1::AUDIENCE_AGENTS) == "laboratory");
  CHECK(suggested("camrea", v1::AUDIENCE_PUBLIC).empty());
  CHECK(suggested("camrea", v1::AUDIENCE_CUSTOMERS) == "camera");
  CHECK(suggested("camrea", v1::AUDIENCE_AGENTS) == "camera");
  CHECK(suggested("ruoter", v1::AUDIENCE_PUBLIC) == "router");
  // Of one query only so many words: each costs a walk over the known ones.
  CHECK(suggested("camrea ruoter laboratry camrea resett", v1::AUDIENCE_AGENTS) ==
        "camera router laboratory camera resett");
  v1::SuggestArticlesRequest typed;
  typed.set_prefix("laborat");
  typed.mutable_filter()->set_audience(v1::AUDIENCE_CUSTOMERS);
  auto completed = SuggestIn(index, "t1", typed);
  REQUIRE(completed.ok());
  CHECK(completed->suggestions().empty());
  typed.mutable_filter()->set_audience(v1::AUDIENCE_AGENTS);
  completed = SuggestIn(index, "t1", typed);
  REQUIRE(completed.ok());
  CHECK(completed->suggestions_size() == 1);
}

}  // namespace

TEST_CASE("of words equally near the commonest is taken, counted over all audiences") {
  NearestPick pick("lamq");
  pick.Offer("lamb", 2);
  pick.Offer("lamp", 1);
  CHECK(pick.best() == "lamb");
  pick.Offer("lamp", 2);
  CHECK(pick.best() == "lamp");
}

TEST_CASE("filters, facets, completion and spelling help are the same in both indexes") {
  MemoryIndex memory;
  FillRouters(memory);
  CheckNarrowing(memory);
  CheckTyping(memory);
  CheckHiddenWords(memory);
  TempDirectory directory;
  auto index = OpenXapianIndex(directory.path + "/1");
  REQUIRE(index.ok());
  FillRouters(**index);
  CheckNarrowing(**index);
  CheckTyping(**index);
  CheckHiddenWords(**index);
  // What is kept in memory is there again after opening.
  index->reset();
  index = OpenXapianIndex(directory.path + "/1");
  REQUIRE(index.ok());
  CheckNarrowing(**index);
}

TEST_CASE("Chinese titles and questions complete what is typed") {
  MemoryIndex index;
  Fill(index);
  v1::SuggestArticlesRequest typed;
  typed.set_prefix("退款");
  auto found = SuggestIn(index, "t1", typed);
  REQUIRE(found.ok());
  REQUIRE(found->suggestions_size() > 0);
  for (const auto& suggestion : found->suggestions()) {
    CHECK(suggestion.text().find("退款") != std::string::npos);
  }
}

TEST_CASE("a synonym finds what the articles call otherwise") {
  MemoryIndex index;
  Fill(index);
  v1::Synonyms synonyms;
  auto& set = *synonyms.add_sets();
  set.add_words("reimbursement");
  set.add_words("refund");
  const SynonymTable table(synonyms);
  v1::SearchArticlesRequest request;
  request.set_query("reimbursement");
  auto without = SearchIn(index, {.tenant = "t1"}, request);
  REQUIRE(without.ok());
  CHECK(without->results().empty());
  auto with = SearchIn(index, {.tenant = "t1", .synonyms = &table}, request);
  REQUIRE(with.ok());
  REQUIRE(with->results_size() > 0);
  CHECK(with->results(0).title() == "When you get your refund");
  CHECK(with->results(0).title_spans_size() == 1);
}

TEST_CASE("meaning finds what shares no word, and never what a filter hides") {
  // An encoder of two subjects.
  struct Subjects final : text::Encoder {
    const text::EncoderInfo& info() const override { return about; }
    absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) override {
      std::vector<float> rows;
      for (const std::string_view text : texts) {
        const bool devices = text.find("device") != std::string_view::npos ||
                             text.find("gadget") != std::string_view::npos;
        rows.insert(rows.end(), {devices ? 1.0F : 0.0F, devices ? 0.0F : 1.0F});
      }
      return rows;
    }
    text::EncoderInfo about{
        .name = "subjects", .fingerprint = "s", .language = "en", .dimensions = 2};
  };
  Subjects encoder;
  TempDirectory directory;
  auto index = OpenXapianIndex(directory.path + "/1");
  REQUIRE(index.ok());
  for (const auto& [id, body] :
       {std::pair{"a", "How to treat your device."}, std::pair{"b", "Something about parcels."}}) {
    v1::ArticleVersion version;
    version.set_name(fmt::format("tenants/t1/articles/{}/versions/1", id));
    version.set_locale("en");
    version.mutable_content()->set_title("Article");
    version.mutable_content()->set_body(body);
    version.mutable_content()->add_tags(id);
    IndexEntry entry = MakeIndexEntry(id, version);
    auto made = AddVectors(encoder, {}, entry);
    REQUIRE(made.ok());
    CHECK(*made == 2);
    // Vectors of unchanged texts are taken over.
    IndexEntry again = MakeIndexEntry(id, version);
    made = AddVectors(encoder, entry.article, again);
    REQUIRE(made.ok());
    CHECK(*made == 0);
    CHECK(again.article.vectors() == entry.article.vectors());
    REQUIRE((*index)->Put("t1", entry.article, entry.passages).ok());
  }
  REQUIRE((*index)->Commit(IndexPosition()).ok());
  const QueryVector vector{"s", {1, 0}};
  v1::SearchArticlesRequest request;
  request.set_query("gadgets");
  request.set_locale("en");
  auto words = SearchIn(**index, {.tenant = "t1"}, request);
  REQUIRE(words.ok());
  CHECK(words->results().empty());
  auto meaning = SearchIn(**index, {.tenant = "t1", .vector = &vector}, request);
  REQUIRE(meaning.ok());
  REQUIRE(meaning->results_size() == 2);
  CHECK(meaning->results(0).article_version() == "tenants/t1/articles/a/versions/1");
  CHECK(meaning->results(0).confidence_bps() > meaning->results(1).confidence_bps());
  request.set_tag("b");
  meaning = SearchIn(**index, {.tenant = "t1", .vector = &vector}, request);
  REQUIRE(meaning.ok());
  REQUIRE(meaning->results_size() == 1);
  // A vector of another encoder says nothing.
  const QueryVector other{"x", {1, 0}};
  meaning = SearchIn(**index, {.tenant = "t1", .vector = &other}, request);
  REQUIRE(meaning.ok());
  CHECK(meaning->results().empty());
}
