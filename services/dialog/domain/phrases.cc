#include "services/dialog/domain/phrases.h"

#include <algorithm>
#include <array>

namespace frontdesk::dialog {
namespace {

constexpr std::string_view kCurlyApostrophe = "\u2019";

// How far before a phrase a denial still belongs to it: four Chinese characters.
constexpr size_t kDenialBytes = 12;
constexpr std::array<std::string_view, 8> kDenials = {"不要", "不用", "不需", "无需",
                                                      "别",   "不想", "没有", "不必"};

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::string DropApostrophes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\'') {
      ++i;
    } else if (text.substr(i, kCurlyApostrophe.size()) == kCurlyApostrophe) {
      i += kCurlyApostrophe.size();
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

}  // namespace

PhraseText::PhraseText(std::string_view match_key) {
  const std::string text = DropApostrophes(match_key);
  asks_ = text.find('?') != std::string::npos || text.find("？") != std::string::npos;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words_.push_back(std::move(word));
    word.clear();
  };
  for (const char c : text) {
    if (IsWordByte(c)) {
      word.push_back(c);
      dense_.push_back(c);
    } else {
      end_word();
    }
  }
  end_word();
  spaced_ = " ";
  for (const std::string& part : words_) spaced_ += part + " ";
}

bool PhraseText::HasEnglish(std::string_view phrase) const {
  std::string padded(" ");
  padded.append(phrase).push_back(' ');
  return spaced_.find(padded) != std::string::npos;
}

size_t PhraseText::FindChinese(std::string_view phrase) const {
  for (size_t at = dense_.find(phrase); at != std::string::npos;
       at = dense_.find(phrase, at + phrase.size())) {
    const size_t begin = at < kDenialBytes ? 0 : at - kDenialBytes;
    const std::string_view before = std::string_view(dense_).substr(begin, at - begin);
    const bool denied = std::any_of(kDenials.begin(), kDenials.end(), [&](std::string_view denial) {
      return before.find(denial) != std::string_view::npos;
    });
    constexpr std::string_view kNot = "不";
    const bool not_before =
        before.size() >= kNot.size() && before.substr(before.size() - kNot.size()) == kNot;
    if (!denied && !not_before) return at;
  }
  return std::string::npos;
}

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return !IsContinuation(c); }));
}

std::string_view CutUtf8(std::string_view utf8, size_t bytes) {
  if (utf8.size() <= bytes) return utf8;
  while (bytes > 0 && IsContinuation(utf8[bytes])) --bytes;
  return utf8.substr(0, bytes);
}

std::string_view CutCharacters(std::string_view utf8, size_t characters) {
  size_t at = 0;
  for (; at < utf8.size(); ++at) {
    if (IsContinuation(utf8[at])) continue;
    if (characters == 0) break;
    --characters;
  }
  return utf8.substr(0, at);
}

}  // namespace frontdesk::dialog
