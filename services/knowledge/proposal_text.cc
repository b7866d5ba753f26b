#include "services/knowledge/proposal_text.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <re2/re2.h>

#include "libs/base/utf8.h"
#include "libs/text/entities/finder.h"
#include "libs/text/language.h"
#include "libs/text/limits.h"
#include "libs/text/mask.h"
#include "libs/text/normalize.h"
#include "libs/text/segment.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxNames = 50;

struct Span {
  size_t begin = 0;
  size_t end = 0;
  std::string placeholder;  // empty: cut out
};

// Words that follow a salutation and name nobody.
bool IsNobody(std::string_view word) {
  static const auto* const kNobody = new std::set<std::string, std::less<>>{
      "mr",       "mrs",     "ms",       "miss",     "dr",     "all",  "team",  "there",  "sir",
      "madam",    "support", "customer", "everyone", "friend", "guys", "folks", "again",  "agent",
      "help",     "service", "user",     "client",   "dear",   "or",   "and",   "i",      "my",
      "the",      "a",       "we",       "you",      "it",     "is",   "how",   "what",   "why",
      "can",      "could",   "please",   "just",     "so",     "this", "that",  "not",    "having",
      "unable",   "trying",  "looking",  "using",    "still",  "very", "sorry", "happy",  "on",
      "in",       "from",    "at",       "writing",  "afraid", "sure", "yes",   "thanks", "thank",
      "thankyou", "ok",      "good",     "great",    "monday", "app",  "open",  "where",  "when",
      "do",       "does",    "did",      "are",      "will"};
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return kNobody->contains(lower);
}

// Chinese family names that are common enough to be told from words.
constexpr const char* kSurname =
    "(?:欧阳|司马|上官|诸葛|["
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
    "雷钱汤尹"
    "黎易常武乔贺赖龚文])";

// Patterns whose first group is a name.
const std::vector<std::unique_ptr<RE2>>& NamePatterns() {
  static const auto* const kPatterns = [] {
    auto* patterns = new std::vector<std::unique_ptr<RE2>>;
    const std::string name = R"(([A-Z][a-z'’]+(?: [A-Z][a-z'’]+){0,2}))";
    const std::string chinese = std::string("(") + kSurname + R"(\p{Han}{1,2}))";
    const std::string title = R"((?i:mr|mrs|ms|miss|dr)\.? )";
    const std::vector<std::string> all = {
        R"(\b(?i:hi|hello|hey|dear|thanks|thank you|good morning|good afternoon),? (?:)" + title +
            ")?" + name,
        R"(\b(?i:hi|hello|hey|dear|thanks|thank you),? ([a-z]{2,20})\s*[,!.]\s*$)",
        R"(\b)" + title + name,
        R"(\b(?i:my name is|my name's|full name:|contact name:|i'm called) )" + name,
        R"(\b(?i:this is) )" + name + R"( (?i:from|here|speaking|at)\b)",
        R"((?i:(?:best |kind |warm )?regards|cheers|yours|sincerely),?\s+)" + name + R"([.!\s]*$)",
        R"((?:我叫|我是|我的名字是|我的名字叫|姓名[：:是]?|收件人[：:是]?|联系人[：:是]?)\s*)" +
            chinese + R"((?:[^\p{Han}]|$))",
        R"((?:尊敬的|亲爱的))" + chinese + R"((?:[：:，,！]|$))",
        R"((?:^|[\s，,。！!]))" + chinese + R"((?:您好|你好))"};
    for (const std::string& pattern : all) {
      patterns->push_back(std::make_unique<RE2>(pattern));
    }
    return patterns;
  }();
  return *kPatterns;
}

// What is replaced whatever it says: people with their titles, English addresses, passwords.
struct Replacement {
  std::unique_ptr<RE2> pattern;  // its first group is replaced
  std::string placeholder;
};
const std::vector<Replacement>& Replacements() {
  static const auto* const kReplacements = [] {
    auto* all = new std::vector<Replacement>;
    const auto add = [all](const std::string& pattern, std::string placeholder) {
      all->push_back({std::make_unique<RE2>(pattern), std::move(placeholder)});
    };
    add(std::string("(") + kSurname + R"(\p{Han}{0,2}(?:先生|女士|小姐|太太)))", "[name]");
    add(R"((\b\d{1,5}[A-Za-z]? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive)"
        R"(|Dr|Boulevard|Blvd|Way|Court|Ct|Square|Sq|Terrace|Close|Crescent)\b\.?))",
        "[address]");
    // With a digit or a sign in it: "the password is wrong" says none.
    add(R"((?i:password|passcode|passwd|pin)(?i: is| was|:| =) ?)"
        R"(([^\s,;]{0,32}[0-9!@#$%^&*][^\s,;]{0,32}[^\s,;.!?]))",
        "[secret]");
    add(R"((?:密码|口令|验证码)(?:是|为|：|:)\s?([A-Za-z0-9!@#$%^&*_\-]{4,64}))", "[secret]");
    return all;
  }();
  return *kReplacements;
}

