#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/sentiment/feeling.h"
#include "libs/text/sentiment/lexicon.h"

namespace frontdesk::text {

// Feeling by word lists: needs no data and no model, takes microseconds, and can always say which
// words it went by. It knows no irony and no context; trained models (sentiment.h) are better where
// there are data of one's own.
//
// The rule, clause by clause: an entry counts its value; a strengthening word directly before it
// multiplies it; a negation up to three words (twelve Han characters) before it, in its clause, turns it and takes
// strength away ("not good" is weaker than "bad"); after "but" values count half more and those
// before it in the sentence less; exclamation marks at the end strengthen the sentence. The score is the sum s as
// s / sqrt(s² + 1.5): one strong word is past 0.5 and nothing ever reaches 1.
//
// Immutable, thread safe, linear. Ill-formed bytes become U+FFFD; of text above kMaxTextBytes the
// first kMaxTextBytes count.
class LexiconModel {
 public:
  // The lists that are part of the library. INTERNAL when ICU has no data.
  static absl::StatusOr<LexiconModel> Default();
  explicit LexiconModel(Lexicon lexicon);

  Feeling Feel(std::string_view text) const;
  const Lexicon& lexicon() const { return lexicon_; }

 private:
  Lexicon lexicon_;
};

// From this score on a text is positive, and negative from its negative on.
inline constexpr double kPolarScoreMin = 0.2;

}  // namespace frontdesk::text
