#include "services/dialog/domain/wish.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "services/dialog/domain/phrases.h"

namespace frontdesk::dialog {
namespace {

using Phrases = std::span<const std::string_view>;

// A wish in English is a verb, fillers, and a noun: "can I please talk to a real person".
constexpr std::array<std::string_view, 13> kWishVerbs = {
    "talk", "speak", "chat",   "connect",  "transfer", "want", "need",
    "get",  "give",  "prefer", "escalate", "contact",  "reach"};
constexpr std::array<std::string_view, 22> kWishFillers = {
    "to",   "with",    "a",      "an",    "the",      "your",    "one",     "of",
    "real", "live",    "actual", "human", "customer", "service", "support", "any",
    "some", "another", "please", "me",    "us",       "directly"};
constexpr std::array<std::string_view, 17> kWishNouns = {
    "human",      "humans",   "person",  "agent",    "agents",   "representative",
    "rep",        "operator", "someone", "somebody", "staff",    "manager",
    "supervisor", "people",   "advisor", "adviser",  "colleague"};
constexpr std::array<std::string_view, 7> kWishDenials = {"dont",   "not",    "never", "without",
                                                          "neednt", "doesnt", "no"};
constexpr std::array<std::string_view, 15> kWishPhrases = {
    "human please",    "agent please", "person please", "representative please",
    "operator please", "human agent",  "real person",   "real human",
    "live agent",      "live person",  "human support", "human being",
    "actual person",   "actual human", "transfer me"};
constexpr std::array<std::string_view, 7> kWishAlone = {
    "human", "agent", "operator", "representative", "person", "a human", "an agent"};
constexpr std::array<std::string_view, 22> kWishChinese = {
    "转人工", "轉人工", "人工客服", "人工服务", "人工服務", "人工坐席", "找人工", "要人工",
    "接人工", "叫人工", "换人工",   "找真人",   "真人客服", "真人服务", "要真人", "和真人",
    "跟真人", "找客服", "联系客服", "转客服",   "找个人",   "换个人"};
constexpr std::array<std::string_view, 4> kWishAloneChinese = {"人工", "真人", "客服", "人工谢谢"};

constexpr std::array<std::string_view, 10> kThanks = {
    "thanks", "thank you",        "thx",           "ty",      "cheers",
    "tks",    "much appreciated", "appreciate it", "thank u", "thankyou"};
constexpr std::array<std::string_view, 7> kThanksChinese = {"谢谢", "多谢", "感谢",  "謝謝",
                                                            "谢啦", "谢了", "辛苦了"};
constexpr std::array<std::string_view, 17> kSolved = {
    "solved",    "that worked", "it works",    "it worked", "works now", "resolved",
    "all good",  "that helps",  "that helped", "fixed",     "got it",    "no more questions",
    "thats all", "that is all", "im good",     "all set",   "perfect"};
constexpr std::array<std::string_view, 14> kSolvedChinese = {
    "解决了", "解決了", "搞定",   "没问题了", "没有问题了", "明白了",     "知道了",
    "可以了", "好的了", "弄好了", "懂了",     "没别的了",   "没其他问题", "没有别的问题"};
// Not yet: what looks like an end goes on.
constexpr std::array<std::string_view, 16> kGoesOn = {
    "but",   "however", "how", "what", "why",    "when",  "where", "can",
    "could", "still",   "not", "isnt", "doesnt", "didnt", "need",  "want"};
constexpr std::array<std::string_view, 16> kGoesOnChinese = {
    "但是", "但", "怎么",   "什么",     "还是",   "吗",   "呢", "请问",
    "不",   "未", "没解决", "没有解决", "为什么", "如何", "想", "哪"};

// Longer ones first: each is taken out of the text in turn.
constexpr std::array<std::string_view, 10> kGreetings = {
    "good afternoon", "good evening", "good morning", "hello there", "hey there",
    "hi there",       "greetings",    "hello",        "hey",         "hi"};
constexpr std::array<std::string_view, 12> kGreetingsChinese = {
    "你好",   "您好",   "嗨",     "哈喽",   "在吗",   "早上好",
    "下午好", "晚上好", "你好呀", "您好啊", "你好啊", "有人吗"};

constexpr std::array<std::string_view, 21> kCritical = {"hacked",
                                                        "hacker",
                                                        "fraud",
                                                        "fraudulent",
                                                        "stolen",
                                                        "stole",
                                                        "identity theft",
                                                        "scam",
                                                        "scammed",
                                                        "phishing",
                                                        "account takeover",
                                                        "data breach",
                                                        "compromised",
                                                        "hijacked",
                                                        "unauthorized transaction",
                                                        "unauthorised transaction",
                                                        "unauthorized payment",
                                                        "unauthorized charge",
                                                        "didnt authorize",
                                                        "did not authorize",
                                                        "money laundering"};
constexpr std::array<std::string_view, 12> kCriticalChinese = {"被盗", "盗刷", "诈骗",     "欺诈",
                                                               "黑客", "冒用", "被骗",     "骗了",
                                                               "被黑", "盗用", "信息泄露", "洗钱"};
constexpr std::array<std::string_view, 36> kUrgent = {"payment failed",
                                                      "payment has failed",
                                                      "payment did not go through",
                                                      "payment didnt go through",
                                                      "failed payment",
                                                      "lost money",
                                                      "lost my money",
                                                      "money lost",
                                                      "money is gone",
                                                      "money is missing",
                                                      "money disappeared",
                                                      "missing money",
                                                      "charged twice",
                                                      "double charged",
                                                      "overcharged",
                                                      "wrongly charged",
                                                      "deducted",
                                                      "urgent",
                                                      "urgently",
                                                      "asap",
                                                      "immediately",
                                                      "right now",
                                                      "emergency",
                                                      "furious",
                                                      "angry",
                                                      "unacceptable",
                                                      "ridiculous",
                                                      "terrible",
                                                      "lawsuit",
                                                      "lawyer",
                                                      "sue",
                                                      "complaint",
                                                      "outrageous",
                                                      "disgusting",
                                                      "worst service",
                                                      "charged me twice"};
constexpr std::array<std::string_view, 28> kUrgentChinese = {
    "扣款",     "扣钱",   "扣了钱", "多扣",   "重复扣", "付款失败", "支付失败",
    "转账失败", "钱没了", "钱不见", "钱少了", "没到账", "紧急",     "加急",
    "马上",     "立刻",   "立即",   "着急",   "很急",   "急急",     "投诉",
    "气死",     "愤怒",   "垃圾",   "太差",   "律师",   "起诉",     "忍无可忍"};

// A closing or greeting message is short; more words are more than that.
constexpr size_t kShortWords = 8;
constexpr size_t kShortCharacters = 24;
// What stands around a bare wish: "please", "麻烦", a full stop.
constexpr size_t kOnlyWishWords = 9;
constexpr size_t kOnlyWishCharacters = 12;

bool Contains(Phrases phrases, std::string_view word) {
  return std::find(phrases.begin(), phrases.end(), word) != phrases.end();
}

bool HasEnglish(const PhraseText& text, Phrases phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return text.HasEnglish(phrase); });
}

