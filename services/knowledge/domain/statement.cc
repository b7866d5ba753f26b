#include "services/knowledge/domain/statement.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "services/knowledge/domain/stemmer.h"
#include "services/knowledge/domain/stop_words.h"

namespace frontdesk::knowledge {
namespace {

constexpr double kWeakWeight = 0.3;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A text whose full-width signs are plain, with where each byte came from.
struct Plain {
  std::string text;
  std::vector<size_t> origin;  // one more than bytes
};

size_t LengthOf(std::string_view text, size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  const size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

Plain MakePlain(std::string_view text) {
  static const auto& signs = *new std::unordered_map<std::string_view, char>{
      {"，", ','}, {"；", ';'}, {"：", ':'}, {"、", ','}, {"。", '.'}, {"！", '!'},
      {"？", '?'}, {"’", '\''}, {"（", '('}, {"）", ')'}, {"￥", '$'}, {"–", '-'},
      {"—", '-'},  {"～", '-'}, {"“", '"'},  {"”", '"'}};
  Plain plain;
  for (size_t at = 0; at < text.size();) {
    const size_t length = LengthOf(text, at);
    const std::string_view one = text.substr(at, length);
    const auto sign = signs.find(one);
    if (sign != signs.end() && one != "￥") {
      plain.text += sign->second;
      plain.origin.push_back(at);
    } else if (length == 3 && one[0] == '\xEF' &&
               (one[1] == '\xBC' ||
                (one[1] == '\xBD' && static_cast<unsigned char>(one[2]) < 0x9F))) {
      // U+FF01 to U+FF5E.
      const int code = ((static_cast<unsigned char>(one[1]) - 0xBC) << 6) +
                       (static_cast<unsigned char>(one[2]) - 0x80);
      plain.text += static_cast<char>(code + 0x20);
      plain.origin.push_back(at);
    } else {
      for (size_t i = 0; i < length; ++i) plain.origin.push_back(at + i);
      plain.text += one;
    }
    at += length;
  }
  plain.origin.push_back(text.size());
  return plain;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// ---- units and bounds ----

const std::unordered_map<std::string_view, std::string_view>& EnglishUnits() {
  static const auto& units =
      *new std::unordered_map<std::string_view, std::string_view>{{"s", "s"},
                                                                  {"sec", "s"},
                                                                  {"secs", "s"},
                                                                  {"second", "s"},
                                                                  {"seconds", "s"},
                                                                  {"min", "min"},
                                                                  {"mins", "min"},
                                                                  {"minute", "min"},
                                                                  {"minutes", "min"},
                                                                  {"h", "h"},
                                                                  {"hr", "h"},
                                                                  {"hrs", "h"},
                                                                  {"hour", "h"},
                                                                  {"hours", "h"},
                                                                  {"day", "day"},
                                                                  {"days", "day"},
                                                                  {"week", "week"},
                                                                  {"weeks", "week"},
                                                                  {"month", "month"},
                                                                  {"months", "month"},
                                                                  {"year", "year"},
                                                                  {"years", "year"},
                                                                  {"percent", "%"},
                                                                  {"%", "%"},
                                                                  {"euro", "eur"},
                                                                  {"euros", "eur"},
                                                                  {"eur", "eur"},
                                                                  {"dollar", "usd"},
                                                                  {"dollars", "usd"},
                                                                  {"usd", "usd"},
                                                                  {"yuan", "cny"},
                                                                  {"rmb", "cny"},
                                                                  {"cny", "cny"},
                                                                  {"pound", "gbp"},
                                                                  {"pounds", "gbp"},
                                                                  {"gbp", "gbp"},
                                                                  {"km", "km"},
                                                                  {"m", "m"},
                                                                  {"cm", "cm"},
                                                                  {"mm", "mm"},
                                                                  {"kg", "kg"},
                                                                  {"g", "g"},
                                                                  {"gb", "gb"},
                                                                  {"mb", "mb"},
                                                                  {"w", "w"},
                                                                  {"v", "v"},
                                                                  {"am", "am"},
                                                                  {"pm", "pm"},
                                                                  {"times", "times"},
                                                                  {"meters", "m"},
                                                                  {"metres", "m"},
                                                                  {"working", "workday"},
                                                                  {"business", "workday"}};
  return units;
}

// Longest first.
constexpr std::pair<std::string_view, std::string_view> kChineseUnits[] = {
    {"个工作日", "workday"}, {"个自然日", "day"}, {"工作日", "workday"},
    {"个小时", "h"},         {"个星期", "week"},  {"人民币", "cny"},
    {"分钟", "min"},         {"小时", "h"},       {"钟头", "h"},
    {"个月", "month"},       {"星期", "week"},    {"美元", "usd"},
    {"欧元", "eur"},         {"公里", "km"},      {"公斤", "kg"},
    {"厘米", "cm"},          {"毫米", "mm"},      {"秒", "s"},
    {"天", "day"},           {"日", "day"},       {"周", "week"},
    {"月", "month-of"},      {"年", "year"},      {"元", "cny"},
    {"块", "cny"},           {"倍", "times"},     {"次", "times"},
    {"折", "zhe"},           {"米", "m"}};

std::string ChineseUnitAt(std::string_view text) {
  for (const auto& [written, unit] : kChineseUnits) {
    if (text.starts_with(written)) return std::string(unit);
  }
  return {};
}

bool EndsWithAny(std::string_view text, std::initializer_list<std::string_view> phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    // A word of its own in English.
    if (!text.ends_with(phrase)) return false;
    const size_t begin = text.size() - phrase.size();
    return begin == 0 || !IsLetter(text[begin - 1]) || !IsLetter(phrase.front());
  });
}

Bound BoundOf(std::string_view before, std::string_view after) {
  while (!before.empty() && (IsSpace(before.back()) || before.back() == '$'))
    before.remove_suffix(1);
  for (std::string_view filler : {"the first", "the last", "about", "the", "a total of"}) {
    if (EndsWithAny(before, {filler})) before.remove_suffix(filler.size());
    while (!before.empty() && IsSpace(before.back())) before.remove_suffix(1);
  }
  if (EndsWithAny(before, {"no more than", "not more than", "no later than", "at most", "up to",
                           "within", "less than", "fewer than", "under", "below", "before", "until",
                           "最多", "不超过", "不多于", "少于", "低于", "不到"})) {
    return Bound::kUpper;
  }
  if (EndsWithAny(before, {"no less than", "not less than", "at least", "more than", "over",
                           "after", "above", "beyond", "from", "minimum", "至少", "不少于",
                           "不低于", "超过", "高于", "多于", "满"})) {
    return Bound::kLower;
  }
  const auto starts = [&](std::initializer_list<std::string_view> phrases) {
    return std::any_of(phrases.begin(), phrases.end(),
                       [&](std::string_view phrase) { return after.starts_with(phrase); });
  };
  if (starts({"以内", "之内", "内", "以下", "之前", "以前", "前"})) return Bound::kUpper;
  if (starts({"以上", "之后", "以后", "后", "起", " or more", " or longer"})) return Bound::kLower;
  return Bound::kNone;
}

// ---- words that change what is said ----

struct Group {
  std::string_view name;
  std::vector<std::string_view> words;
};

const std::vector<Group>& StrongGroups() {
  static const auto& groups = *new std::vector<Group>{
      {"guarantee",
       {"guarantee", "guarantees", "guaranteed", "promise", "promised", "保证", "承诺", "包您"}},
      {"always", {"always", "forever", "永远", "永久", "总是", "始终"}},
      {"at once", {"immediately", "instantly", "instant", "马上", "立即", "立刻", "即时", "当场"}},
      {"free", {"free", "gratis", "complimentary", "免费", "免运费", "赠送"}},
      {"certain", {"definitely", "certainly", "一定", "肯定", "绝对", "必定", "百分之百"}},
      {"lifetime", {"lifetime", "终身", "终生"}},
      {"unlimited", {"unlimited", "unconditionally", "无限", "无条件", "不限"}},
      {"full", {"full", "fully", "entire", "entirely", "全额", "全款"}},
      {"all", {"all", "every", "any", "所有", "任何", "全部", "每个", "一律"}},
      {"only", {"only", "只能", "只有", "仅限", "仅"}},
      {"automatic", {"automatically", "automatic", "自动"}},
      {"never", {"never", "从不", "绝不"}}};
  return groups;
}

constexpr std::pair<std::string_view, std::string_view> kSides[] = {
    {"before", "after"}, {"之前", "之后"},         {"enable", "disable"},    {"open", "close"},
    {"打开", "关闭"},    {"开启", "关闭"},         {"increase", "decrease"}, {"增加", "减少"},
    {"left", "right"},   {"top", "bottom"},        {"online", "offline"},    {"登录", "退出"},
    {"buyer", "seller"}, {"included", "excluded"}, {"accept", "refuse"},     {"接受", "拒绝"},
    {"free", "charged"}, {"免费", "收费"},         {"first", "last"},        {"左", "右"},
    {"more", "less"},    {"线上", "线下"},         {"inbound", "outbound"},  {"on", "off"}};

const std::unordered_set<std::string_view>& EnglishNegations() {
  static const auto& words = *new std::unordered_set<std::string_view>{
      "not",     "no",     "never",  "none",   "nothing", "nobody",   "neither", "nor",
      "without", "cannot", "unable", "cant",   "dont",    "doesnt",   "didnt",   "wont",
      "isnt",    "arent",  "wasnt",  "werent", "couldnt", "shouldnt", "wouldnt", "hasnt",
      "havent",  "hadnt",  "mustnt", "neednt", "mightnt", "aint",     "nowhere", "impossible"};
  return words;
}

// Says nothing of its own in an answer.
const std::unordered_set<std::string_view>& Fillers() {
  static const auto& words = *new std::unordered_set<std::string_view>{
      "done",  "simply",  "easily", "easy",     "simple", "follow", "following", "step",
      "steps", "happy",   "glad",   "hope",     "note",   "sure",   "however",   "first",
      "next",  "finally", "ready",  "case",     "course", "good",   "answer",    "according",
      "feel",  "hear",    "once",   "whenever", "while",  "want",   "like"};
  return words;
}

size_t Count(std::string_view text, std::string_view phrase) {
  size_t count = 0;
  for (size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + phrase.size())) {
    ++count;
  }
  return count;
}

// Negations of Chinese text: of characters that deny, those in words that do not are taken off.
size_t ChineseNegations(std::string_view text) {
  size_t count = 0;
  for (std::string_view word : {"不", "没", "无", "未", "勿", "请别", "别再", "千万别", "并非"}) {
    count += Count(text, word);
  }
  size_t harmless = 0;
  for (std::string_view word :
       {"不过",     "不仅", "不但",   "不同",   "不久",   "不断",     "不错",   "差不多",
        "不好意思", "不妨", "不论",   "不管",   "不超过", "不少于",   "不低于", "不多于",
        "不到",     "要不", "是不是", "能不能", "会不会", "可不可以", "对不起", "没问题",
        "无论",     "无线", "无忧",   "未来",   "不限",   "无限",     "无条件"}) {
    harmless += Count(text, word);
  }
  return count - std::min(count, harmless);
}

// ---- numerals ----

int ChineseDigit(std::string_view one) {
  static const auto& digits = *new std::unordered_map<std::string_view, int>{
      {"零", 0}, {"一", 1}, {"二", 2}, {"两", 2}, {"三", 3}, {"四", 4},
      {"五", 5}, {"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}};
  const auto found = digits.find(one);
  return found == digits.end() ? -1 : found->second;
}

// The Chinese numeral at the beginning of `text`: value and bytes; 0 bytes = there is none.
std::pair<int, size_t> ChineseNumeral(std::string_view text) {
  int total = 0;
  int digit = -1;
  size_t at = 0;
  for (; at + 3 <= text.size(); at += 3) {
    const std::string_view one = text.substr(at, 3);
    const int value = ChineseDigit(one);
    if (value >= 0) {
      digit = value;
      continue;
    }
    const int power = one == "十" ? 10 : one == "百" ? 100 : one == "千" ? 1000 : 0;
    if (power == 0) break;
    total += (digit < 0 ? 1 : digit) * power;
    digit = -1;
  }
  if (at == 0) return {0, 0};
  return {total + std::max(digit, 0), at};
}

int EnglishNumeral(std::string_view word) {
  static const auto& numerals = *new std::unordered_map<std::string_view, int>{
      {"two", 2},       {"three", 3},       {"four", 4},      {"five", 5},     {"six", 6},
      {"seven", 7},     {"eight", 8},       {"nine", 9},      {"ten", 10},     {"eleven", 11},
      {"twelve", 12},   {"thirteen", 13},   {"fourteen", 14}, {"fifteen", 15}, {"twenty", 20},
      {"thirty", 30},   {"forty", 40},      {"fifty", 50},    {"sixty", 60},   {"ninety", 90},
      {"hundred", 100}, {"thousand", 1000}, {"twice", 2}};
  const auto found = numerals.find(word);
  return found == numerals.end() ? -1 : found->second;
}

// Goes through a text once and gathers what it says.
class Parser {
 public:
  Parser(std::string_view text, bool first)
      : plain_(MakePlain(text)), text_(plain_.text), first_(first) {
    lower_ = Lower(text_);
  }

  Statement Parse() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (TakeAddress()) {
      } else if (IsDigit(c)) {
        TakeNumber();
      } else if (IsLetter(c)) {
        TakeWord();
      } else if (static_cast<unsigned char>(c) >= 0xE3) {
        TakeRun();
      } else if (static_cast<unsigned char>(c) >= 0xC3 && static_cast<unsigned char>(c) < 0xE2) {
        TakeForeign();
      } else {
        ++at_;
      }
    }
    FindGroups();
    said_.negated = (negations_ + ChineseNegations(text_)) % 2 == 1;
    return std::move(said_);
  }

 private:
  std::string_view rest() const { return std::string_view(text_).substr(at_); }

  // "https://…", "a@b.c", "help.example.com/x".
  bool TakeAddress() {
    if (!IsLetter(text_[at_]) && !IsDigit(text_[at_])) return false;
    if (at_ > 0 && (IsLetter(text_[at_ - 1]) || IsDigit(text_[at_ - 1]))) return false;
    size_t end = at_;
    while (end < text_.size() && static_cast<unsigned char>(text_[end]) < 0x80 &&
           !IsSpace(text_[end]) &&
           std::string_view("\"'<>()[],;").find(text_[end]) == std::string_view::npos) {
      ++end;
    }
    while (end > at_ && std::string_view(".:!?*_").find(text_[end - 1]) != std::string_view::npos) {
      --end;
    }
    const std::string_view run = std::string_view(lower_).substr(at_, end - at_);
    const size_t dot = run.rfind('.');
    const bool domain = dot != std::string_view::npos && dot > 0 && dot + 2 < run.size() &&
                        std::all_of(run.begin() + static_cast<std::ptrdiff_t>(dot) + 1, run.end(),
                                    [](char c) { return IsLetter(c) || c == '/'; }) &&
                        std::any_of(run.begin(), run.end(), IsLetter);
    if (run.find("://") == std::string_view::npos && run.find('@') == std::string_view::npos &&
        !domain) {
      return false;
    }
    said_.names.emplace_back(run);
    said_.raw_tokens.emplace(run);
    said_.tokens.emplace(run);
    said_.words.push_back({std::string(run), {}, {}, false, 1.0});
    at_ = end;
    first_ = false;
    return true;
  }

  void TakeNumber() {
    const size_t begin = at_;
    std::string value;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool more = at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]);
      if (IsDigit(c)) {
        value += c;
      } else if (c == ',' && more && Thousands()) {
        // 1,000
      } else if ((c == '.' || c == ':' || c == '/') && more) {
        value += c;
      } else if (c == '-' && more && Date(begin)) {
        value += c;
      } else {
        break;
      }
      ++at_;
    }
    size_t letters = at_;
    while (letters < text_.size() && IsLetter(text_[letters])) ++letters;
    const std::string behind = lower_.substr(at_, letters - at_);
    const bool joined = !behind.empty() && (letters == text_.size() || !IsDigit(text_[letters]));
    if (joined && (behind == "st" || behind == "nd" || behind == "rd" || behind == "th")) {
      at_ = letters;
    } else if (joined && !EnglishUnits().contains(behind)) {
      // "5G", "42b": a code.
      while (letters < text_.size() && (IsLetter(text_[letters]) || IsDigit(text_[letters]))) {
        ++letters;
      }
      at_ = letters;
      AddName(lower_.substr(begin, at_ - begin));
      return;
    }
    AddQuantity(std::move(value), begin, at_);
  }
  bool Thousands() const {
    size_t digits = 0;
    while (at_ + 1 + digits < text_.size() && IsDigit(text_[at_ + 1 + digits])) ++digits;
    return digits == 3;
  }
  // 2026-03-01.
  bool Date(size_t begin) const {
    const auto digit_at = [&](size_t at) { return at < text_.size() && IsDigit(text_[at]); };
    return (at_ - begin == 4 || at_ - begin == 7) && digit_at(at_ + 1) && digit_at(at_ + 2) &&
           !digit_at(at_ + 3) &&
           (at_ - begin == 7 || (at_ + 3 < text_.size() && text_[at_ + 3] == '-'));
  }

  void AddQuantity(std::string value, size_t begin, size_t end) {
    Quantity quantity;
    quantity.value = std::move(value);
    size_t after = end;
    const size_t spaces = lower_.find_first_not_of(" -", end);
    std::string_view behind =
        spaces == std::string::npos ? "" : std::string_view(lower_).substr(spaces);
    size_t letters = 0;
    while (letters < behind.size() && IsLetter(behind[letters])) ++letters;
    if (letters == 0 && !behind.empty() && behind[0] == '%') letters = 1;
    const auto unit = EnglishUnits().find(behind.substr(0, letters));
    if (letters > 0 && unit != EnglishUnits().end()) {
      quantity.unit = unit->second;
      after = spaces + letters;
    } else if (std::string chinese = ChineseUnitAt(behind); !chinese.empty()) {
      for (const auto& [written, name] : kChineseUnits) {
        if (!behind.starts_with(written)) continue;
        after = spaces + written.size();
        break;
      }
      quantity.unit = std::move(chinese);
    }
    const std::string before = lower_.substr(0, begin);
    for (const auto& [sign, currency] : {std::pair<std::string_view, std::string_view>{"$", "usd"},
                                         {"€", "eur"},
                                         {"£", "gbp"},
                                         {"¥", "cny"},
                                         {"￥", "cny"}}) {
      if (before.ends_with(sign)) quantity.unit = currency;
    }
    quantity.bound = BoundOf(before, std::string_view(lower_).substr(after));
    said_.quantities.push_back(std::move(quantity));
    first_ = false;
  }

  void AddName(std::string name) {
    said_.raw_tokens.insert(name);
    said_.tokens.insert(name);
    said_.names.push_back(std::move(name));
    first_ = false;
  }

  void TakeWord() {
    const size_t begin = at_;
    bool digits = false;
    bool inner_capital = false;
    std::string word;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' && at_ + 1 < text_.size() && IsLetter(text_[at_ + 1])) {
        ++at_;
        continue;
      }
      if (!IsLetter(c) && !IsDigit(c)) break;
      digits |= IsDigit(c);
      inner_capital |= at_ > begin && c >= 'A' && c <= 'Z';
      word += lower_[at_];
      ++at_;
    }
    const bool capital = text_[begin] >= 'A' && text_[begin] <= 'Z';
    const bool begins = std::exchange(first_, false);
    if (const int numeral = EnglishNumeral(word); numeral >= 0) {
      return AddQuantity(std::to_string(numeral), begin, at_);
    }
    said_.raw_tokens.insert(word);
    if (EnglishNegations().contains(word) && !Bounding(begin)) ++negations_;
    if (digits) return AddName(std::move(word));
    if (((capital && !begins) || inner_capital) && word.size() > 1 &&
        ClassifyEnglish(word) != WordClass::kStop) {
      said_.names.push_back(word);
    }
    const WordClass kind = ClassifyEnglish(word);
    std::string stem = StemEnglish(word);
    said_.tokens.insert(stem);
    if (kind == WordClass::kStop || Fillers().contains(word)) return;
    if (EnglishUnits().contains(word) && !said_.quantities.empty()) return;
    said_.words.push_back(
        {std::move(stem), {}, {}, false, kind == WordClass::kWeak ? kWeakWeight : 1.0});
  }
  // "no more than" denies nothing.
  bool Bounding(size_t begin) const {
    const std::string_view behind = std::string_view(lower_).substr(begin);
    for (std::string_view phrase : {"no more than", "not more than", "no less than",
                                    "not less than", "no later than", "not only", "no problem"}) {
      if (behind.starts_with(phrase)) return true;
    }
    return false;
  }

  // Letters that are neither Latin nor Chinese, or have accents: they must be there as they are.
  void TakeForeign() {
    const size_t begin = at_;
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0xC3 &&
           static_cast<unsigned char>(text_[at_]) < 0xE2) {
      at_ += LengthOf(text_, at_);
    }
    std::string word = text_.substr(begin, at_ - begin);
    said_.tokens.insert(word);
    said_.words.push_back({std::move(word), {}, {}, false, 1.0});
    first_ = false;
  }

  // Characters of Chinese and whatever else stands without spaces.
  void TakeRun() {
    const size_t begin = at_;
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0xE3) {
      at_ += LengthOf(text_, at_);
    }
    first_ = false;
    const std::string_view run = std::string_view(text_).substr(begin, at_ - begin);
    std::vector<std::string_view> characters;
    for (size_t i = 0; i < run.size(); i += LengthOf(run, i)) {
      characters.push_back(run.substr(i, LengthOf(run, i)));
    }
    for (size_t i = 0, offset = 0; i < characters.size(); offset += characters[i].size(), ++i) {
      TakeCharacter(characters, i, begin + offset);
    }
  }

  void TakeCharacter(const std::vector<std::string_view>& characters, size_t i, size_t at) {
    const std::string one(characters[i]);
    // Punctuation, variants of signs, emoji.
    if (one.starts_with("\xE3\x80") || one.starts_with("\xEF") || one.starts_with("\xF0\x9F")) {
      return;
    }
    chinese_ = true;
    const std::string pair = i + 1 < characters.size() ? one + std::string(characters[i + 1]) : "";
    const std::string before = i > 0 ? std::string(characters[i - 1]) + one : "";
    said_.tokens.insert(one);
    if (!pair.empty()) said_.tokens.insert(pair);
    if (at >= numeral_end_) {
      const auto [value, bytes] = ChineseNumeral(std::string_view(text_).substr(at));
      // 一 is in too many words; of a number with a unit it is one.
      if (bytes > 0 && !ChineseUnitAt(std::string_view(text_).substr(at + bytes)).empty()) {
        const bool first = first_;
        AddQuantity(std::to_string(value), at, at + bytes);
        first_ = first;
        numeral_end_ = at + bytes;
      }
    }
    if (at < numeral_end_) return;
    const auto weight_of = [](const std::string& word) {
      const WordClass kind = ClassifyChinese(word);
      return kind == WordClass::kStop ? 0 : kind == WordClass::kWeak ? kWeakWeight : 1.0;
    };
    // A character counts as much as the words it may be part of.
    double weight = weight_of(one);
    if (weight == 0) return;
    if (!pair.empty() && ClassifyChinese(pair) == WordClass::kWeak) weight = kWeakWeight;
    if (!before.empty() && ClassifyChinese(before) == WordClass::kWeak) weight = kWeakWeight;
    said_.words.push_back({one, pair, before, true, weight});
  }

  void FindGroups() {
    const auto holds = [&](std::string_view word) {
      return IsLetter(word.front()) ? said_.raw_tokens.contains(std::string(word))
                                    : text_.find(word) != std::string::npos;
    };
    for (const Group& group : StrongGroups()) {
      if (std::any_of(group.words.begin(), group.words.end(), holds)) {
        said_.strong.emplace(group.name);
      }
    }
    for (const auto& [one, other] : kSides) {
      if (holds(one)) said_.sides.emplace(one);
      if (holds(other)) said_.sides.emplace(other);
    }
    // A Latin word amid Chinese is a name.
    if (!chinese_) return;
    for (const std::string& token : said_.raw_tokens) {
      if (IsLetter(token.front()) && token.size() > 1 && !EnglishUnits().contains(token)) {
        said_.names.push_back(token);
      }
    }
  }

  const Plain plain_;
  const std::string& text_;
  std::string lower_;
  Statement said_;
  size_t at_ = 0;
  size_t negations_ = 0;
  size_t numeral_end_ = 0;
  bool first_;
  bool chinese_ = false;
};

