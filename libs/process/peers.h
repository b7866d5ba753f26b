#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace frontdesk::text {
class DataKey;
}
namespace frontdesk::knowledge::v1 {
class AnswerQuestionRequest;
class AnswerQuestionResponse;
}  // namespace frontdesk::knowledge::v1

// What one service asks of another. Everything else meets on the bus. In the suite and the
// simulation the owner itself stands behind these; in a process of its own a gRPC client does.
namespace frontdesk::process {

// The data keys of customers, which channel owns. Used in the prepare step and before reads, never
// on a committer. What is done with a key: sealing.h. Thread safe.
class DataKeys {
 public:
  using Key = std::shared_ptr<const text::DataKey>;
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::vector<Key>>)>;

  virtual ~DataKeys() = default;
  // The keys of `customers` (ids, at most 200) in their order; null for a customer that is not
  // known or was erased. `done` is called once, on any thread, also at once. UNAVAILABLE.
  virtual void Get(std::string_view tenant, std::vector<std::string> customers,
                   absl::Duration deadline, Done done) = 0;
};

// Answers from knowledge. Thread safe.
class Answers {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<knowledge::v1::AnswerQuestionResponse>)>;

  virtual ~Answers() = default;
  // `request.parent` names the tenant. `done` is called once, on any thread. UNAVAILABLE,
  // DEADLINE_EXCEEDED.
  virtual void Answer(const knowledge::v1::AnswerQuestionRequest& request, absl::Duration deadline,
                      Done done) = 0;
};

// What was said in a conversation, or written on a ticket and in its conversation. Opened texts:
// they hold personal data, are never logged, and are kept only masked.
struct Transcript {
  enum class Author { kCustomer, kAgent, kBot };
  struct Turn {
    Author author = Author::kCustomer;
    std::string text;
    absl::Time time;
  };
  std::string source;   // "tenants/{tenant}/conversations/{id}" or "tenants/{tenant}/tickets/{id}"
  std::string subject;  // of the ticket; may be empty
  std::vector<std::string> tags;  // of the ticket; none today
  bool resolved = false;          // the ticket is RESOLVED or CLOSED, the conversation at its end
  std::vector<Turn> turns;  // oldest first, the newest 200; of erased customers what is masked
};

// Transcripts of conversations, which dialog keeps, and of tickets. Thread safe.
class Transcripts {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Transcript>)>;

  virtual ~Transcripts() = default;
  // `source` is the full name of a conversation or ticket of `tenant`. `done` is called once, on any
  // thread. INVALID_ARGUMENT for another name, NOT_FOUND, UNAVAILABLE, DEADLINE_EXCEEDED.
  virtual void Get(std::string_view tenant, std::string source, absl::Duration deadline,
                   Done done) = 0;
};

}  // namespace frontdesk::process
