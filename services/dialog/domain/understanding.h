#pragma once

#include <string_view>

#include "frontdesk/common/v1/priority.pb.h"
#include "frontdesk/dialog/v1/dialog.pb.h"
#include "services/dialog/domain/wish.h"

// What follows from how a message was understood. Pure.
namespace frontdesk::dialog {

// From here on the bot acts on an intent, by handing over or as urgent; below it the intent only
// describes. A handoff that nobody wanted costs more than a question asked once more.
inline constexpr int kActConfidenceBps = 6'000;
// Two intents are close when the second is at least so likely, and the first not much more.
inline constexpr int kCloseConfidenceBps = 1'500;
inline constexpr int kCloseLeadBps = 3'500;

// True when the message is about its intent, as far as can be told.
bool IsAbout(const v1::Understanding& understanding);
// The same, so surely that the bot acts on it.
bool ActsOn(const v1::Understanding& understanding);
// Both of its two likeliest intents may be meant.
bool IsBetweenTwo(const v1::Understanding& understanding);

// What the message wants by its words and by `intent`, the one that it was understood as (null: by
// its words alone). Words that say it themselves, "agent please" or "thanks", win.
Wish JoinIntent(const Wish& words, const v1::Understanding& understanding,
                const v1::Intent* intent);

// The value of the first entity of a type that has one; "" when there is none.
std::string_view FirstValue(const v1::Understanding& understanding, std::string_view type);

}  // namespace frontdesk::dialog
