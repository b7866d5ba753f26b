#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "frontdesk/dialog/v1/dialog.pb.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "libs/process/peers.h"
#include "services/dialog/domain/bot_turn.h"
#include "services/dialog/domain/wish.h"

namespace frontdesk::dialog {

// Of AnswerQuestion: knowledge is asked with the beginning of a longer message.
inline constexpr size_t kMaxQuestionCharacters = 2'000;

// What preparing a message found out, for the handler.
struct PreparedMessage {
  process::DataKeys::Key key;  // null: the customer has none, replies are kept masked only
  std::string language;        // "zh", "en", or empty when nothing can be said
  Wish wish;                   // by declared phrases
  // Absent where texts are not understood (the simulation).
  std::optional<v1::Understanding> understanding;
  AnswerOutcome outcome = AnswerOutcome::kNotReady;
  knowledge::v1::Answer answer;  // unless kNotReady
  // The open conversation and its speaker as the answer was asked for; the name is empty when there
  // was none. An answer made under an older token is refused.
  std::string conversation;
  int64_t speaker_token = 0;
};

}  // namespace frontdesk::dialog
