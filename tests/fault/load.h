#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "tests/fault/harness.h"

namespace frontdesk::fault {

// One thing that a caller wanted, and what it knows of it afterwards.
struct Operation {
  enum class Kind { kTicket, kNote, kUsage, kMessage };
  Kind kind = Kind::kTicket;
  std::string id;           // unique: the request id, and in the text of what is made
  std::string parent = {};  // note: the ticket; message: the sender
  bool acknowledged = false;
  std::string name = {};  // of what was made, from the acknowledgement
  int64_t quantity = 0;   // usage
};

// Callers that write all the time, through every fault: tickets, notes and use by RPC, customers'
// messages by HTTP whose replies they read. What fails is sent again with the same id; one failure
// in eight is given up, so that its outcome stays unknown to the caller. Thread safe where it says
// so; Start and Stop on one thread.
class Load {
 public:
  struct Options {
    int rpc_threads = 3;
    int customer_threads = 2;
    uint64_t seed = 1;
    absl::Duration pause = absl::Milliseconds(4);  // of a caller between two operations
    absl::Duration call_max = absl::Seconds(5);
  };

  Load(Daemon& daemon, Options options);
  ~Load() { Stop(); }

  void Start();
  // Lets every caller end the operation it is at.
  void Stop();

  // Thread safe.
  int acknowledged() const { return acknowledged_; }
  int failures() const { return failures_; }              // calls that failed and say "try again"
  int space_refusals() const { return space_refusals_; }  // DISK_SPACE_LOW among them
  int timeouts() const { return timeouts_; }              // calls that nobody answered in time
  absl::Duration longest_call() const;
  // What a caller saw that must never be: a refusal for good, a reply that differs.
  std::vector<std::string> violations() const;

  // After Stop.
  const std::vector<Operation>& operations() const { return operations_; }
  const Options& options() const { return options_; }

 private:
  struct Caller;

  void RunRpc(int number);
  void RunCustomer(int number);
  void DoTicket(Caller& caller);
  void DoNote(Caller& caller);
  void DoUsage(Caller& caller);
  void DoMessage(Caller& caller, const std::string& sender);
  // Until acknowledged or given up; the reply of the acknowledgement.
  template <class Response>
  std::optional<Response> Call(Caller& caller, const std::string& method,
                               const google::protobuf::Message& request);
  // Whether a call that failed so is sent again. `lost`: nobody answered.
  bool Again(Caller& caller, const absl::Status& status);
  void Note(absl::Duration took);
  void Record(Operation operation);
  void Violation(std::string text);
  // False when the load ends.
  bool Pause(absl::Duration how_long);

  Daemon& daemon_;
  const Options options_;
  SystemClock clock_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> acknowledged_{0}, failures_{0}, space_refusals_{0}, timeouts_{0};

  mutable std::mutex mu_;
  std::condition_variable stop_;
  std::vector<Operation> operations_;    // guarded by mu_
  std::vector<std::string> violations_;  // guarded by mu_
  absl::Duration longest_;               // guarded by mu_
};

}  // namespace frontdesk::fault