// Without the marks of a list, a quote or a heading.
size_t SkipMarks(std::string_view text, size_t at, size_t end) {
  while (at < end) {
    const char c = text[at];
    size_t digits = at;
    while (digits < end && IsDigit(text[digits])) ++digits;
    if (IsSpace(c) || c == '#' || c == '>' || c == '*' || c == '_') {
      ++at;
    } else if ((c == '-' || c == '+') && at + 1 < end && IsSpace(text[at + 1])) {
      ++at;
    } else if (digits > at && digits - at <= 2 && digits < end &&
               (text[digits] == '.' || text[digits] == ')') &&
               (digits + 1 == end || IsSpace(text[digits + 1]))) {
      at = digits + 1;
    } else {
      break;
    }
  }
  return at;
}

void AddPart(std::string_view text, size_t begin, size_t end, std::vector<Part>& parts) {
  begin = SkipMarks(text, begin, end);
  while (end > begin && IsSpace(text[end - 1])) --end;
  if (end > begin) parts.push_back({begin, end});
}

// True when the mark before `at` ends the sentence that begins at `begin`: "1. Open", "9 a.m. to" and
// "2.4" do not, "**Done.** Then" does.
bool EndsSentence(std::string_view text, size_t begin, size_t at) {
  size_t next = at;
  while (next < text.size() &&
         std::string_view("*_\")'").find(text[next]) != std::string_view::npos) {
    ++next;
  }
  if (next == text.size()) return true;
  if (!IsSpace(text[next])) return false;
  if (text[at - 1] == '.' && SkipMarks(text, begin, at) >= at) return false;
  while (next < text.size() && text[next] == ' ') ++next;
  return next == text.size() || text[next] < 'a' || text[next] > 'z';
}

}  // namespace

