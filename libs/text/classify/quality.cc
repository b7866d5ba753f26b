#include "libs/text/classify/quality.h"

#include <unicode/ucnv.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "libs/base/hash.h"
#include "libs/base/utf8.h"
#include "libs/text/classify/n_grams.h"
#include "libs/text/normalize.h"
#include "libs/text/segment.h"

namespace frontdesk::text {
namespace {

constexpr size_t kLettersMin = 6;  // of which a Han character is two
constexpr double kGibberishFrom = 0.6;
constexpr double kRepetitionFrom = 0.65;
constexpr size_t kRepetitionMin = 12;  // characters

// Pairs of letters inside English words and common abbreviations, after one letter each.
constexpr std::string_view kFollowers[26] = {"bcdfgiklmnprstuvwxyz",
                                             "abeijlorstuy",
                                             "acehiklorstuy",
                                             "adegilmnorstuvwy",
                                             "abcdefgilmnopqrstuvwxy",
                                             "aefilortuy",
                                             "aeghilnorstuy",
                                             "aeinortuy",
                                             "abcdefgklmnopqrstuvxz",
                                             "aeou",
                                             "aeilnosyw",
                                             "abcdefikmoprstuvwy",
                                             "abeimnopstuy",
                                             "acdefgiknosdtuvy",
                                             "abcdefgijklmnoprstuvwxyz",
                                             "aehiloprstuy",
                                             "u",
                                             "abcdefgiklmnoprstuvyz",
                                             "acehiklmnopqstuwy",
                                             "acehilorstuwyt",
                                             "abcdefgiklmnprstxyz",
                                             "aeiouy",
                                             "aehinorsly",
                                             "aceiptu",
                                             "aeilmnoprstw",
                                             "aeiloyz"};
// Rows of a keyboard, both ways.
constexpr std::string_view kRows[] = {"qwertyuiop", "poiuytrewq", "asdfghjkl",
                                      "lkjhgfdsa",  "zxcvbnm",    "mnbvcxz"};
constexpr size_t kRowRun = 4;
constexpr size_t kConsonantRun = 5;

bool IsVowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

bool RunsAlongKeys(std::string_view word) {
  for (size_t i = 0; i + kRowRun <= word.size(); ++i) {
    const std::string_view piece = word.substr(i, kRowRun);
    for (std::string_view row : kRows) {
      if (row.find(piece) != std::string_view::npos) return true;
    }
  }
  return false;
}

// "property" runs along keys for four letters and is a word: its other pairs are likely.
bool IsUnlikelyWord(std::string_view word) {
  if (word.size() < 4) return false;
  size_t unlikely = 0;
  size_t consonants = 0;
  size_t longest = 0;
  bool vowel = false;
  for (size_t i = 0; i < word.size(); ++i) {
    consonants = IsVowel(word[i]) ? 0 : consonants + 1;
    vowel = vowel || IsVowel(word[i]);
    longest = std::max(longest, consonants);
    if (i > 0 && word[i] != word[i - 1] &&
        kFollowers[word[i - 1] - 'a'].find(word[i]) == std::string_view::npos) {
      ++unlikely;
    }
  }
  const double share = static_cast<double>(unlikely) / static_cast<double>(word.size() - 1);
  if (share > 0.3) return true;
  if (longest >= kConsonantRun && share > 0.12) return true;
  if (!vowel && word.size() >= kConsonantRun) return true;
  return RunsAlongKeys(word) && (share > 0.0 || word.size() <= kRowRun + 1 || longest >= 4) &&
         !word.ends_with("ty") && word.find("tre") == std::string_view::npos;
}

// Letters of a text, and those in no likely word.
struct Letters {
  size_t all = 0;
  size_t unlikely = 0;
};

// The Han characters that people write with: the first levels of GB 2312 (simplified) and of Big5
// (traditional), some 6 000 together. Without ICU's converters every character is one.
class CommonHan {
 public:
  static const CommonHan& Get() {
    static const CommonHan* const common = new CommonHan();
    return *common;
  }
  bool Has(UChar32 c) const {
    return known_ == 0 || c < kFirst || c > kLast || common_[static_cast<size_t>(c - kFirst)];
  }

