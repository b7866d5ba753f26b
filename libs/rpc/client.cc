#include "libs/rpc/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/rpc/deadlines.h"
#include "libs/rpc/message_codec.h"
#include "libs/rpc/retry_budget.h"
#include "libs/rpc/status.h"

namespace frontdesk::rpc {
namespace {

std::shared_ptr<grpc::Channel> MakeChannel(const Client::Options& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(options.keepalive_time)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Retries are ours: two layers that retry multiply.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Despite its name: how long a connection attempt may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetMaxReceiveMessageSize(options.receive_bytes_max);
  // A channel of its own: gRPC would share one connection among all with equal arguments.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

class Client::Impl {
 public:
  class OutCall;

  Impl(Options options, Clock& clock, RandomSource& random, telemetry::Metrics& metrics)
      : options_(std::move(options)),
        clock_(clock),
        random_(random),
        metrics_(metrics),
        retries_(metrics.GetCounter("frontdesk_rpc_client_retries_total",
                                    "Calls that were tried again.", {{"target", options_.target}})),
        stub_(MakeChannel(options_)),
        budget_(options_.retry_ratio, options_.retry_burst),
        deadlines_(std::make_unique<Deadlines>(clock, "rpc-retry")) {}

  void Start(std::string_view method, const Outgoing& outgoing,
             const google::protobuf::Message& request, google::protobuf::Message* response,
             absl::AnyInvocable<void(absl::Status)> done);
  void CancelAllAndWait();

  void Unregister(OutCall* call) {
    std::lock_guard lock(mu_);
    running_.erase(call);
    if (running_.empty()) none_runs_.notify_all();
  }
  // Full jitter: uniform between nothing and the bound, which doubles with each attempt.
  absl::Duration Backoff(int attempt) {
    const absl::Duration bound =
        std::min(options_.backoff_max, options_.backoff_first * (1 << std::min(attempt - 1, 16)));
    std::lock_guard lock(random_mu_);
    return absl::Microseconds(random_.Uniform(absl::ToInt64Microseconds(bound) + 1));
  }
  void Count(const std::string& method, absl::StatusCode code);

  const Options options_;
  Clock& clock_;
  RandomSource& random_;
  telemetry::Metrics& metrics_;
  telemetry::Counter retries_;
  grpc::GenericStub stub_;
  RetryBudget budget_;
  std::mutex random_mu_;
  std::unique_ptr<Deadlines> deadlines_;

 private:
  std::mutex mu_;
  std::condition_variable none_runs_;
  std::unordered_set<OutCall*> running_;                              // guarded by mu_
  std::map<std::pair<std::string, int>, telemetry::Counter> counts_;  // guarded by mu_
};

// One call with its attempts, one after the other. References: one of the running call until `done`
// was called, one of the deadline list while it waits for its next attempt.
class Client::Impl::OutCall final : private Deadline {
 public:
  OutCall(Impl& client, std::string_view method, const Outgoing& outgoing, absl::Duration until,
          google::protobuf::Message* response, absl::AnyInvocable<void(absl::Status)> done)
      : client_(client),
        method_(method),
        traceparent_(outgoing.traceparent),
        until_(until),
        response_(response),
        done_(std::move(done)) {}

  void Begin(const google::protobuf::Message& request);
  void Attempt();
  void Cancel();
  void Ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  virtual ~OutCall() = default;

  std::shared_ptr<grpc::ClientContext> NewContext();
  void OnAnswer(std::shared_ptr<grpc::ClientContext> context, const grpc::Status& answer);
  // How long to wait before the next attempt, or nothing when there is none.
  std::optional<absl::Duration> RetryAfter(const absl::Status& status);
  void End(absl::Status status);

  void OnDeadline() override { Attempt(); }
  void RefDeadline() override { Ref(); }
  void UnrefDeadline() override { Unref(); }
  bool StillWanted() override { return !cancelled_.load(std::memory_order_acquire); }

  Impl& client_;
  const std::string method_;
  const std::string traceparent_;
  const absl::Duration until_;
  google::protobuf::Message* const response_;
  absl::AnyInvocable<void(absl::Status)> done_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
  int attempts_ = 0;
  std::atomic<bool> cancelled_{false};
  std::atomic<int> refs_{1};
  std::mutex mu_;
  std::shared_ptr<grpc::ClientContext> context_;  // guarded by mu_; of the running attempt
};

void Client::Impl::OutCall::Begin(const google::protobuf::Message& request) {
  absl::Status status = SerializeMessage(request, request_);
  if (!status.ok()) {
    End(std::move(status));
    return;
  }
  client_.budget_.OnCall();
  Attempt();
}

std::shared_ptr<grpc::ClientContext> Client::Impl::OutCall::NewContext() {
  auto context = std::make_shared<grpc::ClientContext>();
  const absl::Duration left = until_ - client_.clock_.Steady();
  context->set_deadline(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(left));
  if (!client_.options_.token.empty()) {
    context->AddMetadata("authorization", "Bearer " + client_.options_.token);
  }
  if (!traceparent_.empty()) context->AddMetadata("traceparent", traceparent_);
  std::lock_guard lock(mu_);
  context_ = context;
  return context;
}

void Client::Impl::OutCall::Attempt() {
  if (until_ <= client_.clock_.Steady()) {
    End(Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
              "no time was left for " + method_));
    return;
  }
  ++attempts_;
  answer_.Clear();
  std::shared_ptr<grpc::ClientContext> context = NewContext();
  if (cancelled_.load(std::memory_order_acquire)) context->TryCancel();
  grpc::ClientContext* raw = context.get();
  client_.stub_.UnaryCall(raw, method_, grpc::StubOptions(), &request_, &answer_,
                          [this, context = std::move(context)](const grpc::Status& answer) mutable {
                            OnAnswer(std::move(context), answer);
                          });
}

void Client::Impl::OutCall::OnAnswer(std::shared_ptr<grpc::ClientContext> context,
                                     const grpc::Status& answer) {
  absl::Status status = FromGrpcStatus(answer);
  // A context holds the channel. Gone before `done`, or this thread could be the last that holds
  // it: the process's last channel ends gRPC's callback thread, which must not be this one.
  context.reset();
  {
    std::lock_guard lock(mu_);
    context_.reset();
  }
  if (status.ok()) status = ParseMessage(answer_, *response_);
  const std::optional<absl::Duration> wait = RetryAfter(status);
  if (!wait.has_value()) {
    End(std::move(status));
    return;
  }
  client_.retries_.Increment();
  Ref();
  client_.deadlines_->Add(*this, client_.clock_.Steady() + *wait);
  // Cancel may have come before we were listed; then nobody else ends the call.
  if (cancelled_.load(std::memory_order_acquire)) Cancel();
  Unref();
}

std::optional<absl::Duration> Client::Impl::OutCall::RetryAfter(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kUnavailable) return std::nullopt;
  if (cancelled_.load(std::memory_order_acquire)) return std::nullopt;
  if (attempts_ >= client_.options_.attempts_max) return std::nullopt;
  const std::optional<absl::Duration> told = DetailsOf(status).retry_delay;
  const absl::Duration jittered = client_.Backoff(attempts_);
  // The server's delay is the least; the jitter on top spreads those who were told the same.
  const absl::Duration wait = told.has_value() ? *told + jittered : jittered;
  if (client_.clock_.Steady() + wait >= until_) return std::nullopt;
  if (!client_.budget_.TryTake()) return std::nullopt;
  return wait;
}

void Client::Impl::OutCall::Cancel() {
  cancelled_.store(true, std::memory_order_release);
  std::shared_ptr<grpc::ClientContext> context;
  {
    std::lock_guard lock(mu_);
    context = context_;
  }
  if (context != nullptr) context->TryCancel();
  if (client_.deadlines_->Remove(*this)) {
    End(Error(absl::StatusCode::kCancelled, "CANCELLED", "the client is being closed"));
  }
}

void Client::Impl::OutCall::End(absl::Status status) {
  client_.Count(method_, status.code());
  done_(std::move(status));
  done_ = nullptr;
  client_.Unregister(this);
  Unref();
}

void Client::Impl::Count(const std::string& method, absl::StatusCode code) {
  std::lock_guard lock(mu_);
  auto [it, added] = counts_.try_emplace({method, static_cast<int>(code)});
  if (added) {
    it->second = metrics_.GetCounter(
        "frontdesk_rpc_client_total", "Calls of other services that have ended, by status code.",
        {{"method", method}, {"code", absl::StatusCodeToString(code)}});
  }
  it->second.Increment();
}

void Client::Impl::Start(std::string_view method, const Outgoing& outgoing,
                         const google::protobuf::Message& request,
                         google::protobuf::Message* response,
                         absl::AnyInvocable<void(absl::Status)> done) {
  const absl::Duration until = std::min(outgoing.give_up_at, clock_.Steady() + outgoing.cap);
  auto* call = new OutCall(*this, method, outgoing, until, response, std::move(done));
  {
    std::lock_guard lock(mu_);
    running_.insert(call);
  }
  call->Begin(request);
}

void Client::Impl::CancelAllAndWait() {
  std::vector<OutCall*> calls;
  {
    std::lock_guard lock(mu_);
    for (OutCall* call : running_) {
      call->Ref();
      calls.push_back(call);
    }
  }
  for (OutCall* call : calls) {
    call->Cancel();
    call->Unref();
  }
  std::unique_lock lock(mu_);
  none_runs_.wait(lock, [this] { return running_.empty(); });
}

std::unique_ptr<Client> Client::Connect(Options options, Clock& clock, RandomSource& random,
                                        telemetry::Metrics& metrics) {
  std::unique_ptr<Client> client(new Client());
  client->impl_ = std::make_unique<Impl>(std::move(options), clock, random, metrics);
  return client;
}

Client::~Client() { impl_->CancelAllAndWait(); }

void Client::CallUnary(std::string_view method, const Outgoing& outgoing,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response,
                       absl::AnyInvocable<void(absl::Status)> done) {
  impl_->Start(method, outgoing, request, response, std::move(done));
}

absl::Status Client::CallUnaryBlocking(std::string_view method, const Outgoing& outgoing,
                                       const google::protobuf::Message& request,
                                       google::protobuf::Message* response) {
  std::promise<absl::Status> promise;
  std::future<absl::Status> answer = promise.get_future();
  impl_->Start(method, outgoing, request, response,
               [promise = std::move(promise)](absl::Status status) mutable {
                 promise.set_value(std::move(status));
               });
  return answer.get();
}

}  // namespace frontdesk::rpc
