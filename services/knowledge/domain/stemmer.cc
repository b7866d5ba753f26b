#include "services/knowledge/domain/stemmer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace frontdesk::knowledge {
namespace {

// One word on its way through Porter's five steps.
class Porter {
 public:
  explicit Porter(std::string_view word) : word_(word) {}

  std::string Run() && {
    Plurals();
    PastAndGerund();
    if (EndsWith("y") && HasVowel(word_.size() - 1)) word_.back() = 'i';
    DoubleSuffixes();
    FullSuffixes();
    BareSuffixes();
    FinalLetters();
    return std::move(word_);
  }

 private:
  struct Rule {
    std::string_view suffix;
    std::string_view with;
  };

  bool IsConsonant(size_t i) const {
    switch (word_[i]) {
      case 'a':
      case 'e':
      case 'i':
      case 'o':
      case 'u':
        return false;
      case 'y':
        return i == 0 || !IsConsonant(i - 1);
      default:
        return true;
    }
  }
  // How many vowel-consonant sequences the first `length` letters hold.
  int Measure(size_t length) const {
    int count = 0;
    bool vowel = false;
    for (size_t i = 0; i < length; ++i) {
      if (!IsConsonant(i)) {
        vowel = true;
      } else if (vowel) {
        ++count;
        vowel = false;
      }
    }
    return count;
  }
  bool HasVowel(size_t length) const {
    for (size_t i = 0; i < length; ++i) {
      if (!IsConsonant(i)) return true;
    }
    return false;
  }
  bool EndsDouble() const {
    const size_t n = word_.size();
    return n >= 2 && word_[n - 1] == word_[n - 2] && IsConsonant(n - 1);
  }
  // Consonant, vowel, consonant at the end of `length` letters, the last not w, x or y.
  bool EndsShort(size_t length) const {
    if (length < 3) return false;
    const char last = word_[length - 1];
    return IsConsonant(length - 1) && !IsConsonant(length - 2) && IsConsonant(length - 3) &&
           last != 'w' && last != 'x' && last != 'y';
  }
  bool EndsWith(std::string_view suffix) const {
    // Most rules fail at the last letter already.
    return word_.size() >= suffix.size() && word_.back() == suffix.back() &&
           word_.ends_with(suffix);
  }
  void Replace(std::string_view suffix, std::string_view with) {
    word_.replace(word_.size() - suffix.size(), suffix.size(), with);
  }
  // The first rule whose suffix fits decides, whether its condition holds or not.
  template <size_t N>
  void ApplyFirst(const std::array<Rule, N>& rules, int more_than) {
    for (const Rule& rule : rules) {
      if (!EndsWith(rule.suffix)) continue;
      if (Measure(word_.size() - rule.suffix.size()) > more_than) Replace(rule.suffix, rule.with);
      return;
    }
  }

  void Plurals() {
    if (EndsWith("sses")) {
      Replace("sses", "ss");
    } else if (EndsWith("ies")) {
      Replace("ies", "i");
    } else if (EndsWith("s") && !EndsWith("ss")) {
      word_.pop_back();
    }
  }
  void PastAndGerund() {
    if (EndsWith("eed")) {
      if (Measure(word_.size() - 3) > 0) word_.pop_back();
      return;
    }
    std::string_view suffix;
    if (EndsWith("ed")) suffix = "ed";
    if (EndsWith("ing")) suffix = "ing";
    if (suffix.empty() || !HasVowel(word_.size() - suffix.size())) return;
    Replace(suffix, "");
    if (EndsWith("at") || EndsWith("bl") || EndsWith("iz")) {
      word_.push_back('e');
    } else if (EndsDouble() && !EndsWith("l") && !EndsWith("s") && !EndsWith("z")) {
      word_.pop_back();
    } else if (Measure(word_.size()) == 1 && EndsShort(word_.size())) {
      word_.push_back('e');
    }
  }
  void DoubleSuffixes() {
    static constexpr std::array<Rule, 20> kRules = {
        {{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"},   {"anci", "ance"},
         {"izer", "ize"},    {"abli", "able"},   {"alli", "al"},     {"entli", "ent"},
         {"eli", "e"},       {"ousli", "ous"},   {"ization", "ize"}, {"ation", "ate"},
         {"ator", "ate"},    {"alism", "al"},    {"iveness", "ive"}, {"fulness", "ful"},
         {"ousness", "ous"}, {"aliti", "al"},    {"iviti", "ive"},   {"biliti", "ble"}}};
    ApplyFirst(kRules, 0);
  }
  void FullSuffixes() {
    static constexpr std::array<Rule, 7> kRules = {{{"icate", "ic"},
                                                    {"ative", ""},
                                                    {"alize", "al"},
                                                    {"iciti", "ic"},
                                                    {"ical", "ic"},
                                                    {"ful", ""},
                                                    {"ness", ""}}};
    ApplyFirst(kRules, 0);
  }
  void BareSuffixes() {
    static constexpr std::array<std::string_view, 19> kSuffixes = {
        "al",  "ance", "ence", "er",  "ic",  "able", "ible", "ant", "ement", "ment",
        "ent", "ion",  "ou",   "ism", "ate", "iti",  "ous",  "ive", "ize"};
    for (const std::string_view suffix : kSuffixes) {
      if (!EndsWith(suffix)) continue;
      const size_t length = word_.size() - suffix.size();
      if (suffix == "ion" &&
          (length == 0 || (word_[length - 1] != 's' && word_[length - 1] != 't'))) {
        return;
      }
      if (Measure(length) > 1) Replace(suffix, "");
      return;
    }
  }
  void FinalLetters() {
    if (EndsWith("e")) {
      const size_t length = word_.size() - 1;
      const int measure = Measure(length);
      if (measure > 1 || (measure == 1 && !EndsShort(length))) word_.pop_back();
    }
    if (EndsWith("ll") && Measure(word_.size()) > 1) word_.pop_back();
  }

  std::string word_;
};

}  // namespace

std::string StemEnglish(std::string_view word) {
  const bool plain =
      std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!plain || word.size() < 3) return std::string(word);
  return Porter(word).Run();
}

}  // namespace frontdesk::knowledge
