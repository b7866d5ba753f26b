#pragma once

#include <cstdint>
#include <string_view>

#include "frontdesk/common/v1/priority.pb.h"

// What a customer's message wants apart from an answer, in Chinese and English, by declared phrases.
// Pure: takes the match key of the message (case, width and spaces folded), which prepare makes.
namespace frontdesk::dialog {

struct Wish {
  bool wants_person = false;
  // The tenant's rules want a person for what it is about. Never by words alone.
  bool needs_person = false;
  // The wish is all that the message says: a ticket about it takes its subject from before.
  bool only_wish = false;
  bool solved = false;    // "that worked", "解决了", and nothing else
  bool thanks = false;    // "thank you", "谢谢", and nothing else
  bool greeting = false;  // "hello", "你好", and nothing else
  // P0 or P1 by its words; unspecified when nothing is urgent.
  common::v1::Priority urgency = common::v1::PRIORITY_UNSPECIFIED;

  // No question in it: knowledge is not asked.
  bool needs_no_answer() const {
    return wants_person || needs_person || solved || thanks || greeting;
  }
};

Wish ReadWish(std::string_view match_key);

// The more urgent one; unspecified is the least.
common::v1::Priority MoreUrgent(common::v1::Priority a, common::v1::Priority b);

}  // namespace frontdesk::dialog