const text::EntityFinder* Finder() {
  static const auto* const kFinder = []() -> const text::EntityFinder* {
    text::EntityFinder::Options options;
    options.types = 0;
    for (const text::EntityType type :
         {text::EntityType::kOrderNumber, text::EntityType::kAddress, text::EntityType::kUrl}) {
      options.types |= uint32_t{1} << static_cast<uint32_t>(type);
    }
    auto made = text::EntityFinder::Create(options);
    return made.ok() ? new text::EntityFinder(*std::move(made)) : nullptr;
  }();
  return kFinder;
}

void AddEntities(std::string_view text, std::vector<Span>& spans) {
  text::EntityContext context;
  const auto found = Finder()->Find(text, context);
  if (!found.ok()) return;
  for (const text::Entity& entity : *found) {
    if (entity.type == text::EntityType::kOrderNumber) {
      spans.push_back({entity.begin, entity.end, "[order]"});
    } else if (entity.type == text::EntityType::kAddress) {
      // A city alone is nobody's address.
      const auto* address = std::get_if<text::AddressValue>(&entity.detail);
      if (address != nullptr && address->road.empty() && address->detail.empty() &&
          address->town.empty()) {
        continue;
      }
      spans.push_back({entity.begin, entity.end, "[address]"});
    } else if (entity.type == text::EntityType::kUrl) {
      const size_t tail = text.substr(entity.begin, entity.end - entity.begin).find_first_of("?#");
      if (tail != std::string_view::npos) {
        spans.push_back({entity.begin + tail, entity.end, ""});
      }
    }
  }
}

bool IsLetter(std::string_view text, size_t at) {
  if (at >= text.size()) return false;
  const char c = text[at];
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void AddNames(std::string_view text, const std::vector<std::string>& names,
              std::vector<Span>& spans) {
  for (const std::string& name : names) {
    for (size_t at = text.find(name); at != std::string_view::npos;
         at = text.find(name, at + name.size())) {
      const size_t end = at + name.size();
      const bool inside =
          IsLetter(name, 0) && ((at > 0 && IsLetter(text, at - 1)) || IsLetter(text, end));
      if (!inside) spans.push_back({at, end, "[name]"});
    }
  }
}

// Everything but what masking finds; of `masked` text.
std::vector<Span> SpansIn(std::string_view text, const std::vector<std::string>& names) {
  std::vector<Span> spans;
  AddEntities(text, spans);
  for (const Replacement& replacement : Replacements()) {
    re2::StringPiece rest(text.data(), text.size());
    re2::StringPiece group;
    while (RE2::FindAndConsume(&rest, *replacement.pattern, &group)) {
      const size_t begin = static_cast<size_t>(group.data() - text.data());
      spans.push_back({begin, begin + group.size(), replacement.placeholder});
    }
  }
  AddNames(text, names, spans);
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  // The longer of two that begin together, the first of two that cross.
  std::vector<Span> apart;
  for (Span& span : spans) {
    const bool placeholder = text.substr(span.begin, 1) == "[";
    if (placeholder || (!apart.empty() && span.begin < apart.back().end)) continue;
    apart.push_back(std::move(span));
  }
  return apart;
}

// Apostrophes as people type them on keyboards, so that words are words.
std::string PlainApostrophes(std::string text) {
  constexpr std::string_view kCurly = "’";
  for (size_t at = text.find(kCurly); at != std::string::npos; at = text.find(kCurly, at)) {
    text.replace(at, kCurly.size(), "'");
  }
  return text;
}

// Well-formed, without what nobody can see, of bounded length.
std::string Clean(std::string_view text) {
  const std::string whole(TruncateUtf8(
      text::BoundedWellFormed(text.substr(0, kMaxTurnBytesRead + 4)), kMaxTurnBytesRead));
  auto cleaned = text::CleanMessage(whole, text::kMaxTextBytes);
  return cleaned.ok() ? PlainApostrophes(*std::move(cleaned)) : std::string();
}

}  // namespace

