#include "services/knowledge/gap_clusters.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "absl/strings/numbers.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "libs/text/normalize.h"
#include "services/knowledge/domain/gap.h"
#include "services/knowledge/int8_vectors.h"

namespace frontdesk::knowledge {
namespace {

// Of a tenant in a language; what comes after is counted by its own words only.
constexpr size_t kEntriesMax = 20'000;
constexpr size_t kGroupsMax = 64;
constexpr size_t kLetterMatches = 16;

double Cosine(DotFunction dot, const std::string& a, const std::string& b) {
  return static_cast<double>(dot(reinterpret_cast<const int8_t*>(a.data()),
                                 reinterpret_cast<const int8_t*>(b.data()), a.size())) /
         kInt8Scale;
}

}  // namespace

std::shared_ptr<GapClusters::Group> GapClusters::GroupOf(const std::string& tenant,
                                                         const std::string& locale) {
  const std::lock_guard lock(mu_);
  const auto found = groups_.find({tenant, locale});
  if (found != groups_.end()) return found->second;
  // Any of them can be filled again from the store.
  if (groups_.size() >= kGroupsMax) groups_.erase(groups_.begin());
  return groups_[{tenant, locale}] = std::make_shared<Group>();
}

void GapClusters::Append(Group& group, Entry entry) {
  if (group.entries.size() >= kEntriesMax) return;
  const std::string place = fmt::format("{}", group.entries.size());
  // What has nothing to compare is found by its meaning.
  group.letters.Add(place, entry.question).IgnoreError();
  group.entries.push_back(std::move(entry));
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
          Append(group, {std::move(id), record->normalized_question(), record->encoder(),
                         record->vector()});
          return group.entries.size() < kEntriesMax;
        }));
    return status;
  });
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
    const bool comparable =
        !encoder.empty() && entry.encoder == encoder && entry.vector.size() == vector.size();
    const double cosine = comparable ? Cosine(dot, entry.vector, vector) : -1;
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
  const std::shared_ptr<Group> group = GroupOf(tenant, locale);
  {
    const std::lock_guard lock(group->mu);
    if (!group->loaded) {
      const absl::Status loaded = Load(tenant, locale, *group);
      if (!loaded.ok()) {
        telemetry::Log(telemetry::Level::kWarn, "knowledge.gaps_not_loaded",
                       {{"error", loaded.ToString()}});
        for (size_t i = 0; i < group->entries.size(); ++i)
          group->letters.Remove(fmt::format("{}", i));
        group->entries.clear();
        return done(GapHint());
      }
      group->loaded = true;
    }
  }
  auto shared = std::make_shared<Done>(std::move(done));
  const auto answer = [group, shared, normalized = NormalizeQuestion(text::MatchKey(question))](
                          std::string encoder, std::string vector) {
    GapHint hint;
    {
      const std::lock_guard lock(group->mu);
      hint.gap = Nearest(*group, normalized, encoder, vector);
    }
    hint.encoder = std::move(encoder);
    hint.vector = std::move(vector);
    (*shared)(std::move(hint));
  };
  if (encoding_ == nullptr) return answer("", "");
  const absl::Status taken =
      encoding_->EncodeIn(locale, question, clock_.Now() + deadline,
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
  const std::shared_ptr<Group> group = GroupOf(tenant, locale);
  const std::lock_guard lock(group->mu);
  // What is not loaded yet will find it in the store.
  if (group->loaded) Append(*group, {gap, question, encoder, vector});
}

}  // namespace frontdesk::knowledge
