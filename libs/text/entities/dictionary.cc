#include "libs/text/entities/dictionary.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"

namespace frontdesk::text {
namespace {

constexpr int kEditsMax = 2;
constexpr size_t kVerifiedMax = 64;  // candidates of one look-up

bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }
bool IsIdeograph(char32_t c) { return c >= 0x2E80 && c <= 0x9FFF; }

int EditsFor(std::u32string_view key) {
  size_t han = 0;
  for (char32_t c : key) han += IsIdeograph(c) ? 1 : 0;
  const bool chinese = han * 2 > key.size();
  if (key.size() >= (chinese ? 7u : 9u)) return 2;
  return key.size() >= (chinese ? 3u : 5u) ? 1 : 0;
}

// A polynomial hash: what is left of a key when letters are deleted is hashed from its parts.
constexpr uint64_t kBase = 0x9E3779B97F4A7C15;

uint64_t Mix(uint64_t hash, size_t size) {
  hash ^= size * 0xD6E8FEB86659FD93;
  hash ^= hash >> 32;
  hash *= 0xD6E8FEB86659FD93;
  return hash ^ (hash >> 29);
}

uint64_t Step(uint64_t hash, char32_t c) { return hash * kBase + (c + 1) * 0xBF58476D1CE4E5B9; }

// Calls `visit(hash)` for the key with 0, 1 … `edits` letters deleted. False from `visit` ends it.
template <typename Visit>
bool VisitDeletions(std::u32string_view key, int edits, const Visit& visit) {
  const size_t size = key.size();
  std::array<uint64_t, kSpellingCharactersMax + kEditsMax + 1> suffix;  // of key[i..]
  std::array<uint64_t, kSpellingCharactersMax + kEditsMax + 1> power;
  power[0] = 1;
  for (size_t i = 1; i <= size; ++i) power[i] = power[i - 1] * kBase;
  suffix[size] = 0;
  for (size_t i = size; i-- > 0;) {
    suffix[i] = Step(0, key[i]) * power[size - i - 1] + suffix[i + 1];
  }
  if (!visit(Mix(suffix[0], size))) return false;
  if (edits < 1 || size < 2) return true;
  uint64_t prefix = 0;
  for (size_t i = 0; i < size; ++i) {
    if (!visit(Mix(prefix * power[size - i - 1] + suffix[i + 1], size - 1))) return false;
    if (edits >= 2 && size >= 3) {
      uint64_t middle = prefix;
      for (size_t j = i + 1; j < size; ++j) {
        if (!visit(Mix(middle * power[size - j - 1] + suffix[j + 1], size - 2))) return false;
        middle = Step(middle, key[j]);
      }
    }
    prefix = Step(prefix, key[i]);
  }
  return true;
}

// The digits, in order: they must be the same.
bool SameDigits(std::u32string_view a, std::u32string_view b) {
  size_t i = 0;
  size_t j = 0;
  for (;;) {
    while (i < a.size() && !IsDigit(a[i])) ++i;
    while (j < b.size() && !IsDigit(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

// Optimal string alignment, given up above `most`.
int Distance(std::u32string_view a, std::u32string_view b, int most) {
  constexpr size_t kRow = kSpellingCharactersMax + kEditsMax + 2;
  std::array<int, kRow> before;
  std::array<int, kRow> last;
  std::array<int, kRow> row;
  for (size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  before = last;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    int best = row[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
      best = std::min(best, row[j]);
    }
    if (best > most) return most + 1;
    before = last;
    last = row;
  }
  return last[b.size()];
}

void AppendKey(std::string_view text, std::u32string& key) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  int64_t i = 0;
  while (i < static_cast<int64_t>(text.size())) {
    UChar32 c;
    U8_NEXT_UNSAFE(s, i, c);
    key += static_cast<char32_t>(c);
  }
}

bool InKey(TokenKind kind) {
  return kind == TokenKind::kWord || kind == TokenKind::kDigits || kind == TokenKind::kHan;
}

std::u32string KeyOf(std::string_view spelling) {
  const Tokens tokens(spelling);
  std::u32string key;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (InKey(tokens[i].kind)) AppendKey(tokens.Text(i), key);
  }
  return key;
}

struct Match {
  size_t begin;  // tokens
  size_t next;
  uint32_t canonical;
  int edits;
  int score;
};

}  // namespace

// One text's search: the key of all its tokens in one string, windows of it are looked up.
class Dictionary::Search {
 public:
  Search(const Dictionary& dictionary, const Tokens& tokens)
      : dictionary_(dictionary), tokens_(tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      starts_.push_back(key_.size());
      if (InKey(tokens[i].kind)) AppendKey(tokens.Text(i), key_);
    }
    starts_.push_back(key_.size());
  }

  std::vector<Match> Run() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (InKey(tokens_[i].kind) && Borders(i)) SearchFrom(i);
    }
    return std::move(found_);
  }

 private:
  // Words and digits that touch are one ("a3f8"), but for a match that ends between them.
  bool Borders(size_t i) const {
    return !tokens_.Glued(i) || tokens_.IsKind(i, TokenKind::kHan) ||
           tokens_.IsKind(i - 1, TokenKind::kHan) || tokens_.IsKind(i - 1, TokenKind::kMark);
  }

  void SearchFrom(size_t i) {
    const size_t most = dictionary_.longest_ + kEditsMax;
    int best = 0;
    for (size_t next = i + 1; next <= tokens_.size(); ++next) {
      if (tokens_.IsKind(next - 1, TokenKind::kBreak)) return;
      const size_t size = starts_[next] - starts_[i];
      if (size > most) return;
      if (next - i > 2 * most) return;  // marks without end
      if (!InKey(tokens_[next - 1].kind)) continue;
      if (next < tokens_.size() && !Borders(next) && InKey(tokens_[next].kind)) continue;
      LookUp(i, next, std::u32string_view(key_).substr(starts_[i], size), best);
    }
  }

  void LookUp(size_t begin, size_t next, std::u32string_view window, int& best) {
    if (++probes_ < 0) return;
    if (auto it = dictionary_.exact_.find(window); it != dictionary_.exact_.end()) {
      Take(begin, next, it->second, 0, best);
      return;
    }
    if (dictionary_.neighbours_.empty() || probes_ > kDictionaryProbesMax) return;
    const int edits = dictionary_.edits_by_size_[window.size()];
    if (edits == 0) return;
    VisitDeletions(window, edits, [&](uint64_t hash) {
      ++probes_;
      auto it = dictionary_.neighbours_.find(hash);
      if (it != dictionary_.neighbours_.end()) Verify(begin, next, window, it->second, best);
      return probes_ <= kDictionaryProbesMax;
    });
  }

  void Verify(size_t begin, size_t next, std::u32string_view window,
              const std::vector<uint32_t>& candidates, int& best) {
    size_t count = 0;
    for (uint32_t index : candidates) {
      if (++count > kVerifiedMax) return;
      ++probes_;
      const Spelling& spelling = dictionary_.spellings_[index];
      const bool edge =
          spelling.key.front() == window.front() || spelling.key.back() == window.back();
      if (!edge || !SameDigits(spelling.key, window)) continue;
      const int edits = Distance(spelling.key, window, spelling.edits);
      if (edits <= spelling.edits) Take(begin, next, index, edits, best);
    }
  }

  void Take(size_t begin, size_t next, uint32_t index, int edits, int& best) {
    const Spelling& spelling = dictionary_.spellings_[index];
    const int score = static_cast<int>(spelling.key.size()) * 2 - edits * 5;
    if (score <= best) return;
    best = score;
    found_.push_back({begin, next, spelling.canonical, edits, score});
  }

  const Dictionary& dictionary_;
  const Tokens& tokens_;
  std::u32string key_;
  std::vector<size_t> starts_;  // of each token in key_
  std::vector<Match> found_;
  int64_t probes_ = 0;
};

