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

// A question, ready to be compared with texts.
struct Question {
  explicit Question(std::vector<Word> words);

  std::vector<Word> words;  // weighed
  double weight = 0;        // of all of them
  TextView view;            // as what sentences are compared with
};

// How well a text holds each word of the question, 0 to 1: synonyms count as the word, words of its
// family and parts of a longer Chinese word somewhat less.
using Hits = std::vector<double>;
Hits HitsIn(const TextView& text, const Question& question);

// How far `hits` cover the question: the weight of the words held over the weight of all; 0 without any.
double Coverage(const Question& question, const Hits& hits);

// How well the title and questions of an article fit the question. The same for all its passages.
struct SentenceFit {
  double likeness = 0;     // of the one that says most nearly the same
  Hits hits;               // best of them all
  int best_question = -1;  // the one that covers most
  double best_coverage = 0;
};

// Title or question variant? What is asked and found in a variant counts most, in the title less.
enum class SentenceKind { kTitle, kQuestion };
// The most that a sentence with this coverage can add to the likeness, whatever else it says.
double LikenessAtMost(SentenceKind kind, double coverage);
// How well the question and the sentence say the same; `words` are all those of the sentence.
double Likeness(SentenceKind kind, const Question& question, double coverage,
                const std::vector<Word>& words);

// How sure one can be that an article answers the question, 0 to 1: by one of its sentences, or by
// what is scattered over them and a passage, which counts least. Words that the knowledge base has
// never seen weigh as the rarest: they are the sign of a question about something else.
double Confidence(const Question& question, const SentenceFit& sentences, const Hits& passage);

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
