#pragma once

#include <set>
#include <string>
#include <vector>

namespace frontdesk::knowledge {

// A word of a question or an article field.
struct Word {
  std::string text;  // stemmed, or a Chinese word
  bool han = false;
  double weight = 0;  // how much it says; for questions times its rarity

  bool operator==(const Word&) const = default;
};

// A text as confidence sees it.
struct TextView {
  std::string folded;           // match key: Chinese words are looked for in it
  std::vector<Word> words;      // each once, stop words left out
  std::set<std::string> stems;  // of the words that are not Chinese
};

struct CandidateView {
  TextView title;
  std::vector<TextView> questions;
  TextView passage;
};

// How far `text` covers `words`: the weight of those it holds over the weight of all; 0 without any.
double Coverage(const std::vector<Word>& words, const TextView& text);

// How sure one can be that the candidate answers the question, 0 to 1. What is asked and found in
// one question variant counts most, in the title less, scattered over title, variants and passage
// least. Words that the knowledge base has never seen weigh as the rarest: they are the sign of a
// question about something else.
double Confidence(const std::vector<Word>& question, const CandidateView& candidate);

// The final word in basis points: a rival article that fits nearly as well takes some off.
int ConfidenceBps(double best, double rival);

// Weight of a word that `holding` of `documents` documents hold: rare ones say more.
double Rarity(double documents, double holding);

}  // namespace frontdesk::knowledge