double Statement::weight() const {
  double weight = 0;
  for (const ContentWord& word : words) weight += word.weight;
  return weight;
}

Statement ParseStatement(std::string_view text, bool first) { return Parser(text, first).Parse(); }

std::vector<Part> SentenceParts(std::string_view text) {
  std::vector<Part> parts;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t length = LengthOf(text, at);
    const std::string_view one = text.substr(at, length);
    at += length;
    const bool wide = one == "。" || one == "！" || one == "？";
    const bool mark = one == "." || one == "!" || one == "?";
    if (one != "\n" && !wide && !(mark && EndsSentence(text, begin, at))) continue;
    AddPart(text, begin, at, parts);
    begin = at;
  }
  AddPart(text, begin, text.size(), parts);
  return parts;
}

std::vector<Part> ClauseParts(std::string_view sentence) {
  std::vector<Part> parts;
  size_t begin = 0;
  const auto cut = [&](size_t end, size_t next) {
    if (end > begin) parts.push_back({begin, end});
    begin = next;
  };
  for (size_t at = 0; at < sentence.size();) {
    const std::string_view rest = sentence.substr(at);
    size_t skip = 0;
    // Not the comma of 1,000.
    if ((rest[0] == ',' || rest[0] == ';' || rest[0] == ':') &&
        (rest.size() == 1 || IsSpace(rest[1]))) {
      skip = 1;
    }
    for (std::string_view word : {"，", "；", "：", "、", " and ", " but ", " then ", " or ",
                                  "并且", "然后", "但是", "而且", "，再", "但"}) {
      if (skip == 0 && rest.starts_with(word)) skip = word.size();
    }
    if (skip > 0) {
      cut(at, at + skip);
      at += skip;
    } else {
      at += LengthOf(sentence, at);
    }
  }
  cut(sentence.size(), sentence.size());
  return parts;
}

bool IsHeading(std::string_view text, Part sentence) {
  size_t at = sentence.begin;
  while (at > 0 && text[at - 1] != '\n') --at;
  return at < text.size() && text[at] == '#';
}

bool SaysOtherSide(const Statement& said, const Statement& evidence) {
  const auto differs = [&](std::string_view one, std::string_view other) {
    return said.sides.contains(std::string(one)) && !evidence.sides.contains(std::string(one)) &&
           evidence.sides.contains(std::string(other));
  };
  return std::any_of(std::begin(kSides), std::end(kSides), [&](const auto& pair) {
    return differs(pair.first, pair.second) || differs(pair.second, pair.first);
  });
}

}  // namespace frontdesk::knowledge
