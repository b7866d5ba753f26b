#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace frontdesk::text {

// Asks libphonenumber whether digits are a person's phone number. Made for one text and thrown
// away: it remembers answers and stops asking after kMaxQuestions (a question costs some 10 us), so
// that a text full of digits can't hold a thread. Not thread safe.
class PhoneNumbers {
 public:
  static constexpr int kMaxQuestions = 2'000;

  // `number` is national digits with `region` "CN" or "US", or "+" and international digits with
  // "ZZ". False for numbers that are nobody's own: toll-free, premium-rate, shared-cost. True when
  // the questions are used up or the library fails.
  bool IsPersonal(std::string_view number, std::string_view region);
  // For "+" and international digits that are not valid: numbering plans grow faster than Debian's
  // copy of them, so a possible number of ten digits or more is taken, too. False for known numbers
  // that are nobody's.
  bool IsPossible(std::string_view number);

  // `number` as above in E.164 form ("+8613812345678"); "" when it can't be read, the questions are
  // used up or the library fails.
  std::string E164(std::string_view number, std::string_view region);

 private:
  enum class Question { kPersonal, kPossible };
  bool Answer(Question question, std::string_view number, std::string_view region);

  int questions_ = 0;
  absl::flat_hash_map<std::string, bool> answers_;
};

}  // namespace frontdesk::text
