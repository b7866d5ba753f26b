#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/process/encoding/encoding.h"
#include "libs/store/store.h"
#include "libs/text/similar/min_hash.h"
#include "libs/text/similar/near_duplicates.h"
#include "services/knowledge/keys.h"

namespace frontdesk::knowledge {

// What is kept of a question, and compared.
struct GapQuestion {
  std::string text;        // its beginning, without personal data
  std::string normalized;  // of `text`; empty = holds nothing to compare
  text::Sketch sketch;     // of `normalized`
};
// Pure. Takes a millisecond, however long the question is.
GapQuestion ReadGapQuestion(std::string_view question);

// What was found out about a question before it is counted.
struct GapHint {
  std::optional<GapQuestion> question;  // empty = not looked at yet
  std::string gap;      // id of a gap that asks the same in other words; empty = none
  std::string encoder;  // fingerprint; empty = no vector
  std::string vector;   // int8, as in GapRecord
  // When the gaps were looked through: those that came since are not known to the hint.
  absl::Time looked_at = absl::InfiniteFuture();
};

// True when a gap asks the same as `question`, of which the hint knows the vector.
bool AsksTheSame(const records::GapRecord& gap, const GapQuestion& question, const GapHint& hint);

// The gaps of the tenants in memory, to find the one that a question belongs to: by letters and, where
// there is an encoder, by meaning. Filled from the store when a tenant's first question comes. What
// it says is a hint: the handler looks at the store. Owned by the App. Thread safe.
class GapClusters {
 public:
  using StoreOf = std::function<const engine::Store&(std::string_view tenant)>;
  using Done = absl::AnyInvocable<void(GapHint)>;

  // `encoding` null: letters alone.
  GapClusters(StoreOf store_of, process::Encoding* encoding, const Clock& clock)
      : store_of_(std::move(store_of)), encoding_(encoding), clock_(clock) {}

  // Calls `done` once, on any thread, within about `deadline` (from now). May block: reads the store.
  void Find(const std::string& tenant, const std::string& locale, const std::string& question,
            absl::Duration deadline, Done done);
  // A gap of this question (normalised) was committed, or another wording of it. Nothing happens where
  // nobody has asked yet: the store will tell. Never blocks.
  void Add(const std::string& tenant, const std::string& locale, const std::string& gap,
           const std::string& question, const std::string& encoder, const std::string& vector);

 private:
  struct Entry {
    std::string gap;
    std::string question;  // normalised
    std::string encoder;
    std::string vector;
  };
  // The gaps of a tenant in a language.
  struct Group {
    std::mutex mu;
    text::NearDuplicates letters;  // ids are places in `entries`; guarded by mu
    std::vector<Entry> entries;    // guarded by mu

    // What was committed since the store was read, or while it is. The mutex is held for moments.
    std::mutex added_mu;
    bool follows = false;      // guarded by added_mu; false = the store will tell
    std::vector<Entry> added;  // guarded by added_mu

    std::atomic<size_t> size{0};  // of `entries`
    uint64_t used = 0;            // guarded by mu_ of the clusters
  };

  // Makes room among the other groups where it is needed.
  std::shared_ptr<Group> GroupOf(const std::string& tenant, const std::string& locale);
  // Fills a group from the store when that was not done yet, then with what was added since. The
  // caller holds group.mu.
  absl::Status Fill(const std::string& tenant, const std::string& locale, Group& group);
  absl::Status Load(const std::string& tenant, const std::string& locale, Group& group);
  static void Append(Group& group, Entry entry);
  // The gap that asks the same; empty = none.
  static std::string Nearest(Group& group, const std::string& question, const std::string& encoder,
                             const std::string& vector);

  const StoreOf store_of_;
  process::Encoding* const encoding_;
  const Clock& clock_;
  std::mutex mu_;
  uint64_t uses_ = 0;                                                             // guarded by mu_
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Group>> groups_;  // guarded by mu_
};

}  // namespace frontdesk::knowledge
