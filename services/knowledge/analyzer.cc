#include "services/knowledge/analyzer.h"

#include <algorithm>
#include <functional>

#include "absl/functional/function_ref.h"
#include "libs/text/language.h"
#include "libs/text/normalize.h"
#include "libs/text/segment.h"
#include "services/knowledge/domain/stemmer.h"
#include "services/knowledge/domain/stop_words.h"

namespace frontdesk::knowledge {
namespace {

constexpr double kWeakWeight = 0.2;
constexpr size_t kMaxWordBytes = 64;
constexpr size_t kHanBytes = 3;

// Bytes of the character at the head of well-formed `text`.
size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(bytes, text.size());
}

char32_t Decode(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  char32_t value = static_cast<unsigned char>(character[0]) & (0xFF >> (character.size() + 1));
  for (const char c : character.substr(1))
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return value;
}

// The common ideographs, three bytes each; rarer planes are treated as letters of a word.
bool IsHan(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF); }

bool IsWordCharacter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  if (c == 0xD7 || c == 0xF7) return false;
  return (c >= 0xC0 && c < 0x2000) || (c >= 0x3040 && c < 0x3400) || (c >= 0xA000 && c < 0xE000) ||
         c >= 0x20000;
}

// Letters and digits as wide as ideographs, which folding makes plain.
bool IsWideWordCharacter(char32_t c) {
  return (c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) ||
         (c >= 0xFF41 && c <= 0xFF5A);
}

bool IsApostrophe(char32_t c) { return c == '\'' || c == 0x2019; }

// Calls `visit(run, han)` for each run of ideographs and each other word of folded text, without
// apostrophes.
void VisitRuns(std::string_view folded, absl::FunctionRef<void(const std::string&, bool)> visit) {
  std::string run;
  bool han = false;
  auto close = [&] {
    if (!run.empty()) visit(run, han);
    run.clear();
  };
  while (!folded.empty()) {
    const std::string_view character = folded.substr(0, CharacterBytes(folded));
    folded.remove_prefix(character.size());
    const char32_t c = Decode(character);
    if (IsApostrophe(c)) continue;
    const bool is_han = IsHan(c);
    if (!is_han && !IsWordCharacter(c)) {
      close();
      continue;
    }
    if (is_han != han) close();
    han = is_han;
    run.append(character);
  }
  close();
}

void AddWord(TextView& view, std::string text, bool han, WordClass word_class) {
  if (word_class == WordClass::kStop || text.size() > kMaxWordBytes) return;
  const double weight = word_class == WordClass::kWeak ? kWeakWeight : 1.0;
  for (const Word& word : view.words) {
    if (word.text == text) return;
  }
  view.words.push_back({std::move(text), han, weight});
}

// Appends the fold of the character at the head of `text`, whose bytes it returns; 0 = it takes ICU.
size_t FoldPlain(std::string_view text, std::string& out) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    const bool space = lead <= 0x20 || lead == 0x7F;
    if (!space) {
      out += static_cast<char>(lead >= 'A' && lead <= 'Z' ? lead + 0x20 : lead);
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
    return 1;
  }
  if (text.size() < 3 || lead < 0xE3 || lead > 0xEF || (byte(1) & 0xC0) != 0x80 ||
      (byte(2) & 0xC0) != 0x80) {
    return 0;
  }
  const char32_t c = Decode(text.substr(0, 3));
  if (c >= 0xFF01 && c <= 0xFF5E) {
    FoldPlain(std::string(1, static_cast<char>(c - 0xFEE0)), out);
    return 3;
  }
  if ((c < 0x4E00 || c > 0x9FA5) && c != 0x3001 && c != 0x3002) return 0;
  out.append(text.substr(0, 3));
  return 3;
}

}  // namespace

