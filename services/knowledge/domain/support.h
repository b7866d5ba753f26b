#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

// Whether passages say what a generated sentence says. Pure, and strict: better a true sentence is
// refused than an invented one kept.
namespace frontdesk::knowledge {

// Share of a sentence's words, by weight, that its evidence must hold; where an encoder finds the
// sentence and its evidence near in meaning, other words may be used for more of it.
inline constexpr double kMinCoverage = 0.70;
inline constexpr double kMinCoverageByMeaning = 0.55;
// Of each clause: an invented step must not hide beside what is supported.
inline constexpr double kMinClauseCoverage = 0.55;
// Of a clause with numbers in the one sentence that has them: "14 days" must be said of the same thing.
inline constexpr double kMinFactCoverage = 0.70;

struct SupportPassage {
  std::string_view title;
  std::string_view text;  // Markdown
};

enum class Unsupported {
  kNot,     // it has support
  kSilent,  // it says nothing: "Sure!", "I hope this helps."
  kWords,   // too much of it is nowhere
  kFact,    // a number, amount, date, address, code or name is not there, or said of something else
  kNegation,  // the passage says the opposite
  kPromise,   // "always", "free", "guaranteed": stronger than the passage
};

struct Support {
  Unsupported unsupported = Unsupported::kWords;
  double coverage = 0;  // 0 to 1
  // The evidence: the sentences from the first to the last that it rests on in that passage.
  int passage = -1;
  size_t begin = 0;
  size_t end = 0;

  bool ok() const { return unsupported == Unsupported::kNot; }
};

// Passages that sentences are held against. Each clause of a sentence needs a sentence of the passages
// that holds enough of its words (title and heading of the sentence count as said), all of its numbers
// with their units and bounds, and agrees in negation. Names and addresses must occur; words that
// promise must stand in the evidence. Who does what to whom is not understood. Thread safe.
class SupportFinder {
 public:
  explicit SupportFinder(const std::vector<SupportPassage>& passages);
  ~SupportFinder();

  Support Find(std::string_view sentence, double min_coverage = kMinCoverage) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace frontdesk::knowledge
