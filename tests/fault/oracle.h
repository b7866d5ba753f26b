#pragma once

#include <map>
#include <string>
#include <vector>

#include "frontdesk/channel/v1/channel.pb.h"
#include "tests/fault/harness.h"
#include "tests/fault/load.h"

namespace frontdesk::fault {

// Compares what the daemon holds with what the load's callers were told:
// acknowledged = readable; one effect per id, none or one where the caller does not know; each
// message once, in a timeline without gaps, with the bot's one reply; each message counted once in
// billing; every posting balanced. Used by one thread, while the load is stopped and the daemon
// serves.
class Oracle {
 public:
  Oracle(Daemon& daemon, const Load& load) : daemon_(daemon), load_(load) {}

  // What does not hold, in words; empty when all is well. Waits until the events are drained.
  std::vector<std::string> Check();
  // What it looked at, for the report of the test.
  std::string summary() const { return summary_; }

  // True once nothing is on its way: outboxes empty, consumers without lag.
  static bool Drained(Daemon& daemon);

 private:
  void CheckDrained();
  void CheckTickets();
  void CheckNotes();
  void CheckMessages();
  void CheckSender(const std::string& sender, const std::map<std::string, const Operation*>& sent);
  void CheckUsage();
  void CheckLedger();
  // Whether `found` effects are right for what its caller knows.
  void CheckCount(const Operation& operation, size_t found, const std::string& what);
  void Wrong(std::string text) { wrong_.push_back(std::move(text)); }

  Daemon& daemon_;
  const Load& load_;
  std::vector<std::string> wrong_;
  std::string summary_;
  size_t inbound_ = 0;
  size_t delivered_ = 0;
  size_t accruals_ = 0;  // usages with postings
};

}  // namespace frontdesk::fault
