#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frontdesk/knowledge/v1/knowledge.pb.h"

// How an article is drafted from a conversation: what the customer asked becomes its questions, what
// the agent said to do its steps. By the form of sentences, in Chinese and English; a person reads
// the draft before it becomes an article.
namespace frontdesk::knowledge {

inline constexpr int kMaxDraftQuestions = 10;
inline constexpr int kMaxDraftSteps = 20;
inline constexpr int kMaxDraftExplanations = 5;

// One who spoke, without personal data.
struct SpokenTurn {
  bool customer = false;  // else a person of the tenant; what a bot said is no solution
  std::vector<std::string> sentences;
};

// What a sentence is good for.
enum class SentenceUse { kNothing, kQuestion, kStep, kExplanation };
SentenceUse UseOfCustomerSentence(std::string_view sentence, std::string_view locale);
SentenceUse UseOfAgentSentence(std::string_view sentence, std::string_view locale);

// "Hello, how do I reset it?" -> "How do I reset it?".
std::string WithoutGreeting(std::string_view sentence, std::string_view locale);
// "2) Then open the app, then tap Reset." -> "Open the app", "Tap Reset."
std::vector<std::string> StepsOf(std::string_view sentence, std::string_view locale);

// Title, questions, body; any of them may be empty. `subject` is a ticket's; may be empty.
v1::ArticleContent DraftArticle(std::string_view locale, std::string_view subject,
                                const std::vector<SpokenTurn>& turns);

// "Do this: 1. Open it; 2. Close it" with each number on a line of its own, if they count from 1 to 2
// or more.
std::string BreakBeforeNumbers(std::string_view text);

// What two texts have in common when they are the same but for case, spaces and marks.
std::string PlainWords(std::string_view text);

// Adds the questions that `content` does not have yet, at most as many as an article may have. True
// when there were any.
bool AddQuestions(v1::ArticleContent& content, const v1::ArticleContent& from);

}  // namespace frontdesk::knowledge