 private:
  static constexpr UChar32 kFirst = 0x4E00;
  static constexpr UChar32 kLast = 0x9FFF;

  CommonHan() {
    AddLevel("gb2312", 0xB0, 0xD7);
    AddLevel("big5", 0xA4, 0xC6);
  }

  // Every character of two bytes whose first one lies in the range.
  void AddLevel(const char* charset, int first, int last) {
    UErrorCode code = U_ZERO_ERROR;
    UConverter* const converter = ucnv_open(charset, &code);
    if (U_FAILURE(code)) return;
    for (int lead = first; lead <= last; ++lead) {
      for (int trail = 0x40; trail <= 0xFE; ++trail) {
        const char bytes[2] = {static_cast<char>(lead), static_cast<char>(trail)};
        UChar out[4];
        code = U_ZERO_ERROR;
        const int32_t length = ucnv_toUChars(converter, out, 4, bytes, 2, &code);
        if (U_FAILURE(code) || length != 1 || out[0] < kFirst || out[0] > kLast) continue;
        common_[static_cast<size_t>(out[0] - kFirst)] = true;
        ++known_;
      }
    }
    ucnv_close(converter);
  }

  std::bitset<kLast - kFirst + 1> common_;
  size_t known_ = 0;
};

// Letters by which Chinese is written in Latin script: "ninhao", "wodekuaidi".
bool IsPinyin(std::string_view word) {
  constexpr std::string_view kInitials[] = {"b", "p", "m", "f", "d",  "t",  "n", "l",
                                            "g", "k", "h", "j", "q",  "x",  "r", "z",
                                            "c", "s", "y", "w", "zh", "ch", "sh"};
  constexpr std::string_view kFinals[] = {
      "a",    "ai",   "an",  "ang", "ao", "e",   "ei", "en", "eng", "er",  "i", "ia",
      "ian",  "iang", "ie",  "iao", "in", "ing", "iu", "o",  "ong", "ou",  "u", "ua",
      "iong", "ue",   "uai", "uan", "ui", "un",  "uo", "v",  "ve",  "uang"};
  // Where a syllable may begin.
  std::vector<bool> begins(word.size() + 1);
  begins[0] = true;
  const auto add_finals = [&](size_t at, bool alone) {
    for (const std::string_view final : kFinals) {
      // A syllable of its own begins with none but these.
      if (alone && std::string_view("aeo").find(final[0]) == std::string_view::npos) continue;
      if (word.substr(at).starts_with(final)) begins[at + final.size()] = true;
    }
  };
  for (size_t at = 0; at < word.size(); ++at) {
    if (!begins[at]) continue;
    add_finals(at, true);
    for (const std::string_view initial : kInitials) {
      if (word.substr(at).starts_with(initial)) add_finals(at + initial.size(), false);
    }
  }
  return begins[word.size()];
}

Letters CountLetters(const std::string& key) {
  Letters letters;
  size_t han = 0;
  size_t single_han = 0;
  size_t rare_han = 0;
  for (const std::string& word : Words(key)) {
    const bool latin =
        std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (latin) {
      letters.all += word.size();
      if (IsUnlikelyWord(word) && !IsPinyin(word)) letters.unlikely += word.size();
    } else if (static_cast<unsigned char>(word[0]) >= 0xE3 &&
               static_cast<unsigned char>(word[0]) <= 0xE9 && word.size() % 3 == 0) {
      han += word.size() / 3;
      if (word.size() > 3) continue;
      ++single_han;
      UChar32 c = 0;
      U8_GET_OR_FFFD(reinterpret_cast<const uint8_t*>(word.data()), 0, 0, 3, c);
      if (!CommonHan::Get().Has(c)) ++rare_han;
    }
  }
  letters.all += 2 * han;
  // A dictionary finds words of two and more characters in every long sentence; in a short one, said
  // as people chat, there may be none ("买了两周还能退吗"), so there only rare characters tell.
  constexpr size_t kHanMin = 6;
  constexpr size_t kHanLong = 20;
  const bool no_words = single_han * 10 >= han * 9;
  if (han >= kHanMin && no_words) {
    letters.unlikely += 2 * (han >= kHanLong ? single_han : rare_han);
  }
  return letters;
}

// The share of pieces of three characters that stood further in front already.
double Repetition(const std::string& key) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < key.size(); ++i) {
    if ((static_cast<unsigned char>(key[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  if (starts.size() < kRepetitionMin) return 0.0;
  starts.push_back(key.size());
  constexpr size_t kPiece = 3;
  std::unordered_set<std::string_view> seen;
  size_t again = 0;
  const size_t pieces = starts.size() - kPiece;
  for (size_t i = 0; i < pieces; ++i) {
    const std::string_view piece =
        std::string_view(key).substr(starts[i], starts[i + kPiece] - starts[i]);
    if (!seen.insert(piece).second) ++again;
  }
  // A long text repeats its pieces without saying anything twice: expect more of it.
  const double natural = std::min(0.5, static_cast<double>(pieces) / 8000.0);
  const double share = static_cast<double>(again) / static_cast<double>(pieces);
  return std::max(0.0, (share - natural) / (1.0 - natural));
}

}  // namespace

TextQuality MeasureQuality(std::string_view text) {
  const std::string key = MatchKey(TruncateUtf8(text, kClassifyBytesMax));
  TextQuality quality;
  const Letters letters = CountLetters(key);
  if (letters.all >= kLettersMin) {
    quality.gibberish = static_cast<double>(letters.unlikely) / static_cast<double>(letters.all);
  }
  quality.repetition = Repetition(key);
  quality.is_gibberish = quality.gibberish >= kGibberishFrom;
  quality.is_repetition = quality.repetition >= kRepetitionFrom;
  return quality;
}

double FloodDetector::Count(uint64_t key, absl::Time now, int add) {
  auto found = counters_.find(key);
  if (found == counters_.end()) {
    if (counters_.size() >= std::max<size_t>(options_.entries_max, 1)) {
      counters_.erase(recent_.back());
      recent_.pop_back();
    }
    recent_.push_front(key);
    found = counters_.emplace(key, Counter{now, 0, 0, recent_.begin()}).first;
  } else {
    recent_.splice(recent_.begin(), recent_, found->second.place);
  }
  Counter& counter = found->second;
  if (now - counter.begin >= 2 * options_.window) {
    counter.before = counter.now = 0;
    counter.begin = now;
  } else if (now - counter.begin >= options_.window) {
    counter.before = std::exchange(counter.now, 0);
    counter.begin += options_.window;
  }
  counter.now += add;
  // Of the window before counts what the window that ends now still covers.
  const double gone =
      std::clamp(absl::FDivDuration(now - counter.begin, options_.window), 0.0, 1.0);
  return counter.now + counter.before * (1.0 - gone);
}

FloodDetector::Verdict FloodDetector::Add(std::string_view sender, std::string_view text,
                                          absl::Time now) {
  const std::string said = MatchKey(text);
  const uint64_t what = Fingerprint64(said);
  const uint64_t who = Fingerprint64(sender);
  const double all = Count(Fingerprint64(fmt::format("s{:x}", who)), now, 1);
  const double same = Count(Fingerprint64(fmt::format("p{:x}:{:x}", who, what)), now, 1);
  double senders = 0;
  if (said.size() >= options_.text_bytes_min) {
    // A sender counts once a window: its second text adds nothing.
    senders = Count(Fingerprint64(fmt::format("t{:x}", what)), now, same < 2 ? 1 : 0);
  }
  if (same > options_.sender_same_max) return Verdict::kSenderRepeats;
  if (all > options_.sender_texts_max) return Verdict::kSenderFloods;
  if (senders > options_.text_senders_max) return Verdict::kCampaign;
  return Verdict::kFine;
}

}  // namespace frontdesk::text
