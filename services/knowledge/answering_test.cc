#include "services/knowledge/answering.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/core.h>

#include "services/knowledge/article_import.h"
#include "services/knowledge/index_article.h"
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