std::string Fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = FoldPlain(text.substr(at), out);
    if (bytes == 0) return text::MatchKey(text);
    at += bytes;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Heads HeadsOf(const std::vector<Word>& words) {
  Heads heads;
  const auto add = [&](const Word& word) {
    if (!word.han && !word.text.empty()) heads.set(static_cast<unsigned char>(word.text.front()));
  };
  for (const Word& word : words) {
    add(word);
    for (const std::vector<Word>& same : word.same) std::ranges::for_each(same, add);
  }
  return heads;
}

TextView AnalyzeHeld(std::string_view text, const Heads& heads) {
  TextView view;
  view.folded = Fold(text);
  VisitRuns(view.folded, [&](const std::string& run, bool han) {
    if (han || !heads.test(static_cast<unsigned char>(run.front()))) return;
    if (ClassifyEnglish(run) != WordClass::kStop) view.stems.insert(StemEnglish(run));
  });
  return view;
}

std::vector<std::string> IndexTerms(std::string_view text) {
  std::vector<std::string> terms;
  VisitRuns(Fold(text), [&](const std::string& run, bool han) {
    if (!han) {
      if (run.size() <= kMaxWordBytes && ClassifyEnglish(run) != WordClass::kStop) {
        terms.push_back(StemEnglish(run));
      }
      return;
    }
    for (size_t at = 0; at < run.size(); at += kHanBytes) {
      terms.push_back(run.substr(at, kHanBytes));
      if (at + 2 * kHanBytes <= run.size()) terms.push_back(run.substr(at, 2 * kHanBytes));
    }
  });
  return terms;
}

TextView AnalyzeText(std::string_view text) {
  TextView view;
  view.folded = Fold(text);
  VisitRuns(view.folded, [&](const std::string& run, bool han) {
    if (!han) {
      const WordClass word_class = ClassifyEnglish(run);
      std::string stem = StemEnglish(run);
      if (word_class != WordClass::kStop) view.stems.insert(stem);
      AddWord(view, std::move(stem), false, word_class);
      return;
    }
    for (std::string& word : text::Words(run)) {
      const WordClass word_class = ClassifyChinese(word);
      AddWord(view, std::move(word), true, word_class);
    }
  });
  return view;
}

std::vector<std::string> TermsOf(const Word& word) {
  if (!word.han || word.text.size() <= 2 * kHanBytes) return {word.text};
  std::vector<std::string> terms;
  for (size_t at = 0; at + 2 * kHanBytes <= word.text.size(); at += kHanBytes) {
    terms.push_back(word.text.substr(at, 2 * kHanBytes));
  }
  return terms;
}

std::vector<std::string> QueryTerms(const std::vector<Word>& words) {
  std::vector<std::string> terms;
  for (const Word& word : words) {
    for (std::string& term : TermsOf(word)) terms.push_back(std::move(term));
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

std::vector<Token> Tokenize(std::string_view text) {
  std::vector<Token> tokens;
  bool open = false;
  std::string letters;
  const auto close = [&] {
    if (open) tokens.back().folded = Fold(letters);
    open = false;
    letters.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, CharacterBytes(text.substr(at)));
    at += character.size();
    const char32_t c = Decode(character);
    if (IsApostrophe(c)) continue;
    const bool han = IsHan(c);
    if (!han && !IsWordCharacter(c) && !IsWideWordCharacter(c)) {
      close();
      continue;
    }
    if (open && tokens.back().han != han) close();
    if (!open) tokens.push_back({at - character.size(), at, {}, han});
    open = true;
    tokens.back().end = at;
    letters.append(character);
  }
  close();
  return tokens;
}

std::u32string Characters32(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, CharacterBytes(text));
    text.remove_prefix(character.size());
    characters.push_back(Decode(character));
  }
  return characters;
}

std::string SearchLocale(std::string_view requested, std::string_view text) {
  const std::string key = Fold(requested.substr(0, 16));
  const std::string primary = key.substr(0, key.find_first_of("-_"));
  if (primary == "en" || primary == "zh") return primary;
  return text::GuessLanguage(text) == "zh" ? "zh" : "en";
}

}  // namespace frontdesk::knowledge
