#include "services/knowledge/gap_clusters.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "absl/strings/numbers.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "libs/text/normalize.h"
#include "services/knowledge/domain/gap.h"
#include "services/knowledge/int8_vectors.h"
#include "services/knowledge/proposal_text.h"

namespace frontdesk::knowledge {
namespace {

// Of a tenant in a language; what comes after is counted by its own words only.
constexpr size_t kEntriesMax = 20'000;
constexpr size_t kGroupsMax = 64;
// Of all groups together: some 3 KiB each, mostly sketches of letters.
constexpr size_t kEntriesOfAllMax = 100'000;
constexpr size_t kLetterMatches = 16;
// So that what is cut off behind what is kept is no half of a name or number.
constexpr int kQuestionCharactersRead = 2 * kMaxGapQuestionCharacters;

double Cosine(DotFunction dot, const std::string& a, const std::string& b) {
  const auto product = [&](const std::string& left, const std::string& right) {
    return static_cast<double>(dot(reinterpret_cast<const int8_t*>(left.data()),
                                   reinterpret_cast<const int8_t*>(right.data()), left.size()));
  };
  const double lengths = std::sqrt(product(a, a) * product(b, b));
  return lengths == 0 ? 0 : product(a, b) / lengths;
}

// Below 0: the two can't be compared.
double CosineOf(DotFunction dot, std::string_view encoder, const std::string& vector,
                std::string_view other_encoder, const std::string& other) {
  const bool comparable =
      !encoder.empty() && encoder == other_encoder && vector.size() == other.size();
  return comparable ? Cosine(dot, vector, other) : -1;
}

// As much of a normalised question as is compared.
std::string Compared(std::string_view normalized) {
  return FirstCharacters(normalized, kMaxGapQuestionCharacters);
}

}  // namespace

GapQuestion ReadGapQuestion(std::string_view question) {
  const std::string beginning = FirstCharacters(question, kQuestionCharactersRead);
  GapQuestion read;
  read.text = FirstCharacters(WithoutPersonalData(beginning, NamesIn(beginning)),
                              kMaxGapQuestionCharacters);
  read.normalized = Compared(NormalizeQuestion(text::MatchKey(read.text)));
  read.sketch = text::MakeSketch(read.normalized);
  return read;
}

bool AsksTheSame(const records::GapRecord& gap, const GapQuestion& question, const GapHint& hint) {
  const std::string asked = Compared(gap.normalized_question());
  if (!SameNumbers(asked, question.normalized)) return false;
  const double jaccard = text::Jaccard(text::MakeSketch(asked), question.sketch);
  const double cosine = CosineOf(BestDot(), hint.encoder, hint.vector, gap.encoder(), gap.vector());
  return SameQuestion(jaccard, cosine);
}

std::shared_ptr<GapClusters::Group> GapClusters::GroupOf(const std::string& tenant,
                                                         const std::string& locale) {
  const std::lock_guard lock(mu_);
  std::shared_ptr<Group>& group = groups_[{tenant, locale}];
  if (group == nullptr) group = std::make_shared<Group>();
  group->used = ++uses_;
  while (groups_.size() > 1) {
    size_t entries = 0;
    auto oldest = groups_.begin();
    for (auto it = groups_.begin(); it != groups_.end(); ++it) {
      entries += it->second->size.load(std::memory_order_relaxed);
      if (it->second->used < oldest->second->used) oldest = it;
    }
    if (groups_.size() <= kGroupsMax && entries <= kEntriesOfAllMax) break;
    // It can be filled again from the store.
    groups_.erase(oldest);
  }
  return groups_[{tenant, locale}];
}

void GapClusters::Append(Group& group, Entry entry) {
  if (group.entries.size() >= kEntriesMax) return;
  const std::string place = fmt::format("{}", group.entries.size());
  // What has nothing to compare is found by its meaning.
  group.letters.Add(place, entry.question).IgnoreError();
  group.entries.push_back(std::move(entry));
  group.size.store(group.entries.size(), std::memory_order_relaxed);
}

absl::Status GapClusters::Load(const std::string& tenant, const std::string& locale, Group& group) {
  return store_of_(tenant).Read([&](const engine::Reader& reader) -> absl::Status {
    absl::Status status;
    FD_RETURN_IF_ERROR(
        reader.Scan(kGaps.Key(tenant), {}, [&](std::string_view key, std::string_view value) {
          engine::KeyReader fields(key);
          std::string owner, id;
          auto record = kGaps.Parse(value);
          status = fields.Read(&owner) && fields.Read(&id) ? record.status()
                                                           : engine::CorruptRow(kGaps.name);
          if (!status.ok()) return false;
          if (record->gap().locale() != locale) return true;
          Append(group, {std::move(id), Compared(record->normalized_question()), record->encoder(),
                         record->vector()});
          return group.entries.size() < kEntriesMax;
        }));
    return status;
  });
}

absl::Status GapClusters::Fill(const std::string& tenant, const std::string& locale, Group& group) {
  bool fresh = false;
  {
    const std::lock_guard lock(group.added_mu);
    fresh = !std::exchange(group.follows, true);
  }
  absl::Status status;
  if (fresh) status = Load(tenant, locale, group);
  std::vector<Entry> added;
  {
    const std::lock_guard lock(group.added_mu);
    added = std::exchange(group.added, {});
    if (!status.ok()) group.follows = false;
  }
  if (!status.ok()) {
    for (size_t i = 0; i < group.entries.size(); ++i) group.letters.Remove(fmt::format("{}", i));
    group.entries.clear();
    group.size.store(0, std::memory_order_relaxed);
    return status;
  }
  for (Entry& entry : added) Append(group, std::move(entry));
  return absl::OkStatus();
}

std::string GapClusters::Nearest(Group& group, const std::string& question,
                                 const std::string& encoder, const std::string& vector) {
  std::map<size_t, double> jaccards;
  auto alike = group.letters.Find(question, kLetterMatches);
  if (alike.ok()) {
    for (const auto& match : *alike) {
      size_t place = 0;
      if (absl::SimpleAtoi(match.id, &place)) jaccards[place] = match.jaccard;
    }
  }
  const DotFunction dot = BestDot();
  std::string best;
  double best_score = -1;
  const auto judge = [&](size_t place, double jaccard) {
    const Entry& entry = group.entries[place];
    const double cosine = CosineOf(dot, encoder, vector, entry.encoder, entry.vector);
    const double score = std::max(cosine, jaccard);
    if (score <= best_score || !SameQuestion(jaccard, cosine)) return;
    if (!SameNumbers(entry.question, question)) return;
    best = entry.gap;
    best_score = score;
  };
  for (const auto& [place, jaccard] : jaccards) judge(place, jaccard);
  if (encoder.empty()) return best;
  for (size_t place = 0; place < group.entries.size(); ++place) {
    if (!jaccards.contains(place)) judge(place, 0);
  }
  return best;
}

void GapClusters::Find(const std::string& tenant, const std::string& locale,
                       const std::string& question, absl::Duration deadline, Done done) {
  const absl::Time looked_at = clock_.Now();
  const std::shared_ptr<Group> group = GroupOf(tenant, locale);
  {
    const std::lock_guard lock(group->mu);
    const absl::Status filled = Fill(tenant, locale, *group);
    if (!filled.ok()) {
      telemetry::Log(telemetry::Level::kWarn, "knowledge.gaps_not_loaded",
                     {{"error", filled.ToString()}});
    }
  }
  auto shared = std::make_shared<Done>(std::move(done));
  const auto read = std::make_shared<const GapQuestion>(ReadGapQuestion(question));
  const auto answer = [group, shared, looked_at, read](std::string encoder, std::string vector) {
    GapHint hint;
    hint.question = *read;
    hint.looked_at = looked_at;
    {
      const std::lock_guard lock(group->mu);
      hint.gap = Nearest(*group, read->normalized, encoder, vector);
    }
    hint.encoder = std::move(encoder);
    hint.vector = std::move(vector);
    (*shared)(std::move(hint));
  };
  if (encoding_ == nullptr) return answer("", "");
  const absl::Status taken =
      encoding_->EncodeIn(locale, read->text, clock_.Now() + deadline,
                          [answer](absl::StatusOr<process::Encoding::Vector> vector) {
                            if (!vector.ok()) return answer("", "");
                            answer(std::move(vector->fingerprint), Quantize(vector->values));
                          });
  // The encoders are loading or have too much to do.
  if (!taken.ok()) answer("", "");
}

void GapClusters::Add(const std::string& tenant, const std::string& locale, const std::string& gap,
                      const std::string& question, const std::string& encoder,
                      const std::string& vector) {
  std::shared_ptr<Group> group;
  {
    const std::lock_guard lock(mu_);
    const auto found = groups_.find({tenant, locale});
    if (found == groups_.end()) return;
    group = found->second;
  }
  const std::lock_guard lock(group->added_mu);
  if (group->follows) group->added.push_back({gap, question, encoder, vector});
}

}  // namespace frontdesk::knowledge
