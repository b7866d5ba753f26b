#include "services/knowledge/domain/recommendation.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "libs/base/utf8.h"

namespace frontdesk::knowledge {
namespace {

constexpr double kDraftWeight = 0.9;
// Of the customer's turns, from the newest back.
constexpr double kTurnWeights[kRecommendTurns] = {1.0, 0.55, 0.35};
constexpr double kSubjectWeight = 0.6;
// Of the first that speaks for it, what the others add.
constexpr double kFurtherShare = 0.5;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Where `name` stands in `text`, both in lower case; npos = nowhere.
size_t FindName(std::string_view text, std::string_view name) {
  const bool plain = IsWord(name.front());
  // One character of Chinese, or one letter, is in too many words.
  if (name.size() < (plain ? 2 : 6)) return std::string_view::npos;
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    const bool begins = !plain || at == 0 || !IsWord(text[at - 1]);
    const bool ends = !IsWord(name.back()) || end == text.size() || !IsWord(text[end]);
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

bool Weightier(const v1::RecommendationReason& a, const v1::RecommendationReason& b) {
  return a.weight_bps() > b.weight_bps();
}

}  // namespace

std::vector<ContextText> PickTexts(const std::vector<SpokenTurn>& turns, std::string_view subject,
                                   std::string_view draft,
                                   const std::function<bool(std::string_view)>& says_something) {
  std::vector<ContextText> texts;
  std::set<std::string> seen;
  const auto add = [&](v1::RecommendationReasonKind kind, std::string_view text, int turn,
                       double weight) {
    text = TruncateUtf8(text, kRecommendTextBytes);
    if (text.empty() || !says_something(text) || !seen.emplace(text).second) return false;
    texts.push_back({kind, std::string(text), turn, weight});
    return true;
  };
  add(v1::RECOMMENDATION_REASON_KIND_DRAFT, draft, -1, kDraftWeight);
  int taken = 0;
  for (size_t i = turns.size(); i-- > 0 && taken < kRecommendTurns;) {
    if (!turns[i].customer) continue;
    const bool last = taken == 0;
    if (add(last ? v1::RECOMMENDATION_REASON_KIND_LAST_QUESTION
                 : v1::RECOMMENDATION_REASON_KIND_EARLIER_TEXT,
            turns[i].text, static_cast<int>(i), kTurnWeights[taken])) {
      ++taken;
    }
  }
  add(v1::RECOMMENDATION_REASON_KIND_EARLIER_TEXT, subject, -1, kSubjectWeight);
  return texts;
}

std::vector<Mention> FindMentions(const std::vector<ContextText>& texts,
                                  const std::vector<NodeNames>& nodes) {
  std::vector<std::string> lower;
  for (const ContextText& text : texts) lower.push_back(Lower(text.text));
  std::vector<Mention> mentions;
  for (size_t node = 0; node < nodes.size(); ++node) {
    bool found = false;
    for (size_t text = 0; text < texts.size() && !found; ++text) {
      for (const std::string& name : nodes[node].names) {
        if (name.empty() || found) continue;
        const size_t at = FindName(lower[text], Lower(name));
        if (at == std::string_view::npos) continue;
        mentions.push_back({node, text, at, at + name.size()});
        found = true;
      }
    }
  }
  return mentions;
}

double RecommendationScore(const std::vector<v1::RecommendationReason>& reasons) {
  std::map<int, double> by_kind;
  for (const v1::RecommendationReason& reason : reasons) {
    double& best = by_kind[reason.kind()];
    best = std::max(best, reason.weight_bps() / 10'000.0);
  }
  double best = 0;
  double none = 1;
  for (const auto& [kind, weight] : by_kind) {
    best = std::max(best, weight);
    none *= 1 - std::min(weight, 1.0);
  }
  return best + kFurtherShare * (1 - none - best);
}

std::vector<Recommended> ChooseRecommendations(std::vector<Candidate> candidates,
                                               const std::vector<std::string>& excluded,
                                               int limit) {
  std::vector<Recommended> all;
  for (Candidate& candidate : candidates) {
    if (std::find(excluded.begin(), excluded.end(), candidate.family) != excluded.end()) continue;
    const double score = RecommendationScore(candidate.reasons);
    if (score < kMinRecommendation) continue;
    auto& reasons = candidate.reasons;
    std::stable_sort(reasons.begin(), reasons.end(), Weightier);
    // Of a kind the weightiest.
    std::set<int> kinds;
    reasons.erase(std::remove_if(reasons.begin(), reasons.end(),
                                 [&](const auto& one) { return !kinds.insert(one.kind()).second; }),
                  reasons.end());
    if (reasons.size() > kRecommendReasons) reasons.resize(kRecommendReasons);
    all.push_back({std::move(candidate), score});
  }
  std::sort(all.begin(), all.end(), [](const Recommended& a, const Recommended& b) {
    return a.score != b.score ? a.score > b.score : a.candidate.article < b.candidate.article;
  });
  std::set<std::string> families;
  std::vector<Recommended> chosen;
  for (Recommended& one : all) {
    if (static_cast<int>(chosen.size()) >= limit) break;
    if (families.insert(one.candidate.family).second) chosen.push_back(std::move(one));
  }
  return chosen;
}

}  // namespace frontdesk::knowledge
