#include "services/knowledge/domain/stemmer.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using frontdesk::knowledge::StemEnglish;

TEST_CASE("forms of an English word have one stem") {
  // From Porter's paper and its vocabulary.
  const std::pair<const char*, const char*> kExamples[] = {
      {"caresses", "caress"},    {"ponies", "poni"},       {"cats", "cat"},
      {"feed", "feed"},          {"agreed", "agre"},       {"plastered", "plaster"},
      {"motoring", "motor"},     {"sing", "sing"},         {"conflated", "conflat"},
      {"troubled", "troubl"},    {"sized", "size"},        {"hopping", "hop"},
      {"falling", "fall"},       {"hissing", "hiss"},      {"filing", "file"},
      {"happy", "happi"},        {"sky", "sky"},           {"relational", "relat"},
      {"conditional", "condit"}, {"rational", "ration"},   {"valenci", "valenc"},
      {"digitizer", "digit"},    {"operator", "oper"},     {"feudalism", "feudal"},
      {"decisiveness", "decis"}, {"hopefulness", "hope"},  {"formaliti", "formal"},
      {"triplicate", "triplic"}, {"electrical", "electr"}, {"goodness", "good"},
      {"revival", "reviv"},      {"allowance", "allow"},   {"inference", "infer"},
      {"airliner", "airlin"},    {"adjustable", "adjust"}, {"replacement", "replac"},
      {"adoption", "adopt"},     {"effective", "effect"},  {"probate", "probat"},
      {"rate", "rate"},          {"cease", "ceas"},        {"controll", "control"},
      {"roll", "roll"},          {"returns", "return"},    {"returned", "return"},
      {"returning", "return"},   {"shipping", "ship"},     {"refunds", "refund"}};
  for (const auto& [word, stem] : kExamples) {
    INFO(word);
    CHECK(StemEnglish(word) == stem);
  }
}

TEST_CASE("what is no plain English word stays as it is") {
  for (const char* word : {"", "a", "is", "iphone15", "退款", "caf\xC3\xA9s"}) {
    CHECK(StemEnglish(word) == word);
  }
}
