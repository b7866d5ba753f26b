#include <catch2/catch.hpp>

#include "libs/text/entities/found_for_test.h"

namespace frontdesk::text {
namespace {

void Check(std::initializer_list<EntityType> types, const std::vector<FoundRow>& rows) {
  const EntityFinder finder = FinderForTest(Only(types));
  const EntityContext context = ContextForTest();
  for (const FoundRow& row : rows) {
    INFO(row.text);
    CHECK(FoundIn(finder, row.text, context) == row.found);
  }
}

TEST_CASE("phones become E.164, hotlines keep their digits") {
  Check({EntityType::kPhone}, {{"13812345678", "+8613812345678"},
                               {"138 1234 5678", "+8613812345678"},
                               {"138-1234-5678", "+8613812345678"},
                               {"１３８１２３４５６７８", "+8613812345678"},
                               {"+86 138 1234 5678", "+8613812345678"},
                               {"0086 13812345678", "+8613812345678"},
                               {"86-13812345678", "+8613812345678"},
                               {"010-62345678", "+861062345678"},
                               {"0755-26012345", "+8675526012345"},
                               {"+44 20 7946 0958", "+442079460958"},
                               {"(415) 555-2671", "+14155552671"},
                               {"+1 415-555-2671", "+14155552671"},
                               {"400-800-1234", "4008001234"},
                               {"4008001234", "4008001234"},
                               {"800 810 1234", "8008101234"},
                               {"打我电话13912345678或者010-62345678",
                                "[13912345678] +8613912345678 | [010-62345678] +861062345678"},
                               {"order 13812345", ""},
                               {"2026-11-22", ""}});
}

TEST_CASE("e-mails, identity and card numbers are those that masking takes") {
  Check({EntityType::kEmail, EntityType::kIdCard, EntityType::kCard},
        {{"Zhang.San@Example.COM", "Zhang.San@example.com"},
         {"写信到a@b.cn。", "[a@b.cn] a@b.cn"},
         {"a@b", ""},
         {"11010519491231002X", "11010519491231002X"},
         {"11010519491231002x", "11010519491231002X"},
         {"１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"},
         {"110105194912310021", ""},
         {"4111 1111 1111 1111", "4111111111111111"},
         {"4111-1111-1111-1111", "4111111111111111"},
         {"4111 1111 1111 1112", ""}});
}

TEST_CASE("links end where the sentence goes on") {
  Check({EntityType::kUrl},
        {{"https://Example.com/Path?q=1#top", "https://example.com/Path?q=1#top"},
         {"HTTP://EXAMPLE.COM", "http://example.com"},
         {"看https://example.com/a。谢谢", "[https://example.com/a] https://example.com/a"},
         {"(https://en.wikipedia.org/wiki/A_(b))",
          "[https://en.wikipedia.org/wiki/A_(b)] https://en.wikipedia.org/wiki/A_(b)"},
         {"see www.example.com, please", "[www.example.com] http://www.example.com"},
         {"example.com/path", "http://example.com/path"},
         {"shop.example.cn:8080/x", "http://shop.example.cn:8080/x"},
         {"<a href=\"https://example.com/x\">", "[https://example.com/x] https://example.com/x"},
         {"a@example.com", ""},
         {"e.g. this", ""},
         {"file.txt", ""},
         {"https://", ""}});
}

TEST_CASE("order numbers are found behind their word, by their form, or as a guess") {
  Check({EntityType::kOrderNumber}, {{"订单号：A1029-8812", "[A1029-8812] A1029-8812"},
                                     {"订单 202611180001", "[202611180001] 202611180001"},
                                     {"单号是SF1234567890123", "[SF1234567890123] SF1234567890123"},
                                     {"order number is fd-1029", "[fd-1029] FD-1029"},
                                     {"order no. 100293", "[100293] 100293"},
                                     {"Order #10293", "[#10293] 10293"},
                                     {"ticket 88213", "[88213] 88213"},
                                     {"FD-20260101-1234", "FD-20260101-1234"},
                                     {"SF1234567890123", "SF1234567890123"},
                                     {"#10293", "10293"},
                                     {"202611180001234567", "202611180001234567"},
                                     {"order something nice", ""},
                                     {"我的订单2026-11-18下的", ""},
                                     {"快递13812345678", ""},
                                     {"in order 2 go", ""},
                                     {"12345678", ""}});
}

TEST_CASE("a tenant's own order numbers win over the common ones") {
  EntityFinder::Options options;
  options.order_numbers = {{.name = "web", .expression = "wx[0-9]{6}"}};
  options.common_order_numbers = false;
  options.types = Only({EntityType::kOrderNumber});
  const EntityFinder finder = *EntityFinder::Create(options);
  const EntityContext context = ContextForTest();
  CHECK(FoundIn(finder, "我的wx123456怎么还没到", context) == "[wx123456] WX123456");
  CHECK(FoundIn(finder, "订单号：A1029-8812", context) == "");
}

TEST_CASE("currency, region and dollar are the context's") {
  const EntityFinder finder = FinderForTest(Only({EntityType::kAmount}));
  EntityContext context = ContextForTest();
  context.dollar = "AUD";
  context.yen = "JPY";
  CHECK(FoundIn(finder, "$5", context) == "AUD 5");
  CHECK(FoundIn(finder, "five dollars", context) == "AUD 5");
  CHECK(FoundIn(finder, "¥500", context) == "JPY 500");
  CHECK(FoundIn(finder, "US$5", context) == "USD 5");
  CHECK(FoundIn(finder, "500元", context) == "CNY 500");
}

}  // namespace
}  // namespace frontdesk::text
