// The one load client of the bench: the same code path for our services, the bare echo and etcd, so
// that only the server differs. Closed loop: each of N calls in flight is followed by the next.
//
//   bench-load --target=127.0.0.1:7000 --call=get|note|create|answer|search|repeated|echo|etcd
//              --inflight=64 --seconds=3
//              [--channels=4] [--token=T] [--tenant=demo] [--seed=1] [--prepare=N] [--calls=N]
//              [--server_pid=PID]
//
// Ends after `seconds`, or after `calls` if given. Prints one line of JSON: rate, calls, p50_ms,
// p99_ms, errors, and the processor time per call of this client and of the server.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "tests/bench/bench.pb.h"

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr uint64_t kRepeatedQuestions = 16;

grpc::ByteBuffer Serialize(const google::protobuf::Message& message) {
  const std::string bytes = message.SerializeAsString();
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

template <class Response>
bool Parse(grpc::ByteBuffer& buffer, Response* response) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok()) return false;
  return response->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

struct Options {
  std::map<std::string, std::string> values = {{"target", "127.0.0.1:7000"},
                                               {"call", "echo"},
                                               {"inflight", "64"},
                                               {"seconds", "3"},
                                               {"channels", "4"},
                                               {"token", ""},
                                               {"tenant", "demo"},
                                               {"seed", "1"},
                                               {"prepare", "1000"},
                                               {"calls", "0"},
                                               {"server_pid", "0"}};
  const std::string& Text(const std::string& name) const { return values.at(name); }
  int Number(const std::string& name) const { return std::stoi(values.at(name)); }
};

