#include "services/knowledge/domain/proposal.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/gap.h"
#include "services/knowledge/domain/sentence_words.h"
#include "services/knowledge/domain/text_checks.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxStepCharacters = 500;
constexpr int kMinQuestionScore = 2;
constexpr int kMinStatement = 4;  // words, or pairs of characters

using WordList = std::span<const std::string_view>;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '\'';
}

// English words end where no letter follows; Chinese ones anywhere.
bool EndsHere(std::string_view text, size_t at) {
  return at >= text.size() || !IsWordByte(text[at]) || !IsWordByte(text[at - 1]);
}

// Bytes of the longest word that `lower` begins with; 0 = none.
size_t Beginning(std::string_view lower, WordList words) {
  size_t longest = 0;
  for (const std::string_view word : words) {
    if (word.size() > longest && lower.substr(0, word.size()) == word &&
        EndsHere(lower, word.size())) {
      longest = word.size();
    }
  }
  return longest;
}

// Bytes of the longest word that `lower` ends with; 0 = none.
size_t Ending(std::string_view lower, WordList words) {
  size_t longest = 0;
  for (const std::string_view word : words) {
    if (word.size() <= longest || !lower.ends_with(word)) continue;
    const size_t at = lower.size() - word.size();
    if (at == 0 || !IsWordByte(lower[at - 1]) || !IsWordByte(lower[at])) longest = word.size();
  }
  return longest;
}

bool Holds(std::string_view lower, WordList words) {
  for (const std::string_view word : words) {
    for (size_t at = lower.find(word); at != std::string_view::npos;
         at = lower.find(word, at + 1)) {
      const bool begins = at == 0 || !IsWordByte(lower[at - 1]) || !IsWordByte(lower[at]);
      if (begins && EndsHere(lower, at + word.size())) return true;
    }
  }
  return false;
}

constexpr std::string_view kMarks[] = {",",  ".",  "!",  ":",  ";",  "~",  "-", " ", "\t", "，",
                                       "。", "！", "：", "；", "～", "、", "…", "—", "　"};

// Bytes of the marks and spaces that `text` begins with.
size_t MarksBytes(std::string_view text) {
  size_t at = 0;
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view mark : kMarks) {
      if (text.substr(at, mark.size()) != mark) continue;
      at += mark.size();
      found = true;
    }
  }
  return at;
}

std::string_view WithoutMarksAtEnd(std::string_view text) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view mark : kMarks) {
      if (!text.ends_with(mark)) continue;
      text.remove_suffix(mark.size());
      found = true;
    }
  }
  return text;
}

bool Asks(std::string_view sentence) {
  sentence = WithoutMarksAtEnd(sentence);
  return sentence.ends_with('?') || sentence.ends_with("？");
}

// Words of an English sentence, two characters a word of a Chinese one.
int Length(std::string_view text, std::string_view locale) {
  if (locale == "zh") return Characters(text) / 2;
  int words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool word = c != ' ' && c != '\t';
    words += word && !inside;
    inside = word;
  }
  return words;
}

std::string Capitalized(std::string_view text) {
  std::string result(text);
  if (!result.empty() && result[0] >= 'a' && result[0] <= 'z') {
    result[0] = static_cast<char>(result[0] - 'a' + 'A');
  }
  return result;
}

