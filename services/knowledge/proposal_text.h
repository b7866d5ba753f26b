#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/process/peers.h"
#include "services/knowledge/domain/proposal.h"
#include "services/knowledge/domain/proposal_rules.h"

// What was said in a conversation, without what says who said it. Pure; blocks for milliseconds.
namespace frontdesk::knowledge {

// Newer turns of a transcript and the beginning of each are read; the rest repeats or is a log.
inline constexpr size_t kMaxTurnsRead = 200;
inline constexpr size_t kMaxTurnBytesRead = 4 << 10;

// A transcript as articles are drafted from it. Bots are left out: what they said solved nothing.
struct PlainTranscript {
  std::string locale;  // "en" or "zh", of what the customer said
  std::string subject;
  std::vector<SpokenTurn> turns;
};
PlainTranscript Depersonalize(const process::Transcript& transcript);

// Names of people that a text says in its salutations and introductions ("Dear Ms Smith", "我叫王小明").
std::vector<std::string> NamesIn(std::string_view text);

// The text with placeholders for e-mail addresses, phone, card and identity numbers, order numbers,
// addresses, passwords that were said, `names`, and people with their titles; links lose what
// stands behind '?' and '#'. Well-formed UTF-8.
std::string WithoutPersonalData(std::string_view text, const std::vector<std::string>& names);

// What of it is still in a proposal, in bytes of its fields. Placeholders are none.
std::vector<PersonalSpan> FindPersonalData(const v1::ArticleContent& content);

}  // namespace frontdesk::knowledge