absl::StatusOr<Dictionary> Dictionary::Build(const Options& options) {
  Dictionary out;
  if (options.name.empty() || options.name.size() > 64 || !IsValidUtf8(options.name)) {
    return InvalidField("dictionary.name", "must have 1 to 64 bytes");
  }
  out.name_ = options.name;
  out.edits_by_size_.assign(kSpellingCharactersMax + kEditsMax + 1, 0);
  for (const Entry& entry : options.entries) {
    const auto canonical = static_cast<uint32_t>(out.canonicals_.size());
    out.canonicals_.push_back(entry.canonical);
    std::vector<std::string_view> spellings = {entry.canonical};
    spellings.insert(spellings.end(), entry.aliases.begin(), entry.aliases.end());
    for (std::string_view spelling : spellings) {
      // "#7" in the message: a spelling is a tenant's text.
      const std::string field = fmt::format("dictionary.entries[{}]", canonical);
      if (!IsValidUtf8(spelling) || spelling.size() > 8 * kSpellingCharactersMax) {
        return InvalidField(field, "has a spelling that is not UTF-8 or too long");
      }
      std::u32string key = KeyOf(spelling);
      if (key.empty() || key.size() > kSpellingCharactersMax) {
        return InvalidField(field, "has a spelling without letters or above 40 characters");
      }
      const auto index = static_cast<uint32_t>(out.spellings_.size());
      const auto [it, fresh] = out.exact_.emplace(key, index);
      if (!fresh) {
        if (out.spellings_[it->second].canonical == canonical) continue;
        return InvalidField(field, "has a spelling that another entry has, too");
      }
      if (index >= kDictionaryEntriesMax) {
        return InvalidField("dictionary.entries", "has more than 50000 spellings");
      }
      out.longest_ = std::max(out.longest_, key.size());
      const int edits = options.fuzzy ? EditsFor(key) : 0;
      out.spellings_.push_back({std::move(key), canonical, edits});
      if (edits > 0) out.AddNeighbours(index);
    }
  }
  return out;
}

