#include "libs/text/entities/finder.h"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "libs/base/utf8.h"
#include "libs/text/entities/found_for_test.h"

namespace frontdesk::text {
namespace {

const EntityFinder& Everything() {
  static const EntityFinder* const finder = [] {
    EntityFinder::Options options;
    options.order_numbers = {{.name = "web", .expression = "wx-?[0-9]{6}"}};
    options.patterns = {{.name = "sku", .expression = "sku[: ]*([a-z0-9]+)"},
                        {.name = "boom", .expression = "(z+z+)+y"}};
    options.dictionaries = {
        {.name = "product",
         .entries = {{"iPhone 15", {"苹果15"}}, {"无线蓝牙耳机", {"蓝牙耳机"}}}}};
    return new EntityFinder(*EntityFinder::Create(options));
  }();
  return *finder;
}

bool OnBorder(std::string_view text, size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

// What must hold of every finding, whatever the text.
void CheckInvariants(std::string_view text) {
  const EntityContext context = ContextForTest();
  const absl::StatusOr<std::vector<Entity>> found = Everything().Find(text, context);
  REQUIRE(found.ok());
  const bool well_formed = IsValidUtf8(text);
  size_t last = 0;
  bool good = true;
  for (const Entity& entity : *found) {
    good = good && entity.begin < entity.end && entity.end <= text.size();
    good = good && entity.begin >= last &&
           entity.text == text.substr(entity.begin, entity.end - entity.begin);
    // A stray byte may look like the rest of the character before it; then the next line judges.
    if (well_formed) good = good && OnBorder(text, entity.begin) && OnBorder(text, entity.end);
    good = good && IsValidUtf8(entity.text) && IsValidUtf8(entity.value) && !entity.value.empty();
    good = good && entity.confidence > 0 && entity.confidence <= 1;
    last = entity.end;
  }
  INFO("text of " << text.size() << " bytes: " << text.substr(0, 200));
  CHECK(good);
  CHECK(*Everything().Find(text, context) == *found);
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  size_t Below(size_t n) {
    state_ = state_ * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    return static_cast<size_t>(state_ >> 33) % n;
  }

 private:
  uint64_t state_;
};

constexpr std::string_view kPieces[] = {
    "下周三", "下午",   "三点",     "半",       "上个月",   "15号",
    "明早",   "两",     "小时",     "后",       "3",        "天",
    "前",     " ",      "2026",     "-",        "11",       "22",
    "14",     ":",      "30",       "月",       "日",       "号",
    "年",     "Nov",    "3rd",      "tonight",  "周末",     "从",
    "到",     "至",     "between",  "and",      "pm",       "am",
    "at",     "half",   "past",     "two",      "next",     "Friday",
    "the",    "day",    "after",    "tomorrow", "¥",        "$",
    "1,299",  ".",      "99",       "块",       "万",       "元",
    "五百",   "twenty", "dollars",  "USD",      "k",        "百",
    "千",     "亿",     "零",       "一",       "十",       "点",
    "刻",     "分",     "138",      "1234",     "5678",     "+86",
    "@",      "a.com",  "https://", "www.",     "广东省",   "深圳",
    "市",     "区",     "路",       "88号",     "栋",       "朝阳",
    "wx-",    "123456", "sku",      "苹果",     "15",       "iPhone",
    "蓝牙",   "耳机",   "订单",     "#",        "order",    "\n",
    "\t",     "（",     "）",       "，",       "😀",        "👨‍👩‍👧",
    "١٢٣",    "مرحبا",  "שלום",     "e\u0301",  "\u200b",   "\u202e",
    "１２",   "％",     "%",        "\xff",     "\xe4\xb8", "\xf0\x9f",
    "\x01",   "é",      "ß",        "ℵ",        "Ⅹ",        "半",
    "zzzz",   "110105", "19491231", "002X",     "4111",     "1111",
    "weeks",  "ago",    "in",       "by",       "before",   "since",
    "第",     "百分之", "差",       "T",        "Z",        "Mon",
    "-",      "~",      "—"};

TEST_CASE("findings lie on characters, do not overlap and are the same again") {
  Random random(20'261'122);
  for (int round = 0; round < 6'000; ++round) {
    std::string text;
    const size_t pieces = 1 + random.Below(16);
    for (size_t i = 0; i < pieces; ++i) text += kPieces[random.Below(std::size(kPieces))];
    CheckInvariants(text);
  }
}

TEST_CASE("any bytes are answered") {
  Random random(4);
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    const size_t size = random.Below(120);
    for (size_t i = 0; i < size; ++i) {
      // Half of them digits and marks that rules begin with.
      text += random.Below(2) == 0 ? static_cast<char>(random.Below(256))
                                   : "0123456789:-/.,$ +@#"[random.Below(20)];
    }
    CheckInvariants(text);
  }
}

TEST_CASE("texts of the largest size are answered within a bounded time") {
  const EntityContext context = ContextForTest();
  const auto begin = std::chrono::steady_clock::now();
  for (std::string_view piece :
       {"一", "下周三下午三点", "3-", "1,", "区", "10:30-", "百", "订单 ", "http://a.", "zzzz",
        "between 3 and ", "a@b.", "138 1234 5678 ", "苹果", "(", "\xff", "x"}) {
    std::string text;
    while (text.size() + piece.size() <= kEntityTextBytesMax) text += piece;
    CHECK(Everything().Find(text, context).ok());
  }
  // Some 0.5 s each on an idle core; what is not linear would take hours.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(240));
}

TEST_CASE("a text past the limit is refused, an empty one has nothing") {
  const EntityContext context = ContextForTest();
  CHECK(Everything().Find("", context)->empty());
  CHECK(Everything().Find(std::string(kEntityTextBytesMax, ' '), context)->empty());
  const auto status =
      Everything().Find(std::string(kEntityTextBytesMax + 1, 'a'), context).status();
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(status) == "MESSAGE_TOO_LARGE");
}

TEST_CASE("of overlapping findings the longest stays, then the first kind") {
  const EntityContext context = ContextForTest();
  // The amount holds the number, the link the host, the address the day, the time the duration.
  CHECK(FoundIn(Everything(), "五百块", context) == "CNY 500");
  CHECK(FoundIn(Everything(), "https://a.com/2026-11-22", context) == "https://a.com/2026-11-22");
  CHECK(FoundIn(Everything(), "深圳南山区科技园路15号", context) ==
        "广东省深圳市南山区科技园路15号");
  CHECK(FoundIn(Everything(), "3天后", context) == "2026-11-21/day");
  // As long as the common form: the same kind, the tenant's is first.
  CHECK(FoundIn(Everything(), "wx-123456", context) == "WX-123456");
  // A dictionary's entry is before a number of the same place.
  CHECK(FoundIn(Everything(), "苹果15", context) == "iPhone 15");

  EntityFinder::Options options;
  options.patterns = {{.name = "code", .expression = "[0-9]{11}"}};
  const EntityFinder pattern = *EntityFinder::Create(options);
  CHECK(pattern.Find("13812345678", context)->front().type == EntityType::kPattern);
  CHECK(FinderForTest(~0u).Find("13812345678", context)->front().type == EntityType::kPhone);
}

TEST_CASE("mixed sentences") {
  static constexpr FoundRow kRows[] = {
      {"订单号A1029-8812，昨天付了¥299."
       "00，电话13812345678，请下周三下午三点送到深圳市南山区科技园路88号",
       "[A1029-8812] A1029-8812 | [昨天] 2026-11-17/day | [¥299.00] CNY 299 | "
       "[13812345678] +8613812345678 | [下周三下午三点] 2026-11-25T15:00:00/hour | "
       "[深圳市南山区科技园路88号] 广东省深圳市南山区科技园路88号"},
      {"I paid $1,299.99 for two iPhone 15 last Friday, email me at Jo@Example.com",
       "[$1,299.99] USD 1299.99 | [two] 2 | [iPhone 15] iPhone 15 | [last Friday] 2026-11-13/day | "
       "[Jo@Example.com] Jo@example.com"},
      {"😀１００元😀", "[１００元] CNY 100"},
      {"שלום 13812345678 مرحبا", "[13812345678] +8613812345678"},
      {"\xff明天\xff", "[明天] 2026-11-19/day"},
      {"你好", ""},
      {"", ""},
  };
  for (const FoundRow& row : kRows) {
    INFO(row.text);
    CHECK(FoundIn(Everything(), row.text, ContextForTest()) == row.found);
  }
}

TEST_CASE("only the kinds that are wanted are looked for") {
  const EntityFinder phones = FinderForTest(Only({EntityType::kPhone}));
  CHECK(FoundIn(phones, "13812345678 a@b.cn 明天", ContextForTest()) ==
        "[13812345678] +8613812345678");
}

TEST_CASE("options that can't be used are refused") {
  EntityFinder::Options options;
  options.patterns.assign(kFinderPatternsMax + 1, {.name = "a", .expression = "x"});
  CHECK(ReasonOf(EntityFinder::Create(options).status()) == reason::kInvalidField);
  options = {};
  options.order_numbers = {{.name = "a", .expression = "("}};
  CHECK(ReasonOf(EntityFinder::Create(options).status()) == reason::kInvalidField);
  options = {};
  options.dictionaries = {{.name = "", .entries = {}}};
  CHECK(ReasonOf(EntityFinder::Create(options).status()) == reason::kInvalidField);
}

}  // namespace
}  // namespace frontdesk::text
