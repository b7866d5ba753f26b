#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/sim/world.h"

namespace frontdesk::sim {

// Something that callers wanted to exist: a ticket, a note, a customer's message … Told apart by a
// key that the checks find again in what the services show ("note/qabc"). Several requests may want
// the same fact.
struct Fact {
  ServiceId service = ServiceId::kTicket;  // whose restore can lose it
  bool acknowledged = false;               // somebody was told that it exists: exactly once
  bool possible = false;                   // nobody knows: at most once
  uint64_t acknowledged_at = 0;
  int forgotten = 0;  // restores that may have lost it
  std::string about;  // for messages about it
};

// One wish of a caller, the same in all its attempts: method, payload and request id.
struct Operation {
  int number = 0;
  ServiceId service = ServiceId::kTicket;
  std::string method;
  std::string request_id;
  std::string fact;
  std::function<void()> send;  // one more attempt
  absl::Duration first_sent;   // steady
  int attempts = 0;
  int in_flight = 0;
  bool acknowledged = false;
  bool possible = false;
  uint64_t acknowledged_at = 0;
  std::string reply;  // of the first acknowledgement
  bool must_be_refused = false;
};

// A message as the customer sent it.
struct SentMessage {
  std::string tenant;
  std::string channel_account;  // id
  std::string sender;
  std::string channel_message_id;
  std::string text;
  std::string name;  // as acknowledged; empty before, and after a restore that may have lost it
};

// What callers know: which wishes were acknowledged, which were refused and of which nobody knows.
// Plain values and no code of the services, so that it can't be wrong with them. Also keeps the
// trace of a run and what was found to be broken. Owned by a run.
class Model {
 public:
  Operation& Add(ServiceId service, std::string method, std::string request_id, std::string fact,
                 absl::Duration now);
  void OnSend(Operation& operation);
  // The end of one attempt; `reply` is the serialised response of an OK.
  void OnEnd(Operation& operation, const absl::Status& status, const std::string& reply);

  void OnBackup(ServiceId service);
  void OnRestore(ServiceId service);
  bool Restored(ServiceId service) const { return restores_[static_cast<size_t>(service)] > 0; }
  bool AnyRestored() const;

  // How often a fact may be seen.
  struct Bounds {
    int least = 0;
    int most = 0;
  };
  static Bounds Expected(const Fact& fact);

  std::deque<std::unique_ptr<Operation>> operations;
  std::map<std::string, Fact> facts;
  std::map<std::string, SentMessage> messages;  // by fact
  // Newest speaker token that somebody was told of, by conversation.
  std::map<std::string, int64_t> tokens;
  // Quantities of reported use, by fact.
  std::map<std::string, int64_t> quantities;

  // What the newest signal of "{account}/{dimension}" may say: that of the last one that was taken
  // at its first attempt, or of any whose place in the order nobody knows.
  struct SignalValues {
    int last = -1;
    std::set<int> uncertain;
    std::set<int> all;
  };
  std::map<std::string, SignalValues> signals;

  void Trace(std::string line);
  const std::deque<std::string>& trace() const { return trace_; }
  uint64_t trace_hash() const { return trace_hash_; }
  bool verbose = false;

  // The first broken invariants; a run ends with the first.
  void Violate(std::string what);
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  void CheckRepeat(const Operation& operation, const absl::Status& status,
                   const std::string& reply);

  uint64_t now_ = 0;  // counts what happens
  std::array<uint64_t, kServiceCount> backups_ = {};
  std::array<int, kServiceCount> restores_ = {};
  std::deque<std::string> trace_;
  uint64_t trace_hash_ = 14695981039346656037ull;
  std::vector<std::string> violations_;
};

}  // namespace frontdesk::sim