size_t Dictionary::KeyHash::operator()(std::u32string_view key) const {
  uint64_t hash = 0;
  for (char32_t c : key) hash = Step(hash, c);
  return Mix(hash, key.size());
}

void Dictionary::AddNeighbours(uint32_t index) {
  const Spelling& spelling = spellings_[index];
  const size_t size = spelling.key.size();
  const auto reach = static_cast<size_t>(spelling.edits);
  for (size_t at = size - std::min(size - 1, reach); at <= size + reach; ++at) {
    edits_by_size_[at] = std::max(edits_by_size_[at], spelling.edits);
  }
  VisitDeletions(spelling.key, spelling.edits, [&](uint64_t hash) {
    std::vector<uint32_t>& same = neighbours_[hash];
    if (same.empty() || same.back() != index) same.push_back(index);
    return true;
  });
}

void Dictionary::Find(const Tokens& tokens, std::vector<Entity>& out) const {
  if (spellings_.empty()) return;
  std::vector<Match> found = Search(*this, tokens).Run();
  std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
    return std::tuple(-a.score, a.edits, a.begin, a.next) <
           std::tuple(-b.score, b.edits, b.begin, b.next);
  });
  std::vector<bool> taken(tokens.size() + 1, false);
  std::vector<Match> kept;
  for (const Match& match : found) {
    bool free = true;
    for (size_t i = match.begin; i < match.next; ++i) free = free && !taken[i];
    if (!free) continue;
    for (size_t i = match.begin; i < match.next; ++i) taken[i] = true;
    kept.push_back(match);
  }
  std::sort(kept.begin(), kept.end(),
            [](const Match& a, const Match& b) { return a.begin < b.begin; });
  for (const Match& match : kept) {
    Entity entity;
    entity.type = EntityType::kDictionary;
    entity.begin = tokens[match.begin].begin;
    entity.end = tokens[match.next - 1].end;
    entity.name = name_;
    entity.value = canonicals_[match.canonical];
    entity.confidence = match.edits == 0 ? 1.0 : match.edits == 1 ? 0.8 : 0.6;
    out.push_back(std::move(entity));
  }
}

}  // namespace frontdesk::text
