#include "services/dialog/domain/context.h"

#include <algorithm>
#include <string>

#include "services/dialog/domain/phrases.h"

namespace frontdesk::dialog {

std::string_view FindSlot(const v1::Conversation& conversation, std::string_view key) {
  for (const v1::ContextSlot& slot : conversation.context()) {
    if (slot.key() == key) return slot.value();
  }
  return {};
}

void SetSlot(std::string_view key, std::string_view value, v1::Conversation& conversation) {
  const std::string cut(CutCharacters(value, kMaxSlotCharacters));
  auto& all = *conversation.mutable_context();
  for (v1::ContextSlot& slot : all) {
    if (slot.key() != key) continue;
    slot.set_value(cut);
    return;
  }
  if (all.size() >= kMaxSlots) return;
  v1::ContextSlot* slot = all.Add();
  slot->set_key(std::string(key));
  slot->set_value(cut);
  std::sort(all.begin(), all.end(),
            [](const v1::ContextSlot& a, const v1::ContextSlot& b) { return a.key() < b.key(); });
}

}  // namespace frontdesk::dialog
