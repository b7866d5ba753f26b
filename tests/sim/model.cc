#include "tests/sim/model.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"

namespace frontdesk::sim {
namespace {

constexpr size_t kTraceLines = 60;

// Refusals that a repeat of an acknowledged request must never see. The others are passing.
bool RefusedForGood(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

// What no caller may ever be told: a bug in the services, or in the workload.
bool NeverExpected(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

}  // namespace

Operation& Model::Add(ServiceId service, std::string method, std::string request_id,
                      std::string fact, absl::Duration now) {
  auto operation = std::make_unique<Operation>();
  operation->number = static_cast<int>(operations.size()) + 1;
  operation->service = service;
  operation->method = std::move(method);
  operation->request_id = std::move(request_id);
  operation->fact = std::move(fact);
  operation->first_sent = now;
  if (!operation->fact.empty()) {
    Fact& wanted = facts[operation->fact];
    wanted.service = service;
    wanted.about = fmt::format("{} #{}", operation->method, operation->number);
  }
  operations.push_back(std::move(operation));
  return *operations.back();
}

void Model::OnSend(Operation& operation) {
  ++operation.attempts;
  ++operation.in_flight;
  Trace(fmt::format("#{} {} {} attempt {}", operation.number, operation.method,
                    operation.request_id, operation.attempts));
}

void Model::OnEnd(Operation& operation, const absl::Status& status, const std::string& reply) {
  ++now_;
  --operation.in_flight;
  Trace(fmt::format("#{} {} ends: {}", operation.number, operation.method, status));
  Fact* fact = operation.fact.empty() ? nullptr : &facts[operation.fact];
  CheckRepeat(operation, status, reply);
  if (status.ok()) {
    if (!operation.acknowledged) {
      operation.acknowledged = true;
      operation.acknowledged_at = now_;
      operation.reply = reply;
    }
    if (fact != nullptr && !fact->acknowledged) {
      fact->acknowledged = true;
      fact->acknowledged_at = now_;
    }
  } else if (IsOutcomeUnknown(status)) {
    operation.possible = true;
    if (fact != nullptr) fact->possible = true;
  }
}

void Model::CheckRepeat(const Operation& operation, const absl::Status& status,
                        const std::string& reply) {
  if (NeverExpected(status)) {
    Violate(fmt::format("#{} {} was refused with {}", operation.number, operation.method, status));
  }
  if (operation.must_be_refused && status.ok()) {
    Violate(fmt::format("#{} {} came with a stale speaker token and was taken", operation.number,
                        operation.method));
  }
  if (!operation.acknowledged) return;
  if (status.ok() && reply != operation.reply) {
    Violate(fmt::format("#{} {}: the repeated request {} has another reply", operation.number,
                        operation.method, operation.request_id));
  } else if (RefusedForGood(status) && !Restored(ServiceId::kChannel)) {
    // A restored channel may not know the customer any more, whose key prepares the repeat.
    Violate(fmt::format("#{} {}: the acknowledged request {} is refused when repeated: {}",
                        operation.number, operation.method, operation.request_id, status));
  }
}

void Model::OnBackup(ServiceId service) { backups_[static_cast<size_t>(service)] = ++now_; }

void Model::OnRestore(ServiceId service) {
  ++now_;
  ++restores_[static_cast<size_t>(service)];
  const uint64_t kept = backups_[static_cast<size_t>(service)];
  for (auto& [key, fact] : facts) {
    if (fact.service != service || !(fact.acknowledged || fact.possible)) continue;
    if (fact.acknowledged && fact.acknowledged_at <= kept) continue;
    fact.acknowledged = false;
    fact.possible = true;
    ++fact.forgotten;
    const auto message = messages.find(key);
    if (message != messages.end()) message->second.name.clear();
  }
  for (auto& operation : operations) {
    if (operation->service != service) continue;
    operation->must_be_refused = false;
    if (!operation->acknowledged) continue;
    if (operation->acknowledged_at <= kept) continue;
    operation->acknowledged = false;
    operation->possible = true;
  }
  if (service == ServiceId::kDialog) tokens.clear();
  if (service == ServiceId::kHealth) {
    // What was lost comes again when it is repeated.
    for (auto& [key, values] : signals) values = {-1, values.all, values.all};
  }
}

bool Model::AnyRestored() const {
  return std::any_of(restores_.begin(), restores_.end(), [](int count) { return count > 0; });
}

Model::Bounds Model::Expected(const Fact& fact) {
  if (fact.acknowledged) return {1, 1};
  return {0, fact.possible ? 1 : 0};
}

void Model::Trace(std::string line) {
  for (const char c : line) trace_hash_ = (trace_hash_ ^ static_cast<uint8_t>(c)) * 1099511628211u;
  if (verbose) fmt::print("  {}\n", line);
  trace_.push_back(std::move(line));
  if (trace_.size() > kTraceLines) trace_.pop_front();
}

void Model::Violate(std::string what) {
  Trace("VIOLATED: " + what);
  if (violations_.size() < 10) violations_.push_back(std::move(what));
}

}  // namespace frontdesk::sim
