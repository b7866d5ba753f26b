#pragma once

#include <map>
#include <string>
#include <utility>

#include "libs/base/error.h"
#include "libs/process/peers.h"

namespace frontdesk::knowledge::testing {

// Transcripts as a test says them; replies at once.
class FakeTranscripts final : public process::Transcripts {
 public:
  using Author = process::Transcript::Author;

  void Get(std::string_view, std::string source, absl::Duration, Done done) override {
    ++asked;
    if (!failure.ok()) return done(failure);
    const auto found = by_source.find(source);
    if (found == by_source.end()) return done(NotFound("conversation", source));
    done(found->second);
  }

  // A resolved source in which customer and agent speak in turns, the customer first.
  void Say(const std::string& source, std::vector<std::string> texts) {
    process::Transcript& transcript = by_source[source];
    transcript = {};
    transcript.source = source;
    transcript.resolved = true;
    Author author = Author::kCustomer;
    for (std::string& text : texts) {
      transcript.turns.push_back({author, std::move(text), {}});
      author = author == Author::kCustomer ? Author::kAgent : Author::kCustomer;
    }
  }

  std::map<std::string, process::Transcript> by_source;
  absl::Status failure;  // of every call from now on
  int asked = 0;
};

}  // namespace frontdesk::knowledge::testing