// Processor time that a process has used.
double CpuMicroseconds(int pid) {
  if (pid == 0) return 0;
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Makes the n-th request of a kind.
class Requests {
 public:
  explicit Requests(const Options& options) : options_(options), call_(options.Text("call")) {}

  std::string method() const {
    if (call_ == "echo") return "/frontdesk.bench.v1.EchoService/Echo";
    if (call_ == "etcd") return "/etcdserverpb.KV/Put";
    const std::string knowledge = "/frontdesk.knowledge.v1.KnowledgeService/";
    if (call_ == "answer") return knowledge + "AnswerQuestion";
    if (call_ == "search" || call_ == "repeated") return knowledge + "SearchArticles";
    const std::string service = "/frontdesk.ticket.v1.TicketService/";
    if (call_ == "get") return service + "GetTicket";
    return service + (call_ == "note" ? "AddNote" : "CreateTicket");
  }

  grpc::ByteBuffer Make(uint64_t n) const {
    if (call_ == "echo") {
      frontdesk::bench::v1::EchoRequest request;
      request.set_payload(std::string(200, 'x'));
      return Serialize(request);
    }
    if (call_ == "etcd") {
      frontdesk::bench::v1::EtcdPutRequest request;
      request.set_key(fmt::format("bench/{}/{}", options_.Text("seed"), n));
      request.set_value(std::string(500, 'x'));
      return Serialize(request);
    }
    if (call_ == "create") return Create(n);
    if (call_ == "answer") {
      frontdesk::knowledge::v1::AnswerQuestionRequest request;
      request.set_parent(Tenant());
      request.set_question(Question(n));
      return Serialize(request);
    }
    if (call_ == "search" || call_ == "repeated") {
      frontdesk::knowledge::v1::SearchArticlesRequest request;
      request.set_parent(Tenant());
      request.set_query(Question(call_ == "repeated" ? n % kRepeatedQuestions : n));
      return Serialize(request);
    }
    const std::string& ticket = tickets[n % tickets.size()];
    if (call_ == "get") {
      frontdesk::ticket::v1::GetTicketRequest request;
      request.set_name(ticket);
      return Serialize(request);
    }
    frontdesk::ticket::v1::AddNoteRequest request;
    request.set_parent(ticket);
    request.set_text("The parcel was found and goes out again tomorrow.");
    request.set_visibility(frontdesk::ticket::v1::NOTE_VISIBILITY_INTERNAL);
    request.set_request_id(fmt::format("bench-note-{}-{}", options_.Text("seed"), n));
    return Serialize(request);
  }

  grpc::ByteBuffer Create(uint64_t n) const {
    frontdesk::ticket::v1::CreateTicketRequest request;
    request.set_parent(Tenant());
    request.set_subject("Parcel has not arrived");
    request.set_description("Ordered ten days ago, the tracking has not moved since Monday.");
    request.set_priority(frontdesk::common::v1::PRIORITY_P2);
    request.set_request_id(fmt::format("bench-{}-{}-{}", call_, options_.Text("seed"), n));
    return Serialize(request);
  }

  std::vector<std::string> tickets;

 private:
  std::string Tenant() const { return "tenants/" + options_.Text("tenant"); }

  // The order's number makes each one that no cache knows.
  std::string Question(uint64_t n) const {
    const std::string order = options_.Text("seed") + std::to_string(n);
    if (n % 2 == 0) return fmt::format("How long does the refund of order {} take?", order);
    return fmt::format("订单{}的退款要多久到账？", order);
  }

  const Options& options_;
  const std::string call_;
};

class Load {
 public:
  Load(const Options& options, Requests& requests) : options_(options), requests_(requests) {
    for (int i = 0; i < options.Number("channels"); ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt("bench.channel", i);  // else they share one connection
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
          options.Text("target"), grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  // One call, blocking: for preparing.
  bool CallOnce(const std::string& method, grpc::ByteBuffer request, grpc::ByteBuffer* response) {
    std::mutex mu;
    std::condition_variable done_cv;
    bool done = false;
    grpc::Status status;
    grpc::ClientContext context;
    Authorize(context);
    stubs_[0]->UnaryCall(&context, method, {}, &request, response, [&](grpc::Status result) {
      const std::lock_guard lock(mu);
      status = std::move(result);
      done = true;
      done_cv.notify_one();
    });
    std::unique_lock lock(mu);
    done_cv.wait(lock, [&] { return done; });
    if (!status.ok()) {
      std::fprintf(stderr, "%s: %s\n", method.c_str(), status.error_message().c_str());
    }
    return status.ok();
  }

  void Run() {
    const int inflight = options_.Number("inflight");
    calls_max_ = static_cast<uint64_t>(options_.Number("calls"));
    server_cpu_ = CpuMicroseconds(options_.Number("server_pid"));
    client_cpu_ = CpuMicroseconds(getpid());
    start_ = SteadyClock::now();
    end_ = start_ + std::chrono::seconds(options_.Number("seconds"));
    running_ = inflight;
    latencies_.resize(static_cast<size_t>(inflight));
    for (int i = 0; i < inflight; ++i) Next(i);
    std::unique_lock lock(mu_);
    idle_.wait(lock, [this] { return running_ == 0; });
    elapsed_ = std::chrono::duration<double>(SteadyClock::now() - start_).count();
    server_cpu_ = CpuMicroseconds(options_.Number("server_pid")) - server_cpu_;
    client_cpu_ = CpuMicroseconds(getpid()) - client_cpu_;
  }

  void Print() {
    std::vector<float> all;
    for (const auto& lane : latencies_) all.insert(all.end(), lane.begin(), lane.end());
    std::sort(all.begin(), all.end());
    const auto quantile = [&](double q) {
      return all.empty() ? 0.0 : all[static_cast<size_t>(q * static_cast<double>(all.size() - 1))];
    };
    const double calls = std::max<double>(1, static_cast<double>(all.size()));
    fmt::print(
        "{{\"rate\":{:.0f},\"calls\":{},\"p50_ms\":{:.3f},\"p99_ms\":{:.3f},\"errors\":{},"
        "\"client_cpu_us\":{:.1f},\"server_cpu_us\":{:.1f}}}\n",
        static_cast<double>(all.size()) / elapsed_, all.size(), quantile(0.5), quantile(0.99),
        errors_.load(), client_cpu_ / calls, server_cpu_ / calls);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
    SteadyClock::time_point begin;
  };

  void Authorize(grpc::ClientContext& context) {
    if (!options_.Text("token").empty()) {
      context.AddMetadata("authorization", "Bearer " + options_.Text("token"));
    }
  }

  void Next(int lane) {
    auto call = std::make_unique<Call>();
    Authorize(call->context);
    call->request = requests_.Make(counter_.fetch_add(1));
    call->begin = SteadyClock::now();
    Call* raw = call.release();
    stubs_[static_cast<size_t>(lane) % stubs_.size()]->UnaryCall(
        &raw->context, requests_.method(), {}, &raw->request, &raw->response,
        [this, lane, raw](grpc::Status status) { Finished(lane, raw, status); });
  }

  void Finished(int lane, Call* raw, const grpc::Status& status) {
    const std::unique_ptr<Call> call(raw);
    const auto now = SteadyClock::now();
    if (status.ok()) {
      latencies_[static_cast<size_t>(lane)].push_back(
          std::chrono::duration<float, std::milli>(now - call->begin).count());
    } else if (errors_.fetch_add(1) == 0) {
      std::fprintf(stderr, "first error: %d %s\n", status.error_code(),
                   status.error_message().c_str());
    }
    const bool more = calls_max_ == 0 || counter_.load() < calls_max_;
    if (now < end_ && more) {
      Next(lane);
      return;
    }
    const std::lock_guard lock(mu_);
    if (--running_ == 0) idle_.notify_one();
  }

  const Options& options_;
  Requests& requests_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  SteadyClock::time_point start_, end_;
  double elapsed_ = 0;
  double server_cpu_ = 0;  // microseconds of the run
  double client_cpu_ = 0;
  uint64_t calls_max_ = 0;  // 0: no limit
  std::atomic<uint64_t> counter_{0};
  std::atomic<uint64_t> errors_{0};
  std::vector<std::vector<float>> latencies_;  // by lane: one call at a time writes to it
  std::mutex mu_;
  std::condition_variable idle_;
  int running_ = 0;  // guarded by mu_
};

// Tickets to read and to write notes on.
bool PrepareTickets(const Options& options, Requests& requests, Load& load) {
  const std::string& call = options.Text("call");
  if (call != "get" && call != "note") return true;
  for (int i = 0; i < options.Number("prepare"); ++i) {
    grpc::ByteBuffer response;
    frontdesk::ticket::v1::CreateTicketResponse created;
    if (!load.CallOnce("/frontdesk.ticket.v1.TicketService/CreateTicket",
                       requests.Create(static_cast<uint64_t>(i)), &response) ||
        !Parse(response, &created)) {
      return false;
    }
    requests.tickets.push_back(created.ticket().name());
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? 0 : equals - 2);
    if (argument.rfind("--", 0) != 0 || options.values.count(name) == 0) {
      std::fprintf(stderr, "bench-load: unknown argument %s\n", argument.c_str());
      return 2;
    }
    options.values[name] = argument.substr(equals + 1);
  }
  Requests requests(options);
  Load load(options, requests);
  if (!PrepareTickets(options, requests, load)) return 1;
  load.Run();
  load.Print();
}
