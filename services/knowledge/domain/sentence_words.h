#pragma once

#include <span>
#include <string_view>

// The words by which sentences of customers and agents are told apart, in lower case.
namespace frontdesk::knowledge {

struct SentenceWords {
  // Beginnings that say nothing.
  std::span<const std::string_view> greetings;
  // Beginnings that say nothing when a mark follows: "Thanks, …".
  std::span<const std::string_view> openers;
  // A short sentence that begins with one of these says nothing.
  std::span<const std::string_view> courtesies;
  // A sentence that holds one of these says that it is over.
  std::span<const std::string_view> solved;
  // A sentence that begins with one of these asks.
  std::span<const std::string_view> question_beginnings;
  // A sentence that holds one of these asks.
  std::span<const std::string_view> question_words;
  // A sentence that holds one of these states a problem or a wish.
  std::span<const std::string_view> problem_words;
  // A sentence that holds one of these asks for a person to talk to, and for nothing that an article says.
  std::span<const std::string_view> person_wishes;
  // So does one that ends with one of these.
  std::span<const std::string_view> person_wish_endings;
  // What may stand behind such an ending.
  std::span<const std::string_view> polite_endings;
  // A question that begins with one of these hangs on what was said before.
  std::span<const std::string_view> pronouns;
  // So does a short one that holds one of these.
  std::span<const std::string_view> references;
  // Cut off before a step: "first", "然后".
  std::span<const std::string_view> connectives;
  // Where a sentence of several steps is cut.
  std::span<const std::string_view> step_breaks;
  // A step begins with one of these.
  std::span<const std::string_view> verbs;
  // So does it with one of these before a determiner: "lower the lamp", not "lower temperatures".
  std::span<const std::string_view> verbs_with_object;
  std::span<const std::string_view> determiners;
  // A step begins with one of these when a verb follows later: "在设置里点击…".
  std::span<const std::string_view> prepositions;
  // A verb before one of these is no step: "安装后", after the installation.
  std::span<const std::string_view> time_endings;
  // A verb behind one of these is a step: "you can", "您可以".
  std::span<const std::string_view> permissions;
  // A step may have such a clause before it: "if that does not help, …".
  std::span<const std::string_view> conditions;
  // An agent's sentence that holds one of these asks the customer for something or plays for time.
  std::span<const std::string_view> requests;
  // An agent who speaks of himself explains nothing that holds for others.
  std::span<const std::string_view> first_person;
};

// Of "zh", else English.
const SentenceWords& WordsOf(std::string_view locale);

}  // namespace frontdesk::knowledge
