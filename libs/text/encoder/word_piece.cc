#include "libs/text/encoder/word_piece.h"

#include <unicode/utf8.h>

#include <algorithm>

namespace frontdesk::text {
namespace {

constexpr uint32_t kIllFormed = 0xFFFD;

void AppendUtf8(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  uint8_t bytes[U8_MAX_LENGTH];
  int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, c);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

}  // namespace

struct WordPiece::Sink {
  explicit Sink(size_t most) : limit(most) {}

  bool full() const { return ids.size() >= limit; }
  void StartWord() {
    word.clear();
    ends.clear();
    too_long = false;
  }

  const size_t limit;
  std::vector<int32_t> ids;
  std::string word;          // the word being gathered, folded
  std::vector<size_t> ends;  // byte offset behind each of its characters
  bool too_long = false;     // than any word may be; its characters are no longer gathered
  std::u32string folded;     // of one character
};

const WordPiece::Special* WordPiece::SpecialAt(std::string_view text) const {
  for (const Special& special : specials_) {
    if (text.starts_with(special.content)) return &special;
  }
  return nullptr;
}

// The longest known piece first, then on from its end; a word with a part that is not known is
// unknown as a whole.
void WordPiece::AppendWord(Sink& sink) const {
  if (sink.ends.empty() || sink.full()) {
    sink.StartWord();
    return;
  }
  const size_t ids_before = sink.ids.size();
  bool unknown = sink.too_long;
  size_t begin = 0;
  size_t first = 0;  // index in ends of the first character that is not covered
  while (!unknown && first < sink.ends.size()) {
    size_t last = sink.ends.size();
    const auto& known = begin == 0 ? words_ : pieces_;
    bool found = false;
    for (; last > first && !found; --last) {
      const size_t end = sink.ends[last - 1];
      if (end - begin > longest_bytes_) continue;
      const auto it = known.find(std::string_view(sink.word).substr(begin, end - begin));
      if (it == known.end()) continue;
      sink.ids.push_back(it->second);
      begin = end;
      first = last;
      found = true;
      break;
    }
    unknown = !found;
  }
  if (unknown) {
    sink.ids.resize(ids_before);
    sink.ids.push_back(unknown_id_);
  }
  sink.StartWord();
}

void WordPiece::TokenizePlain(std::string_view text, Sink& sink) const {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  sink.StartWord();
  for (int32_t at = 0; at < length && !sink.full();) {
    UChar32 decoded;
    U8_NEXT_OR_FFFD(bytes, at, length, decoded);
    const auto c = static_cast<uint32_t>(decoded);
    if (c == kIllFormed || (clean_ && IsBertControl(c))) continue;
    if (IsBertSpace(c)) {
      AppendWord(sink);
      continue;
    }
    const bool alone = space_han_ && IsBertHan(c);
    if (alone) AppendWord(sink);
    sink.folded.clear();
    AppendFolded(c, fold_, sink.folded);
    for (const char32_t part : sink.folded) {
      // Folding may turn a letter into one that separates; few do.
      const bool space = part >= 0x80 && IsBertSpace(part);
      const bool punctuation = !space && IsBertPunctuation(part);
      if (space || punctuation) AppendWord(sink);
      if (space) continue;
      if (sink.ends.size() >= word_chars_max_) {
        sink.too_long = true;
      } else {
        AppendUtf8(part, sink.word);
        sink.ends.push_back(sink.word.size());
      }
      if (punctuation) AppendWord(sink);
    }
    if (alone) AppendWord(sink);
  }
  AppendWord(sink);
}

void WordPiece::Tokenize(std::string_view text, Sink& sink) const {
  size_t begin = 0;
  if (!specials_.empty()) {
    for (size_t at = 0; at < text.size() && !sink.full(); ++at) {
      const Special* special = SpecialAt(text.substr(at));
      if (special == nullptr) continue;
      TokenizePlain(text.substr(begin, at - begin), sink);
      if (!sink.full()) sink.ids.push_back(special->id);
      begin = at + special->content.size();
      at = begin - 1;
    }
  }
  TokenizePlain(text.substr(begin), sink);
  if (sink.ids.size() > sink.limit) sink.ids.resize(sink.limit);
}

std::vector<int32_t> WordPiece::Encode(std::string_view text, size_t tokens_max) const {
  Sink sink(tokens_max > specials() ? tokens_max - specials() : 0);
  Tokenize(text, sink);
  std::vector<int32_t> ids;
  ids.reserve(sink.ids.size() + specials());
  ids.insert(ids.end(), before_.begin(), before_.end());
  ids.insert(ids.end(), sink.ids.begin(), sink.ids.end());
  ids.insert(ids.end(), after_.begin(), after_.end());
  return ids;
}

size_t WordPiece::Count(std::string_view text, size_t limit) const {
  Sink sink(limit);
  Tokenize(text, sink);
  return sink.ids.size();
}

}  // namespace frontdesk::text
