#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/random.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

namespace frontdesk::sim {

// What customers, agents, operators and misfortune do, drawn from the seed. Owned by a run.
class Workload {
 public:
  Workload(World& world, Model& model, uint64_t seed)
      : world_(world), model_(model), random_(seed * 2) {}

  // One action and some steps of the world. An error is a world that does not work any more.
  absl::Status Act();
  // Sends again most of what nobody knows the outcome of, and some of what was acknowledged.
  absl::Status RepeatAll();

 private:
  template <class Service, class Request, class Response>
  Operation& Submit(ServiceId service, const std::string& fact,
                    void (Service::*method)(const rpc::Call&, const Request&, Response*,
                                            rpc::Finish),
                    const char* name, const Caller& caller, Request request,
                    std::function<void(const Response&)> on_ok = nullptr);

  // Customers.
  void Write();
  void WriteAtOnce();
  void WriteAgain();
  void Ingest(const SentMessage& message);
  void ReadReplies();
  // Agents.
  void TakeOver();
  void Reply();
  void Resolve();
  void ReturnToBot();
  void RequestTicket();
  void CreateTicket();
  void Note();
  void MoveTicket();
  void Assign();
  void ChangePriority();
  // The tenant's own systems.
  void ReportUse();
  void ReportSignals();
  void IssueInvoice();
  void RateAnswer();
  // Callers who have lost an answer.
  void Repeat();
  // Misfortune.
  absl::Status PassTime();
  absl::Status Crash();
  void FailSync();
  void ChangeBus();
  void JumpClock();
  void ChangeSpace();
  absl::Status BackUp();
  absl::Status RestoreOne();

  std::string NewRequestId();
  // Letters only: nothing in it looks like personal data.
  std::string NewTag();
  std::string AnyTenant();
  Caller AnyAgent(const std::string& tenant);
  bool PickConversation(std::string* tenant, dialog::v1::Conversation* conversation);
  bool PickTicket(std::string* tenant, std::string* name);
  template <class List>
  const typename List::value_type& Pick(const List& list) {
    return list[random_.Uniform(list.size())];
  }

  World& world_;
  Model& model_;
  SeededRandom random_;
  int next_id_ = 0;
  int senders_ = 3;
  std::map<std::pair<std::string, std::string>, std::string> customers_;  // tenant, sender
  std::vector<std::pair<std::string, std::string>> tickets_;              // tenant, name
  absl::Duration passed_;
};

}  // namespace frontdesk::sim
