#include "services/dialog/domain/understanding.h"

namespace frontdesk::dialog {

bool IsAbout(const v1::Understanding& understanding) {
  return !understanding.intent().empty() && !understanding.out_of_scope();
}

bool ActsOn(const v1::Understanding& understanding) {
  return IsAbout(understanding) && understanding.confidence_bps() >= kActConfidenceBps;
}

bool IsBetweenTwo(const v1::Understanding& understanding) {
  const int lead = understanding.confidence_bps() - understanding.second_confidence_bps();
  return IsAbout(understanding) && !understanding.second_intent().empty() &&
         understanding.second_confidence_bps() >= kCloseConfidenceBps && lead <= kCloseLeadBps;
}

Wish JoinIntent(const Wish& words, const v1::Understanding& understanding,
                const v1::Intent* intent) {
  if (intent == nullptr || words.needs_no_answer() || !ActsOn(understanding)) return words;
  Wish joined = words;
  joined.urgency = MoreUrgent(words.urgency, intent->urgency());
  if (intent->action() == v1::INTENT_ACTION_REQUEST_PERSON) joined.wants_person = true;
  if (intent->action() == v1::INTENT_ACTION_HAND_OFF) joined.needs_person = true;
  return joined;
}

std::string_view FirstValue(const v1::Understanding& understanding, std::string_view type) {
  for (const v1::DetectedEntity& entity : understanding.entities()) {
    if (entity.type() == type && !entity.value().empty()) return entity.value();
  }
  return {};
}

}  // namespace frontdesk::dialog
