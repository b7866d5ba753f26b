#pragma once

#include <cstdint>
#include <list>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace frontdesk::text {

// Whether a text is language at all, told without a model: by the pairs of letters that English words
// are made of, by keys that lie side by side, and by how much of a Chinese text is words of the
// dictionary. Pure, thread safe; reads the first kClassifyBytesMax of a text.
struct TextQuality {
  double gibberish = 0;   // share of the letters that stand in no likely word, 0 … 1
  double repetition = 0;  // share of the text that has been there before, 0 … 1
  bool is_gibberish = false;
  bool is_repetition = false;
};

// A text of few letters is never gibberish: "ok", "??", "嗯", an order number.
TextQuality MeasureQuality(std::string_view text);

struct FloodOptions {
  absl::Duration window = absl::Minutes(1);
  int sender_texts_max = 30;  // of one sender in a window
  int sender_same_max = 4;    // of one sender with the same text
  int text_senders_max = 20;  // senders of the same text, when it is long enough to be no "hello"
  size_t text_bytes_min = 24;
  size_t entries_max = 100'000;  // of counters kept; the ones unused for longest go first
};

// Counts texts by sender and by what they say, to tell who floods. Bounded memory whatever comes: a
// counter is two windows, some 100 bytes. Time is passed in and may stand still but not matter when
// it runs backwards. Not thread safe; deterministic.
class FloodDetector {
 public:
  enum class Verdict : uint8_t {
    kFine,
    kSenderRepeats,  // the same text again and again
    kSenderFloods,   // too much of anything
    kCampaign,       // the same text from many senders
  };

  explicit FloodDetector(const FloodOptions& options) : options_(options) {}

  // Counts one text and says what it is part of. Texts are the same by MatchKey.
  Verdict Add(std::string_view sender, std::string_view text, absl::Time now);
  size_t entries() const { return counters_.size(); }

 private:
  struct Counter {
    absl::Time begin;
    int before = 0;  // in the window before
    int now = 0;
    std::list<uint64_t>::iterator place;  // in recent_
  };

  // Counts and returns how many there were in the window that ends now, about.
  double Count(uint64_t key, absl::Time now, int add);

  const FloodOptions options_;
  absl::flat_hash_map<uint64_t, Counter> counters_;
  std::list<uint64_t> recent_;  // keys, the last used first
};

}  // namespace frontdesk::text
