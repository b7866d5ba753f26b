#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace frontdesk::fuzz {
namespace {

constexpr int kChangesMax = 8;
constexpr size_t kInputMax = size_t{64} << 10;

using namespace std::string_view_literals;

// Ends, quotes, digits of every script, marks that join, half characters, brackets that nest.
constexpr std::array kTrouble = {"\0"sv,
                                 "\n"sv,
                                 "\r\n"sv,
                                 "\""sv,
                                 "\"\""sv,
                                 ","sv,
                                 "\t"sv,
                                 "\\u0000"sv,
                                 "{"sv,
                                 "[[[["sv,
                                 "}"sv,
                                 "-1"sv,
                                 "99999999999999999999"sv,
                                 "1e999"sv,
                                 "０１２"sv,
                                 "〇"sv,
                                 "亿"sv,
                                 "下周"sv,
                                 "\xFF"sv,
                                 "\xC0\x80"sv,
                                 "\xED\xA0\x80"sv,
                                 "\xF4\x90\x80\x80"sv,
                                 "\xE4\xB8"sv,
                                 "\xCC\x81"sv,
                                 "\xE2\x80\x8D"sv,
                                 "\xE2\x80\xAE"sv,
                                 "\xEF\xBB\xBF"sv,
                                 "👨‍👩‍👧"sv,
                                 "/"sv,
                                 "@"sv,
                                 "¥"sv,
                                 " at "sv,
                                 "31/02/0000"sv};

}  // namespace

std::string Mutator::Next() {
  std::string input = corpus_[random_.Uniform(corpus_.size())];
  for (uint64_t i = random_.Uniform(kChangesMax + 1); i > 0; --i) Change(input);
  if (input.size() > kInputMax) input.resize(kInputMax);
  return input;
}

void Mutator::Change(std::string& input) {
  const size_t at = Place(input);
  switch (random_.Uniform(7)) {
    case 0:  // a bit
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random_.Uniform(8)));
      return;
    case 1:  // a byte
      if (at < input.size()) input[at] = static_cast<char>(random_.Uniform(256));
      return;
    case 2:
      input.resize(at);
      return;
    case 3:
      input.erase(at, random_.Uniform(16));
      return;
    case 4:
      input.insert(at, kTrouble[random_.Uniform(kTrouble.size())]);
      return;
    case 5: {  // a stretch again, up to many times
      const std::string stretch = input.substr(at, 1 + random_.Uniform(24));
      const uint64_t times = random_.Bool(0.1) ? 500 : 1 + random_.Uniform(4);
      std::string again;
      for (uint64_t i = 0; i < times; ++i) again += stretch;
      input.insert(at, again);
      return;
    }
    default: {  // of another input
      const std::string& other = corpus_[random_.Uniform(corpus_.size())];
      input.insert(at, other.substr(Place(other), random_.Uniform(64)));
    }
  }
}

}  // namespace frontdesk::fuzz