std::vector<std::string> NamesIn(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& pattern : NamePatterns()) {
    re2::StringPiece rest(text.data(), text.size());
    std::string name;
    while (names.size() < kMaxNames && RE2::FindAndConsume(&rest, *pattern, &name)) {
      // "Hi Ada How are you": a name ends before a word that is none.
      std::string kept;
      for (size_t begin = 0; begin < name.size();) {
        const size_t end = std::min(name.find(' ', begin), name.size());
        const std::string word = name.substr(begin, end - begin);
        if (IsNobody(word)) break;
        kept += (kept.empty() ? "" : " ") + word;
        begin = end + 1;
      }
      if (kept.size() < 2) continue;
      names.push_back(kept);
      // "Ada Lovelace" is called Ada later on.
      if (const size_t space = kept.find(' '); space != std::string::npos) {
        names.push_back(kept.substr(0, space));
        names.push_back(kept.substr(kept.rfind(' ') + 1));
      }
    }
  }
  return names;
}

std::string WithoutPersonalData(std::string_view text, const std::vector<std::string>& names) {
  const std::string well_formed = text::BoundedWellFormed(text);
  // Order numbers and addresses first: masking would take a long order number for a card.
  std::string replaced;
  size_t at = 0;
  for (const Span& span : SpansIn(well_formed, names)) {
    replaced += well_formed.substr(at, span.begin - at);
    replaced += span.placeholder;
    at = span.end;
  }
  replaced += well_formed.substr(at);
  auto masked = text::MaskPersonalData(replaced);
  return masked.ok() ? std::move(masked->text) : std::string();
}

PlainTranscript Depersonalize(const process::Transcript& transcript) {
  const size_t skipped =
      transcript.turns.size() > kMaxTurnsRead ? transcript.turns.size() - kMaxTurnsRead : 0;
  std::vector<std::pair<bool, std::string>> said;  // by the customer?
  std::vector<std::string> names;
  std::string customer_words;
  for (size_t i = skipped; i < transcript.turns.size(); ++i) {
    const process::Transcript::Turn& turn = transcript.turns[i];
    if (turn.author == process::Transcript::Author::kBot) continue;
    std::string clean = Clean(turn.text);
    for (std::string& name : NamesIn(clean)) {
      if (names.size() < kMaxNames) names.push_back(std::move(name));
    }
    const bool customer = turn.author == process::Transcript::Author::kCustomer;
    if (customer) customer_words += clean + "\n";
    said.emplace_back(customer, std::move(clean));
  }
  PlainTranscript plain;
  plain.locale = text::GuessLanguage(customer_words.empty() ? Clean(transcript.subject)
                                                            : customer_words) == "zh"
                     ? "zh"
                     : "en";
  plain.subject = WithoutPersonalData(Clean(transcript.subject), names);
  std::replace(plain.subject.begin(), plain.subject.end(), '\n', ' ');
  for (auto& [customer, words] : said) {
    SpokenTurn turn{customer,
                    text::Sentences(BreakBeforeNumbers(WithoutPersonalData(words, names)))};
    for (std::string& sentence : turn.sentences) {
      std::replace(sentence.begin(), sentence.end(), '\t', ' ');
    }
    if (!turn.sentences.empty()) plain.turns.push_back(std::move(turn));
  }
  return plain;
}

std::vector<PersonalSpan> FindPersonalData(const v1::ArticleContent& content) {
  std::vector<PersonalSpan> found;
  const auto look = [&](const std::string& field, const std::string& text) {
    std::vector<Span> spans = SpansIn(text, NamesIn(text));
    if (const auto masked = text::MaskPersonalData(text); masked.ok()) {
      for (const text::MaskSpan& span : masked->spans) {
        spans.push_back({span.begin, span.end, std::string(text::PlaceholderOf(span.kind))});
      }
    }
    for (const Span& span : spans) {
      if (span.placeholder.empty()) continue;  // links are the author's own in what he wrote
      found.push_back(
          {field, static_cast<int>(span.begin), static_cast<int>(span.end), span.placeholder});
    }
  };
  look("title", content.title());
  for (int i = 0; i < content.questions_size(); ++i) {
    look(fmt::format("questions[{}]", i), content.questions(i));
  }
  look("body", content.body());
  return found;
}

}  // namespace frontdesk::knowledge
