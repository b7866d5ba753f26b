#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// What the bot says in its own words, in English and Chinese.
namespace frontdesk::dialog {

enum class Phrase : uint8_t {
  kGreeting,
  kClarify,            // no answer found
  kThanks,             // the customer thanked; nothing is resolved by it
  kGoodbye,            // the customer said that it is solved
  kHandoffRequested,   // the customer wants a person
  kHandoffUnanswered,  // the bot gave up
  kHandoffDue,         // a person has to see to it, whatever the bot knows
  kStillWaiting,       // while no person has taken over yet
};

// "zh" for every language tag of Chinese, "en" for all others.
std::string_view TemplateLanguage(std::string_view language);

std::string_view TemplateText(Phrase phrase, std::string_view language);

// Asks which of two things is meant.
std::string ClarifyBetween(std::string_view one, std::string_view other, std::string_view language);

}  // namespace frontdesk::dialog
