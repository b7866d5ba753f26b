#include "libs/rpc/method_state.h"

#include <grpcpp/server_context.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"

namespace frontdesk::rpc {
namespace {

using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

std::string_view Find(const Metadata& metadata, const char* key) {
  const auto it = metadata.find(key);
  return it == metadata.end() ? std::string_view()
                              : std::string_view(it->second.data(), it->second.size());
}

std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return {};
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != kScheme[i]) return {};
  }
  return authorization.substr(kScheme.size());
}

absl::Duration TimeLeft(const grpc::CallbackServerContext& context, const Host::Options& options,
                        absl::Duration deadline_max) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return std::min(options.default_deadline, deadline_max);
  }
  const auto left = absl::FromChrono(deadline - std::chrono::system_clock::now());
  return std::min(left, deadline_max);
}

absl::Status RoleRefused(const MethodPolicy& policy, Role role) {
  absl::Status status = Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                              fmt::format("role {} may not call {}", RoleName(role), policy.name));
  status = WithMetadata(std::move(status), "role", RoleName(role));
  return WithMetadata(std::move(status), "method", policy.name);
}

RequestShape MustMakeShape(const google::protobuf::Descriptor& request,
                           const MethodPolicy& policy) {
  absl::StatusOr<RequestShape> shape = RequestShape::Make(request, policy);
  FD_CHECK(shape.ok(), "{}: {}", policy.name, shape.status());
  return *std::move(shape);
}

}  // namespace

MethodState::MethodState(Host& host, const std::string& service, const MethodPolicy& policy,
                         const google::protobuf::Descriptor& request)
    : host_(host),
      policy_(policy),
      service_(service),
      path_(fmt::format("/{}/{}", service, policy.name)),
      domain_(ErrorDomain(service)),
      shape_(MustMakeShape(request, policy)),
      seconds_(host.metrics().GetHistogram(
          "frontdesk_rpc_seconds", "Time from the start of a call to its end on the server.",
          {{"service", service}, {"method", std::string(policy.name)}})) {}

absl::Status MethodState::Admit(const grpc::CallbackServerContext& context, absl::Duration now,
                                absl::Duration deadline_max, Call& call,
                                telemetry::TraceContext& trace) const {
  call.method = policy_.name;
  call.frees_space = policy_.frees_space;
  const Metadata& metadata = context.client_metadata();
  const auto parent = telemetry::ParseTraceparent(Find(metadata, "traceparent"));
  trace = parent.has_value() ? telemetry::ChildOf(*parent, host_.random())
                             : telemetry::NewTrace(host_.random());
  call.traceparent = telemetry::FormatTraceparent(trace);

  auto caller = host_.authenticator().Authenticate(
      Credential{.bearer = BearerToken(Find(metadata, "authorization")), .peer_name = {}});
  if (!caller.ok()) return std::move(caller).status();
  call.caller = *std::move(caller);
  if (!policy_.roles.Has(call.caller.role)) return RoleRefused(policy_, call.caller.role);

  const absl::Duration left = TimeLeft(context, host_.options(), deadline_max);
  if (left <= absl::ZeroDuration()) {
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                 "the deadline had passed when the call arrived");
  }
  call.give_up_at = now + left;
  return absl::OkStatus();
}

const telemetry::Counter& MethodState::CounterOf(absl::StatusCode code) {
  const size_t index = std::min(static_cast<size_t>(code), kCodes - 1);
  if (!made_[index].load(std::memory_order_acquire)) {
    std::lock_guard lock(mu_);
    counters_[index] = host_.metrics().GetCounter(
        "frontdesk_rpc_total", "Calls that have ended, by status code.",
        {{"service", service_},
         {"method", std::string(policy_.name)},
         {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(index))}});
    made_[index].store(true, std::memory_order_release);
  }
  return counters_[index];
}

absl::Status MethodState::CutShort(absl::Status otherwise) const {
  if (!host_.stopping()) return otherwise;
  return WithRetryDelay(
      Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
            "the process stops; a change may have been made: repeat it with the same request id"),
      absl::Seconds(1));
}

void MethodState::Ended(const absl::Status& status, const Call& call, absl::Duration took) {
  CounterOf(status.code()).Increment();
  seconds_.Observe(took);
  if (status.ok()) return;
  const absl::StatusCode code = status.code();
  const bool ours = code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
                    code == absl::StatusCode::kDataLoss;
  if (!ours && !telemetry::LogEnabled(telemetry::Level::kDebug)) return;
  // The deadline's thread, too, shall log under the trace of the call.
  const telemetry::TraceContext trace =
      telemetry::ParseTraceparent(call.traceparent).value_or(telemetry::TraceContext());
  const telemetry::ScopedTrace scope(trace);
  telemetry::Log(ours ? telemetry::Level::kError : telemetry::Level::kDebug, "rpc.failed",
                 {{"method", path_},
                  {"tenant", call.tenant},
                  {"principal", call.caller.principal},
                  {"status", status}});
}

}  // namespace frontdesk::rpc
