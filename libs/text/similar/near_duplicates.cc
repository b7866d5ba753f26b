#include "libs/text/similar/near_duplicates.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/text/errors.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

constexpr size_t kIdBytesMax = 256;
// Entries of one bucket that a question looks at, the newest first: a template sent with ten
// thousand different numbers must not make every question slow.
constexpr int kChainMax = 32;

uint64_t FingerprintOf(const Sketch& sketch) {
  return Fingerprint64(std::string_view(reinterpret_cast<const char*>(sketch.hashes.data()),
                                        sketch.hashes.size() * sizeof(uint32_t)));
}

// No more than this, whatever they share.
double JaccardMax(const Sketch& a, const Sketch& b) {
  if (!a.complete || !b.complete) return 1;
  return static_cast<double>(std::min(a.hashes.size(), b.hashes.size())) /
         static_cast<double>(std::max(a.hashes.size(), b.hashes.size()));
}

// One byte a dimension: the error of a cosine is below 0.01.
float Quantise(absl::Span<const float> vector, std::vector<int8_t>& out) {
  float largest = 0;
  double square = 0;
  for (const float x : vector) {
    largest = std::max(largest, std::abs(x));
    square += static_cast<double>(x) * x;
  }
  if (largest == 0) return 0;
  out.resize(vector.size());
  for (size_t i = 0; i < vector.size(); ++i) {
    out[i] = static_cast<int8_t>(std::lround(vector[i] / largest * 127));
  }
  return static_cast<float>(largest / 127 / std::sqrt(square));
}

}  // namespace

NearDuplicates::NearDuplicates(Options options) : options_(options) {}

absl::Status NearDuplicates::CheckQuestion(std::string_view text,
                                           absl::Span<const float> vector) const {
  if (text.size() > kMaxTextBytes) return TextTooLongError(text.size(), kMaxTextBytes);
  if (!vector.empty() && vector.size() != options_.dimensions) {
    return InvalidField(
        "vector", fmt::format("has {} numbers instead of {}", vector.size(), options_.dimensions));
  }
  if (!std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); })) {
    return InvalidField("vector", "holds a number that is not finite");
  }
  return absl::OkStatus();
}

absl::Status NearDuplicates::Add(std::string_view id, std::string_view text,
                                 absl::Span<const float> vector) {
  if (id.empty() || id.size() > kIdBytesMax) {
    return InvalidField("id", fmt::format("must have 1 to {} bytes", kIdBytesMax));
  }
  FD_RETURN_IF_ERROR(CheckQuestion(text, vector));
  Sketch sketch = MakeSketch(text);
  if (sketch.hashes.empty()) return InvalidField("text", "has nothing to compare");
  const std::unique_lock lock(mu_);
  const bool replaces = places_.contains(ToAbsl(id));
  if (!replaces && places_.size() >= options_.texts_max) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_ROWS",
                 fmt::format("holds {} texts already", options_.texts_max));
  }
  if (replaces) RemoveLocked(id);
  const uint32_t index = EntryOf(std::move(sketch), vector);
  Entry& entry = entries_[index];
  places_[std::string(id)] = {index, static_cast<uint32_t>(entry.ids.size())};
  entry.ids.emplace_back(id);
  return absl::OkStatus();
}

