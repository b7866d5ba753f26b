#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frontdesk::knowledge {

// A word of a question or an article field.
struct Word {
  std::string text;  // stemmed, or a Chinese word
  bool han = false;
  double weight = 0;  // how much it says; for questions times its rarity
  // Synonyms: each is a few words that say the same together.
  std::vector<std::vector<Word>> same = {};

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

// What speaks for an article.
struct Evidence {
  double words = 0;          // Confidence of its best passage
  bool has_meaning = false;  // the cosines below are known
  double question = 0;       // of its best question; 0 = it has none
  double title = 0;
  double passage = 0;  // of its best passage
};

// How an encoder's cosines are spread: what a question has with an article about something else, and
// with one that says the same.
struct CosineScale {
  double unrelated = 0;
  double same = 1;
};
// Of the known encoders by language.
CosineScale ScaleOf(std::string_view locale);

// How sure one can be of an article, 0 to 1: by its words alone, or by words and meaning.
double Certainty(const Evidence& evidence, const CosineScale& scale);

// The final word in basis points: a rival article that fits nearly as well takes some off, and more
// where both were judged by meaning, too.
int ConfidenceBps(double best, double rival, bool by_meaning = false);

// Weight of a word that `holding` of `documents` documents hold: rare ones say more.
double Rarity(double documents, double holding);

}  // namespace frontdesk::knowledge