bool IsDigit(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// Bytes of "1. ", "Step 2:", "3、", "第一步：", "①", "- " at the head of `text`; 0 = none.
size_t NumberingBytes(std::string_view text) {
  const std::string lower = Lower(text.substr(0, 32));
  size_t at = lower.starts_with("step ") ? 5 : 0;
  const size_t digits = at;
  while (IsDigit(text, at) && at < digits + 2) ++at;
  if (at > digits) {
    for (const std::string_view mark : {".", ")", ":", "、", "．", "）", "：", "，"}) {
      const size_t end = at + mark.size();
      if (text.substr(at, mark.size()) == mark && !IsDigit(text, end)) {
        return end + MarksBytes(text.substr(end));
      }
    }
    return 0;
  }
  if (text.starts_with("第")) {
    const size_t step = text.substr(0, 15).find("步");
    if (step == std::string_view::npos) return 0;
    const size_t end = step + std::string_view("步").size();
    return end + MarksBytes(text.substr(end));
  }
  // U+2460 to U+2473, circled numbers.
  if (text.size() > 2 && text[0] == '\xE2' && text[1] == '\x91' &&
      static_cast<unsigned char>(text[2]) <= 0xB3) {
    return 3 + MarksBytes(text.substr(3));
  }
  for (const std::string_view bullet : {"- ", "* ", "• "}) {
    if (text.starts_with(bullet)) return bullet.size();
  }
  return 0;
}

// Bytes of "First,", "then", "请您" at the head of `text`.
size_t ConnectivesBytes(std::string_view text, std::string_view locale) {
  const std::string lower = Lower(text);
  size_t at = 0;
  while (true) {
    const size_t marks = MarksBytes(std::string_view(lower).substr(at));
    const size_t word =
        Beginning(std::string_view(lower).substr(at + marks), WordsOf(locale).connectives);
    if (word == 0) return at == 0 ? marks : at + marks;
    at += marks + word;
  }
}

// True for what begins with a verb, once the words before it are off.
bool IsImperative(std::string_view text, std::string_view locale) {
  const SentenceWords& words = WordsOf(locale);
  const size_t cut = ConnectivesBytes(text, locale);
  std::string lower = Lower(text.substr(cut));
  const size_t permission = Beginning(lower, words.permissions);
  if (permission > 0) {
    lower.erase(0, permission);
    lower.erase(0, ConnectivesBytes(lower, locale));
  }
  if (const size_t verb = Beginning(lower, words.verbs_with_object); verb > 0) {
    const std::string_view behind = std::string_view(lower).substr(verb);
    return Beginning(behind.substr(MarksBytes(behind)), words.determiners) > 0;
  }
  if (const size_t verb = Beginning(lower, words.verbs); verb > 0) {
    return Beginning(std::string_view(lower).substr(verb), words.time_endings) == 0;
  }
  // "请…" asks to do something whatever follows.
  if (locale == "zh" && text.substr(0, cut).find("请") != std::string_view::npos) return true;
  if (locale != "zh") return false;
  const size_t preposition = Beginning(lower, words.prepositions);
  return preposition > 0 && Holds(std::string_view(lower).substr(preposition), words.verbs);
}

// "If that does not help, restart it."
bool IsConditionalStep(std::string_view text, std::string_view locale) {
  if (Beginning(Lower(text), WordsOf(locale).conditions) == 0) return false;
  for (const std::string_view comma : {", ", "，", ","}) {
    const size_t at = text.find(comma);
    if (at == std::string_view::npos) continue;
    return IsImperative(text.substr(at + comma.size()), locale);
  }
  return false;
}

bool IsCourtesy(std::string_view lower, std::string_view locale) {
  constexpr int kShort = 5;
  return Length(lower, locale) <= kShort && Beginning(lower, WordsOf(locale).courtesies) > 0;
}

// "我" that is not "我们": who says "we" speaks of the house.
bool SpeaksOfSelf(std::string lower, std::string_view locale) {
  if (locale == "zh") {
    for (size_t at = lower.find("我们"); at != std::string::npos; at = lower.find("我们", at)) {
      lower.erase(at, std::string_view("我们").size());
    }
  }
  return Holds(lower, WordsOf(locale).first_person);
}

// What speaks of one person, parcel or card: placeholders are all that is left of these.
bool SpeaksOfOne(std::string_view text) {
  constexpr std::string_view kPlaceholders[] = {"[name]", "[phone]", "[email]",  "[address]",
                                                "[id]",   "[card]",  "[secret]", "[order]"};
  return std::ranges::any_of(kPlaceholders, [&](std::string_view placeholder) {
    return text.find(placeholder) != std::string_view::npos;
  });
}

// True for what only asks for a person to talk to.
bool WantsPerson(std::string_view lower, std::string_view locale) {
  const SentenceWords& words = WordsOf(locale);
  if (Holds(lower, words.person_wishes)) return true;
  while (true) {
    lower = WithoutMarksAtEnd(lower);
    for (const std::string_view mark : {"?", "？"}) {
      if (lower.ends_with(mark)) lower.remove_suffix(mark.size());
    }
    lower = WithoutMarksAtEnd(lower);
    if (Ending(lower, words.person_wish_endings) > 0) return true;
    const size_t polite = Ending(lower, words.polite_endings);
    if (polite == 0) return false;
    lower.remove_suffix(polite);
  }
}

struct Candidate {
  std::string text;
  int score = 0;
};

int ScoreOf(std::string_view question, std::string_view locale, bool first_turn) {
  constexpr int kLongestUsual = 30;
  constexpr int kShortQuestion = 8;
  const SentenceWords& words = WordsOf(locale);
  const std::string lower = Lower(question);
  const int length = Length(question, locale);
  int score = 0;
  if (Asks(question)) score += 3;
  if (Holds(lower, words.question_words) || Beginning(lower, words.question_beginnings) > 0) {
    score += 2;
  }
  if (Holds(lower, words.problem_words)) score += 2;
  if (length >= 4 && length <= kLongestUsual) score += 1;
  if (first_turn) score += 2;
  if (Beginning(lower, words.pronouns) > 0) score -= 3;
  if (length <= kShortQuestion && Holds(lower, words.references)) score -= 7;
  score -= static_cast<int>(std::count(lower.begin(), lower.end(), '['));
  return score;
}

// A number that the sentence rules took for a sentence ("1." before "Open …") goes to what follows.
std::vector<std::string> WithNumbers(const std::vector<std::string>& sentences) {
  std::vector<std::string> joined;
  std::string number;
  for (const std::string& sentence : sentences) {
    if (number.empty() && !sentence.empty() && NumberingBytes(sentence) == sentence.size()) {
      number = sentence;
      continue;
    }
    joined.push_back(number.empty() ? sentence : number + " " + sentence);
    number.clear();
  }
  return joined;
}

std::vector<Candidate> QuestionsOf(std::string_view locale, std::string_view subject,
                                   const std::vector<SpokenTurn>& turns) {
  std::vector<Candidate> found;
  std::set<std::string> seen;
  const auto add = [&](std::string text, bool first_turn) {
    text = FirstCharacters(text, kMaxQuestionCharacters);
    const int score = ScoreOf(text, locale, first_turn);
    if (score < kMinQuestionScore || !seen.insert(PlainWords(text)).second) return;
    found.push_back({std::move(text), score});
  };
  const SpokenTurn* first = nullptr;
  for (const SpokenTurn& turn : turns) {
    if (!turn.customer) continue;
    if (first == nullptr) first = &turn;
    for (const std::string& sentence : turn.sentences) {
      if (UseOfCustomerSentence(sentence, locale) == SentenceUse::kQuestion) {
        add(WithoutGreeting(sentence, locale), &turn == first);
      }
    }
  }
  // Who neither asks nor complains has said what it is about in the first words.
  for (size_t i = 0; found.empty() && first != nullptr && i < first->sentences.size(); ++i) {
    const std::string plain = WithoutGreeting(first->sentences[i], locale);
    const std::string lower = Lower(plain);
    if (Length(plain, locale) >= kMinStatement && !IsCourtesy(lower, locale) &&
        !Holds(lower, WordsOf(locale).solved) && !WantsPerson(lower, locale)) {
      add(plain, true);
    }
  }
  if (UseOfCustomerSentence(subject, locale) == SentenceUse::kQuestion) {
    add(WithoutGreeting(subject, locale), true);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  if (found.size() > kMaxDraftQuestions) found.resize(kMaxDraftQuestions);
  return found;
}

std::string BodyOf(std::string_view locale, const std::vector<SpokenTurn>& turns) {
  std::vector<std::string> steps, explanations;
  std::set<std::string> seen;
  for (const SpokenTurn& turn : turns) {
    if (turn.customer) continue;
    for (const std::string& sentence : WithNumbers(turn.sentences)) {
      const SentenceUse use = UseOfAgentSentence(sentence, locale);
      if (use == SentenceUse::kStep) {
        for (std::string& step : StepsOf(sentence, locale)) {
          if (steps.size() < kMaxDraftSteps && seen.insert(PlainWords(step)).second) {
            steps.push_back(std::move(step));
          }
        }
      } else if (use == SentenceUse::kExplanation && explanations.size() < kMaxDraftExplanations &&
                 seen.insert(PlainWords(sentence)).second) {
        explanations.push_back(
            FirstCharacters(WithoutGreeting(sentence, locale), kMaxStepCharacters));
      }
    }
  }
  std::string body;
  for (const std::string& explanation : explanations) {
    if (!body.empty() && locale != "zh") body += ' ';
    body += explanation;
  }
  if (!body.empty() && !steps.empty()) body += "\n\n";
  for (size_t i = 0; i < steps.size(); ++i) {
    body += fmt::format("{}. {}{}", i + 1, steps[i], i + 1 < steps.size() ? "\n" : "");
  }
  return body;
}

}  // namespace

std::string BreakBeforeNumbers(std::string_view text) {
  // "1" … "2" … : where the next one begins, and behind which text.
  const auto find = [&](int number, size_t from) {
    const std::string digits = fmt::format("{}", number);
    for (size_t at = text.find(digits, from); at != std::string_view::npos;
         at = text.find(digits, at + 1)) {
      const std::string_view before = text.substr(0, at);
      const bool apart = before.empty() || before.ends_with('\n') ||
                         WithoutMarksAtEnd(before).size() < before.size();
      const size_t numbering = NumberingBytes(text.substr(at));
      const bool whole = !IsDigit(text, at + digits.size());
      if (apart && whole && numbering > 0 && at + numbering < text.size()) return at;
    }
    return std::string_view::npos;
  };
  std::vector<size_t> places;
  for (int number = 1; number <= kMaxDraftSteps; ++number) {
    const size_t at = find(number, places.empty() ? 0 : places.back() + 1);
    if (at == std::string_view::npos) break;
    places.push_back(at);
  }
  if (places.size() < 2) return std::string(text);
  std::string broken;
  size_t done = 0;
  for (const size_t place : places) {
    broken += text.substr(done, place - done);
    if (!broken.empty() && broken.back() != '\n') broken += '\n';
    done = place;
  }
  broken += text.substr(done);
  return broken;
}

std::string PlainWords(std::string_view text) { return NormalizeQuestion(Lower(text)); }

std::string WithoutGreeting(std::string_view sentence, std::string_view locale) {
  const SentenceWords& words = WordsOf(locale);
  while (true) {
    sentence.remove_prefix(MarksBytes(sentence));
    const std::string lower = Lower(sentence);
    const size_t greeting = Beginning(lower, words.greetings);
    const size_t opener = Beginning(lower, words.openers);
    const bool marked = opener > 0 && MarksBytes(sentence.substr(opener)) > 0 &&
                        !sentence.substr(opener).starts_with(' ');
    const size_t cut = std::max(greeting, marked || opener == sentence.size() ? opener : 0);
    if (cut == 0) return Capitalized(sentence);
    sentence.remove_prefix(cut);
  }
}

SentenceUse UseOfCustomerSentence(std::string_view sentence, std::string_view locale) {
  constexpr int kMinLength = 2;
  const SentenceWords& words = WordsOf(locale);
  const std::string plain = WithoutGreeting(sentence, locale);
  const std::string lower = Lower(plain);
  if (Length(plain, locale) < kMinLength || IsCourtesy(lower, locale) ||
      Holds(lower, words.solved) || WantsPerson(lower, locale)) {
    return SentenceUse::kNothing;
  }
  const bool asks =
      Asks(plain) || Holds(lower, words.question_words) ||
      (Beginning(lower, words.question_beginnings) > 0 && Length(plain, locale) > kMinLength + 1);
  return asks || Holds(lower, words.problem_words) ? SentenceUse::kQuestion : SentenceUse::kNothing;
}

SentenceUse UseOfAgentSentence(std::string_view sentence, std::string_view locale) {
  constexpr int kMinExplanation = 4;
  const SentenceWords& words = WordsOf(locale);
  const size_t numbering = NumberingBytes(sentence);
  const std::string plain = WithoutGreeting(sentence.substr(numbering), locale);
  const std::string lower = Lower(plain);
  if (plain.empty() || Asks(plain) || Holds(Lower(sentence), words.requests) ||
      IsCourtesy(lower, locale)) {
    return SentenceUse::kNothing;
  }
  // Who is spoken to at the beginning is no part of a step: "请[name]打开…".
  if (SpeaksOfOne(std::string_view(lower).substr(ConnectivesBytes(plain, locale)))) {
    return SentenceUse::kNothing;
  }
  if (numbering > 0 || IsImperative(plain, locale) || IsConditionalStep(plain, locale)) {
    return SentenceUse::kStep;
  }
  if (Length(plain, locale) < kMinExplanation || SpeaksOfSelf(lower, locale) ||
      SpeaksOfOne(lower)) {
    return SentenceUse::kNothing;
  }
  return SentenceUse::kExplanation;
}

std::vector<std::string> StepsOf(std::string_view sentence, std::string_view locale) {
  const SentenceWords& words = WordsOf(locale);
  sentence.remove_prefix(NumberingBytes(sentence));
  const std::string plain = WithoutGreeting(sentence, locale);
  const std::string lower = Lower(plain);
  std::vector<std::string> steps;
  size_t begin = 0;
  const auto add = [&](size_t end) {
    std::string_view part = std::string_view(plain).substr(begin, end - begin);
    part.remove_prefix(ConnectivesBytes(part, locale));
    const size_t permission = Beginning(Lower(part), words.permissions);
    part.remove_prefix(permission);
    part.remove_prefix(ConnectivesBytes(part, locale));
    if (end < plain.size() || part.ends_with(';') || part.ends_with("；")) {
      part = WithoutMarksAtEnd(part);
    }
    if (!part.empty()) steps.push_back(FirstCharacters(Capitalized(part), kMaxStepCharacters));
  };
  while (true) {
    size_t cut = std::string::npos, mark = 0;
    for (const std::string_view word : words.step_breaks) {
      const size_t at = lower.find(word, begin);
      if (at < cut) cut = at, mark = word.size();
    }
    if (cut == std::string::npos) break;
    // What follows must be a step itself, or the sentence is cut in two halves of one.
    const std::string_view rest = std::string_view(plain).substr(cut + mark);
    if (!IsImperative(rest, locale)) break;
    add(cut);
    begin = cut + mark;
  }
  add(plain.size());
  return steps;
}

v1::ArticleContent DraftArticle(std::string_view locale, std::string_view subject,
                                const std::vector<SpokenTurn>& turns) {
  v1::ArticleContent content;
  for (Candidate& question : QuestionsOf(locale, subject, turns)) {
    content.add_questions(std::move(question.text));
  }
  const std::string_view title =
      content.questions_size() > 0 ? std::string_view(content.questions(0)) : subject;
  content.set_title(FirstCharacters(WithoutMarksAtEnd(title), kMaxTitleCharacters));
  content.set_body(BodyOf(locale, turns));
  return content;
}

bool AddQuestions(v1::ArticleContent& content, const v1::ArticleContent& from) {
  std::set<std::string> known = {PlainWords(content.title())};
  for (const std::string& question : content.questions()) known.insert(PlainWords(question));
  bool added = false;
  for (const std::string& question : from.questions()) {
    if (content.questions_size() >= kMaxQuestions) break;
    if (!known.insert(PlainWords(question)).second) continue;
    content.add_questions(question);
    added = true;
  }
  return added;
}

}  // namespace frontdesk::knowledge
