#include "libs/text/entities/amounts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "libs/text/entities/numbers.h"

namespace frontdesk::text {
namespace {

// Codes that depend on the context.
constexpr std::string_view kDollar = "$";
constexpr std::string_view kYen = "¥";

struct Currency {
  std::string_view phrase;
  std::string_view code;
  int64_t parts = 1;  // of the currency's unit: 100 for cents
};

constexpr Currency kBefore[] = {
    {"¥", kYen},       {"$", kDollar},  {"€", "EUR"},    {"£", "GBP"},    {"hk$", "HKD"},
    {"us$", "USD"},    {"nt$", "TWD"},  {"a$", "AUD"},   {"au$", "AUD"},  {"c$", "CAD"},
    {"ca$", "CAD"},    {"s$", "SGD"},   {"₩", "KRW"},    {"₹", "INR"},    {"฿", "THB"},
    {"rmb", "CNY"},    {"cny", "CNY"},  {"usd", "USD"},  {"eur", "EUR"},  {"gbp", "GBP"},
    {"jpy", "JPY"},    {"hkd", "HKD"},  {"twd", "TWD"},  {"aud", "AUD"},  {"cad", "CAD"},
    {"sgd", "SGD"},    {"chf", "CHF"},  {"krw", "KRW"},  {"inr", "INR"},  {"rmb¥", "CNY"},
    {"人民币", "CNY"}, {"美元", "USD"}, {"美金", "USD"}, {"港币", "HKD"}, {"欧元", "EUR"},
    {"英镑", "GBP"},   {"日元", "JPY"},
};

constexpr Currency kBehind[] = {
    {"块钱", "CNY"},
    {"块", "CNY"},
    {"元钱", "CNY"},
    {"元人民币", "CNY"},
    {"元", "CNY"},
    {"圆", "CNY"},
    {"人民币", "CNY"},
    {"块人民币", "CNY"},
    {"角", "CNY", 10},
    {"毛", "CNY", 10},
    {"毛钱", "CNY", 10},
    {"分钱", "CNY", 100},
    {"美元", "USD"},
    {"美金", "USD"},
    {"美刀", "USD"},
    {"刀", kDollar},
    {"美分", "USD", 100},
    {"欧元", "EUR"},
    {"欧", "EUR"},
    {"英镑", "GBP"},
    {"镑", "GBP"},
    {"日元", "JPY"},
    {"日圆", "JPY"},
    {"港币", "HKD"},
    {"港元", "HKD"},
    {"台币", "TWD"},
    {"新台币", "TWD"},
    {"澳元", "AUD"},
    {"加元", "CAD"},
    {"新币", "SGD"},
    {"韩元", "KRW"},
    {"瑞士法郎", "CHF"},
    {"dollars", kDollar},
    {"dollar", kDollar},
    {"us dollars", "USD"},
    {"us dollar", "USD"},
    {"hong kong dollars", "HKD"},
    {"bucks", kDollar},
    {"buck", kDollar},
    {"euros", "EUR"},
    {"euro", "EUR"},
    {"pounds", "GBP"},
    {"pound", "GBP"},
    {"quid", "GBP"},
    {"yuan", "CNY"},
    {"renminbi", "CNY"},
    {"kuai", "CNY"},
    {"yen", "JPY"},
    {"rmb", "CNY"},
    {"cny", "CNY"},
    {"usd", "USD"},
    {"eur", "EUR"},
    {"gbp", "GBP"},
    {"jpy", "JPY"},
    {"hkd", "HKD"},
    {"twd", "TWD"},
    {"aud", "AUD"},
    {"cad", "CAD"},
    {"sgd", "SGD"},
    {"chf", "CHF"},
    {"krw", "KRW"},
    {"inr", "INR"},
    {"rupees", "INR"},
    {"cents", kDollar, 100},
    {"cent", kDollar, 100},
    {"pence", "GBP", 100},
    {"¢", kDollar, 100},
    {"€", "EUR"},
    {"£", "GBP"},
    {"¥", kYen},
    {"$", kDollar},
    {"₩", "KRW"},
};

struct CurrencyFound {
  const Currency* currency = nullptr;
  size_t count = 0;
};

template <size_t N>
CurrencyFound Longest(const Currency (&table)[N], const Tokens& tokens, size_t i) {
  CurrencyFound best;
  const std::string_view text = tokens.Text(i);
  if (text.empty()) return best;
  for (const Currency& currency : table) {
    if (currency.phrase[0] != text[0]) continue;
    const size_t count = tokens.Match(i, currency.phrase);
    if (count > best.count) best = {&currency, count};
  }
  return best;
}

struct Sum {
  std::string_view code = "";
  int64_t micros = 0;
  size_t begin = 0;
  size_t next = 0;
  double confidence = 1.0;
  bool sign_before = false;  // the currency stands before
};

std::string CodeOf(std::string_view code, const EntityContext& context) {
  if (code == kDollar) return context.dollar;
  if (code == kYen) return context.yen;
  return std::string(code);
}

// "¥300", "RMB 300", "-$5".
std::optional<Sum> ParseSignFirst(const Tokens& tokens, size_t i) {
  size_t at = i;
  bool negative =
      tokens.Is(at, "-") && tokens.Glued(at + 1) && !tokens.IsKind(at + 1, TokenKind::kDigits);
  if (negative && tokens.Glued(i) && !tokens.IsKind(i - 1, TokenKind::kMark)) negative = false;
  if (negative) ++at;
  const CurrencyFound found = Longest(kBefore, tokens, at);
  if (found.currency == nullptr) return std::nullopt;
  const bool word = tokens.IsKind(at, TokenKind::kWord);
  if (word && !tokens.StartsClean(at)) return std::nullopt;
  size_t number_at = at + found.count;
  if (tokens.Is(number_at, ":")) ++number_at;
  if (tokens.Is(number_at, "-") && tokens.Glued(number_at + 1)) negative = true, ++number_at;
  if (!word && !tokens.IsKind(at, TokenKind::kHan) &&
      !tokens.IsKind(number_at, TokenKind::kDigits)) {
    return std::nullopt;
  }
  const std::optional<Number> number = ParseNumber(tokens, number_at);
  if (!number.has_value() || number->article || tokens.Is(number_at, "半")) return std::nullopt;
  // "$1.234.567" can't be read.
  if (tokens.Is(number->next, ".") && tokens.Glued(number->next) &&
      tokens.Glued(number->next + 1) && tokens.IsKind(number->next + 1, TokenKind::kDigits)) {
    return std::nullopt;
  }
  // "$5x": a price of something is followed by space, mark or Han.
  if (!tokens.EndsClean(number->next) && !Longest(kBehind, tokens, number->next).currency) {
    return std::nullopt;
  }
  Sum money{.code = found.currency->code,
            .micros = negative ? -number->micros : number->micros,
            .begin = i,
            .next = number->next,
            .sign_before = true};
  // "¥300元", "USD 5 dollars", "$5 USD": the second says the same, or better.
  if (const CurrencyFound behind = Longest(kBehind, tokens, money.next);
      behind.currency != nullptr && behind.currency->parts == 1) {
    const std::string_view code = behind.currency->code;
    const bool vague = money.code == kDollar || money.code == kYen;
    if (code == money.code || vague || code == kDollar) {
      if (vague && code != kDollar) money.code = code;
      money.next += behind.count;
    }
  }
  return money;
}

bool StandsForPiece(const Tokens& tokens, size_t at, const CurrencyFound& found) {
  // "三块蛋糕" and "一块儿" are no money; 块 before a noun can't be told but for a few.
  if (!tokens.Is(at, "块") || found.count != 1) return false;
  return tokens
             .MatchAny(at + 1,
                       {"儿",   "蛋糕", "电池", "屏幕", "手表", "硬盘", "板",     "表",   "玻璃",
                        "肥皂", "砖",   "布",   "肉",   "地",   "饼",   "巧克力", "石头", "面包",
                        "糖",   "豆腐", "毛巾", "显卡", "主板", "屏",   "电"})
             .count > 0;
}

// "5角", "五", "50 cents" behind whole units.
void AddParts(const Tokens& tokens, const Currency& unit, Sum& money) {
  if (unit.parts == 100) return;
  size_t at = money.next;
  const bool han = tokens.IsKind(at - 1, TokenKind::kHan) || tokens.Is(at - 1, "块");
  if (!han && tokens.Is(at, "and")) ++at;
  if (tokens.Is(at, "零") && han) ++at;
  const std::optional<Number> number = ParseNumber(tokens, at);
  if (!number.has_value() || number->article || number->scaled) return;
  const CurrencyFound found = Longest(kBehind, tokens, number->next);
  const bool named = found.currency != nullptr && found.currency->parts > unit.parts &&
                     (found.currency->code == unit.code);
  if (named) {
    if (number->micros >= found.currency->parts * kMicros) return;
    money.micros += number->micros / found.currency->parts;
    money.next = number->next + found.count;
    AddParts(tokens, *found.currency, money);
    return;
  }
  if (!han || !tokens.Glued(at)) return;
  if (tokens.Is(number->next, "分") && unit.parts == 10 && number->units() < 10) {
    money.micros += number->micros / 100;
    money.next = number->next + 1;
    return;
  }
  // "三块五", "三块二毛五", "12块8"; "三块五个" counts something else.
  const bool digit = number->next == at + 1 && number->whole() && number->units() >= 1 &&
                     number->units() <= 9 && !tokens.Is(at, "半");
  const bool word_of_unit = tokens.Is(at - 1, "块") || tokens.Is(at - 1, "毛");
  const TokenKind behind = tokens[number->next].kind;
  const bool closed = behind == TokenKind::kMark || behind == TokenKind::kBreak ||
                      tokens.MatchAny(number->next, {"的", "了", "钱", "一", "吧", "吗", "，", "能",
                                                     "可", "就", "行", "左右", "到", "是", "啊"})
                              .count > 0;
  if (digit && word_of_unit && closed) {
    money.micros += number->micros / (10 * unit.parts);
    money.next = number->next + (tokens.Is(number->next, "钱") ? 1 : 0);
  } else if (tokens.Is(at, "半") && tokens.Is(at - 1, "块")) {
    money.micros += kMicros / 2;
    money.next = at + 1;
  }
}

// "五百块", "1,299.99 dollars", "300多元".
std::optional<Sum> ParseSignBehind(const Tokens& tokens, size_t i) {
  if (!StartsNumber(tokens, i)) return std::nullopt;
  if (tokens.IsKind(i, TokenKind::kDigits) && !tokens.StartsClean(i)) return std::nullopt;
  // "15,50 €": not the end of a number that can't be read.
  const bool rest = tokens.Glued(i) && (tokens.Is(i - 1, ",") || tokens.Is(i - 1, ".")) &&
                    tokens.IsKind(i - 2, TokenKind::kDigits) && tokens.Glued(i - 1);
  if (rest && tokens.IsKind(i, TokenKind::kDigits)) return std::nullopt;
  const std::optional<Number> number = ParseNumber(tokens, i);
  if (!number.has_value() || tokens.Is(i, "半")) return std::nullopt;
  // "1 000 USD" can't be read.
  if (tokens.Text(i).starts_with("00") && i > 0 && tokens.IsKind(i - 1, TokenKind::kDigits)) {
    return std::nullopt;
  }
  Sum money{.micros = number->micros, .begin = i};
  size_t at = number->next;
  if (tokens.IsKind(at, TokenKind::kHan) &&
      (tokens.Is(at, "多") || tokens.Is(at, "来") || tokens.Is(at, "余"))) {
    money.confidence = 0.7;
    ++at;
  }
  if (size_t n = tokens.Match(at, "and a half"); n > 0 && number->whole() && !number->article) {
    money.micros += kMicros / 2;
    at += n;
  }
  if (tokens.Is(at, "-") && tokens.IsKind(at + 1, TokenKind::kWord)) ++at;  // "5-dollar"
  if (tokens.Is(at, "+")) ++at;
  const CurrencyFound found = Longest(kBehind, tokens, at);
  if (found.currency == nullptr || StandsForPiece(tokens, at, found)) return std::nullopt;
  // "5 $10": the sign belongs to the next number; "元旦" is a day.
  const bool sign = tokens.IsKind(at, TokenKind::kMark);
  if (sign && tokens.IsKind(at + 1, TokenKind::kDigits) && tokens.Glued(at + 1))
    return std::nullopt;
  if (tokens.Is(at, "元") && (tokens.Is(at + 1, "旦") || tokens.Is(at + 1, "素")))
    return std::nullopt;
  if (tokens.Is(at, "分钱") && number->article) return std::nullopt;
  if ((found.currency->phrase == "pound" || found.currency->phrase == "pounds") &&
      tokens.Is(at + 1, "of")) {
    return std::nullopt;
  }
  if (found.currency->phrase == "刀" || found.currency->phrase == "欧") money.confidence = 0.7;
  money.code = found.currency->code;
  money.micros /= found.currency->parts;
  money.next = at + found.count;
  if (!tokens.EndsClean(money.next)) return std::nullopt;
  AddParts(tokens, *found.currency, money);
  return money;
}

std::optional<Sum> ParseMoney(const Tokens& tokens, size_t i) {
  std::optional<Sum> money = ParseSignFirst(tokens, i);
  return money.has_value() ? money : ParseSignBehind(tokens, i);
}

size_t ParseTo(const Tokens& tokens, size_t i, bool between) {
  if (between && tokens.Is(i, "and")) return 1;
  return tokens.MatchAny(i, {"-", "~", "到", "至", "to"}).count;
}

struct Range {
  Sum least;
  Sum most;
  size_t begin = 0;
};

// "100-200元", "$5 to $10", "¥100~200".
std::optional<Range> ParseRange(const Tokens& tokens, size_t i) {
  const bool between = tokens.Is(i, "between");
  const size_t at = between || tokens.Is(i, "from") || tokens.Is(i, "从") ? i + 1 : i;
  std::optional<Sum> least = ParseMoney(tokens, at);
  size_t next = 0;
  if (least.has_value()) {
    next = least->next;
  } else {
    if (!StartsNumber(tokens, at)) return std::nullopt;
    const std::optional<Number> number = ParseNumber(tokens, at);
    if (!number.has_value() || number->article || !tokens.StartsClean(at)) return std::nullopt;
    least = Sum{.micros = number->micros, .begin = at, .next = number->next};
    next = number->next;
  }
  const size_t to = ParseTo(tokens, next, between);
  if (to == 0) return std::nullopt;
  std::optional<Sum> most = ParseMoney(tokens, next + to);
  if (!most.has_value()) {
    if (!least->sign_before) return std::nullopt;
    const std::optional<Number> number = ParseNumber(tokens, next + to);
    if (!number.has_value() || number->article || !tokens.EndsClean(number->next)) {
      return std::nullopt;
    }
    most = Sum{.code = least->code, .micros = number->micros, .next = number->next};
  }
  if (least->code.empty()) least->code = most->code;
  if (least->code != most->code || most->micros <= least->micros) return std::nullopt;
  return Range{*least, *most, i};
}

void Emit(const Tokens& tokens, size_t begin, size_t next, AmountValue value, double confidence,
          std::vector<Entity>& out) {
  Entity entity;
  entity.type = EntityType::kAmount;
  entity.begin = tokens[begin].begin;
  entity.end = tokens[next - 1].end;
  entity.confidence = confidence;
  entity.value = value.currency + " " + FormatMicros(value.micros);
  if (value.most_micros != value.micros) entity.value += ".." + FormatMicros(value.most_micros);
  entity.detail = std::move(value);
  out.push_back(std::move(entity));
}

double Nearly(const Tokens& tokens, size_t begin, size_t next) {
  const bool before = tokens.Is(begin - 1, "about") || tokens.Is(begin - 1, "around") ||
                      tokens.Is(begin - 1, "approximately") || tokens.Is(begin - 1, "roughly") ||
                      tokens.Is(begin - 1, "约");
  return before || tokens.MatchAny(next, {"左右", "上下", "or so"}).count > 0 ? 0.7 : 1.0;
}

}  // namespace

void FindAmounts(const Tokens& tokens, const EntityContext& context, std::vector<Entity>& out) {
  size_t i = 0;
  while (i < tokens.size()) {
    if (tokens.IsKind(i, TokenKind::kBreak)) {
      ++i;
      continue;
    }
    if (const std::optional<Range> range = ParseRange(tokens, i); range.has_value()) {
      AmountValue value{CodeOf(range->most.code, context), range->least.micros, range->most.micros};
      Emit(tokens, i, range->most.next, std::move(value), Nearly(tokens, i, range->most.next), out);
      i = range->most.next;
      continue;
    }
    const std::optional<Sum> money = ParseMoney(tokens, i);
    if (!money.has_value()) {
      ++i;
      continue;
    }
    AmountValue value{CodeOf(money->code, context), money->micros, money->micros};
    Emit(tokens, i, money->next, std::move(value),
         std::min(money->confidence, Nearly(tokens, i, money->next)), out);
    i = money->next;
  }
}

}  // namespace frontdesk::text
