#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// What a sentence says, as far as it can be compared with another: words, quantities, names,
// negations and such words as change what it promises. English and Chinese. Pure.
namespace frontdesk::knowledge {

enum class Bound { kNone, kUpper, kLower };  // "within", "at least"

// "3 working days", "$5", "七秒".
struct Quantity {
  std::string value;  // digits, without separators of thousands: "1000", "3.5", "10:30"
  std::string unit;   // "day", "workday", "usd" …; empty = none that is known
  Bound bound = Bound::kNone;
};

// A word of English, or a Chinese character with the one behind it.
struct ContentWord {
  std::string text;    // stem, or character
  std::string pair;    // character and its right neighbour; empty at the end of a run
  std::string before;  // left neighbour and character; empty at the beginning
  bool han = false;
  double weight = 0;
};

struct Statement {
  std::vector<ContentWord> words;
  std::vector<Quantity> quantities;
  // What must be there as it is: addresses, codes ("E42"), names, Latin words in Chinese text.
  std::vector<std::string> names;
  std::set<std::string> tokens;      // stems, characters and pairs: what words are looked for in
  std::set<std::string> raw_tokens;  // lower case, as written: what names are looked for in
  std::set<std::string> strong;      // "guarantee", "free", "always" …: groups of one meaning
  std::set<std::string> sides;       // "before", "after", "open", "close" …
  bool negated = false;              // an odd number of negations
  double weight() const;
};

// `first`: the text begins a sentence, so that its first word is no name for being capitalised.
Statement ParseStatement(std::string_view text, bool first = true);

// Bytes of a text.
struct Part {
  size_t begin = 0;
  size_t end = 0;
};
// Sentences: cut at the ends of lines and sentences; marks of lists and headings are left out, and
// so is what is empty.
std::vector<Part> SentenceParts(std::string_view text);
// The clauses of a sentence: cut at commas and conjunctions.
std::vector<Part> ClauseParts(std::string_view sentence);
// True for "## Heading".
bool IsHeading(std::string_view text, Part sentence);

// True when `said` holds one of two words that exclude each other ("before", "after") and `evidence`
// only the other.
bool SaysOtherSide(const Statement& said, const Statement& evidence);

}  // namespace frontdesk::knowledge
