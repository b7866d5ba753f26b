#include "services/knowledge/domain/usefulness.h"

#include <algorithm>
#include <cmath>

namespace frontdesk::knowledge {
namespace {

constexpr double kZ = 1.2816;  // of the normal distribution, 90 % one-sided

}  // namespace

int BadVotes(const v1::Usefulness& figures) {
  return figures.not_helpful_count() + figures.not_solved_count();
}

int Votes(const v1::Usefulness& figures) {
  return BadVotes(figures) + figures.helpful_count() + figures.solved_count();
}

int WeaknessBps(const v1::Usefulness& figures) {
  const double n = Votes(figures);
  if (BadVotes(figures) == 0) return 0;
  const double share = BadVotes(figures) / n;
  const double middle = share + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  const double low = (middle - spread) / (1 + kZ * kZ / n);
  return std::clamp(static_cast<int>(low * 10'000), 0, 10'000);
}

void AddUp(const v1::Usefulness& figures, v1::Usefulness& total) {
  total.set_helpful_count(total.helpful_count() + figures.helpful_count());
  total.set_not_helpful_count(total.not_helpful_count() + figures.not_helpful_count());
  total.set_cited_count(total.cited_count() + figures.cited_count());
  total.set_solved_count(total.solved_count() + figures.solved_count());
  total.set_not_solved_count(total.not_solved_count() + figures.not_solved_count());
  for (const v1::ReasonCount& reason : figures.reasons()) {
    CountReason(total, reason.reason(), reason.count());
  }
}

void CountReason(v1::Usefulness& figures, v1::RatingReason reason, int by) {
  if (reason == v1::RATING_REASON_UNSPECIFIED) return;
  auto& reasons = *figures.mutable_reasons();
  auto found = std::find_if(reasons.begin(), reasons.end(),
                            [&](const v1::ReasonCount& one) { return one.reason() == reason; });
  if (found == reasons.end()) {
    if (by <= 0) return;
    v1::ReasonCount& added = *reasons.Add();
    added.set_reason(reason);
    added.set_count(by);
    std::sort(reasons.begin(), reasons.end(),
              [](const auto& a, const auto& b) { return a.reason() < b.reason(); });
    return;
  }
  found->set_count(found->count() + by);
  if (found->count() <= 0) reasons.erase(found);
}

}  // namespace frontdesk::knowledge
