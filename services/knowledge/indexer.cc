#include "services/knowledge/indexer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/store/keys.h"
#include "libs/telemetry/log.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/index_article.h"

namespace frontdesk::knowledge {
namespace {

struct Change {
  uint64_t sequence = 0;
  std::string tenant;
  std::string article;
  IndexEntry entry;  // no passages: not published any more
};

absl::StatusOr<std::vector<Change>> ReadChanges(const engine::Reader& reader, uint64_t after,
                                                int max) {
  std::vector<Change> changes;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(reader.Scan(kIndexChanges.Key(), kIndexChanges.Key(after + 1),
                                 [&](std::string_view key, std::string_view) {
                                   Change change;
                                   engine::KeyReader fields(key);
                                   if (!fields.Read(&change.sequence) ||
                                       !fields.Read(&change.tenant) ||
                                       !fields.Read(&change.article)) {
                                     corrupt = true;
                                     return false;
                                   }
                                   changes.push_back(std::move(change));
                                   return static_cast<int>(changes.size()) < max;
                                 }));
  if (corrupt) return engine::CorruptRow(kIndexChanges.name);
  return changes;
}

absl::Status LoadPassages(const engine::Reader& reader, Change& change) {
  FD_ASSIGN_OR_RETURN(auto record,
                      kArticles.Find(reader, kArticles.Key(change.tenant, change.article)));
  if (!record.has_value() || record->article().state() != v1::ARTICLE_STATE_PUBLISHED) {
    return absl::OkStatus();
  }
  const auto number = static_cast<uint32_t>(record->article().published_version());
  FD_ASSIGN_OR_RETURN(
      auto version,
      kArticleVersions.Load(reader, kArticleVersions.Key(change.tenant, change.article, number),
                            record->article().name()));
  change.entry = MakeIndexEntry(change.article, version.article_version());
  return absl::OkStatus();
}

}  // namespace

bool Indexer::Step(absl::Time now) {
  const bool moved = StepOnce(now);
  if (writing_ != nullptr) {
    indexed_sequence_.store(static_cast<int64_t>(position_.indexed_sequence()),
                            std::memory_order_release);
  }
  return moved;
}

absl::Status Indexer::ExpectStored() {
  FD_ASSIGN_OR_RETURN(const records::IndexStateRecord state, LoadState());
  expected_sequence_.store(static_cast<int64_t>(state.last_sequence()), std::memory_order_release);
  return absl::OkStatus();
}

bool Indexer::abreast() const {
  return index() != nullptr && indexed_sequence_.load(std::memory_order_acquire) >=
                                   expected_sequence_.load(std::memory_order_acquire);
}

bool Indexer::StepOnce(absl::Time now) {
  if (clock_.Steady() < not_before_) return false;
  auto moved = Advance(now);
  if (moved.ok()) return *moved;
  metrics_.index_failures.Increment();
  telemetry::Log(telemetry::Level::kError, "knowledge.index_failed",
                 {{"shard", store_.identity().shard}, {"error", moved.status()}});
  not_before_ = clock_.Steady() + options_.retry_after;
  // What the writer holds now is unknown. Searches keep the last committed state meanwhile.
  new_index_.reset();
  if (writing_ != nullptr) donor_ = std::move(writing_);
  building_now_.store(false, std::memory_order_release);
  return false;
}

std::shared_ptr<const SearchIndex> Indexer::index() const {
  std::lock_guard lock(mu_);
  return index_;
}

absl::StatusOr<bool> Indexer::Advance(absl::Time now) {
  FD_ASSIGN_OR_RETURN(const records::IndexStateRecord state, LoadState());
  if (!opened_) {
    opened_ = true;
    writing_ = OpenCurrent(state);
    if (writing_ != nullptr) Publish(writing_);
  }
  if (corrupt_.exchange(false, std::memory_order_acq_rel) && new_index_ == nullptr) {
    telemetry::Log(telemetry::Level::kError, "knowledge.index_corrupt",
                   {{"shard", store_.identity().shard}});
    if (writing_ != nullptr) donor_ = std::move(writing_);
  }
  if (CatchingUp(state)) {
    FD_RETURN_IF_ERROR(ApplyBatch(state, *writing_, position_).status());
    return true;
  }
  // Loading takes seconds. Where there is nothing to search in yet, words alone are indexed first.
  if (writing_ != nullptr || index() != nullptr) EnsureEncoders();
  if (new_index_ == nullptr &&
      (writing_ == nullptr || position_.rebuild_number() < state.rebuild_number() ||
       OfOtherEncoders(position_))) {
    FD_RETURN_IF_ERROR(StartBuilding(state, now));
  }
  if (new_index_ != nullptr) {
    // What is published meanwhile is found at once, and its vectors are taken over from there.
    if (writing_ != nullptr && position_.indexed_sequence() < state.last_sequence()) {
      FD_RETURN_IF_ERROR(ApplyBatch(state, *writing_, position_).status());
    }
    FD_ASSIGN_OR_RETURN(const bool more, ApplyBatch(state, *new_index_, new_position_));
    if (!more) FD_RETURN_IF_ERROR(FinishBuilding());
    return true;
  }
  metrics_.index_behind.Set(
      static_cast<double>(state.last_sequence() - position_.indexed_sequence()));
  if (position_.indexed_sequence() >= state.last_sequence()) return false;
  FD_RETURN_IF_ERROR(ApplyBatch(state, *writing_, position_).status());
  return true;
}

bool Indexer::CatchingUp(const records::IndexStateRecord& state) {
  if (writing_ == nullptr || abreast()) {
    words_only_ = false;
    return false;
  }
  // Readiness waits for this: thousands of vectors would keep searches waiting for minutes. The
  // index is built anew with them as soon as it is abreast.
  const uint64_t behind = state.last_sequence() - position_.indexed_sequence();
  words_only_ |= behind > static_cast<uint64_t>(options_.batch_articles);
  return words_only_;
}

absl::StatusOr<records::IndexStateRecord> Indexer::LoadState() const {
  records::IndexStateRecord state;
  FD_RETURN_IF_ERROR(store_.Read([&](const engine::Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(auto found, kIndexState.Find(reader, kIndexState.Key()));
    if (found.has_value()) state = *std::move(found);
    return absl::OkStatus();
  }));
  return state;
}

void Indexer::EnsureEncoders() {
  if (loaded_ || !options_.load_encoders || clock_.Steady() < load_not_before_) return;
  auto loaded = options_.load_encoders();
  if (!loaded.ok()) {
    telemetry::Log(telemetry::Level::kError, "knowledge.encoders_missing",
                   {{"shard", store_.identity().shard}, {"error", loaded.status()}});
    load_not_before_ = clock_.Steady() + options_.retry_after;
    return;
  }
  loaded_ = true;
  const auto& health = (*loaded)->health();
  // Lexical vectors know spelling and nothing else, which the index knows better.
  if (std::all_of(health.begin(), health.end(), [](const auto& one) { return one.lexical; }))
    return;
  encoders_ = *std::move(loaded);
  encodes_.store(true, std::memory_order_release);
}

std::vector<std::string> Indexer::Fingerprints() const {
  std::vector<std::string> fingerprints;
  if (encoders_ == nullptr) return fingerprints;
  for (const char* language : {"en", "zh"}) {
    const text::EncoderInfo& info = encoders_->For(language).info();
    if (!info.lexical) fingerprints.push_back(info.fingerprint);
  }
  return fingerprints;
}

bool Indexer::OfOtherEncoders(const IndexPosition& position) const {
  if (!loaded_) return false;
  const std::vector<std::string> now = Fingerprints();
  return !std::equal(now.begin(), now.end(), position.encoders().begin(),
                     position.encoders().end());
}

void Indexer::Encode(const SearchIndex& index, std::string_view tenant, IndexEntry& entry) {
  text::Encoder& encoder = encoders_->For(entry.article.locale());
  if (encoder.info().lexical) return;
  const std::string& article = entry.article.article();
  IndexedArticle known = index.Vectors(tenant, article);
  for (const auto& other : {writing_, donor_}) {
    if (known.units().empty() && other != nullptr) known = other->Vectors(tenant, article);
  }
  const auto made = AddVectors(encoder, known, entry);
  if (made.ok()) {
    metrics_.vectors_made.Increment(static_cast<double>(*made));
    metrics_.vectors_taken_over.Increment(static_cast<double>(entry.article.units_size()) -
                                          static_cast<double>(*made));
    return;
  }
  // Found by words only; CheckIndex counts it.
  metrics_.vector_failures.Increment();
  telemetry::Log(telemetry::Level::kError, "knowledge.vectors_failed",
                 {{"article", entry.article.article_version()}, {"error", made.status()}});
}

std::shared_ptr<SearchIndex> Indexer::OpenCurrent(const records::IndexStateRecord& state) {
  std::shared_ptr<SearchIndex> current = home_->OpenCurrent();
  if (current == nullptr) return nullptr;
  auto position = current->Position();
  if (!position.ok() || position->store_id() != store_.store_id() ||
      position->format() != kIndexFormat || position->indexed_sequence() > state.last_sequence()) {
    donor_ = std::move(current);
    return nullptr;
  }
  position_ = *std::move(position);
  return current;
}

absl::Status Indexer::StartBuilding(const records::IndexStateRecord& state, absl::Time now) {
  FD_ASSIGN_OR_RETURN(new_index_, home_->MakeNew());
  new_position_.Clear();
  new_position_.set_store_id(store_.store_id());
  new_position_.set_format(kIndexFormat);
  new_position_.set_rebuild_number(state.rebuild_number());
  new_position_.set_rebuild_time_us(absl::ToUnixMicros(now));
  for (std::string& fingerprint : Fingerprints()) {
    new_position_.add_encoders(std::move(fingerprint));
  }
  building_now_.store(true, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Indexer::FinishBuilding() {
  FD_RETURN_IF_ERROR(home_->Promote());
  writing_ = std::move(new_index_);
  donor_.reset();
  position_ = new_position_;
  Publish(writing_);
  metrics_.index_rebuilds.Increment();
  building_now_.store(false, std::memory_order_release);
  telemetry::Log(telemetry::Level::kInfo, "knowledge.index_built",
                 {{"shard", store_.identity().shard}, {"sequence", position_.indexed_sequence()}});
  return absl::OkStatus();
}

absl::StatusOr<bool> Indexer::ApplyBatch(const records::IndexStateRecord& state, SearchIndex& index,
                                         IndexPosition& position) {
  const absl::Duration begin = clock_.Steady();
  const bool with_vectors = encoders_ != nullptr && !words_only_;
  std::vector<Change> changes;
  FD_RETURN_IF_ERROR(store_.Read(
      engine::Store::Tier::kMayBlock, true, [&](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            changes, ReadChanges(reader, position.indexed_sequence(), options_.batch_articles));
        for (Change& change : changes) FD_RETURN_IF_ERROR(LoadPassages(reader, change));
        return absl::OkStatus();
      }));
  bool more = static_cast<int>(changes.size()) >= options_.batch_articles;
  for (Change& change : changes) {
    if (change.entry.passages.empty()) {
      FD_RETURN_IF_ERROR(index.Remove(change.tenant, change.article));
    } else {
      if (with_vectors) Encode(index, change.tenant, change.entry);
      FD_RETURN_IF_ERROR(index.Put(change.tenant, change.entry.article, change.entry.passages));
    }
    position.set_indexed_sequence(change.sequence);
    if (clock_.Steady() - begin > options_.commit_after && &change != &changes.back()) {
      more = true;
      break;
    }
  }
  // Sequences whose article changed again later have no row any more.
  if (!more && position.indexed_sequence() < state.last_sequence()) {
    position.set_indexed_sequence(state.last_sequence());
  }
  // Articles without vectors went in: once they can be made the index is built anew.
  if (!with_vectors && !changes.empty()) position.clear_encoders();
  FD_RETURN_IF_ERROR(index.Commit(position));
  metrics_.index_seconds.Observe(clock_.Steady() - begin);
  return more;
}

void Indexer::Publish(std::shared_ptr<SearchIndex> index) {
  std::lock_guard lock(mu_);
  index_ = std::move(index);
  generation_.fetch_add(1, std::memory_order_acq_rel);
}

}  // namespace frontdesk::knowledge
