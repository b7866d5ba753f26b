#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "frontdesk/knowledge/v1/recommendation.pb.h"

// Which articles are recommended while somebody writes, and why. Pure.
namespace frontdesk::knowledge {

inline constexpr int kRecommendDefault = 5;
inline constexpr int kRecommendMax = 20;
inline constexpr int kRecommendReasons = 5;
inline constexpr int kRecommendTurns = 3;  // of the customer's that are gone by
inline constexpr size_t kRecommendTextBytes = 1500;
// An article below this is not shown: its tag or product alone says too little.
inline constexpr double kMinRecommendation = 0.25;

// What reasons other than words and meaning are worth, at most.
inline constexpr double kSupersedesWeight = 0.45;
inline constexpr double kSameErrorWeight = 0.40;
inline constexpr double kPrerequisiteWeight = 0.35;
inline constexpr double kLinkedWeight = 0.30;
inline constexpr double kRelatedErrorWeight = 0.20;
inline constexpr double kSameTagWeight = 0.15;
inline constexpr double kSameProductWeight = 0.12;
inline constexpr double kPopularWeight = 0.08;
// What leads from the article that fits best, which nobody has cited yet.
inline constexpr double kFromBestShare = 0.6;

struct SpokenTurn {
  bool customer = false;
  std::string text;
};

// A text that is gone by.
struct ContextText {
  v1::RecommendationReasonKind kind = v1::RECOMMENDATION_REASON_KIND_UNSPECIFIED;
  std::string text;  // at most kRecommendTextBytes
  int turn = -1;
  double weight = 0;  // 0 to 1
};

// The draft, the customer's last turns that say something (the newest weighs most), and the subject;
// each once. `says_something`: "hello?" does not.
std::vector<ContextText> PickTexts(const std::vector<SpokenTurn>& turns, std::string_view subject,
                                   std::string_view draft,
                                   const std::function<bool(std::string_view)>& says_something);

// A node of the graph with what people call it.
struct NodeNames {
  std::string node;
  std::vector<std::string> names;
};
struct Mention {
  size_t node = 0;  // place in the list
  size_t text = 0;  // of the texts
  size_t begin = 0;
  size_t end = 0;
};
// Each node once, where it is named first: a word of its own, in any case of plain letters; Chinese
// anywhere, from two characters on.
std::vector<Mention> FindMentions(const std::vector<ContextText>& texts,
                                  const std::vector<NodeNames>& nodes);

// An article with what speaks for it. A reason's weight is its weight_bps.
struct Candidate {
  std::string article;  // id
  std::string family;   // of the article and its translations
  std::vector<v1::RecommendationReason> reasons;
};

// 0 to 1: more reasons make it better, none makes it certain; of one kind the best counts.
double RecommendationScore(const std::vector<v1::RecommendationReason>& reasons);

struct Recommended {
  Candidate candidate;  // its reasons cut and in order
  double score = 0;
};
// The best ones, best first; of a family one, of `excluded` families none.
std::vector<Recommended> ChooseRecommendations(std::vector<Candidate> candidates,
                                               const std::vector<std::string>& excluded, int limit);

}  // namespace frontdesk::knowledge
