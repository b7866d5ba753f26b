#include "services/knowledge/indexer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/store/keys.h"
#include "libs/telemetry/log.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/passages.h"

namespace frontdesk::knowledge {
namespace {

struct Change {
  uint64_t sequence = 0;
  std::string tenant;
  std::string article;
  std::vector<IndexedPassage> passages;  // empty: not published any more
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

std::vector<IndexedPassage> PassagesOf(std::string_view article,
                                       const v1::ArticleVersion& version) {
  std::vector<IndexedPassage> passages;
  const v1::ArticleContent& content = version.content();
  for (const PassageSpan& span : SplitPassages(content.body())) {
    IndexedPassage& passage = passages.emplace_back();
    passage.set_article_version(version.name());
    passage.set_article(std::string(article));
    passage.set_locale(version.locale());
    passage.set_title(content.title());
    *passage.mutable_questions() = content.questions();
    *passage.mutable_tags() = content.tags();
    passage.set_product(content.product());
    passage.set_product_module(content.product_module());
    passage.set_error_type(content.error_type());
    passage.set_solution_kind(content.solution_kind());
    *passage.mutable_product_versions() = content.product_versions();
    passage.set_audience(AudienceOf(content));
    passage.set_start_byte(span.begin);
    passage.set_end_byte(span.end);
    passage.set_text(content.body().substr(span.begin, span.end - span.begin));
  }
  return passages;
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
  change.passages = PassagesOf(change.article, version.article_version());
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
  writing_.reset();
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
  if (new_index_ == nullptr &&
      (writing_ == nullptr || position_.rebuild_number() < state.rebuild_number())) {
    FD_RETURN_IF_ERROR(StartBuilding(state, now));
  }
  if (new_index_ != nullptr) {
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

absl::StatusOr<records::IndexStateRecord> Indexer::LoadState() const {
  records::IndexStateRecord state;
  FD_RETURN_IF_ERROR(store_.Read([&](const engine::Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(auto found, kIndexState.Find(reader, kIndexState.Key()));
    if (found.has_value()) state = *std::move(found);
    return absl::OkStatus();
  }));
  return state;
}

std::shared_ptr<SearchIndex> Indexer::OpenCurrent(const records::IndexStateRecord& state) {
  std::shared_ptr<SearchIndex> current = home_->OpenCurrent();
  if (current == nullptr) return nullptr;
  auto position = current->Position();
  if (!position.ok() || position->store_id() != store_.store_id() ||
      position->format() != kIndexFormat || position->indexed_sequence() > state.last_sequence()) {
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
  building_now_.store(true, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Indexer::FinishBuilding() {
  FD_RETURN_IF_ERROR(home_->Promote());
  writing_ = std::move(new_index_);
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
  std::vector<Change> changes;
  FD_RETURN_IF_ERROR(store_.Read(
      engine::Store::Tier::kMayBlock, true, [&](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            changes, ReadChanges(reader, position.indexed_sequence(), options_.batch_articles));
        for (Change& change : changes) FD_RETURN_IF_ERROR(LoadPassages(reader, change));
        return absl::OkStatus();
      }));
  for (const Change& change : changes) {
    FD_RETURN_IF_ERROR(change.passages.empty()
                           ? index.Remove(change.tenant, change.article)
                           : index.Put(change.tenant, change.article, change.passages));
    position.set_indexed_sequence(change.sequence);
  }
  const bool more = static_cast<int>(changes.size()) >= options_.batch_articles;
  // Sequences whose article changed again later have no row any more.
  if (!more && position.indexed_sequence() < state.last_sequence()) {
    position.set_indexed_sequence(state.last_sequence());
  }
  FD_RETURN_IF_ERROR(index.Commit(position));
  metrics_.index_seconds.Observe(clock_.Steady() - begin);
  return more;
}

void Indexer::Publish(std::shared_ptr<SearchIndex> index) {
  std::lock_guard lock(mu_);
  index_ = std::move(index);
}

}  // namespace frontdesk::knowledge
