#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/store/store.h"
#include "libs/text/encoder/encoders.h"
#include "services/knowledge/index_article.h"
#include "services/knowledge/keys.h"
#include "services/knowledge/metrics.h"
#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// Keeps the search index of one shard abreast of its store: follows the index changes in order, and
// builds a new index beside the old one when there is none, when it is of another store or form, or
// when RebuildIndex asked for it. Vectors are made here, by the encoders of the process: an index of
// other encoders is built anew, and vectors of unchanged texts are taken over from the old one. While
// encoders can't be had, and while searches wait for more than a batch, words alone are indexed.
// Owned by the App; Step belongs to one thread, the rest is thread safe. After an error it waits a
// while and goes on; an index it could not write to is built anew.
class Indexer {
 public:
  struct Options {
    int batch_articles = 32;
    absl::Duration retry_after = absl::Seconds(5);
    // A batch whose vectors take longer is committed in parts: what is published shall be found soon.
    absl::Duration commit_after = absl::Milliseconds(400);
    // Gives the encoders of the process; blocks for seconds. Empty = words alone.
    std::function<absl::StatusOr<std::shared_ptr<text::Encoders>>()> load_encoders = {};
  };

  Indexer(const engine::Store& store, std::unique_ptr<IndexHome> home, const Clock& clock,
          const KnowledgeMetrics& metrics, Options options)
      : store_(store),
        home_(std::move(home)),
        clock_(clock),
        metrics_(metrics),
        options_(std::move(options)) {}

  // Applies one batch of changes. False when there was nothing to do. Blocks on disk.
  bool Step(absl::Time now);
  // Woken when there may be something to do.
  Notifier& work() { return work_; }

  // What the store holds now must be in the index before abreast() is true. Any thread.
  absl::Status ExpectStored();
  bool abreast() const;

  // What to search in; null until the first one is built. Stays usable after a swap.
  std::shared_ptr<const SearchIndex> index() const;
  // Somebody met data in it that can't be read: it is built anew. Any thread.
  void ReportCorrupt() {
    corrupt_.store(true, std::memory_order_release);
    work_.Notify();
  }
  // Newest change that searches see; with index() it names what a search would find. Any thread.
  int64_t indexed_sequence() const { return indexed_sequence_.load(std::memory_order_acquire); }
  // Rises whenever index() becomes another one. Any thread.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  // True when articles get vectors. Any thread.
  bool encodes() const { return encodes_.load(std::memory_order_acquire); }
  bool building() const { return building_now_.load(std::memory_order_acquire); }

 private:
  bool StepOnce(absl::Time now);
  absl::StatusOr<bool> Advance(absl::Time now);
  absl::StatusOr<records::IndexStateRecord> LoadState() const;
  // True while searches wait for more than a batch, which goes in by words alone.
  bool CatchingUp(const records::IndexStateRecord& state);
  // Loads the encoders when it is time to.
  void EnsureEncoders();
  // What the position of an index says of its vectors, if it were built now.
  std::vector<std::string> Fingerprints() const;
  bool OfOtherEncoders(const IndexPosition& position) const;
  // Vectors as far as they can be had.
  void Encode(const SearchIndex& index, std::string_view tenant, IndexEntry& entry);
  // The current index if it fits this store.
  std::shared_ptr<SearchIndex> OpenCurrent(const records::IndexStateRecord& state);
  absl::Status StartBuilding(const records::IndexStateRecord& state, absl::Time now);
  absl::Status FinishBuilding();
  // Applies what comes after `position`, at most a batch, and commits. True when there is more.
  absl::StatusOr<bool> ApplyBatch(const records::IndexStateRecord& state, SearchIndex& index,
                                  IndexPosition& position);
  void Publish(std::shared_ptr<SearchIndex> index);

  const engine::Store& store_;
  const std::unique_ptr<IndexHome> home_;
  const Clock& clock_;
  const KnowledgeMetrics& metrics_;
  const Options options_;
  Notifier work_;

  // Step's thread only.
  bool opened_ = false;
  absl::Duration not_before_ = -absl::InfiniteDuration();  // steady
  std::shared_ptr<SearchIndex> writing_;                   // what searches see; null: none fits
  IndexPosition position_;
  std::unique_ptr<SearchIndex> new_index_;  // being built
  IndexPosition new_position_;
  // An index that does not fit, kept for its vectors until another one is built.
  std::shared_ptr<SearchIndex> donor_;
  std::shared_ptr<text::Encoders> encoders_;  // null: not loaded, or there are none
  absl::Duration load_not_before_ = -absl::InfiniteDuration();  // steady
  bool loaded_ = false;
  bool words_only_ = false;  // while catching up

  std::atomic<bool> building_now_{false};
  std::atomic<uint64_t> generation_{0};
  std::atomic<bool> corrupt_{false};
  std::atomic<bool> encodes_{false};
  std::atomic<int64_t> indexed_sequence_{-1};  // of what searches see
  std::atomic<int64_t> expected_sequence_{0};
  mutable std::mutex mu_;
  std::shared_ptr<const SearchIndex> index_;  // guarded by mu_
};

}  // namespace frontdesk::knowledge