bool HasChinese(const PhraseText& text, Phrases phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return text.FindChinese(phrase) != std::string::npos;
  });
}

// Anywhere, denied or not.
bool MentionsChinese(const PhraseText& text, Phrases phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return text.dense().find(phrase) != std::string::npos;
  });
}

bool Has(const PhraseText& text, Phrases english, Phrases chinese) {
  return HasEnglish(text, english) || HasChinese(text, chinese);
}

bool Denied(const std::vector<std::string>& words, size_t at) {
  constexpr size_t kReach = 3;
  for (size_t i = at - std::min(at, kReach); i < at; ++i) {
    if (Contains(kWishDenials, words[i])) return true;
  }
  return false;
}

bool HasWishPattern(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (!Contains(kWishVerbs, words[i])) continue;
    size_t noun = i + 1;
    bool found = false;
    // "human" is both: a filler in "human agent", the noun in "a human".
    for (; noun < words.size(); ++noun) {
      found = found || Contains(kWishNouns, words[noun]);
      if (!Contains(kWishFillers, words[noun])) break;
    }
    if (found && !Denied(words, i)) return true;
  }
  return false;
}

bool WantsPerson(const PhraseText& text) {
  if (HasWishPattern(text.words())) return true;
  for (const std::string_view phrase : kWishPhrases) {
    const size_t at = text.spaced().find(" " + std::string(phrase) + " ");
    if (at == std::string::npos) continue;
    const auto before =
        static_cast<size_t>(std::count(text.spaced().begin(), text.spaced().begin() + at, ' '));
    if (!Denied(text.words(), before)) return true;
  }
  const std::string whole =
      text.spaced().size() < 2 ? std::string() : text.spaced().substr(1, text.spaced().size() - 2);
  if (Contains(kWishAlone, whole)) return true;
  return HasChinese(text, kWishChinese) || Contains(kWishAloneChinese, text.dense());
}

bool IsShort(const PhraseText& text, size_t words, size_t characters) {
  const std::string& dense = text.dense();
  const bool chinese =
      std::any_of(dense.begin(), dense.end(), [](char c) { return (c & 0x80) != 0; });
  return chinese ? CountCharacters(dense) <= characters : text.words().size() <= words;
}

bool IsGreeting(const PhraseText& text) {
  // Nothing but greetings: "hello, good morning".
  std::string rest = text.spaced();
  for (const std::string_view phrase : kGreetings) {
    const std::string padded = " " + std::string(phrase) + " ";
    for (size_t at = rest.find(padded); at != std::string::npos; at = rest.find(padded)) {
      rest.replace(at, padded.size(), " ");
    }
  }
  if (!text.words().empty() && rest == " ") return true;
  constexpr size_t kMostCharacters = 5;
  return CountCharacters(text.dense()) <= kMostCharacters &&
         MentionsChinese(text, kGreetingsChinese) && !MentionsChinese(text, kThanksChinese);
}

}  // namespace

Wish ReadWish(std::string_view match_key) {
  const PhraseText text(match_key);
  Wish wish;
  if (Has(text, kCritical, kCriticalChinese)) {
    wish.urgency = common::v1::PRIORITY_P0;
  } else if (Has(text, kUrgent, kUrgentChinese)) {
    wish.urgency = common::v1::PRIORITY_P1;
  }
  wish.wants_person = WantsPerson(text);
  if (wish.wants_person) {
    wish.only_wish = IsShort(text, kOnlyWishWords, kOnlyWishCharacters);
    return wish;
  }
  wish.greeting = IsGreeting(text);
  const bool ends = IsShort(text, kShortWords, kShortCharacters) && !text.asks() &&
                    !HasEnglish(text, kGoesOn) && !MentionsChinese(text, kGoesOnChinese);
  if (ends && !wish.greeting) {
    wish.solved = Has(text, kSolved, kSolvedChinese);
    wish.thanks = Has(text, kThanks, kThanksChinese);
  }
  return wish;
}

common::v1::Priority MoreUrgent(common::v1::Priority a, common::v1::Priority b) {
  if (a == common::v1::PRIORITY_UNSPECIFIED) return b;
  if (b == common::v1::PRIORITY_UNSPECIFIED) return a;
  return std::min(a, b);
}

}  // namespace frontdesk::dialog