uint32_t NearDuplicates::EntryOf(Sketch sketch, absl::Span<const float> vector) {
  const uint64_t fingerprint = FingerprintOf(sketch);
  const auto group = groups_.find(fingerprint);
  if (group != groups_.end()) {
    Entry& known = entries_[group->second];
    if (known.sketch == sketch) {
      if (known.vector.empty()) known.vector_scale = Quantise(vector, known.vector);
      return group->second;
    }
  }
  uint32_t index;
  if (free_.empty()) {
    index = static_cast<uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Entry& entry = entries_[index];
  entry.bands = BandsOf(sketch);
  entry.sketch = std::move(sketch);
  entry.fingerprint = fingerprint;
  entry.grouped = groups_.emplace(fingerprint, index).second;
  entry.vector_scale = Quantise(vector, entry.vector);
  Link(index);
  return index;
}

void NearDuplicates::Link(uint32_t index) {
  const std::array<uint32_t, kBands>& bands = entries_[index].bands;
  for (size_t band = 0; band < kBands; ++band) {
    next_[band].resize(entries_.size(), kNone);
    previous_[band].resize(entries_.size(), kNone);
    const auto [head, is_new] = buckets_[band].try_emplace(bands[band], index);
    previous_[band][index] = kNone;
    next_[band][index] = is_new ? kNone : head->second;
    if (!is_new) previous_[band][head->second] = index;
    head->second = index;
  }
}

void NearDuplicates::Unlink(uint32_t index) {
  const std::array<uint32_t, kBands>& bands = entries_[index].bands;
  for (size_t band = 0; band < kBands; ++band) {
    const uint32_t next = next_[band][index];
    const uint32_t previous = previous_[band][index];
    if (next != kNone) previous_[band][next] = previous;
    if (previous != kNone) {
      next_[band][previous] = next;
    } else if (next != kNone) {
      buckets_[band][bands[band]] = next;
    } else {
      buckets_[band].erase(bands[band]);
    }
  }
}

bool NearDuplicates::Remove(std::string_view id) {
  const std::unique_lock lock(mu_);
  return RemoveLocked(id);
}

bool NearDuplicates::RemoveLocked(std::string_view id) {
  const auto found = places_.find(ToAbsl(id));
  if (found == places_.end()) return false;
  const Place place = found->second;
  places_.erase(found);
  Entry& entry = entries_[place.entry];
  if (place.position + 1 < entry.ids.size()) {
    entry.ids[place.position] = std::move(entry.ids.back());
    places_[entry.ids[place.position]].position = place.position;
  }
  entry.ids.pop_back();
  if (!entry.ids.empty()) return true;
  Unlink(place.entry);
  if (entry.grouped) groups_.erase(entry.fingerprint);
  entry = Entry();
  free_.push_back(place.entry);
  if (!places_.empty()) return true;
  // The last one: memory goes back too.
  std::vector<Entry>().swap(entries_);
  std::vector<uint32_t>().swap(free_);
  next_ = decltype(next_)();
  previous_ = decltype(previous_)();
  places_ = decltype(places_)();
  groups_ = decltype(groups_)();
  buckets_ = decltype(buckets_)();
  return true;
}

std::vector<uint32_t> NearDuplicates::Candidates(const Sketch& sketch) const {
  const std::array<uint32_t, kBands> bands = BandsOf(sketch);
  std::vector<std::pair<int, uint32_t>> ranked;  // shared bands, negative; entry
  // Counts by entry, all zero between two questions.
  thread_local std::vector<uint8_t> counts;
  if (counts.size() < entries_.size()) counts.resize(entries_.size());
  for (size_t band = 0; band < kBands; ++band) {
    const auto head = buckets_[band].find(bands[band]);
    if (head == buckets_[band].end()) continue;
    uint32_t index = head->second;
    for (int i = 0; i < kChainMax && index != kNone; ++i) {
      if (counts[index]++ == 0) ranked.emplace_back(0, index);
      index = next_[band][index];
    }
  }
  for (auto& [shared, index] : ranked) {
    shared = -static_cast<int>(counts[index]);
    counts[index] = 0;
  }
  if (ranked.size() > options_.candidates_max) {
    const auto end = ranked.begin() + static_cast<ptrdiff_t>(options_.candidates_max);
    std::nth_element(ranked.begin(), end, ranked.end());
    ranked.erase(end, ranked.end());
  }
  std::vector<uint32_t> candidates;
  candidates.reserve(ranked.size() + 1);
  for (const auto& [shared, index] : ranked) candidates.push_back(index);
  // The very same letters may stand too far back in every chain.
  const auto same = groups_.find(FingerprintOf(sketch));
  if (same != groups_.end() &&
      std::find(candidates.begin(), candidates.end(), same->second) == candidates.end()) {
    candidates.push_back(same->second);
  }
  return candidates;
}

NearDuplicates::Match NearDuplicates::Judge(const Entry& entry, const Sketch& sketch,
                                            absl::Span<const float> vector) const {
  Match match;
  match.jaccard = Jaccard(entry.sketch, sketch);
  match.score = match.jaccard;
  if (vector.empty() || entry.vector.empty()) return match;
  double dot = 0;
  double square = 0;
  for (size_t i = 0; i < vector.size(); ++i) {
    dot += static_cast<double>(vector[i]) * entry.vector[i];
    square += static_cast<double>(vector[i]) * vector[i];
  }
  if (square == 0) return match;
  match.by_vector = true;
  match.score = std::clamp(dot * entry.vector_scale / std::sqrt(square), -1.0, 1.0);
  return match;
}

absl::StatusOr<std::vector<NearDuplicates::Match>> NearDuplicates::Find(
    std::string_view text, size_t limit, absl::Span<const float> vector) const {
  FD_RETURN_IF_ERROR(CheckQuestion(text, vector));
  std::vector<Match> matches;
  const Sketch sketch = MakeSketch(text);
  if (sketch.hashes.empty() || limit == 0) return matches;
  const auto better = [](const Match& a, const Match& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  };
  const std::shared_lock lock(mu_);
  std::vector<std::pair<Match, const Entry*>> alike;
  for (const uint32_t index : Candidates(sketch)) {
    if (vector.empty() && JaccardMax(entries_[index].sketch, sketch) < options_.jaccard_min)
      continue;
    Match match = Judge(entries_[index], sketch, vector);
    if (match.score < (match.by_vector ? options_.cosine_min : options_.jaccard_min)) continue;
    alike.emplace_back(std::move(match), &entries_[index]);
  }
  std::sort(alike.begin(), alike.end(),
            [](const auto& a, const auto& b) { return a.first.score > b.first.score; });
  for (const auto& [match, entry] : alike) {
    // Whole groups, so that equals are chosen by id and not by where they stand.
    if (matches.size() >= limit && match.score < matches.back().score) break;
    for (const std::string& id : entry->ids) {
      matches.push_back(match);
      matches.back().id = id;
    }
  }
  const auto end = matches.begin() + static_cast<ptrdiff_t>(std::min(limit, matches.size()));
  std::partial_sort(matches.begin(), end, matches.end(), better);
  matches.erase(end, matches.end());
  return matches;
}

NearDuplicates::Stats NearDuplicates::stats() const {
  const std::shared_lock lock(mu_);
  Stats stats;
  stats.texts = places_.size();
  stats.entries = entries_.size() - free_.size();
  stats.bytes = entries_.capacity() * sizeof(Entry) + free_.capacity() * sizeof(uint32_t) +
                places_.capacity() * (sizeof(std::pair<std::string, Place>) + 1) +
                groups_.capacity() * (sizeof(std::pair<uint64_t, uint32_t>) + 1);
  for (const Entry& entry : entries_) {
    stats.bytes += entry.sketch.hashes.capacity() * sizeof(uint32_t) + entry.vector.capacity();
    for (const std::string& id : entry.ids) stats.bytes += sizeof(std::string) + 2 * id.size();
  }
  for (const auto& links : next_) stats.bytes += 2 * links.capacity() * sizeof(uint32_t);
  for (const auto& bucket : buckets_) {
    stats.buckets += bucket.size();
    stats.bytes += bucket.capacity() * (2 * sizeof(uint32_t) + 1);
  }
  return stats;
}

}  // namespace frontdesk::text
